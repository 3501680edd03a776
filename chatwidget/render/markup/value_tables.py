"""Tables of JSON values: an object has a row for each field, a list of objects one for each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from chatwidget.client.text import printable
from chatwidget.render.markup.direction import with_direction
from chatwidget.render.markup.markdown_writer import inert_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ValueTable", "value_table"]

_WRAPPER = "value"  # the field in which a list is sent, for the whole must be an object


@dataclass(frozen=True, slots=True)
class ValueTable:
    """A table of JSON values; nothing in them acts.

    Attributes
    ----------
    columns
        The headings; none stand above the fields of one object.
    rows
        The values of each row.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def html(self) -> str:
        """Return the table as safe HTML."""
        head = _row(with_direction("<th>", each, "</th>") for each in self.columns)
        body = "\n".join(_row(self._cells(row)) for row in self.rows)
        head = f"<thead>\n{head}\n</thead>\n" if self.columns else ""
        table = f"<table>\n{head}<tbody>\n{body}\n</tbody>\n</table>"
        return f'<div class="chatwidget-table">{table}</div>\n'

    def markdown(self) -> str:
        """Return the table as Markdown in which nothing runs."""
        columns = self.columns or ("", "")
        rules = ["---"] * len(columns)
        texts = [[inert_sentence(_text(each)) for each in row] for row in self.rows]
        lines = [[inert_sentence(each) for each in columns], rules, *texts]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def _cells(self, row: Sequence[Any]) -> Iterable[str]:
        is_headed = not self.columns
        for number, value in enumerate(row):
            yield _heading(value) if is_headed and number == 0 else _cell(value)


def value_table(value: Any) -> ValueTable | None:
    """Return the table of an object or of a list of objects; None of anything else."""
    if isinstance(value, dict) and list(value) == [_WRAPPER]:
        value = value[_WRAPPER]
    if isinstance(value, dict) and value:
        return ValueTable((), list(value.items()))
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        columns = list(dict.fromkeys(name for each in value for name in each))
        return ValueTable(columns, [[each.get(name) for name in columns] for each in value])
    return None


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _heading(name: str) -> str:
    return with_direction("<th>", name, "</th>")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return with_direction("<td>", printable(value), "</td>")
    if isinstance(value, dict | list):
        return f"<td><code>{escape(_text(value))}</code></td>"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    side = ' class="chatwidget-right"' if is_number else ""
    return f"<td{side}>{escape(_text(value))}</td>"


def _text(value: Any) -> str:
    """Return a value in a cell: a text as it is, nothing for null, anything else as JSON."""
    if value is None:
        return ""
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
