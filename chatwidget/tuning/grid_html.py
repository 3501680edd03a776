"""The grid of a study as a table of safe HTML, which needs no stylesheet, and as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from chatwidget.client.text import printable
from chatwidget.tuning.conclusion import value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.tuning.grid_axes import Axes
    from chatwidget.tuning.grid_cell import GridCell, Kind

__all__ = ["grid_html", "grid_text"]

_MOST_CELLS = 200
_MOST_KINDS = 5
_LONGEST = 300
_CELL = "text-align:left;vertical-align:top;white-space:normal;min-width:11em"


def grid_html(cells: Sequence[GridCell], axes: Axes) -> str:
    """Return a grid as a table: cells along its axes, or a row for each."""
    shown = cells[:_MOST_CELLS]
    left = len(cells) - len(shown)
    rows = _along(axes, cells) if axes.places and not left else _listed(shown)
    more = f"<p>and {left:,} other cells</p>\n" if left else ""
    return f'<table class="chatwidget-grid-static">\n{"".join(rows)}</table>\n{more}'


def grid_text(cells: Sequence[GridCell]) -> str:
    """Return a grid as lines of plain text: each cell with its kinds."""
    lines = []
    for cell in cells:
        lines.append(": ".join(filter(None, [cell.label, cell.sentence])))
        lines += [f"  {kind.count} x {value_text(kind.text)}" for _, kind in cell.ranked]
    return "\n".join(lines)


def _along(axes: Axes, cells: Sequence[GridCell]) -> Iterator[str]:
    yield _row(["<td></td>", *(_head(each, "col") for each in axes.columns)])
    placed = dict(zip(axes.places, cells, strict=True))
    for row, label in enumerate(axes.rows):
        found = [placed[row, column] for column in range(len(axes.columns))]
        yield _row([_head(label, "row"), *map(_cell, found)])


def _listed(cells: Sequence[GridCell]) -> Iterator[str]:
    for cell in cells:
        yield _row([_head(cell.label, "row"), _cell(cell)])


def _row(cells: list[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>\n"


def _head(label: str, scope: str) -> str:
    return f'<th scope="{scope}" style="text-align:left;vertical-align:top">{escape(label)}</th>'


def _cell(cell: GridCell) -> str:
    if not cell.answers:
        failed = f"{cell.failed} failed" if cell.failed else "no answer"
        return f'<td style="{_CELL}"><em>{failed}</em></td>'
    said = f"<p><em>{escape(_said(cell))}</em></p>\n" if cell.answers > 1 else ""
    return f'<td style="{_CELL}">{said}{"".join(_kinds(cell))}</td>'


def _said(cell: GridCell) -> str:
    """Say how far its answers agree, and how likely another one is."""
    failed = [f"{cell.failed} failed"] if cell.failed else []
    return "; ".join([cell.sentence, str(cell.unseen).partition("; ")[2], *failed])


def _kinds(cell: GridCell) -> Iterator[str]:
    ranked = [kind for _, kind in cell.ranked]
    for kind in ranked[:_MOST_KINDS]:
        yield f'<p class="chatwidget-sample" dir="auto">{escape(_kind(kind))}</p>\n'
    left = len(ranked) - _MOST_KINDS
    if left > 0:
        yield f"<p>and {left} other answers</p>\n"


def _kind(kind: Kind) -> str:
    text = printable(kind.text[:_LONGEST]) + ("…" if len(kind.text) > _LONGEST else "")
    times = f"{kind.count} times: " if kind.count > 1 else ""
    return "".join([times, text, *_judged(kind)])


def _judged(kind: Kind) -> Iterator[str]:
    """Yield what a person says of an answer."""
    if kind.thumb is not None:
        yield " (thumb up)" if kind.thumb else " (thumb down)"
    if kind.note:
        yield f" (note: {value_text(kind.note)})"
