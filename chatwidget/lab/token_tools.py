"""The tools of a token view: what moves, and answers to the pointer, while there is a kernel."""

from __future__ import annotations

from collections import deque

import anywidget
import msgspec
import traitlets

from chatwidget.lab.token_messages import asks_for_tokens
from chatwidget.render.display.assets import bundle, stylesheet

__all__ = ["LiveTools", "TokenTools"]

_MOST_OPEN = 20


class LiveTools(anywidget.AnyWidget):
    """Puts a live view in the place of a static one; its script finds that in the page.

    It is never displayed, and its state is sent when a page asks for it: so a saved notebook holds
    the static view alone. A kernel keeps a few of them; older views are static again.

    Parameters
    ----------
    place
        The class of the static view.
    state
        What the view shows.
    """

    place = traitlets.Unicode().tag(sync=True)

    def __init__(self, place: str, state: msgspec.Struct) -> None:
        self._state = state
        super().__init__(place=place)
        self.on_msg(self._handle_message)
        _keep(self)

    def show(self, state: msgspec.Struct) -> None:
        """Show another state."""
        self._state = state
        self._send_state()

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Send the state to a page that asks for it."""
        if asks_for_tokens(content):
            self._send_state()

    def _send_state(self) -> None:
        self.send(msgspec.to_builtins(self._state))


class TokenTools(LiveTools):
    """Puts the live tokens of an answer in the place of the static ones."""

    _esm = bundle("token_tools")
    _css = stylesheet("tokens")


_open: deque[LiveTools] = deque()


def _keep(tools: LiveTools) -> None:
    """Keep the tools of a view, and close those of the oldest one if they are too many."""
    _open.append(tools)
    while len(_open) > _MOST_OPEN:
        _open.popleft().close()
