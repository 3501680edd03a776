"""A figure of a study: values with their intervals along one name, by matplotlib."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.conclusion import value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from chatwidget.tuning.curve import Curve

__all__ = ["draw"]

# Okabe and Ito: told apart by people who are blind to some colours, on white
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
_MARKERS = "osD^vPX"
_ACROSS = 0.3


def draw(curves: Sequence[Curve], x: str, y: str) -> Figure:
    """Draw curves: a dot where there are answers, a line for its interval.

    Raises
    ------
    ConfigurationError
        If matplotlib is not installed.
    """
    figure = _new_figure()
    axes: Axes = figure.subplots()
    places = _Places(curves)
    for number, curve in enumerate(curves):
        _draw_curve(axes, curve, places, number, len(curves))
    axes.set_xlabel(x)
    axes.set_ylabel("pass rate" if y == "pass" else y.replace("_", " "))
    _set_axes(axes, places, y)
    if len(curves) > 1:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _new_figure() -> Figure:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - it is optional
        from matplotlib.figure import Figure  # noqa: PLC0415 - as above
    except ImportError:
        raise ConfigurationError(
            "A figure needs matplotlib, which is not installed.",
            hint="Install it with %pip install 'chatwidget[tuning]'.",
        ) from None

    class StudyFigure(Figure):
        """A figure that shows itself, whatever backend there is; pyplot knows nothing of it."""

        def _repr_png_(self) -> bytes:
            written = io.BytesIO()
            self.savefig(written, format="png", dpi=144)
            return written.getvalue()

    figure = StudyFigure(figsize=(6.4, 3.6), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _draw_curve(axes: Axes, curve: Curve, places: _Places, number: int, count: int) -> None:
    colour, marker = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
    shift = places.step * _ACROSS * (number - (count - 1) / 2) / max(count - 1, 1)
    across = [places.at(place) + shift for place in curve.places]
    up = [value.number or 0.0 for value in curve.values]
    label = curve.label or None
    axes.plot(across, up, marker, color=colour, label=label, linestyle="", zorder=3)
    if places.are_numbers:
        axes.plot(across, up, color=colour, linewidth=0.8, alpha=0.5)
    for place, value in zip(across, curve.values, strict=True):
        if value.interval is not None:
            axes.vlines(place, *value.interval, color=colour, linewidth=2, alpha=0.6)


def _set_axes(axes: Axes, places: _Places, y: str) -> None:
    if not places.are_numbers:
        axes.set_xticks(range(len(places.all)), [value_text(each) for each in places.all])
    if y == "pass":
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

    def at(self, value: Any) -> float:
        return self._at[str(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
