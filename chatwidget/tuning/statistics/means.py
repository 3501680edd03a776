"""The mean of a number, such as a score or a length, over answers to one or more items."""

from __future__ import annotations

import math
import operator
import random
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from chatwidget.tuning.statistics.proportion import Interval
from chatwidget.tuning.statistics.student import t_quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "FEWEST",
    "Mean",
    "Spread",
    "center",
    "item_mean",
    "mean",
    "spread",
    "stratified_t",
    "two_level_bootstrap",
]

FEWEST = 5
"""From fewer numbers no interval is computed, nor one for all items from fewer of them."""

Method: TypeAlias = Literal["two-level bootstrap", "Student's t", "too few"]

_REPLICATES_OF_AN_ITEM = 60
_DRAWS = 10_000
_MOST_REPLICATES = 1000
_FEWEST_REPLICATES = 500


class Mean(NamedTuple):
    """The mean of the items' means; its interval is None where there are too few numbers.

    From five items on the interval is about such items, by a bootstrap; for fewer it is about these
    items alone.
    """

    value: float
    interval: Interval | None
    n: int
    method: Method


class Spread(NamedTuple):
    """How far the items' mean may be off by chance: its standard error and degrees of freedom."""

    error: float
    df: float


def mean(items: Sequence[Sequence[float]], confidence: float = 0.95, seed: int = 0) -> Mean:
    """Mean of the items' means, with the interval that their number allows.

    Parameters
    ----------
    items
        The numbers of each item; those without any do not count.

    References
    ----------
    S. Bowyer, L. Aitchison, D. R. Ivanova, "Position: don't use the CLT in LLM evals with fewer
    than a few hundred datapoints", arXiv 2503.01747.
    """
    items = [item for item in items if item]
    n = sum(map(len, items))
    value = center(items)
    if len(items) >= FEWEST:
        found = two_level_bootstrap(items, confidence, seed)
        return Mean(value, found, n, "two-level bootstrap")
    found_t = stratified_t(items, confidence) if n >= FEWEST else None
    return Mean(value, found_t, n, "Student's t" if found_t else "too few")


def center(items: Sequence[Sequence[float]]) -> float:
    """Return the mean of the items' means, each item counting alike; nan if there are none."""
    if not items:
        return math.nan
    found = sum(map(item_mean, items)) / len(items)
    if not math.isfinite(found):
        raise ValueError("A mean needs finite numbers: leave out what is none.")
    return found


def two_level_bootstrap(
    items: Sequence[Sequence[float]], confidence: float = 0.95, seed: int = 0
) -> Interval:
    """Interval of a mean over items, by resampling items and then the numbers within them.

    Few items vary less when resampled than they do: the percentiles lie farther out by what
    Student's t is wider than the normal distribution, and each end at least at that of Student's t
    with the standard error of the resamples. The same seed gives the same interval. Its coverage is
    less if some numbers are far larger than most.

    References
    ----------
    A. C. Davison, D. V. Hinkley, "Bootstrap methods and their application" (1997), 3.8;
    T. C. Hesterberg, "What teachers should know about the bootstrap", Am. Stat. 69 (2015), on
    expanded percentiles.
    """
    count = len(items)
    means = sorted(_resampled_centers(items, seed))
    wide = math.sqrt(count / (count - 1)) * t_quantile((1 + confidence) / 2, count - 1)
    half, middle, tail = wide * math.sqrt(_variance(means)), center(items), NormalDist().cdf(-wide)
    return Interval(
        min(_quantile(means, tail), middle - half), max(_quantile(means, 1 - tail), middle + half)
    )


def stratified_t(items: Sequence[Sequence[float]], confidence: float = 0.95) -> Interval | None:
    """Interval of the mean of these very items, by Student's t; of one item, the usual one.

    None if an item has one number alone, which says nothing of chance.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 6 (1908); for several items the degrees of
    freedom are those of F. E. Satterthwaite, Biometrics Bull. 2 (1946).
    """
    found = spread(items)
    if found is None:
        return None
    half = t_quantile((1 + confidence) / 2, found.df) * found.error
    return Interval(center(items) - half, center(items) + half)


def spread(items: Sequence[Sequence[float]]) -> Spread | None:
    """Return the standard error of the mean of these items; None if one has a number alone."""
    if not items or any(len(item) <= 1 for item in items):
        return None
    if len(items) == 1:
        return Spread(math.sqrt(_variance(items[0]) / len(items[0])), len(items[0]) - 1)
    parts = [_variance(item) / len(item) for item in items]
    total = sum(parts)
    if not total:
        return Spread(0.0, 1.0)
    below = sum(
        (part / total) ** 2 / (len(item) - 1) for part, item in zip(parts, items, strict=True)
    )
    return Spread(math.sqrt(total) / len(items), 1 / below)


def _resampled_centers(items: Sequence[Sequence[float]], seed: int) -> list[float]:
    """Return the means of items that are drawn with replacement, and their numbers, too."""
    count = len(items)
    pool = [mean for item in items for mean in _resampled(item, _REPLICATES_OF_AN_ITEM, seed)]
    replicates = min(_MOST_REPLICATES, max(_FEWEST_REPLICATES, _DRAWS // count))
    drawn = _draws(len(pool), count * replicates, seed)(pool)
    return _means_of(drawn, count)


def _resampled(item: Sequence[float], replicates: int, seed: int) -> list[float]:
    """Return the means of an item's numbers, drawn with replacement again and again."""
    size = len(item)
    if size == 1:
        return [item[0]] * replicates
    drawn = _draws(size, size * replicates, seed)(item)
    return _means_of(drawn, size)


def _means_of(drawn: tuple[float, ...], size: int) -> list[float]:
    """Return the means of so many numbers at a time."""
    return [total / size for total in map(sum, zip(*[iter(drawn)] * size, strict=True))]


@lru_cache(maxsize=32)
def _draws(size: int, number: int, seed: int) -> Callable[[Sequence[float]], tuple[float, ...]]:
    """Return what draws from so many values; settings of one shape are resampled alike."""
    places = random.Random(f"{seed}/{size}/{number}").choices(range(size), k=number)  # noqa: S311 - it is statistics
    return operator.itemgetter(*places)


def item_mean(numbers: Sequence[float]) -> float:
    """Return the mean of the numbers of an item."""
    return sum(numbers) / len(numbers)


def _variance(numbers: Sequence[float]) -> float:
    middle = item_mean(numbers)
    shifts = [number - middle for number in numbers]
    squares: float = sum(map(operator.mul, shifts, shifts))
    return squares / (len(numbers) - 1)


def _quantile(ordered: Sequence[float], probability: float) -> float:
    """Return a quantile, between the two values next to it."""
    place = min(max(probability * (len(ordered) + 1) - 1, 0), len(ordered) - 1)
    below = min(int(place), len(ordered) - 2)
    return ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])
