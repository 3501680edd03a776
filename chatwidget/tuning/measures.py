"""Measures: what is counted or timed on one answer, None where a server did not tell it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.timing import Timing
from chatwidget.client.wire.logprobs import told_logprob

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.tuning.result import Result

__all__ = [
    "MEASURES",
    "THUMB",
    "Measure",
    "characters",
    "finish_reason",
    "mean_log_probability",
    "measure_named",
    "perplexity",
    "seconds",
    "thumb",
    "time_to_first_token",
    "tokens",
    "tokens_per_second",
    "words",
]

Measure: TypeAlias = "Callable[[Result], float | str | None]"

THUMB = "thumb"
"""The measure that people give."""


def characters(result: Result) -> int:
    """Length of the answer in characters."""
    return len(result.text)


def words(result: Result) -> int:
    """Length of the answer in words, which are what stands between spaces."""
    return len(result.text.split())


def tokens(result: Result) -> int | None:
    """Length of the answer in tokens, as the server counted them."""
    return result.usage.completion_tokens if result.usage is not None else None


def seconds(result: Result) -> float | None:
    """How long the answer took."""
    return result.seconds


def time_to_first_token(result: Result) -> float | None:
    """How long it took until the answer began."""
    return result.first_token


def tokens_per_second(result: Result) -> float | None:
    """Pace of the answer after its first token, where it was long enough to have one."""
    count = tokens(result)
    if result.seconds is None or count is None:
        return None
    return Timing(result.seconds, result.first_token).tokens_per_second(count)


def finish_reason(result: Result) -> str | None:
    """Why the answer ended."""
    return result.finish_reason


def mean_log_probability(result: Result) -> float | None:
    """Mean log probability of the answer's tokens.

    Tokens whose probability the server does not tell, which some give as -9999, do not count.
    """
    listed = (result.logprobs and result.logprobs.content) or ()
    told = [known for token in listed if (known := told_logprob(token.logprob)) is not None]
    return sum(told) / len(told) if told else None


def perplexity(result: Result) -> float | None:
    """Perplexity of the answer: among how many tokens the model was undecided, on average.

    References
    ----------
    F. Jelinek, R. L. Mercer, L. R. Bahl, J. K. Baker, "Perplexity: a measure of the difficulty of
    speech recognition tasks", J. Acoust. Soc. Am. 62 (1977).
    """
    mean = mean_log_probability(result)
    return None if mean is None else math.exp(-mean)


def thumb(result: Result) -> bool | None:
    """Whether a person's thumb is up; None for an answer without a thumb."""
    return result.thumb


MEASURES: Mapping[str, Measure] = {
    measure.__name__: measure
    for measure in (
        characters,
        words,
        tokens,
        seconds,
        time_to_first_token,
        tokens_per_second,
        finish_reason,
        mean_log_probability,
        perplexity,
        thumb,
    )
}
"""The measures by name."""


def measure_named(name: str) -> Measure:
    """Return the measure of a name.

    Raises
    ------
    ConfigurationError
        If there is none.
    """
    if name not in MEASURES:
        raise ConfigurationError(
            f"There is no measure {name}.",
            hint=did_you_mean(name, MEASURES, f"There are {', '.join(MEASURES)}."),
        )
    return MEASURES[name]
