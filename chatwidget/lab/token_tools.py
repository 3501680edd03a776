"""The tools of a token view: what moves, and answers to the pointer, while there is a kernel."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import anywidget
import msgspec
import traitlets

from chatwidget.lab.token_messages import asks_for_tokens
from chatwidget.render.display.assets import bundle, stylesheet

if TYPE_CHECKING:
    from chatwidget.lab.token_messages import TokensState

__all__ = ["TokenTools"]

_MOST_OPEN = 20


class TokenTools(anywidget.AnyWidget):
    """Puts a live view in the place of a static one; its script finds that in the page.

    It is never displayed, and its tokens are sent when a page asks for them: so a saved notebook
    holds the static view alone. A kernel keeps a few of them; older views are static again.

    Parameters
    ----------
    place
        The class of the static view.
    state
        The tokens.
    """

    _esm = bundle("token_tools")
    _css = stylesheet("tokens")

    place = traitlets.Unicode().tag(sync=True)

    def __init__(self, place: str, state: TokensState) -> None:
        self._tokens = state
        super().__init__(place=place)
        self.on_msg(self._handle_message)
        _keep(self)

    def show(self, state: TokensState) -> None:
        """Show other tokens, or say otherwise what they mean."""
        self._tokens = state
        self._send_tokens()

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Send the tokens to a page that asks for them."""
        if asks_for_tokens(content):
            self._send_tokens()

    def _send_tokens(self) -> None:
        self.send(msgspec.to_builtins(self._tokens))


_open: deque[TokenTools] = deque()


def _keep(tools: TokenTools) -> None:
    """Keep the tools of a view, and close those of the oldest one if they are too many."""
    _open.append(tools)
    while len(_open) > _MOST_OPEN:
        _open.popleft().close()
