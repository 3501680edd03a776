"""Which picture of a study shows what varies: a curve, a heat map, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from chatwidget.tuning.result import Setting

__all__ = ["picture_names"]

_FEWEST = 3
"""Two values are a difference, and no curve."""

_MOST_CURVES = 7
_PAIR = 2


def picture_names(settings: Collection[Setting]) -> list[str]:
    """Return the number along which there is a curve, the two that span a heat map, or nothing."""
    names = dict.fromkeys(name for setting in settings for name in setting.values)
    values = {
        name: {str(each): each for each in (setting.values.get(name) for setting in settings)}
        for name in names
    }
    numeric = [name for name, each in values.items() if all(map(_is_number, each.values()))]
    if len(numeric) == len(values) == _PAIR and min(map(len, values.values())) > 1:
        return numeric
    for x in numeric:
        others = {str({**setting.values, x: None}) for setting in settings}
        if len(values[x]) >= _FEWEST and len(others) <= _MOST_CURVES:
            return [x]
    return []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
