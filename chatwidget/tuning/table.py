"""The table of a study: what stands in each cell, before it is drawn as HTML or as text."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.client.text import printable
from chatwidget.tuning.conclusion import named, value_text
from chatwidget.tuning.summary import MOST_RANKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.tuning.statistics.proportion import Interval
    from chatwidget.tuning.summary import Row, Summary

__all__ = ["Bar", "Cell", "Table", "table_of", "value_cell"]


_NOTHING = "\u2013"


class Bar(NamedTuple):
    """A value and its interval, as shares of the width of a bar."""

    low: float
    value: float
    high: float


class Cell(NamedTuple):
    """A cell: its text, the bar beside it if there is one, and whether it is a mere number."""

    text: str
    bar: Bar | None = None
    is_number: bool = False


class Table(NamedTuple):
    """The columns of a table, and a cell for each in every row."""

    columns: list[str]
    rows: list[list[Cell]]


def table_of(summary: Summary) -> Table:
    """Return the table of a study: a row for each setting, a column for what is known of all."""
    summary = _highest(summary)
    columns: list[tuple[str, list[Cell]]] = [
        (printable(name), [Cell(value_text(row.setting.values.get(name))) for row in summary.rows])
        for name in summary.names
    ]
    columns += _values(summary)
    columns += _answers(summary)
    if any(row.tokens is not None for row in summary.rows):
        columns.append(("tokens", [_number(_tokens(row)) for row in summary.rows]))
    if any(row.failed for row in summary.rows):
        columns.append(("failed", [_number(f"{row.failed:,}") for row in summary.rows]))
    cells = [cells for _, cells in columns]
    return Table([name for name, _ in columns], [list(row) for row in zip(*cells, strict=True)])


def _answers(summary: Summary) -> list[tuple[str, list[Cell]]]:
    """Return how many answers there are, how many of them differ, and what is new."""
    rows = summary.rows
    is_ranked = summary.kind in ("pass", "number")
    found = []
    if summary.kind != "pass" or any(row.answers != row.value.scored for row in rows):
        found.append(("answers", [_number(f"{row.answers:,}") for row in rows]))
    found.append(("different", [_number(_different(row)) for row in rows]))
    if not is_ranked:
        found.append(("next is new", [Cell(_new(row)) for row in rows]))
    return found


def _new(row: Row) -> str:
    low, high = (f"{100 * end:.0f}" for end in row.unseen.interval)
    return f"{100 * row.unseen.probability:.0f} % [{low}, {high}]" if row.answers else _NOTHING


def _number(text: str) -> Cell:
    return Cell(text, is_number=True)


def _highest(summary: Summary) -> Summary:
    """Return a summary of the settings with the highest values, in their order."""
    rows = summary.rows
    if len(rows) <= MOST_RANKED:
        return summary
    places = sorted(range(len(rows)), key=lambda place: -_height(rows[place]))[:MOST_RANKED]
    return replace(summary, rows=tuple(rows[place] for place in sorted(places)))


def _height(row: Row) -> float:
    return -math.inf if row.value.number is None else row.value.number


def _values(summary: Summary) -> list[tuple[str, list[Cell]]]:
    rows = summary.rows
    if summary.kind == "pass":
        found = [("pass rate", [_value(row, is_rate=True) for row in rows])]
        found.append(
            ("passed", [_number(f"{row.value.passed} of {row.value.scored}") for row in rows])
        )
    elif summary.kind == "number":
        ends = _ends(rows)
        found = [("mean score", [_value(row, ends) for row in rows])]
    elif summary.kind == "kind":
        return [("most frequent", [Cell(_most(row)) for row in rows])]
    else:
        return []
    if len(rows) > 1 and any(row.band for row in rows):
        found.append(("rank", [Cell(_rank(row)) for row in rows]))
        found.append(("tied with", [Cell(_tied(summary, row)) for row in rows]))
    return found


def _value(row: Row, ends: tuple[float, float] = (0.0, 1.0), *, is_rate: bool = False) -> Cell:
    return value_cell(row.value.number, row.value.interval, ends, is_rate=is_rate)


def value_cell(
    number: float | None,
    interval: Interval | None,
    ends: tuple[float, float] = (0.0, 1.0),
    *,
    is_rate: bool,
) -> Cell:
    """Return the cell of a value: the number, its interval, and a bar between the given ends."""
    if number is None or math.isnan(number):
        return Cell(_NOTHING)
    if interval is None:
        return Cell(f"{number:.3g} (too few)")
    low, high = ends
    width = high - low or 1.0
    shares = [(each - low) / width for each in (interval.low, number, interval.high)]
    bar = Bar(*shares) if all(map(math.isfinite, shares)) else None
    if is_rate:
        return Cell(
            f"{100 * number:.0f} % [{100 * interval.low:.0f}, {100 * interval.high:.0f}]", bar
        )
    return Cell(f"{number:.3g} [{interval.low:.3g}, {interval.high:.3g}]", bar)


def _ends(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the lowest and the highest end of all intervals, for bars of one scale."""
    intervals: list[Interval] = [row.value.interval for row in rows if row.value.interval]
    ends = [end for interval in intervals for end in interval] or [0.0]
    return min(ends), max(ends)


def _rank(row: Row) -> str:
    if row.band is None:
        return ""
    best, worst = row.band.best, row.band.worst
    return f"{best}" if best == worst else f"{best}\u2013{worst}"


def _tied(summary: Summary, row: Row) -> str:
    if row.band is None or not row.band.tied:
        return ""
    if len(row.band.tied) == len(summary.rows) - 1 > 1:
        return "all others"
    said = named(summary.names, [summary.rows[place].setting for place in row.band.tied])
    only = f"{printable(summary.names[0])} " if len(summary.names) == 1 else ""
    return said.removeprefix(only)


def _different(row: Row) -> str:
    return f"{row.unseen.kinds:,}" if row.answers else _NOTHING


def _most(row: Row) -> str:
    return f"{value_text(row.most[0])} ({100 * row.most[1]:.0f} %)" if row.most else _NOTHING


def _tokens(row: Row) -> str:
    return _NOTHING if row.tokens is None else f"{row.tokens:,.0f}"
