"""Tables that commands show: HTML in a notebook, columns of text in a terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from chatwidget.client.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Table", "excerpt"]

_LONGEST_IN_TEXT = 60
_LONGEST_IN_HTML = 240
_GAP = "  "


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Rows of texts, which may come from anywhere: they are shown, and nothing in them acts.

    Attributes
    ----------
    columns
        Their headings.
    rows
        The texts of each row.
    numbers
        The headings of the columns that stand to the right.
    remark
        A sentence below.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[str] = frozenset()
    remark: str = ""

    def __repr__(self) -> str:
        rows = [[excerpt(cell, _LONGEST_IN_TEXT) for cell in row] for row in self.rows]
        cells = [list(self.columns), *rows]
        widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
        head, *body = [self._line(row, widths) for row in cells]
        rule = _GAP.join("─" * width for width in widths)
        remark = [printable(self.remark)] if self.remark else []
        return "\n".join([head, rule, *body, *remark])

    def _repr_html_(self) -> str:
        head = self._row(self.columns, "th")
        body = "\n".join(self._row(row, "td") for row in self.rows)
        remark = f'<div class="chatwidget-footer">{_safe(self.remark)}</div>\n'
        return (
            '<div class="chatwidget-answer mathjax_ignore tex2jax_ignore">\n'
            f'<div class="chatwidget-table"><table>\n<thead>\n{head}\n</thead>\n'
            f"<tbody>\n{body}\n</tbody>\n</table></div>\n{remark if self.remark else ''}</div>"
        )

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = zip(self.columns, row, widths, strict=True)
        padded = [_padded(cell, width, right=name in self.numbers) for name, cell, width in cells]
        return _GAP.join(padded).rstrip()

    def _row(self, row: Sequence[str], tag: str) -> str:
        cells = [
            f'<{tag} class="chatwidget-right">{_safe(cell)}</{tag}>'
            if name in self.numbers
            else f"<{tag}>{_safe(cell)}</{tag}>"
            for name, cell in zip(self.columns, row, strict=True)
        ]
        return f"<tr>{''.join(cells)}</tr>"


def excerpt(text: str, longest: int) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(printable(text[: 4 * longest]).split())
    is_whole = len(line) <= longest and len(text) <= 4 * longest
    return line if is_whole else f"{line[: longest - 1].rstrip()}…"


def _safe(text: str) -> str:
    return escape(excerpt(text, _LONGEST_IN_HTML))


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    """Return the columns that a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
