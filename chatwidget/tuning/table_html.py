"""A table as HTML, in the colours of whatever page shows it.

All of its style is inline: an output is saved on its own. Where a page takes styles out, the bars
go, and the numbers beside them say the same.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from chatwidget.tuning.table import Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.tuning.table import Bar, Table

__all__ = ["study_html", "table_html"]

_INTERVAL = "var(--jp-brand-color2, #64a5e8)"
_TRACK = "rgb(128 128 128 / 22%)"
_BAR = (
    "display:inline-block;width:8em;height:.75em;border-radius:2px;"
    "margin-inline-end:.6em;vertical-align:-.06em;background:"
)
_NUMBER = "text-align:end"
_TEXT = "text-align:start;white-space:nowrap"
_LONG_TEXT = "text-align:start;min-width:12em"
_LONG = 32
_QUIET = "color:var(--jp-content-font-color2, inherit);font-size:.9em;margin:.2em 0"


def study_html(sentence: str, table: Table, notes: Sequence[str]) -> str:
    """Return a study as HTML: its conclusion, its table and the notes on it."""
    said = f'<p style="margin:.4em 0"><strong>{escape(sentence)}</strong></p>'
    told = "".join(f'<p style="{_QUIET}">{escape(note)}</p>' for note in notes)
    classes = "chatwidget-study mathjax_ignore tex2jax_ignore"
    return f'<div class="{classes}">{said}{table_html(table)}{told}</div>'


def table_html(table: Table) -> str:
    """Return a table as HTML."""
    first = table.rows[0] if table.rows else [Cell(name) for name in table.columns]
    names = "".join(map(_heading, table.columns, first))
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    return (
        '<div style="overflow-x:auto"><table style="margin:0">'
        f"<thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _heading(name: str, below: Cell) -> str:
    style = _NUMBER if below.is_number else _TEXT
    return f'<th scope="col" style="{style}">{escape(name)}</th>'


def _cell(cell: Cell) -> str:
    if cell.is_number:
        return f'<td style="{_NUMBER}">{escape(cell.text)}</td>'
    bar = _drawn(cell.bar) if cell.bar else ""
    style = _TEXT if len(cell.text) <= _LONG else _LONG_TEXT
    return f'<td dir="auto" style="{style}">{bar}{escape(cell.text)}</td>'


def _drawn(bar: Bar) -> str:
    """Draw an interval as a band on a track, and the value as a line across it."""
    low, value, high = (round(100 * min(max(end, 0.0), 1.0), 1) for end in bar)
    middle = min(max(value, 1.0), 99.0)
    mark = _stripe("currentColor", f"calc({middle}% - 1px)", f"calc({middle}% + 1px)")
    band = _stripe(_INTERVAL, f"{low}%", f"{max(high, low + 1)}%")
    return f'<span aria-hidden="true" style="{_BAR}{mark},{band},{_TRACK}"></span>'


def _stripe(colour: str, begin: str, end: str) -> str:
    stops = f"transparent {begin},{colour} {begin},{colour} {end},transparent {end}"
    return f"linear-gradient(to right,{stops})"
