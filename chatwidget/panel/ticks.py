"""Marks below a slider, one for each setting that was tried; each brings its answer back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anywidget
import traitlets

from chatwidget.render.display.scripts import STATIC

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Ticks"]


class Ticks(anywidget.AnyWidget):
    """Marks at places of a range.

    Parameters
    ----------
    label
        What the range is of.
    on_choose
        Called with the name of the mark that a person chose.

    Attributes
    ----------
    minimum, maximum
        The ends of the range.
    marks
        The name, the value and the description of each, and whether it is the one that is shown.
    """

    _esm = STATIC / "ticks.js"

    label = traitlets.Unicode().tag(sync=True)
    minimum = traitlets.Float().tag(sync=True)
    maximum = traitlets.Float().tag(sync=True)
    marks = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, label: str, on_choose: Callable[[str], object]) -> None:
        self._on_choose = on_choose
        super().__init__(label=label)
        self.on_msg(self._handle_message)

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Obey a message from the front end, if it names a mark that there is."""
        if not isinstance(content, dict) or set(content) != {"type", "name"}:
            return
        names = [mark["name"] for mark in self.marks]
        if content["type"] == "choose" and content["name"] in names:
            self._on_choose(content["name"])
