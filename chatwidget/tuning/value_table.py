"""The tables beside pictures: a value for each setting, or for each pair of two names' values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.text import printable
from chatwidget.tuning.conclusion import value_text
from chatwidget.tuning.curve import SHARES, title_of
from chatwidget.tuning.table import Cell, Table, value_cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.tuning.heat_map import HeatMap
    from chatwidget.tuning.result import Setting
    from chatwidget.tuning.summary import Value

__all__ = ["map_table", "values_table"]


def values_table(names: Sequence[str], values: Mapping[Setting, Value], y: str) -> Table:
    """Return a row for each setting, with its value, its interval and how many answers it has."""
    rows = [
        [
            *(Cell(value_text(setting.values.get(name))) for name in names),
            _cell(value, y),
            Cell(f"{value.scored:,}", is_number=True),
        ]
        for setting, value in values.items()
    ]
    return Table([*map(printable, names), title_of(y), "answers"], rows)


def map_table(found: HeatMap) -> Table:
    """Return a row for each value of one name, and a column for each of the other."""
    columns = [f"{printable(found.x)} {value_text(across)}" for across in found.across]
    rows = [
        [Cell(value_text(up)), *(_cell(value, found.value) for value in row)]
        for up, row in zip(found.up, found.rows, strict=True)
    ]
    return Table([printable(found.y), *columns], rows)


def _cell(value: Value | None, y: str) -> Cell:
    if value is None:
        return value_cell(None, None, is_rate=False)
    return value_cell(value.number, value.interval, is_rate=y in SHARES)._replace(bar=None)
