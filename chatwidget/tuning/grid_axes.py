"""The axes of a grid: what varies, and which cells stand beside and below each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from chatwidget.client.text import printable
from chatwidget.tuning.conclusion import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.tuning.groups import Compared

__all__ = ["Axes", "axes_of"]

_MOST_COLUMNS = 12


class Axes(NamedTuple):
    """The axes of a grid.

    Attributes
    ----------
    names
        The names of what varies.
    labels
        What of it each cell has, in words.
    columns, rows
        What stands above each column and beside each row; empty where not each value meets each
        other one, or only one name varies: then cells follow each other.
    places
        The row and the column of each cell, if there are some.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()


def axes_of(requests: Sequence[Compared]) -> Axes:
    """Return the axes along which requests stand; only what varies among them is named."""
    values = [_values(request) for request in requests]
    varying = _varying(values)
    names = tuple(varying)
    labels = tuple(_label(each, names) for each in values)
    across = _across({name: len(found) for name, found in varying.items()})
    if across is None:
        return Axes(names, labels)
    down = tuple(name for name in names if name != across)
    columns = [_label(each, [across]) for each in values]
    rows = [_label(each, down) for each in values]
    heads, sides = tuple(dict.fromkeys(columns)), tuple(dict.fromkeys(rows))
    down_at, across_at = ({label: n for n, label in enumerate(each)} for each in (sides, heads))
    places = tuple(
        (down_at[row], across_at[column]) for row, column in zip(rows, columns, strict=True)
    )
    if len({*places}) < len(requests) or len(heads) * len(sides) != len(requests):
        return Axes(names, labels)
    return Axes(names, labels, heads, sides, places)


def _values(request: Compared) -> dict[str, Any]:
    """Return all that requests may differ by; a prompt's name is what is asked, without rows."""
    found = dict(request.setting.values)
    found.setdefault("prompt", request.prompt)
    if request.item != request.prompt:
        found.setdefault("item", request.item)
    return found


def _varying(values: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, None]]:
    """Return the different values of each name that has several, as JSON."""
    found: dict[str, dict[str, None]] = {}
    for each in values:
        for name, value in each.items():
            found.setdefault(name, {})[json.dumps(value, default=str)] = None
    return {name: known for name, known in found.items() if len(known) > 1}


def _across(counts: Mapping[str, int]) -> str | None:
    """Return the name whose values are columns: of several, that with most of them that fit."""
    fitting = [name for name, count in counts.items() if count <= _MOST_COLUMNS]
    if len(counts) <= 1 or not fitting:
        return None
    return max(fitting, key=lambda name: counts[name])


def _label(values: Mapping[str, Any], names: Sequence[str]) -> str:
    return " · ".join(
        f"{printable(name)} {value_text(values[name])}" for name in names if name in values
    )
