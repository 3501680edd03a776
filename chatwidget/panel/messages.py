"""The messages from the kernel to the page of a panel.

They are numbered one after the other, so that a page notices that it missed one and asks for a
snapshot: `chatwidget.panel.actions.Ready`. `Answered` goes to whoever has asked, and has no number.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from chatwidget.panel.state import PanelState, TurnState
from chatwidget.render.display.messages import PartChange

__all__ = ["Answered", "FrameMessage", "Message", "Snapshot", "StateMessage", "TurnsMessage"]


class _Message(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """Base of all messages; the tag is the class's name."""


class StateMessage(_Message, frozen=True):
    """The fields of the `PanelState` that changed.

    Attributes
    ----------
    number
        The number of the message.
    fields
        Their new values by their names; of `parameters`, which are many, only those that changed.
    """

    number: int
    fields: dict[str, Any]


class TurnsMessage(_Message, frozen=True):
    """The turns of the current path.

    Attributes
    ----------
    number
        The number of the message.
    order
        The names of all of them.
    turns
        Those that are new or changed.
    """

    number: int
    order: list[str]
    turns: list[TurnState]


class FrameMessage(_Message, frozen=True):
    """What changed in the answer that is being written.

    Attributes
    ----------
    number
        The number of the message.
    turn
        The turn that grows.
    parts
        Its parts that changed.
    """

    number: int
    turn: str
    parts: list[PartChange]


class Snapshot(_Message, frozen=True):
    """All that there is to show by now, for a view that was just drawn.

    Attributes
    ----------
    number
        The number of the last message that it holds.
    state, order, turns
        All of the state, and all turns.
    growing
        All parts of the turn that is being answered, by now.
    """

    number: int
    state: PanelState
    order: list[str]
    turns: list[TurnState]
    growing: list[PartChange] = []


class Answered(_Message, frozen=True):
    """Whether the kernel has taken a question; with a problem, the text stays in the field."""

    problem: str = ""


Message: TypeAlias = StateMessage | TurnsMessage | FrameMessage | Snapshot | Answered
