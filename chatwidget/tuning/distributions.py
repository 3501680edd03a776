"""The distribution of a token under other settings, from the log probabilities that came with it.

A server tells the log probabilities of the likeliest tokens, before its settings change them (raw).
The vendor's definitions make of them what any setting would draw from: biases and penalties are
added, the temperature divides, top_p keeps the likeliest.
What is not known are the tokens below the list.
Together they have the rest of the probability, none has more than the least of the list, and there
are not more of them than the vocabulary holds: so every number here is an interval, which holds
whatever the unseen tokens are.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "VOCABULARY",
    "Bounds",
    "Known",
    "Processed",
    "processed",
    "shifts",
    "tail_weight",
    "unseen_wins",
]

VOCABULARY = 2**18
"""More tokens than the vocabularies of today's models have."""

_LARGEST = 700.0

Token = TypeVar("Token", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval of a probability, which certainly holds it."""

    low: float
    high: float


@dataclass(frozen=True)
class Known(Generic[Token]):
    """What is known of the distribution of one token, before settings change it.

    Attributes
    ----------
    logprobs
        The raw log probabilities of the listed tokens.
    floor
        The highest log probability that an unseen token may have: the least of the likeliest ones.
    vocabulary
        How many tokens there are at most.
    """

    logprobs: Mapping[Token, float]
    floor: float = math.nan
    vocabulary: int = VOCABULARY

    def __post_init__(self) -> None:
        """Take the least of the list where no floor is given."""
        if math.isnan(self.floor):
            object.__setattr__(self, "floor", min(self.logprobs.values(), default=0.0))

    @cached_property
    def unseen(self) -> float:
        """The probability of all tokens together that are not listed."""
        if len(self.logprobs) >= self.vocabulary:
            return 0.0
        return max(0.0, 1.0 - math.fsum(map(math.exp, self.logprobs.values())))

    @cached_property
    def ceiling(self) -> float:
        """The highest log probability of an unseen token, which cannot have more than there is."""
        unseen = self.unseen
        return min(self.floor, math.log(unseen)) if unseen else -math.inf


@dataclass(frozen=True, slots=True)
class Processed(Generic[Token]):
    """The distribution that a token would be drawn from.

    Attributes
    ----------
    tokens
        The probability of each listed token.
    unseen
        That of all others together.
    """

    tokens: Mapping[Token, Bounds] = field(default_factory=dict)
    unseen: Bounds = field(default_factory=lambda: Bounds(0.0, 0.0))


def shifts(
    counts: Mapping[Token, int],
    *,
    frequency_penalty: float = 0.0,
    presence_penalty: float = 0.0,
    logit_bias: Mapping[Token, float] | None = None,
) -> dict[Token, float]:
    """Return what is added to the logit of each token that the answer has or that has a bias.

    Parameters
    ----------
    counts
        How often each token stands in the answer so far.
    frequency_penalty, presence_penalty, logit_bias
        The parameters of a request.
    """
    added = dict(logit_bias or {})
    if not (frequency_penalty or presence_penalty):
        return added
    for token, count in counts.items():
        if count > 0:
            penalty = count * frequency_penalty + presence_penalty
            added[token] = added.get(token, 0.0) - penalty
    return {token: shift for token, shift in added.items() if shift}


def processed(
    known: Known[Token],
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    shifted: Mapping[Token, float] | None = None,
) -> Processed[Token]:
    """Return the distribution that a token is drawn from under settings.

    Parameters
    ----------
    known
        What is known of the distribution before.
    temperature, top_p
        The parameters of a request.
    shifted
        What biases and penalties add, see `shifts`.
    """
    added = shifted or {}
    logits = {token: value + added.get(token, 0.0) for token, value in known.logprobs.items()}
    unlisted = [shift for token, shift in added.items() if token not in logits]
    highest = known.ceiling + max([0.0, *unlisted])
    if temperature == 0:
        return _greedy(logits, highest)
    top = max([highest, *logits.values()], default=0.0)
    weights = {token: math.exp((value - top) / temperature) for token, value in logits.items()}
    tail = tail_weight(known, unlisted, temperature, top)
    ceiling = math.exp((highest - top) / temperature)
    return _kept(weights, tail, ceiling, top_p)


def unseen_wins(
    known: Known[Token],
    score: float,
    *,
    temperature: float = 1.0,
    shifted: Mapping[Token, float] | None = None,
) -> float:
    """Return a bound of the probability that an unseen token has more than a score.

    A score is ``logit + temperature * noise`` with Gumbel noise, and that of the best of many
    tokens is such a score again, with the sum of their weights.
    """
    unlisted = [shift for token, shift in (shifted or {}).items() if token not in known.logprobs]
    if temperature == 0:
        return float(known.ceiling + max([0.0, *unlisted]) > score)
    return -math.expm1(-tail_weight(known, unlisted, temperature, score).high)


def _greedy(logits: Mapping[Token, float], highest: float) -> Processed[Token]:
    """Give all to the likeliest token; to none for certain, if an unseen one may be likelier."""
    best = max(logits, key=logits.__getitem__, default=None)
    is_certain = best is not None and logits[best] >= highest
    bounds = {token: Bounds(0.0, 0.0) for token in logits}
    if best is not None:
        bounds[best] = Bounds(float(is_certain), 1.0)
    return Processed(bounds, Bounds(0.0, float(not is_certain)))


def tail_weight(
    known: Known[Token], unlisted: Iterable[float], temperature: float, top: float
) -> Bounds:
    """Return the weight of all unseen tokens together.

    A power of shares is extreme where the mass is spread evenly, and where as many tokens as
    possible have the most that they may have.
    """
    mass = known.unseen
    if not mass:
        return Bounds(0.0, 0.0)
    floor = known.ceiling
    most = max(float(known.vocabulary - len(known.logprobs)), mass / math.exp(floor))
    even = _power(math.log(most) + (math.log(mass / most) - top) / temperature)
    spiked = _power(math.log(mass) - floor + (floor - top) / temperature)
    low, high = min(even, spiked), max(even, spiked)
    for shift in unlisted:  # each may belong to a token of any weight up to the highest
        before, after = (_power((floor + each - top) / temperature) for each in (0.0, shift))
        low, high = low + min(0.0, after - before), high + max(0.0, after - before)
    return Bounds(max(0.0, low), high)


def _power(exponent: float) -> float:
    """Return e to a power, or the largest that a float holds with room for sums."""
    return math.exp(min(exponent, _LARGEST))


def _kept(
    weights: Mapping[Token, float], tail: Bounds, ceiling: float, top_p: float
) -> Processed[Token]:
    """Divide weights by the sum of those that top_p keeps."""
    listed = math.fsum(weights.values())
    if top_p >= 1:
        low, high = listed + tail.low, listed + tail.high
        tokens = {token: _share(weight, low, high) for token, weight in weights.items()}
        return Processed(tokens, _tail_share(tail, listed))
    nucleus = _Nucleus.of(weights, tail, ceiling, top_p)
    return Processed(
        {token: nucleus.share(token, weight) for token, weight in weights.items()},
        Bounds(0.0, _ratio(tail.high, nucleus.least) if nucleus.may_reach_tail else 0.0),
    )


@dataclass(frozen=True, slots=True)
class _Nucleus(Generic[Token]):
    """The tokens that top_p keeps, as far as that is certain.

    Attributes
    ----------
    certain, possible
        The listed tokens that are kept for certain, and those that may be.
    least, most
        The weight of all that is kept, at least and at most.
    may_reach_tail
        Whether unseen tokens may be kept.
    """

    certain: frozenset[Token]
    possible: frozenset[Token]
    least: float
    most: float
    may_reach_tail: bool

    @classmethod
    def of(
        cls, weights: Mapping[Token, float], tail: Bounds, ceiling: float, top_p: float
    ) -> _Nucleus[Token]:
        """Keep each token for which the likelier ones do not reach top_p."""
        ranked = sorted(weights, key=weights.__getitem__, reverse=True)
        sums = accumulate(map(weights.__getitem__, ranked), initial=0.0)
        before = dict(zip(ranked, sums, strict=False))
        listed = math.fsum(weights.values())
        least, most = top_p * (listed + tail.low), top_p * (listed + tail.high)
        # unseen tokens may stand before each that does not outweigh them
        unseen = {token: tail.high * (weights[token] < ceiling) for token in ranked}
        certain = {token for token in ranked if _is_first(before[token] + unseen[token], least)}
        possible = {token for token in ranked if _is_first(before[token], most)}
        may_reach_tail = _is_first(math.fsum(w for w in weights.values() if w >= ceiling), most)
        return cls(
            frozenset(certain),
            frozenset(possible),
            max(least, math.fsum(map(weights.__getitem__, certain))),
            math.fsum(map(weights.__getitem__, possible)) + tail.high * may_reach_tail,
            may_reach_tail and tail.high > 0,
        )

    def share(self, token: Token, weight: float) -> Bounds:
        """Return the share of a listed token in what is kept."""
        low = weight / self.most if token in self.certain else 0.0
        return Bounds(low, _ratio(weight, self.least) if token in self.possible else 0.0)


def _is_first(before: float, wanted: float) -> bool:
    """Whether a token is kept: those before it do not suffice, or there are none."""
    return before < wanted or before == 0


def _share(weight: float, low: float, high: float) -> Bounds:
    return Bounds(weight / high, _ratio(weight, low))


def _tail_share(tail: Bounds, listed: float) -> Bounds:
    return Bounds(
        tail.low / (tail.low + listed) if tail.low else 0.0, _ratio(tail.high, tail.high + listed)
    )


def _ratio(weight: float, whole: float) -> float:
    """Return an upper bound of a share; nothing is more than all."""
    return min(1.0, weight / whole) if whole > 0 else float(weight > 0)
