"""Pooling: draws from several known distributions tell of yet another one, by their weights.

Each draw counts by how much likelier it is where one asks than in the mixture of the distributions
that were drawn from.

References
----------
E. Veach, L. J. Guibas, "Optimally combining sampling techniques for Monte Carlo rendering",
SIGGRAPH 1995 (the balance heuristic); A. B. Owen, "Monte Carlo theory, methods and examples"
(2013), chapter 9 (self-normalised weights, effective sample size).
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.tuning.statistics.means import FEWEST, two_level_bootstrap
from chatwidget.tuning.statistics.proportion import Interval, confidence_sequence, wilson
from chatwidget.tuning.statistics.student import t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Pooled", "Weighted", "balance_weights", "effective_size", "pool", "weighted_mean"]

_CONFIDENCE = 0.95
_REPLICATES = (100, 400)
_DRAWS = 40_000


class Weighted(NamedTuple):
    """A number that was measured on a draw, its weight, and which distribution it is from."""

    number: float
    weight: float
    source: int


class Pooled(NamedTuple):
    """A mean of weighted numbers.

    Attributes
    ----------
    value
        The mean; nan where all weights vanish.
    interval
        Where the true mean lies with 95 % confidence; None if there are too few numbers.
    effective
        How many unweighted draws would tell as much.
    """

    value: float
    interval: Interval | None
    effective: float

    @property
    def is_weak(self) -> bool:
        """Whether so few draws count that the value is a hint at best."""
        return self.effective < FEWEST


def balance_weights(
    wanted: Sequence[float], sampled: Sequence[Sequence[float]], counts: Sequence[int]
) -> list[float]:
    """Return the weight of each draw: its probability over that in the mixture of what was sampled.

    Parameters
    ----------
    wanted
        The log probability of each draw where one asks.
    sampled
        For each distribution that was drawn from, the log probability of each draw.
    counts
        How many draws are from each.
    """
    total = sum(counts)
    weights = []
    for place, target in enumerate(wanted):
        terms = [logs[place] for logs in sampled]
        top = max(terms)
        if top == -math.inf:  # it cannot have been drawn: servers do not always compute the same
            weights.append(0.0)
            continue
        mixed = sum(n * math.exp(term - top) for n, term in zip(counts, terms, strict=True)) / total
        weights.append(math.exp(min(target - top, 700.0)) / mixed)
    return weights


def effective_size(weights: Sequence[float]) -> float:
    """Return how many draws of equal weight would tell as much; 0 where all weights vanish.

    References
    ----------
    L. Kish, "Survey sampling" (1965), 11.7.
    """
    top = max(weights, default=0.0)
    if not top:
        return 0.0
    shares = [weight / top for weight in weights]
    return sum(shares) ** 2 / sum(share * share for share in shares)


def weighted_mean(draws: Sequence[Weighted]) -> float:
    """Return the mean of draws, each counting by its weight; nan where all weights vanish."""
    total = sum(draw.weight for draw in draws)
    return sum(draw.weight * draw.number for draw in draws) / total if total else math.nan


def pool(
    items: Sequence[Sequence[Weighted]], *, are_rates: bool = False, is_closed: bool = True
) -> Pooled:
    """Return the mean of the items' weighted means, with its interval.

    Each end of the interval is the outer one of two: that of a bootstrap, and that of the method
    for draws of equal weight with their effective number. That is Wilson's interval for rates, the
    confidence sequence while more is to come, and Student's t for other numbers.
    From five items on, the interval of numbers is about such items; else it is about these alone.

    Parameters
    ----------
    items
        The draws of each item.
    are_rates
        Whether all numbers are 0 or 1.
    is_closed
        Whether all planned draws are there.
    """
    sizes = [effective_size([draw.weight for draw in item]) for item in items]
    if not all(sizes) or not sizes:
        return Pooled(math.nan, None, 0.0)
    # the variance of a mean of means, as of so many draws of equal weight
    effective = len(sizes) ** 2 / sum(1 / size for size in sizes)
    centers = [weighted_mean(item) for item in items]
    value = sum(centers) / len(centers)
    if are_rates:
        passed = min(max(value, 0.0), 1.0) * effective
        plain = (wilson if is_closed else confidence_sequence)(passed, effective)
    elif len(centers) >= FEWEST:
        return Pooled(value, two_level_bootstrap([[each] for each in centers]), effective)
    elif effective >= FEWEST:
        plain = _student(items, centers, value, effective)
    else:
        return Pooled(value, None, effective)
    return Pooled(value, _outer(plain, _bootstrap(items)), effective)


def _student(
    items: Sequence[Sequence[Weighted]], centers: Sequence[float], value: float, effective: float
) -> Interval:
    """Interval by Student's t, with the standard error of a ratio of sums."""
    variance = 0.0
    for item, center in zip(items, centers, strict=True):
        total = sum(draw.weight for draw in item)
        variance += sum((draw.weight * (draw.number - center) / total) ** 2 for draw in item)
    error = math.sqrt(variance * effective / (effective - 1)) / len(items)
    half = t_quantile((1 + _CONFIDENCE) / 2, effective - 1) * error
    return Interval(value - half, value + half)


def _bootstrap(items: Sequence[Sequence[Weighted]]) -> Interval:
    """Interval by resampling the draws of each distribution; the same draws give the same one."""
    chance = random.Random(0)  # noqa: S311 - it is statistics
    sources = [[*_by_source(item)] for item in items]
    fewest, most = _REPLICATES
    means = []
    for _ in range(min(max(_DRAWS // sum(map(len, items)), fewest), most)):
        drawn = [
            [d for each in item for d in chance.choices(each, k=len(each))] for item in sources
        ]
        means.append(sum(map(weighted_mean, drawn)) / len(drawn))
    kept = sorted(mean for mean in means if not math.isnan(mean))
    if not kept:
        return Interval(math.inf, -math.inf)
    tail = round((1 - _CONFIDENCE) / 2 * len(kept))
    return Interval(kept[tail], kept[-1 - tail])


def _by_source(item: Sequence[Weighted]) -> list[list[Weighted]]:
    found: dict[int, list[Weighted]] = {}
    for draw in item:
        found.setdefault(draw.source, []).append(draw)
    return [*found.values()]


def _outer(one: Interval, other: Interval) -> Interval:
    return Interval(min(one.low, other.low), max(one.high, other.high))
