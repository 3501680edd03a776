"""Tallies: further statistics of each setting, as records."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.statistics.attempts import pass_at_k, pass_hat_k
from chatwidget.tuning.statistics.diversity import (
    agreement,
    compression_ratio,
    cut_to_shortest,
    distinct_n,
    duplicate_share,
    entropy,
    pairwise_jaccard,
    self_repetition,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.result import Setting
    from chatwidget.tuning.summary import Value

__all__ = ["attempts", "diversity", "means"]

_OF_TEXTS: dict[str, Callable[[Sequence[str]], float]] = {
    "duplicates": duplicate_share,
    "distinct_2": distinct_n,
    "jaccard": pairwise_jaccard,
    "compression_ratio": compression_ratio,
    "self_repetition": self_repetition,
}
_OF_KINDS: dict[str, Callable[[Sequence[Hashable]], float]] = {
    "agreement": agreement,
    "entropy": entropy,
}


def diversity(groups: Mapping[Setting, Group], *, cut: bool) -> list[dict[str, Any]]:
    """Return how different the answers of each setting are: item by item, and then the mean.

    With `cut` all answers to an item, of whatever setting, are as long as the shortest of them;
    ``words`` is how long they are then.
    """
    texts = [_texts(group) for group in groups.values()]
    cut_texts = _cut(texts) if cut else texts
    return [
        setting.values | _diversity(each, group)
        for (setting, group), each in zip(groups.items(), cut_texts, strict=True)
    ]


def attempts(groups: Mapping[Setting, Group], k: int) -> list[dict[str, Any]]:
    """Return pass@k and pass^k of each setting: the mean over the items with k answers or more.

    Raises
    ------
    ConfigurationError
        If no item has so many answers.
    """
    rows = []
    for setting, group in groups.items():
        counts = [each for each in group.counts.values() if each.n >= k >= 1]
        if not counts:
            raise ConfigurationError(f"No prompt has {k} answers that are scored; ask for more.")
        one = _mean([pass_at_k(*each, k) for each in counts])
        every = _mean([pass_hat_k(*each, k) for each in counts])
        rows.append(setting.values | {f"pass@{k}": one, f"pass^{k}": every})
    return rows


def means(values: Mapping[Setting, Value], name: str) -> list[dict[str, Any]]:
    """Return a value of each setting with the ends of its interval, and of how many answers."""
    rows = []
    for setting, value in values.items():
        low, high = value.interval or (None, None)
        found = {name: value.number, "low": low, "high": high, "answers": value.scored}
        rows.append(setting.values | found)
    return rows


def _texts(group: Group) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for result in group.results:
        found.setdefault(result.item, []).append(result.text)
    return found


def _cut(settings: Sequence[dict[str, list[str]]]) -> list[dict[str, list[str]]]:
    """Return the texts of all settings, those of an item cut to the shortest of them."""
    together: dict[str, list[str]] = {}
    for texts in settings:
        for item, each in texts.items():
            together.setdefault(item, []).extend(each)
    short = {item: iter(cut_to_shortest(each)) for item, each in together.items()}
    return [
        {item: [next(short[item]) for _ in each] for item, each in texts.items()}
        for texts in settings
    ]


def _diversity(texts: Mapping[str, list[str]], group: Group) -> dict[str, float | None]:
    kinds: dict[str, list[Hashable]] = {}
    for result, kind in zip(group.results, group.kinds, strict=True):
        kinds.setdefault(result.item, []).append(kind)
    lengths = [len(text.split()) for each in texts.values() for text in each]
    found = {name: _mean([of(each) for each in texts.values()]) for name, of in _OF_TEXTS.items()}
    found |= {name: _mean([of(each) for each in kinds.values()]) for name, of in _OF_KINDS.items()}
    return found | {"words": _mean(lengths)}


def _mean(numbers: Sequence[float]) -> float | None:
    """Return the mean of what are numbers; None without any."""
    kept = [number for number in numbers if not math.isnan(number)]
    return sum(kept) / len(kept) if kept else None
