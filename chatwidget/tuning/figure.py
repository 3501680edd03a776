"""A figure of a study: values with their intervals along one name, by matplotlib."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from chatwidget.tuning.canvas import INK, new_figure, picture_style, set_ticks, short_label
from chatwidget.tuning.curve import SHARES, label_of, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from chatwidget.tuning.curve import Curve
    from chatwidget.tuning.pooled_curve import PooledCurve
    from chatwidget.tuning.sweep import PooledPoint
    from chatwidget.tuning.table import Table

__all__ = ["draw"]

# Okabe and Ito: told apart by people who are blind to some colours; brown in place of black, which
# is not seen on a dark page
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#8a6d3b")
_LONGEST_CURVE = 32
_WEAK = "#808080"
_MARKERS = "osD^vPX"
_APART = 0.3
_APART_ON_NUMBERS = 0.06
"""How far curves stand apart at one place; on numbers it is little, for they are read there."""
_MOST_TICKS = 10


def draw(
    curves: Sequence[Curve],
    x: str,
    y: str,
    *,
    twin: Table,
    pooled: PooledCurve | None = None,
    truth: Sequence[Curve] = (),
) -> Figure:
    """Draw curves: a dot where there are answers, a line for its interval.

    Parameters
    ----------
    curves, x, y
        The values, along what they stand, and what they are.
    twin
        The same as a table.
    pooled
        What all answers say together: a band, grey where it is worth few of them.
    truth
        What is known to be true: a dashed line.

    Raises
    ------
    ConfigurationError
        If matplotlib is not installed.
    """
    figure = new_figure(twin)
    with picture_style():
        axes: Axes = figure.subplots()
        places = _Places(curves)
        for number, curve in enumerate(curves):
            _draw_curve(axes, curve, places, number, len(curves), has_line=pooled is None)
        # a setting that is not sent stands beside the numbers, where a band has no place
        for label, points in _bands(pooled if places.are_numbers else None, x).items():
            _draw_band(axes, points, x, _colour(curves, label))
        for curve in truth:
            up = [value.number or 0.0 for value in curve.values]
            axes.plot(curve.places, up, "--", color=INK, linewidth=1, label="truth", zorder=4)
        axes.set_xlabel(x)
        axes.set_ylabel(title_of(y))
        _set_axes(axes, places, y)
        if len(curves) > 1 or truth:
            axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _bands(pooled: PooledCurve | None, x: str) -> dict[str, list[PooledPoint]]:
    """Return the points of each curve, by its label."""
    found: dict[str, list[PooledPoint]] = {}
    for point in pooled or ():
        found.setdefault(label_of(point.setting, x), []).append(point)
    return found


def _draw_band(axes: Axes, points: Sequence[PooledPoint], x: str, colour: str) -> None:
    """Draw what the pooled answers say, in grey where they are worth few."""
    told = [point for point in points if point.pooled.interval]
    for weak, run in groupby(pairwise(told), lambda pair: any(p.pooled.is_weak for p in pair)):
        ends = [*run]
        stretch = [ends[0][0], *(after for _, after in ends)]
        shade = _WEAK if weak else colour
        across = [point.setting.values[x] for point in stretch]
        low, high = zip(*(point.pooled.interval or (0, 0) for point in stretch), strict=True)
        axes.fill_between(across, low, high, color=shade, alpha=0.16, linewidth=0)
        up = [point.pooled.value for point in stretch]
        axes.plot(across, up, color=shade, linewidth=1.2, linestyle=":" if weak else "-")


def _colour(curves: Sequence[Curve], label: str) -> str:
    labels = [curve.label for curve in curves]
    return _COLOURS[labels.index(label) % len(_COLOURS)] if label in labels else _WEAK


def _draw_curve(
    axes: Axes, curve: Curve, places: _Places, number: int, count: int, *, has_line: bool
) -> None:
    colour, marker = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
    apart = _APART_ON_NUMBERS if places.are_numbers else _APART
    shift = places.step * apart * (number - (count - 1) / 2) / max(count - 1, 1)
    across = [places.at(place) + shift for place in curve.places]
    up = [value.number or 0.0 for value in curve.values]
    label = short_label(curve.label, _LONGEST_CURVE) or None
    axes.plot(across, up, marker, color=colour, label=label, linestyle="", zorder=3)
    if places.are_numbers and has_line:
        axes.plot(across, up, color=colour, linewidth=0.8, alpha=0.5)
    for place, value in zip(across, curve.values, strict=True):
        if value.interval is not None:
            axes.vlines(place, *value.interval, color=colour, linewidth=2, alpha=0.6)


def _set_axes(axes: Axes, places: _Places, y: str) -> None:
    if places.ticks:
        set_ticks(axes, places.ticks, places.all)
    if y in SHARES:
        axes.set_ylim(-0.03, 1.03)
        axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, axis="y", alpha=0.25)


class _Places:
    """Where the values of the name across stand: numbers by their size, others side by side."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        self.all = list({str(each): each for curve in curves for each in curve.places}.values())
        self.are_numbers = bool(self.all) and all(map(_is_number, self.all))
        self._at = {str(each): float(number) for number, each in enumerate(self.all)}
        if self.are_numbers:
            self._at = {str(each): float(each) for each in self.all}
        ordered = sorted(self._at.values())
        self.step = min((b - a for a, b in pairwise(ordered)), default=1.0)
        fit = not self.are_numbers or ordered[-1] - ordered[0] <= _MOST_TICKS * self.step
        self.ticks = list(self._at.values()) if fit else []

    def at(self, value: Any) -> float:
        return self._at[str(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
