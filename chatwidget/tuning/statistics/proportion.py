"""The proportion of answers that pass: an interval when a study is closed, one while it runs."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Counts", "Interval", "confidence_sequence", "wilson"]

_HALVINGS = 40


class Interval(NamedTuple):
    """A confidence interval, ends included."""

    low: float
    high: float


class Counts(NamedTuple):
    """How many answers passed, of how many."""

    passed: int
    n: int


def wilson(passed: float, n: float, confidence: float = 0.95) -> Interval:
    """Score interval of a proportion, for a number of answers that was fixed before.

    It holds on average over the rates that may be true; near 0 and 1 a single rate may be covered
    less often. Without answers it says nothing: from 0 to 1.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    J. Am. Stat. Assoc. 22 (1927).
    """
    _check(passed, n)
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    center = (passed + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(passed * (n - passed) / n + z * z / 4)
    low = center - half if passed else 0.0
    return Interval(max(low, 0.0), min(center + half, 1.0) if passed < n else 1.0)


@lru_cache(maxsize=4096)
def confidence_sequence(passed: float, n: float, confidence: float = 0.95) -> Interval:
    """Interval of a proportion that holds at every look together, so that one may stop at any.

    All rates at which the answers are not much less likely than under a mixture of rates, by the
    Beta(1, 1) distribution: their ratio is a martingale, and by Ville's inequality it exceeds
    1 / (1 - confidence) at no time with this confidence.

    References
    ----------
    H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math.
    Stat. 41 (1970); S. R. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, nonparametric,
    nonasymptotic confidence sequences", Ann. Stat. 49 (2021).
    """
    _check(passed, n)
    if n == 0:
        return Interval(0.0, 1.0)
    failed, rate = n - passed, passed / n
    mixture = math.lgamma(passed + 1) + math.lgamma(failed + 1) - math.lgamma(n + 2)
    least = mixture + math.log(1 - confidence)

    def holds(p: float) -> bool:
        return _times_log(passed, p) + _times_log(failed, 1 - p) >= least

    low = _bisect(holds, rate, 0.0) if passed else 0.0
    return Interval(low, _bisect(holds, rate, 1.0) if failed else 1.0)


def _check(passed: float, n: float) -> None:
    if not 0 <= passed <= n:
        raise ValueError(f"{passed} of {n} answers cannot have passed.")


def _times_log(count: float, p: float) -> float:
    if not count:
        return 0.0
    return count * math.log(p) if p > 0 else -math.inf


def _bisect(holds: Callable[[float], bool], inside: float, outside: float) -> float:
    """Return the end of what holds, on its outer side, between a value inside and one outside."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return outside
