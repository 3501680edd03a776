"""The field in which a question is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from chatwidget.client.errors import ChatWidgetError
from chatwidget.panel.actions import LONGEST_PROMPT
from chatwidget.panel.enclosures import read_enclosures
from chatwidget.render.display.scripts import STATIC

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Composer"]


class Composer(anywidget.AnyWidget):
    """Takes questions with images and files; Send becomes Stop while an answer is written.

    The text stays in the field until the kernel says that it was taken: whatever fails, it is not
    lost.

    Parameters
    ----------
    ask
        Called with the text and the parts of what goes along, if there are any. What it raises is
        shown, and the text stays.
    stop
        Called when the person wants the answer stopped.

    Attributes
    ----------
    running
        Whether an answer is being written.
    enter_sends
        Whether Enter alone sends; Ctrl+Enter and Cmd+Enter always do.
    prompts
        What was asked before, to bring back.
    draft
        What has been written and not been asked, for a page that is loaded anew.
    """

    _esm = STATIC / "composer.js"
    _css = STATIC / "composer.css"

    running = traitlets.Bool().tag(sync=True)
    enter_sends = traitlets.Bool(default_value=True).tag(sync=True)
    prompts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    draft = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        ask: Callable[[str, list[dict[str, Any]]], object],
        stop: Callable[[], object],
    ) -> None:
        self._ask = ask
        self._stop = stop
        super().__init__()
        self.on_msg(self._handle_message)

    def _handle_message(
        self, _widget: object, content: object, buffers: Sequence[memoryview]
    ) -> None:
        """Obey a message from the front end, if it is one of the few that there are."""
        kind = content.get("type") if isinstance(content, dict) else None
        if kind == "stop":
            self._stop()
        elif kind == "send" and isinstance(content, dict):
            self._send_on(content, buffers)

    def _send_on(self, content: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        text = content.get("text")
        if not isinstance(text, str) or len(text) > LONGEST_PROMPT:
            self.refuse(f"The text is longer than {LONGEST_PROMPT:,} characters.")
            return
        try:
            enclosures = read_enclosures(content.get("enclosures", []), buffers)
            if text.strip() or enclosures:
                self._ask(text, enclosures)
        except ChatWidgetError as error:
            self.refuse(f"{error.message} {error.hint}".strip())
        else:
            self.draft = ""
            self.send({"type": "taken"})

    def refuse(self, sentence: str) -> None:
        """Say why the text was not taken; it stays in the field."""
        self.send({"type": "refused", "sentence": sentence})
