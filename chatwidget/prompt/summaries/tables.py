"""Tables of pandas and polars, arrays of numpy and torch: their shape, a few numbers, and rows."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.client.text import counted
from chatwidget.prompt.instance_checks import is_a
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt
from chatwidget.prompt.summaries.literals import is_container, literal, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["array", "is_array", "is_table", "is_tensor", "table", "tensor"]


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
    except (Exception, SystemExit):  # noqa: BLE001 - a user's class may raise anything
        return written(value)


_WHOLE = 100
_EDGE = 3
_DIMENSIONS = 2
_NUMERIC = ("b", "i", "u", "f")


def is_array(value: object) -> bool:
    """Tell whether a value is an array of numpy."""
    return is_a(value, "numpy.ndarray")


def is_tensor(value: object) -> bool:
    """Tell whether a value is a tensor of torch."""
    return is_a(value, "torch.Tensor")


def array(value: Any, limit: int) -> Excerpt:
    """Summarise an array."""
    lines = [
        f"{type(value).__name__} of shape {value.shape}, {value.dtype}",
        *_numbers(value),
        *_corners(value),
    ]
    return excerpt("\n".join(lines), limit, is_cut=value.size > _WHOLE)


def tensor(value: Any, limit: int) -> Excerpt:
    """Summarise a tensor, which shows its own corners."""
    about = f"{type(value).__name__} of shape {tuple(value.shape)}, {value.dtype}, {value.device}"
    return excerpt(f"{about}\n{written(value)}", limit)


def _numbers(value: Any) -> Iterator[str]:
    if value.dtype.kind not in _NUMERIC or not value.size:
        return
    # no import: the value has come from a numpy that is loaded
    numpy = sys.modules["numpy"]
    finite = numpy.isfinite(value)
    known = value if finite.all() else value[finite]
    if known.size:
        # the sum of many small integers or short floats would overflow in their own type
        mean = known.mean(dtype="float64")
        yield f"min {float(known.min()):.6g}, mean {mean:.6g}, max {float(known.max()):.6g}"
    if known.size < value.size:
        yield f"{int(numpy.isnan(value).sum()):,} NaN, {int(numpy.isinf(value).sum()):,} infinite"


def _corners(value: Any) -> Iterator[str]:
    numpy = sys.modules["numpy"]
    if value.size > _WHOLE:
        plane = value
        while plane.ndim > _DIMENSIONS:
            plane = plane[0]
        which = "its corners" if plane is value else "the corners of its first plane"
        yield f"Of {value.size:,} items, {which}:"
        value = plane
    yield numpy.array2string(value, threshold=_WHOLE, edgeitems=_EDGE, precision=6)
