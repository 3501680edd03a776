"""A heat map as a figure, by matplotlib: a field for each pair, with its value written on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.tuning.canvas import INK, new_figure, picture_style, set_ticks, tick
from chatwidget.tuning.curve import SHARES, title_of
from chatwidget.tuning.value_table import map_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from chatwidget.tuning.heat_map import HeatMap
    from chatwidget.tuning.summary import Value

__all__ = ["draw_map"]

_COLOURS = "cividis"
_MOST_TOLD = 120
_DARK = 0.5


def draw_map(found: HeatMap) -> Figure:
    """Draw a heat map; each field tells its value, and how far its interval reaches.

    Raises
    ------
    ConfigurationError
        If matplotlib is not installed.
    """
    width, height = len(found.across), len(found.up)
    figure = new_figure(map_table(found), max(4.4, 1.5 + 1.1 * width), max(2.4, 1.0 + 0.7 * height))
    with picture_style():
        axes: Axes = figure.subplots()
        heights = [[_height(value) for value in row] for row in found.rows]
        is_rate = found.value in SHARES
        image = axes.imshow(heights, cmap=_COLOURS, origin="lower", aspect="auto")
        if is_rate:
            image.set_clim(0.0, 1.0)
        set_ticks(axes, range(width), found.across)
        axes.set_yticks(range(height), [tick(each) for each in found.up])
        axes.set_xlabel(found.x)
        axes.set_ylabel(found.y)
        bar = figure.colorbar(image, label=title_of(found.value))
        if is_rate:
            bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
        if width * height <= _MOST_TOLD:
            _tell(axes, found, image)
    return figure


def _tell(axes: Axes, found: HeatMap, image: Any) -> None:
    """Write the values on their fields, in what is seen on the field's colour."""
    for up, row in enumerate(map_table(found).rows):
        for across, cell in enumerate(row[1:]):
            value = found.rows[up][across]
            red, green, blue, _ = image.cmap(image.norm(_height(value)))
            is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < _DARK
            ink = "white" if is_dark else "black"
            axes.text(
                across,
                up,
                cell.text.replace(" [", "\n["),
                ha="center",
                va="center",
                fontsize=8,
                color=ink if value else INK,
            )


def _height(value: Value | None) -> float:
    return float("nan") if value is None or value.number is None else value.number
