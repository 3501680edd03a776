"""The conversation in the panel.

The kernel sends the turns that changed, and of the answer that is being written only what changed.
Messages are numbered. The widget's state has all of it for a page that is opened later: it is made
when it is asked for, so that a long conversation costs nothing while it grows.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anywidget
import msgspec
import traitlets

from chatwidget.panel.actions import read_action
from chatwidget.render.display.live import GrowingParts
from chatwidget.render.display.scripts import script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatwidget.panel.actions import Action
    from chatwidget.render.display.messages import PartKey
    from chatwidget.render.markup.rendering import Frame

__all__ = ["TranscriptView"]


class TranscriptView(anywidget.AnyWidget):
    """Shows turns, the last of which may grow, and tells what a person wants done with one.

    Parameters
    ----------
    on_action
        Called with each action of a person, after it was checked.
    """

    _esm = script("answer.js", "turn.js", "transcript.js")
    _css = script("answer.css", "transcript.css")

    snapshot = traitlets.Dict().tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)
    dir = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, on_action: Callable[[Action], object], examples: Iterable[str] = ()) -> None:
        self._on_action = on_action
        self._lock = threading.RLock()
        self._items: dict[str, dict[str, Any]] = {}
        self._order: list[str] = []
        self._growing = GrowingParts()
        self._grows: str | None = None
        self._asks = {"token": "", "name": ""}
        self._sentence = ""
        self._number = 0
        super().__init__(examples=list(examples))
        self.add_class("chatwidget-conversation")
        self.on_msg(self._handle_message)

    def show(self, items: Iterable[dict[str, Any]]) -> None:
        """Show these turns and no others; only what differs from before is sent."""
        with self._lock:
            wanted = {item["id"]: item for item in items}
            changed = [item for name, item in wanted.items() if self._items.get(name) != item]
            if not changed and list(wanted) == self._order:
                return
            self._items, self._order = wanted, list(wanted)
            running = next((name for name, item in wanted.items() if item["running"]), None)
            if running != self._grows:
                self._grows, self._growing = running, GrowingParts()
                self._asks = {"token": "", "name": ""}
            self._number_and_send({"type": "turns", "order": self._order, "turns": changed})

    def draw(self, name: str, frames: Iterable[tuple[PartKey, Frame]]) -> None:
        """Show frames of the answer that is being written."""
        with self._lock:
            if name == self._grows:
                parts = msgspec.to_builtins(self._growing.changes(frames))
                self._number_and_send({"type": "frame", "id": name, "parts": parts})

    def ask(self, token: str, name: str) -> None:
        """Ask whether the function that the growing answer calls may run; empty: ask no more."""
        with self._lock:
            if self._grows is not None and token != self._asks["token"]:
                self._asks = {"token": token, "name": name}
                self._number_and_send({"type": "ask", "id": self._grows, **self._asks})

    def say(self, sentence: str) -> None:
        """Show a sentence below the conversation; an empty one takes it away."""
        with self._lock:
            if sentence != self._sentence:
                self._sentence = sentence
                self._number_and_send({"type": "say", "sentence": sentence})

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the signature of ipywidgets
        """Return the state as ipywidgets does, with all that a view has to show by now."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "snapshot" in state:
            with self._lock:
                state["snapshot"] = {
                    "number": self._number,
                    "order": self._order,
                    "turns": list(self._items.values()),
                    "growing": {
                        "id": self._grows,
                        "parts": msgspec.to_builtins(self._growing.whole()),
                        **self._asks,
                    },
                    "sentence": self._sentence,
                }
        return state

    def _number_and_send(self, content: dict[str, Any]) -> None:
        with self._lock:
            self._number += 1
            self.send({**content, "number": self._number})

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Obey a message from the front end, if it is one of the few that there are."""
        if content == {"type": "ready"}:
            self.send_state("snapshot")
            return
        action = read_action(content, known=self._items)
        if action is not None:
            self._on_action(action)
