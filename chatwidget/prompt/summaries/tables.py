"""Tables of pandas and polars: their shape, their columns with a few numbers, their first rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.chat.plural import counted
from chatwidget.prompt.instance_checks import is_a
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt
from chatwidget.prompt.summaries.literals import is_container, literal, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["is_table", "table"]

_ROWS = 20
_COLUMNS = 50
_CELL = 100
_SERIES = ("pandas.Series", "polars.Series")

# pandas and polars give these the same names
_OF_NUMBERS = ("mean", "std", "min", "median", "max")
_OF_TIMES = ("min", "max")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of either library."""

    name: object
    values: Any
    missing: int
    statistics: tuple[str, ...]

    def line(self) -> str:
        facts = [f"{self.missing:,} missing"] if self.missing else []
        if self.missing < len(self.values):
            facts += [f"{name} {_plain(getattr(self.values, name)())}" for name in self.statistics]
        about = f"- {_short(_plain(self.name))} ({self.values.dtype})"
        return f"{about}: {', '.join(facts)}" if facts else about


def is_table(value: object) -> bool:
    """Tell whether a value is a table, or one column of it."""
    return is_a(value, "pandas.DataFrame", "polars.DataFrame", *_SERIES)


def table(value: Any, limit: int) -> Excerpt:
    """Summarise a table."""
    frame = value.to_frame() if is_a(value, *_SERIES) else value
    height, width = frame.shape
    is_pandas = is_a(frame, "pandas.DataFrame")
    columns = _pandas_columns(frame) if is_pandas else _polars_columns(frame)
    rows = [
        [_plain(value) for value in row]
        for row in (_pandas_rows(frame) if is_pandas else _polars_rows(frame))
    ]
    lines = [
        f"{type(value).__name__} of {counted(height, 'row')} and {counted(width, 'column')}",
        *(column.line() for column in columns),
        *([f"- … {width - _COLUMNS:,} more columns"] if width > _COLUMNS else []),
        f"{_which(height, width)}, as CSV:",
        _csv(rows),
    ]
    is_long = any(len(cell) > _CELL for row in rows for cell in row)
    if is_long:
        lines.append(f"… cells are cut at {_CELL} characters …")
    is_cut = is_long or height > _ROWS or width > _COLUMNS
    return excerpt("\n".join(lines), limit, is_cut=is_cut)


def _pandas_columns(frame: Any) -> Iterator[_Column]:
    for index, name in enumerate(frame.columns[:_COLUMNS]):
        # by position, as two columns may have one name
        values = frame.iloc[:, index]
        kind = getattr(values.dtype, "kind", "")
        statistics = {"M": _OF_TIMES, "i": _OF_NUMBERS, "u": _OF_NUMBERS, "f": _OF_NUMBERS}
        yield _Column(name, values, int(values.isna().sum()), statistics.get(kind, ()))


def _polars_columns(frame: Any) -> Iterator[_Column]:
    for values in frame.get_columns()[:_COLUMNS]:
        statistics: tuple[str, ...] = _OF_NUMBERS if values.dtype.is_numeric() else ()
        if values.dtype.is_temporal():
            statistics = _OF_TIMES
        yield _Column(values.name, values, values.null_count(), statistics)


def _pandas_rows(frame: Any) -> Iterator[Sequence[object]]:
    shown = frame.iloc[:_ROWS, :_COLUMNS]
    yield ["" if shown.index.name is None else shown.index.name, *shown.columns]
    yield from shown.itertuples(name=None)


def _polars_rows(frame: Any) -> Iterator[Sequence[object]]:
    shown = frame[:_ROWS, :_COLUMNS]
    yield shown.columns
    yield from shown.iter_rows()


def _which(height: int, width: int) -> str:
    rows = "All rows" if height <= _ROWS else f"The first {_ROWS} of {height:,} rows"
    return rows if width <= _COLUMNS else f"{rows} and {_COLUMNS} of {width:,} columns"


def _csv(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([_short(cell) for cell in row] for row in rows)
    return file.getvalue().rstrip("\n")


def _short(cell: str) -> str:
    return cell if len(cell) <= _CELL else f"{cell[:_CELL]}…"


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if is_container(value):
        return literal(value, _CELL).text
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a user's class may raise anything
        return written(value)
