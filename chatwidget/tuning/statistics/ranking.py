"""Rank bands: which settings are better than others, and which are tied."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.tuning.statistics.difference import Test

__all__ = ["RankBand", "holm", "rank_bands"]

T = TypeVar("T")


class RankBand(NamedTuple):
    """The ranks that a setting may have, and why.

    Attributes
    ----------
    best, worst
        The first and the last rank that it may have; 1 is the best.
    tied
        The places, among all settings, of those that it cannot be told apart from.
    better, lower
        The places of those that are clearly better than it, and of those that are clearly worse.
    """

    best: int
    worst: int
    tied: tuple[int, ...]
    better: tuple[int, ...]
    lower: tuple[int, ...]


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number, so that all of them hold together.

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6 (1979).
    """
    adjusted, largest = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min((len(p_values) - rank) * p_values[place], 1.0))
        adjusted[place] = largest
    return adjusted


def rank_bands(
    settings: Sequence[T], test: Callable[[T, T], Test], level: float = 0.05
) -> list[RankBand]:
    """Rank bands of settings, from a test of each against each, by Holm's procedure.

    All bands together hold the true ranks with a probability of at least ``1 - level``. Settings
    that nothing tells apart share their ranks: there is no winner on a tie.

    References
    ----------
    M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm, "Inference for ranks with applications to
    mobility across neighbourhoods and academic achievement across countries", Rev. Econ. Stud. 91
    (2024).
    """
    pairs = list(combinations(range(len(settings)), 2))
    found = [test(settings[one], settings[other]) for one, other in pairs]
    above: list[list[int]] = [[] for _ in settings]
    below: list[list[int]] = [[] for _ in settings]
    adjusted = holm([p_value for _, p_value in found])
    for pair, (lead, _), p_value in zip(pairs, found, adjusted, strict=True):
        if p_value <= level:
            winner, loser = pair if lead > 0 else pair[::-1]
            above[loser].append(winner)
            below[winner].append(loser)
    places = range(len(settings))
    return [_band(place, above[place], below[place], len(settings)) for place in places]


def _band(place: int, above: list[int], below: list[int], count: int) -> RankBand:
    apart = {place, *above, *below}
    tied = tuple(each for each in range(count) if each not in apart)
    return RankBand(1 + len(above), count - len(below), tied, tuple(above), tuple(below))
