"""Figures of matplotlib, in words: their axes, and the range of what is drawn in them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from chatwidget.client.text import counted
from chatwidget.prompt.instance_checks import is_a
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["figure", "is_figure"]

_MOST = 20
_DATES = ("matplotlib.AutoDateFormatter", "matplotlib.ConciseDateFormatter")
_NAMES = ("matplotlib.StrCategoryFormatter", "matplotlib.FixedFormatter")


def is_figure(value: object) -> bool:
    """Tell whether a value is a figure, or the axes of one."""
    return is_a(value, "matplotlib.Figure", "matplotlib.Axes")


def figure(value: Any, limit: int) -> Excerpt:
    """Summarise a figure, or the axes of one."""
    every = value.axes if is_a(value, "matplotlib.Figure") else [value]
    drawn = [list(_drawn(axes)) for axes in every]
    lines = [f"{type(value).__name__}{_titled(value)} of {len(every)} axes"]
    for index, axes in enumerate(every[:_MOST]):
        lines += [f"Axes {index + 1}:", *_about(axes), *_first(drawn[index])]
    if len(every) > _MOST:
        lines.append(f"… {len(every) - _MOST:,} more axes; {_MOST} are here …")
    is_cut = any(len(each) > _MOST for each in (every, *drawn))
    return excerpt("\n".join(lines), limit, is_cut=is_cut)


def _titled(value: Any) -> str:
    title = value.get_suptitle() if hasattr(value, "get_suptitle") else ""
    return f" {title!r}" if title else ""


def _about(axes: Any) -> Iterator[str]:
    if axes.get_title():
        yield f"- title {axes.get_title()!r}"
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        label = axis.get_label_text()
        yield f"- {name} axis{f' {label!r}' if label else ''} {_extent(axis)}"
    legend = axes.get_legend()
    if legend is not None:
        yield f"- legend {_quoted(legend.get_texts())}"


def _extent(axis: Any) -> str:
    if is_a(axis.get_major_formatter(), *_NAMES):
        return f"with {_quoted(axis.get_ticklabels())}"
    scale = "" if axis.get_scale() == "linear" else f", {axis.get_scale()} scale"
    return f"{_range(axis, axis.get_view_interval())}{scale}"


def _quoted(texts: list[Any]) -> str:
    more = f", … {len(texts) - _MOST:,} more" if len(texts) > _MOST else ""
    return ", ".join(repr(text.get_text()) for text in texts[:_MOST]) + more


def _first(lines: list[str]) -> list[str]:
    more = [f"- … {len(lines) - _MOST:,} more; {_MOST} are here …"] if len(lines) > _MOST else []
    return lines[:_MOST] + more


def _drawn(axes: Any) -> Iterator[str]:
    for line in axes.lines:
        yield f"- line{_named(line)}: {_points(axes, line.get_xydata())}"
    for collection in axes.collections:
        points = _points(axes, collection.get_offsets())
        yield f"- {type(collection).__name__}{_named(collection)}: {points}"
    for bars in axes.containers:
        if is_a(bars, "matplotlib.BarContainer"):
            heights = _range(axes.yaxis, [bar.get_height() for bar in bars])
            yield f"- {counted(len(bars), 'bar')}{_named(bars)}, heights {heights}"
    for image in axes.images:
        yield f"- image of shape {image.get_array().shape}"


def _named(artist: Any) -> str:
    """Return the label that the user gave; matplotlib's own begin with an underscore."""
    label = str(artist.get_label())
    return "" if not label or label.startswith("_") else f" {label!r}"


def _points(axes: Any, points: Any) -> str:
    x, y = _range(axes.xaxis, points[:, 0]), _range(axes.yaxis, points[:, 1])
    return f"{counted(len(points), 'point')}, x {x}, y {y}"


def _range(axis: Any, values: Any) -> str:
    # no import: matplotlib has loaded it
    numpy = sys.modules["numpy"]
    numbers = numpy.ma.filled(numpy.ma.asarray(values, dtype=float), numpy.nan)
    known = numbers[numpy.isfinite(numbers)]
    if not known.size:
        return "unknown"
    return f"from {_shown(axis, known.min())} to {_shown(axis, known.max())}"


def _shown(axis: Any, number: float) -> str:
    """Return a number as people read it: a date where the axis has dates."""
    if is_a(axis.get_major_formatter(), *_DATES):
        moment = sys.modules["matplotlib.dates"].num2date(number)
        return str(moment.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00"))
    if hasattr(axis, "freq"):
        # so pandas marks its own date axes, whose numbers count periods
        return str(sys.modules["pandas"].Period(ordinal=int(number), freq=axis.freq))
    return f"{number:.6g}"
