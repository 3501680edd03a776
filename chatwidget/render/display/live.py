"""The view of an answer while it streams.

The kernel sends what changed: blocks that are settled once, and of the open end only what differs
from before. Messages are numbered, so a view knows whether it may apply one. The widget's state
has a snapshot for a view that comes late: it is sent at sizes that double, and to a page that asks
for the state because it was loaded anew.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from chatwidget.render.display.scripts import STATIC, script
from chatwidget.tools.toolbox import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatwidget.render.markup.rendering import Frame

__all__ = ["GrowingParts", "LiveView"]

_ACTIONS = frozenset({"ready", "stop"})
_DECISION = {"type", "token", "decision"}


class LiveView(anywidget.AnyWidget):
    """Shows the parts of an answer as they change, and a button that stops it.

    While it `asks`, the kernel waits for a line of input: there are buttons for yes, no and always
    where the front end has its field in the same cell. While it has a `token`, the same buttons
    send the decision under that token.

    Parameters
    ----------
    label
        What the view says about the answer besides that it is being written, as plain text.
    on_stop
        Called when the button is pressed. Without it, the front end interrupts the kernel: a cell
        that waits for its answer hears of no message.
    on_ready
        Called when a front end has drawn the view.
    on_decide
        Called with a token and the decision that a person made under it.
    """

    _esm = script("answer.js", "handover.js", "live.js")
    _css = STATIC / "answer.css"

    snapshot = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    interrupts = traitlets.Bool(default_value=True).tag(sync=True)
    running = traitlets.Bool(default_value=True).tag(sync=True)
    asks = traitlets.Bool().tag(sync=True)
    token = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        *,
        label: str = "",
        on_stop: Callable[[], object] | None = None,
        on_ready: Callable[[], object] | None = None,
        on_decide: Callable[[str, Decision], object] | None = None,
    ) -> None:
        self._calls = {"stop": on_stop, "ready": on_ready}
        self._on_decide = on_decide
        self._parts = GrowingParts()
        self._number = 0
        self._next_snapshot = 0
        super().__init__(label=label, interrupts=on_stop is None)
        self.on_msg(self._handle_message)

    def draw(self, frames: Iterable[tuple[str, Frame]]) -> None:
        """Show frames of parts; a part stands where its name sorts."""
        changes = self._parts.changes(frames)
        self._number += 1
        self.send({"type": "frame", "number": self._number, "parts": changes})
        if self._parts.size >= self._next_snapshot:
            self._next_snapshot = 2 * self._parts.size
            self.send_state("snapshot")

    def end(self) -> None:
        """Show that no more will come; there is nothing left to stop."""
        self._calls["stop"] = None
        self.running = False

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the signature of ipywidgets
        """Return the state as ipywidgets does, with all that a view has to show by now."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "snapshot" in state:
            state["snapshot"] = {"number": self._number, "parts": self._parts.whole()}
        return state

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Obey a message from the front end, if it is one of the few that there are."""
        if not isinstance(content, dict):
            return
        action = content.get("type") if len(content) == 1 else None
        if isinstance(action, str) and action in _ACTIONS:
            if action == "ready":
                self._next_snapshot = 0  # this view may have come late
            if call := self._calls[action]:
                call()
        elif content.keys() == _DECISION and content["type"] == "decide" and self._on_decide:
            with suppress(ValueError):
                self._on_decide(content["token"], Decision(content["decision"]))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data: Any = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = "…"  # what stands here until the answer has ended
        return bundle


class GrowingParts:
    """What the views of an answer show by now, part by part."""

    def __init__(self) -> None:
        self._parts: dict[str, _Part] = {}

    @property
    def size(self) -> int:
        """How long the HTML of all parts is."""
        return sum(part.size for part in self._parts.values())

    def changes(self, frames: Iterable[tuple[str, Frame]]) -> list[dict[str, Any]]:
        """Take frames; return how they differ from what was shown before."""
        return [self._parts.setdefault(name, _Part(name)).change(frame) for name, frame in frames]

    def whole(self) -> list[dict[str, Any]]:
        """Return all of it, in the form of changes from nothing."""
        return [part.whole() for part in self._parts.values()]


class _Part:
    """What the views show of one part."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._settled: list[str] = []
        self._settled_size = 0
        self._tail = ""

    @property
    def size(self) -> int:
        """How long its HTML is."""
        return self._settled_size + len(self._tail)

    def change(self, frame: Frame) -> dict[str, Any]:
        """Take a frame; return how it differs from what was shown before."""
        before, self._tail = self._tail, frame.tail
        keep = _common_length(before, frame.tail)
        start = len(self._settled)
        self._settled += frame.settled
        self._settled_size += sum(map(len, frame.settled))
        return {
            "name": self._name,
            "start": start,
            "settled": frame.settled,
            "keep": _utf16_length(frame.tail[:keep]),
            "add": frame.tail[keep:],
        }

    def whole(self) -> dict[str, Any]:
        """Return all of it, in the form of a change from nothing."""
        return {
            "name": self._name,
            "start": 0,
            "settled": list(self._settled),
            "keep": 0,
            "add": self._tail,
        }


def _common_length(one: str, other: str) -> int:
    """Return the length of the longest common beginning; each step halves what is in question."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _utf16_length(text: str) -> int:
    """Return the length of text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
