"""What has not been seen yet: the probability that the next answer is of a new kind."""

from __future__ import annotations

import math
from collections import Counter
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.tuning.statistics.proportion import Interval

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

__all__ = ["Unseen", "good_turing"]


class Unseen(NamedTuple):
    """How many kinds were seen, in how many answers, and the probability that the next is new."""

    kinds: int
    n: int
    probability: float
    interval: Interval

    def __str__(self) -> str:
        if not self.n:
            return "No answers yet."
        low, high = (round(100 * end) for end in self.interval)
        kinds = "1 kind" if self.kinds == 1 else f"{self.kinds} kinds"
        chance = round(100 * self.probability)
        return f"{kinds} in {self.n}; the next is new with {chance} % [{low}, {high}]"


def good_turing(kinds: Iterable[Hashable], confidence: float = 0.95) -> Unseen:
    """Probability that the next answer is of a kind not seen before: the share of single ones.

    What is estimated varies with the sample as the estimate does, by a variance of Esty's. Both
    ends allow for one more single kind, and the upper one is at least Wilson's for as many answers
    as have that variance.

    References
    ----------
    I. J. Good, "The population frequencies of species and the estimation of population parameters",
    Biometrika 40 (1953); W. W. Esty, "A normal limit law for a nonparametric estimator of the
    coverage of a random sample", Ann. Stat. 11 (1983).
    """
    counts = Counter(kinds)
    n = sum(counts.values())
    if not n:
        return Unseen(0, 0, 1.0, Interval(0.0, 1.0))
    often = Counter(counts.values())
    interval = _interval(often[1], often[2], n, NormalDist().inv_cdf((1 + confidence) / 2))
    return Unseen(len(counts), n, often[1] / n, interval)


def _interval(once: int, twice: int, n: int, z: float) -> Interval:
    share = once / n
    binomial = once * (1 - share)
    low = share - z * math.sqrt(once + 2 * twice + 1) / n
    wide = share + z * math.sqrt(binomial + 2 * twice + 1) / n
    worth = n / (1 + 2 * twice / (binomial or max(once, 1)))
    return Interval(max(low, 0.0), min(max(wide, _wilson_end(share, worth, z)), 1.0))


def _wilson_end(share: float, n: float, z: float) -> float:
    half = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return (share + z * z / (2 * n) + half) / (1 + z * z / n)
