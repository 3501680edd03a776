"""The messages between an answer in a cell and its views in the page.

They are written down here and nowhere else: ``make frontend`` makes the types of the page's scripts
from these classes.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import msgspec

from chatwidget.render.display.from_page import read_message

__all__ = [
    "FromLiveView",
    "Kind",
    "LiveDecide",
    "LiveFrame",
    "LiveReady",
    "LiveSnapshot",
    "LiveState",
    "LiveStop",
    "PartChange",
    "PartKey",
    "PickChoice",
    "PickerState",
    "from_live_view",
    "from_picker",
    "whole_part",
]

Kind: TypeAlias = Literal[
    "sent", "heading", "reasoning", "content", "pictures", "refusal", "sources", "tools", "end"
]
"""The kinds of parts of a choice, in the order in which they are shown."""

_PLACES = {kind: place for place, kind in enumerate(get_args(Kind))}


class PartKey(msgspec.Struct, frozen=True):
    """Which part of an answer: the reasoning, the text and so on of a choice in a round.

    Attributes
    ----------
    round
        Which answer of the model, from 0: after each but the last one tools were called.
    choice
        Which of several answers, from 0.
    kind
        What it is.
    """

    round: int
    choice: int
    kind: Kind

    @property
    def order(self) -> tuple[int, int, int]:
        """What parts are sorted by."""
        return self.round, self.choice, _PLACES[self.kind]


class PartChange(msgspec.Struct, frozen=True):
    """How a part differs from what was shown of it before.

    Attributes
    ----------
    part
        Which part.
    start
        How many settled blocks there were before.
    settled
        The safe HTML of the blocks that are settled now; these never change.
    keep
        How much of the open end stays, as JavaScript counts characters.
    add
        The safe HTML that follows it.
    """

    part: PartKey
    start: int
    settled: list[str]
    keep: int
    add: str


def whole_part(part: PartKey, settled: list[str], tail: str = "") -> PartChange:
    """Return a part as a change from nothing."""
    return PartChange(part, 0, settled, 0, tail)


class LiveFrame(msgspec.Struct, frozen=True, tag_field="type", tag="frame"):
    """What changed in a growing answer; the numbers count up from 1."""

    number: int
    parts: list[PartChange]


class LiveSnapshot(msgspec.Struct, frozen=True):
    """All of a growing answer, as after the frame of this number."""

    number: int = 0
    parts: list[PartChange] = []


class LiveState(msgspec.Struct, frozen=True):
    """What a `LiveView` shares with its page."""

    snapshot: LiveSnapshot
    label: str
    interrupts: bool
    running: bool
    asks: bool
    approval_id: str


class _FromPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A message of the page, which may send anything: what is none of these is dropped."""


class LiveReady(_FromPage, frozen=True, tag="ready"):
    """A view was drawn."""


class LiveStop(_FromPage, frozen=True, tag="stop"):
    """The answer shall end here."""


class LiveDecide(_FromPage, frozen=True, tag="decide"):
    """Whether the call with this approval id may run: the value of a `Decision`."""

    approval_id: str
    decision: Literal["yes", "no", "always"]  # to import the class would load all of the tools


FromLiveView: TypeAlias = LiveReady | LiveStop | LiveDecide
"""What the page of a `LiveView` sends."""


class PickerState(msgspec.Struct, frozen=True):
    """What a `Picker` shares with its page."""

    place: str
    chosen: int


class PickChoice(_FromPage, frozen=True, tag="pick"):
    """Go on with another of several answers, counted from 0."""

    choice: int


def from_live_view(content: object) -> FromLiveView | None:
    """Read what the page of a `LiveView` sends; None if it is no such message."""
    message: FromLiveView | None = read_message(content, FromLiveView)
    return message


def from_picker(content: object) -> PickChoice | None:
    """Read what the page of a `Picker` sends; None if it is no such message."""
    message: PickChoice | None = read_message(content, PickChoice)
    return message
