"""The canvas of pictures: a matplotlib figure that shows itself, with its table as a twin."""

from __future__ import annotations

import base64
import io
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.conclusion import value_text
from chatwidget.tuning.table_text import table_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from chatwidget.tuning.table import Table

__all__ = [
    "INK",
    "has_matplotlib",
    "new_figure",
    "picture_html",
    "picture_style",
    "set_ticks",
    "short_label",
    "tick",
]

_LONGEST_TICK = 16
_ROOM = 48
# What matplotlib warns of: letters that its font does not have, and names that leave no room.
_WARNINGS = "Glyph|Matplotlib currently does not support|constrained_layout"


INK = "#767676"
"""What is written and drawn beside the data: it is read on white and on black alike, because a page
that shows a picture may be of either, and pictures have no ground of their own."""

_STYLE: Any = {  # matplotlib's type of it lists all names
    "text.parse_math": False,
    "axes.facecolor": "none",
    "grid.color": INK,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
}


def has_matplotlib() -> bool:
    """Whether pictures can be drawn."""
    try:
        import matplotlib.figure  # noqa: F401, PLC0415 - it is optional
    except ImportError:
        return False
    return True


def new_figure(twin: Table, width: float = 6.4, height: float = 3.6) -> Figure:
    """Return an empty figure, whatever backend there is; pyplot knows nothing of it.

    Parameters
    ----------
    twin
        What the picture shows, for whoever cannot see it.
    width, height
        Its size in inches.

    Raises
    ------
    ConfigurationError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - it is optional
        from matplotlib.figure import Figure  # noqa: PLC0415 - as above
    except ImportError:
        raise ConfigurationError(
            "A figure needs matplotlib, which is not installed.",
            hint="Install it with %pip install 'chatwidget[tuning]'.",
        ) from None

    class StudyFigure(Figure):
        """A figure that shows itself."""

        def _repr_png_(self) -> bytes:
            return _written(self, "png")

        def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
            png = base64.b64encode(self._repr_png_()).decode()
            return {"image/png": png, "text/plain": table_text(twin)}

    figure = StudyFigure(figsize=(width, height), layout="constrained", facecolor="none")
    FigureCanvasAgg(figure)
    return figure


@contextmanager
def picture_style() -> Iterator[None]:
    """Draw in our ink, without a ground, and take dollars in names for dollars."""
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - it is optional
    except ImportError:
        yield
        return
    with rc_context(_STYLE):
        yield


def short_label(text: str, most: int) -> str:
    """Return a text that leaves room for the picture; its twin has all of it."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def tick(value: Any) -> str:
    """Return what stands beside a value on an axis."""
    return short_label(value_text(value), _LONGEST_TICK)


def set_ticks(axes: Axes, places: Sequence[float], values: Sequence[Any]) -> None:
    """Write values below an axis, aslant where they would run into each other."""
    labels = [tick(value) for value in values]
    is_full = sum(map(len, labels)) > _ROOM
    axes.set_xticks(places, labels, rotation=30 * is_full, ha="right" if is_full else "center")


def picture_html(figure: Figure, description: str) -> str:
    """Return a figure as an element of HTML that needs nothing else."""
    svg = base64.b64encode(_written(figure, "svg")).decode()
    return f'<img style="max-width:100%" alt="{description}" src="data:image/svg+xml;base64,{svg}">'


def _written(figure: Figure, form: str) -> bytes:
    file = io.BytesIO()
    with picture_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", _WARNINGS, UserWarning)
        figure.savefig(file, format=form, dpi=144)
    return file.getvalue()
