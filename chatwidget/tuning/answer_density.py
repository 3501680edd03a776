"""The log probability of a whole answer under other settings, from what came with its tokens.

The tokens below each list are not known one by one.
What an answer's probability is depends on how their mass is spread, and so it is computed for three
shapes: a few tokens as likely as the list allows, ranks that follow Zipf's law from the end of the
list on, and all tokens alike.
The truth lies between the first and the last, and close to the second.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.client.wire.logprobs import told_logprobs
from chatwidget.tuning.distributions import Known, shifts, tail_weight

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.client.wire.types import TokenLogprob

__all__ = ["Drawing", "LogProbability", "first_distribution", "log_probability"]

_NO_MASS = 1e-9


class Drawing(NamedTuple):
    """The settings that change the distribution of a token, in ways that can be computed."""

    temperature: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0


class LogProbability(NamedTuple):
    """The log probability of an answer, for each shape of what is unseen."""

    few: float
    zipf: float
    even: float


def log_probability(tokens: Sequence[TokenLogprob], drawing: Drawing) -> LogProbability:
    """Return the log probability of an answer under settings.

    Parameters
    ----------
    tokens
        The answer's tokens with their raw log probabilities and those of the likeliest others.
    drawing
        The settings.
    """
    found = [*_steps(tokens, drawing)]
    return LogProbability(*map(sum, zip(*found, strict=True))) if found else LogProbability(0, 0, 0)


def first_distribution(tokens: Sequence[TokenLogprob]) -> dict[str, float]:
    """Return the log probabilities of an answer's first token and of the likeliest others."""
    return {**_known(tokens[0]).logprobs} if tokens else {}


def _steps(tokens: Sequence[TokenLogprob], drawing: Drawing) -> Iterator[LogProbability]:
    counts: Counter[str] = Counter()
    has_penalties = bool(drawing.frequency_penalty or drawing.presence_penalty)
    for token in tokens:
        yield _step(_known(token), token.token, drawing, counts)
        if has_penalties:
            counts[token.token] += 1


def _known(token: TokenLogprob) -> Known[str]:
    chosen = min(token.logprob, 0.0)
    listed = told_logprobs(token.top_logprobs, lambda each: each.token)
    return Known(listed | {token.token: chosen}, min(listed.values(), default=chosen))


def _step(known: Known[str], token: str, drawing: Drawing, counts: Counter[str]) -> LogProbability:
    """Return the log probability of a token, given those before it."""
    temperature = drawing.temperature
    shifted = shifts(
        counts,
        frequency_penalty=drawing.frequency_penalty,
        presence_penalty=drawing.presence_penalty,
    )
    logits = {each: value + shifted.get(each, 0.0) for each, value in known.logprobs.items()}
    top = max(logits.values())
    if temperature == 0:
        chosen = 0.0 if logits[token] == top else -math.inf
        return LogProbability(chosen, chosen, chosen)
    seen = math.fsum(math.exp((value - top) / temperature) for value in logits.values())
    unlisted = [shift for each, shift in shifted.items() if each not in logits]
    chosen = (logits[token] - top) / temperature
    return LogProbability(
        *(chosen - math.log(seen + tail) for tail in _tails(known, unlisted, temperature, top))
    )


def _tails(
    known: Known[str], unlisted: Sequence[float], temperature: float, top: float
) -> tuple[float, float, float]:
    """Return the weight of all unseen tokens, for each shape."""
    if known.unseen <= _NO_MASS:
        return 0.0, 0.0, 0.0
    tail = tail_weight(known, unlisted, temperature, top)
    low, high = tail.low, tail.high
    # a high temperature favours many equal tokens, a low one a few likely ones
    few, even = (low, high) if temperature >= 1 else (high, low)
    return few, min(max(_zipf(known, temperature, top), low), high), even


def _zipf(known: Known[str], temperature: float, top: float) -> float:
    """Return the weight of what is unseen, if rank r has r to the power of -s, from the list on.

    The power is that with which the ranks below the list have the unseen mass.
    """
    ranks, floor = len(known.logprobs), known.ceiling
    power = 1 + math.exp(floor) * ranks / known.unseen
    beyond = power / temperature - 1
    width = math.log(known.vocabulary / ranks)
    # the integral from the end of the list to the end of the vocabulary
    sum_of_ranks = -math.expm1(-beyond * width) / beyond if abs(beyond) > _NO_MASS else width
    return ranks * sum_of_ranks * math.exp((floor - top) / temperature)
