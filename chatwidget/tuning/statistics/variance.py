"""Variance between items and within them: whether a study needs more items or more repeats."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Components", "items_or_repeats", "variance_components"]

_MOSTLY = 0.5


class Components(NamedTuple):
    """The variance of the items' true means, and that of a number around its item's mean."""

    between: float
    within: float


def variance_components(items: Sequence[Sequence[float]]) -> Components | None:
    """Components of variance, by the analysis of variance of a one-way layout.

    None without two items, or without a second number of any.

    References
    ----------
    S. R. Searle, G. Casella, C. E. McCulloch, "Variance components" (1992), 3.6.
    """
    items = [item for item in items if item]
    sizes = [len(item) for item in items]
    n, count = sum(sizes), len(items)
    if count <= 1 or n == count:
        return None
    means = [sum(item) / len(item) for item in items]
    overall = sum(map(sum, items)) / n
    within = sum(map(_squares, items, means)) / (n - count)
    shifts = ((mean - overall) ** 2 for mean in means)
    among = sum(map(operator.mul, sizes, shifts)) / (count - 1)
    size = (n - sum(size * size for size in sizes) / n) / (count - 1)
    return Components(max(0.0, (among - within) / size), within)


def items_or_repeats(items: Sequence[Sequence[float]]) -> str:
    """Sentence on whether more prompts or more repeats would make the mean more certain.

    References
    ----------
    E. Miller, "Adding error bars to evals", arXiv 2411.00640, on the law of total variance.
    """
    found = variance_components(items)
    if found is None:
        return "More prompts, each with repeats, would show whether prompts or repeats are lacking."
    count = sum(1 for item in items if item)
    chance = found.within * sum(1 / len(item) for item in items if item) / count
    total = found.between + chance
    if not total:
        return "All answers are alike: neither more prompts nor more repeats would tell more."
    share = round(100 * found.between / total)
    if share > 100 * _MOSTLY:
        return (
            f"More prompts rather than more repeats: {share} % of the uncertainty is due to which "
            "prompts were asked, and repeats do not lower it."
        )
    return (
        f"More repeats help: {100 - share} % of the uncertainty is due to chance within prompts; "
        "more prompts would lower it just as well."
    )


def _squares(item: Sequence[float], mean: float) -> float:
    return sum((number - mean) ** 2 for number in item)
