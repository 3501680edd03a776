"""The difference between two settings, item by item."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from chatwidget.tuning.statistics.means import FEWEST, Spread, center, item_mean, spread
from chatwidget.tuning.statistics.proportion import Counts, Interval
from chatwidget.tuning.statistics.student import t_cdf, t_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Difference",
    "Test",
    "mean_difference",
    "mean_test",
    "pass_difference",
    "pass_test",
    "win_rate",
]

T = TypeVar("T")

_HALVINGS = 30
_ROUNDING = 1e-12


class Test(NamedTuple):
    """Which of two settings is ahead, and how often chance alone would put it so far ahead.

    `lead` is positive if it is A, negative if it is B, and 0 if neither is.
    """

    lead: float
    p_value: float


class Difference(NamedTuple):
    """What setting A has more than setting B on the items that both were asked.

    Attributes
    ----------
    value
        A minus B; nan without common items.
    interval
        Where the true difference lies; None where there are too few numbers.
    probability
        P(A > B): how sure it is that A is the better one; 0.5 where nothing speaks for either.
    p_value
        How often chance alone would make a difference this large, in either direction.
    items
        How many items both were asked.
    """

    value: float
    interval: Interval | None
    probability: float
    p_value: float
    items: int


def pass_difference(
    a: Mapping[str, Counts], b: Mapping[str, Counts], confidence: float = 0.95
) -> Difference:
    """Difference of pass rates on the common items, each weighted as Mantel and Haenszel do.

    The interval holds the differences that the score test does not reject, and the test of none is
    the one of Cochran, Mantel and Haenszel. With one answer to each item it is McNemar's.

    References
    ----------
    N. Mantel, W. Haenszel, J. Natl. Cancer Inst. 22 (1959); O. Miettinen, M. Nurminen,
    "Comparative analysis of two rates", Stat. Med. 4 (1985).
    """
    pairs = [(one, other) for one, other in _common(a, b) if one.n and other.n]
    if not pairs:
        return Difference(math.nan, None, 0.5, 1.0, 0)
    z, p_value = pass_test(a, b)
    found = _score_interval(pairs, NormalDist().inv_cdf((1 + confidence) / 2))
    return Difference(_weighted(pairs), found, NormalDist().cdf(z), p_value, len(pairs))


def pass_test(a: Mapping[str, Counts], b: Mapping[str, Counts]) -> Test:
    """Test of Cochran, Mantel and Haenszel: whether pass rates differ on the common items.

    Without a correction for continuity; of one item it is the test of 2 x 2 tables with N - 1.

    References
    ----------
    W. G. Cochran, Biometrics 10 (1954); N. Mantel, W. Haenszel, J. Natl. Cancer Inst. 22 (1959);
    I. Campbell, Stat. Med. 26 (2007).
    """
    excess = variance = 0.0
    for one, other in _common(a, b):
        n, passed = one.n + other.n, one.passed + other.passed
        if one.n and other.n:
            excess += one.passed - one.n * passed / n
            variance += one.n * other.n * passed * (n - passed) / (n * n * (n - 1))
    z = excess / math.sqrt(variance) if variance else 0.0
    return Test(z, math.erfc(abs(z) / math.sqrt(2)))


def mean_difference(
    a: Mapping[str, Sequence[float]], b: Mapping[str, Sequence[float]], confidence: float = 0.95
) -> Difference:
    """Difference of means, paired by item.

    From five common items on, Student's t over the items' differences, and so about such items;
    for fewer about these items alone, by Welch's t within each.

    References
    ----------
    E. Miller, "Adding error bars to evals", arXiv 2411.00640; B. L. Welch, Biometrika 34 (1947).
    """
    pairs = [(one, other) for one, other in _common(a, b) if one and other]
    value, found = _paired(pairs)
    if found is None:
        return Difference(value, None, 0.5, 1.0, len(pairs))
    half = t_quantile((1 + confidence) / 2, found.df) * found.error
    tail = _tail(value, found)
    return Difference(
        value,
        Interval(value - half, value + half),
        1 - tail if value > 0 else tail,
        2 * tail,
        len(pairs),
    )


def mean_test(a: Mapping[str, Sequence[float]], b: Mapping[str, Sequence[float]]) -> Test:
    """Test of whether means differ on the common items, as `mean_difference` compares them."""
    value, found = _paired([(one, other) for one, other in _common(a, b) if one and other])
    return Test(value, 2 * _tail(value, found)) if found else Test(0.0, 1.0)


def win_rate(a: Mapping[str, Sequence[float]], b: Mapping[str, Sequence[float]]) -> float:
    """Share of the pairs of answers to a same item in which A's is the better; half of each tie.

    nan without common items.

    References
    ----------
    A. Vargha, H. D. Delaney, "A critique and improvement of the CL common language effect size
    statistics", J. Educ. Behav. Stat. 25 (2000).
    """
    pairs = [(one, other) for one, other in _common(a, b) if one and other]
    return center([[_wins(one, sorted(other)) for one, other in pairs]]) if pairs else math.nan


def _wins(a: Sequence[float], b: Sequence[float]) -> float:
    won = sum(bisect_left(b, number) + bisect_right(b, number) for number in a)
    return won / (2 * len(a) * len(b))


def _paired(
    pairs: Sequence[tuple[Sequence[float], Sequence[float]]],
) -> tuple[float, Spread | None]:
    """Return the mean difference and its spread; None if the numbers are too few for one."""
    differences = [_less(item_mean(one), item_mean(other)) for one, other in pairs]
    value = center([differences]) if differences else math.nan
    if len(pairs) >= FEWEST:
        return value, spread([differences])
    sides = [side for pair in pairs for side in pair]
    found = spread(sides) if sum(map(len, sides)) >= 2 * FEWEST else None
    # it is the error of the sides' mean, and the difference is twice the mean of halves
    return value, found and Spread(2 * found.error, found.df)


def _less(one: float, other: float) -> float:
    """Return a difference; what is due to rounding is none."""
    return 0.0 if math.isclose(one, other, rel_tol=_ROUNDING) else one - other


def _tail(value: float, found: Spread) -> float:
    """Return how often chance alone goes so far in the direction of a difference."""
    t = _ratio(value, found.error)
    return t_cdf(-abs(t), found.df) if t else 0.5


def _common(a: Mapping[str, T], b: Mapping[str, T]) -> list[tuple[T, T]]:
    return [(a[item], b[item]) for item in a if item in b]


def _weight(one: Counts, other: Counts) -> float:
    return one.n * other.n / (one.n + other.n)


def _weighted(pairs: Sequence[tuple[Counts, Counts]]) -> float:
    """Return the difference of rates over the items, by the weights of Mantel and Haenszel."""
    total = sum(_weight(*pair) for pair in pairs)
    parts = (_weight(a, b) * (a.passed / a.n - b.passed / b.n) for a, b in pairs)
    return sum(parts) / total


def _score(pairs: Sequence[tuple[Counts, Counts]], difference: float) -> float:
    """Return how many standard errors lie between what was seen and a true difference."""
    total = sum(_weight(*pair) for pair in pairs)
    variance = sum(_weight(*pair) ** 2 * _variance(*pair, difference) for pair in pairs)
    return _ratio((_weighted(pairs) - difference) * total, math.sqrt(max(variance, 0.0)))


def _variance(a: Counts, b: Counts, difference: float) -> float:
    """Return the variance of an item's difference, if the true one is given."""
    n = a.n + b.n
    q = _likeliest(a, b, difference)
    p = min(max(q + difference, 0.0), 1.0)
    return (p * (1 - p) / a.n + q * (1 - q) / b.n) * n / (n - 1)


def _likeliest(a: Counts, b: Counts, difference: float) -> float:
    """Return B's likeliest rate, if A's is higher by a difference: the root of a cubic.

    It is written in the trigonometric form of Farrington and Manning, Stat. Med. 9 (1990).
    """
    n, passed = a.n + b.n, a.passed + b.passed
    if not difference:
        return passed / n
    square = (b.n + n) * difference - n - passed
    linear = (b.n * difference - n - 2 * b.passed) * difference + passed
    constant = b.passed * difference * (1 - difference)
    middle = square / (3 * n)
    q = middle**3 - square * linear / (6 * n * n) + constant / (2 * n)
    p = math.copysign(math.sqrt(max(middle * middle - linear / (3 * n), 0.0)), q)
    angle = (math.pi + math.acos(min(max(q / p**3, -1.0), 1.0))) / 3 if p else 0.0
    root = 2 * p * math.cos(angle) - middle
    return min(max(root, 0.0, -difference), 1.0, 1.0 - difference)


def _score_interval(pairs: Sequence[tuple[Counts, Counts]], z: float) -> Interval:
    """Return the differences that are at most z standard errors from what was seen."""
    seen = _weighted(pairs)

    def end(outside: float) -> float:
        inside = seen
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if abs(_score(pairs, middle)) <= z:
                inside = middle
            else:
                outside = middle
        return outside

    return Interval(end(-1.0), end(1.0))


def _ratio(difference: float, error: float) -> float:
    """Return a difference in standard errors; without any error it is none or infinite."""
    if error > 0:
        return difference / error
    return math.copysign(math.inf, difference) if abs(difference) > _ROUNDING else 0.0
