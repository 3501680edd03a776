"""The picker: buttons that choose one of several answers, as long as somebody hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from chatwidget.render.display.assets import bundle, stylesheet
from chatwidget.render.display.messages import from_picker
from chatwidget.render.display.side_by_side import turn_class

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Picker"]


class Picker(anywidget.AnyWidget):
    """Puts a button beside the heading of each answer of a turn that is not chosen.

    It is never displayed: its script finds the answers in the page, where they are static output.
    So a saved notebook holds no button, and none that does nothing.

    Parameters
    ----------
    turn
        The name of the turn.
    choices
        How many answers it has.
    on_pick
        Called with the number of an answer, from 0.

    Attributes
    ----------
    chosen
        Which of them is chosen; it is marked in a page that was loaded anew, too.
    """

    _esm = bundle("picker")
    _css = stylesheet("picker")

    place = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Int().tag(sync=True)

    def __init__(self, turn: str, choices: int, on_pick: Callable[[int], object]) -> None:
        self._choices = choices
        self._on_pick = on_pick
        super().__init__(place=turn_class(turn))
        self.on_msg(self._handle_message)

    def _handle_message(self, _widget: object, content: Any, _buffers: object) -> None:
        """Obey a message from the front end, if it is the one that there is."""
        message = from_picker(content)
        if message is not None and 0 <= message.choice < self._choices:
            self._on_pick(message.choice)
