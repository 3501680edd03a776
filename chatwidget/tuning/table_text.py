"""A table as plain text, for terminals."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.tuning.table import Bar, Cell, Table

__all__ = ["table_text"]

_WIDTH = 20


def table_text(table: Table) -> str:
    """Return a table as lines of text, its columns as wide as they need to be."""
    lines = [table.columns, *([_text(cell) for cell in row] for row in table.rows)]
    widths = [max(map(_wide, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    padded = (text + " " * (width - _wide(text)) for text, width in zip(texts, widths, strict=True))
    return "  ".join(padded).rstrip()


def _text(cell: Cell) -> str:
    return f"{_drawn(cell.bar)} {cell.text}" if cell.bar else cell.text


def _drawn(bar: Bar) -> str:
    """Draw an interval as a line, and the value on it as a dot."""
    low, value, high = (min(int(_WIDTH * end), _WIDTH - 1) for end in bar)
    line = ["·"] * low + ["─"] * (high - low + 1) + ["·"] * (_WIDTH - 1 - high)
    line[value] = "●"
    return "".join(line)


def _wide(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    return sum(_columns(sign) for sign in text)


def _columns(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
