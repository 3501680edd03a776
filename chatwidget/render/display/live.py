"""The live view of an answer while it streams: a widget.

The kernel sends what changed: blocks that are settled once, and of the open end only what differs
from before. Messages are numbered, so a view knows whether it may apply one. The widget's state
has a snapshot for a view that comes late: it is sent at sizes that double, and to a page that asks
for the state because it was loaded anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import msgspec
import traitlets

from chatwidget.render.display.assets import bundle, stylesheet
from chatwidget.render.display.messages import (
    LiveDecide,
    LiveFrame,
    LiveReady,
    LiveSnapshot,
    LiveStop,
    PartChange,
    PartKey,
    from_live_view,
    whole_part,
)
from chatwidget.tools.registry import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatwidget.render.markup.rendering import Frame

__all__ = ["GrowingParts", "LiveView"]


class LiveView(anywidget.AnyWidget):
    """Widget that shows the parts of an answer as they change, and a button that stops it.

    While it `asks`, the kernel waits for a line of input: there are buttons for yes, no and always
    where the front end has its field in the same cell. While it has an `approval_id`, the same
    buttons send the decision under that id.

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
        Called with an approval id and the decision that a person made under it.
    """

    _esm = bundle("live")
    _css = stylesheet("answer")

    snapshot = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    interrupts = traitlets.Bool(default_value=True).tag(sync=True)
    running = traitlets.Bool(default_value=True).tag(sync=True)
    asks = traitlets.Bool().tag(sync=True)
    approval_id = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        *,
        label: str = "",
        on_stop: Callable[[], object] | None = None,
        on_ready: Callable[[], object] | None = None,
        on_decide: Callable[[str, Decision], object] | None = None,
    ) -> None:
        self._on_stop = on_stop
        self._on_ready = on_ready
        self._on_decide = on_decide
        self._parts = GrowingParts()
        self._number = 0
        self._next_snapshot = 0
        super().__init__(label=label, interrupts=on_stop is None)
        self.on_msg(self._handle_message)

    def draw(self, frames: Iterable[tuple[PartKey, Frame]]) -> None:
        """Show frames of parts."""
        changes = self._parts.changes(frames)
        self._number += 1
        self.send(msgspec.to_builtins(LiveFrame(self._number, changes)))
        if self._parts.size >= self._next_snapshot:
            self._next_snapshot = 2 * self._parts.size
            self.send_state("snapshot")

    def end(self) -> None:
        """Show that no more will come; there is nothing left to stop."""
        self._on_stop = None
        self.running = False

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the signature of ipywidgets
        """Return the state as ipywidgets does, with all that a view has to show by now."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "snapshot" in state:
            snapshot = LiveSnapshot(self._number, self._parts.whole())
            state["snapshot"] = msgspec.to_builtins(snapshot)
        return state

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Obey a message from the front end, if it is one of the few that there are."""
        message = from_live_view(content)
        if isinstance(message, LiveReady):
            self._next_snapshot = 0  # this view may have come late
            if self._on_ready:
                self._on_ready()
        elif isinstance(message, LiveStop):
            if self._on_stop:
                self._on_stop()
        elif isinstance(message, LiveDecide) and self._on_decide:
            self._on_decide(message.approval_id, Decision(message.decision))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data: Any = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = "…"  # what stands here until the answer has ended
        return bundle


class GrowingParts:
    """What the views of an answer show by now, part by part."""

    def __init__(self) -> None:
        self._parts: dict[PartKey, _Part] = {}

    @property
    def size(self) -> int:
        """How long the HTML of all parts is."""
        return sum(part.size for part in self._parts.values())

    def changes(self, frames: Iterable[tuple[PartKey, Frame]]) -> list[PartChange]:
        """Take frames; return how they differ from what was shown before."""
        return [self._parts.setdefault(key, _Part(key)).change(frame) for key, frame in frames]

    def whole(self) -> list[PartChange]:
        """Return all of it, in the form of changes from nothing."""
        return [part.whole() for part in self._parts.values()]


class _Part:
    """What the views show of one part."""

    def __init__(self, key: PartKey) -> None:
        self._key = key
        self._settled: list[str] = []
        self._settled_size = 0
        self._tail = ""

    @property
    def size(self) -> int:
        """How long its HTML is."""
        return self._settled_size + len(self._tail)

    def change(self, frame: Frame) -> PartChange:
        """Take a frame; return how it differs from what was shown before."""
        before, self._tail = self._tail, frame.tail
        keep = _common_length(before, frame.tail)
        start = len(self._settled)
        self._settled += frame.settled
        self._settled_size += sum(map(len, frame.settled))
        kept = _utf16_length(frame.tail[:keep])
        return PartChange(self._key, start, frame.settled, kept, frame.tail[keep:])

    def whole(self) -> PartChange:
        """Return all of it, in the form of a change from nothing."""
        return whole_part(self._key, list(self._settled), self._tail)


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
