"""The messages between the control of one parameter and its row in the page.

The kernel shares one `ControlState`; the page sends one of the actions below. A page may send
anything: what is not one of these actions is dropped. None of them runs code.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from chatwidget.panel.control_inputs import ControlInput
from chatwidget.panel.state import ParameterState
from chatwidget.render.display.from_page import read_message

__all__ = [
    "ControlAction",
    "ControlBias",
    "ControlBringBack",
    "ControlCheck",
    "ControlFormat",
    "ControlHandbook",
    "ControlHelp",
    "ControlLook",
    "ControlSet",
    "ControlState",
    "ControlSwitch",
    "ControlTraits",
    "ControlWrite",
    "read_control_action",
]

_LONGEST_TEXT = 1_000_000
_Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=_LONGEST_TEXT)]
_Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=1_000)]

# --- What the kernel says ---


class ControlState(msgspec.Struct, frozen=True, kw_only=True):
    """All that the row of a parameter shows.

    Attributes
    ----------
    parameter
        The parameter in one of its three states.
    input
        What its value is chosen with.
    starts
        Whether switching it on is enough to send something.
    default
        What holds while it is not sent, in words.
    range
        Which values it takes, as a sentence.
    ghost
        The value that the last cell was asked with, in words, where it differs; else empty.
    hint
        Which of two parameters to use, where that is a question; else empty.
    unsupported
        That the server does not take it, and what becomes of it, as a sentence; empty if it does.
    problem
        Why what was chosen last cannot be sent; empty if it was.
    draft
        What was written and cannot be sent, so that it is not lost.
    handbook
        The title of the handbook's page about it.
    """

    parameter: ParameterState
    input: ControlInput
    starts: bool = True
    default: str = ""
    range: str = ""
    ghost: str = ""
    hint: str = ""
    unsupported: str = ""
    problem: str = ""
    draft: str = ""
    handbook: str = ""


class ControlTraits(msgspec.Struct, frozen=True):
    """What a `ParameterControl` shares with its page; the slider is a reference to its model."""

    state: ControlState
    slider: str | None


class ControlHandbook(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """The handbook's page about a parameter, as safe HTML."""

    html: str


# --- What a person may do ---


class _Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=True):
    """Base of all actions; the tag is the class's name."""


class ControlSwitch(_Action, frozen=True):
    """Send the parameter, with what is shown in grey; or send it no longer."""

    on: bool


class ControlWrite(_Action, frozen=True):
    """Send what was written: a number, a text or JSON; nothing sends it no longer."""

    text: _Text


class ControlSet(_Action, frozen=True):
    """Send this value; None sends it no longer."""

    value: Any


class ControlCheck(_Action, frozen=True):
    """Choose one of several things, or choose it no longer."""

    name: _Name
    checked: bool


class ControlFormat(_Action, frozen=True):
    """Ask for a format of the answer."""

    format: Literal["text", "json_object", "json_schema"]


class ControlBias(_Action, frozen=True):
    """Add an amount to the logit of a token; None leaves that token alone.

    Attributes
    ----------
    token
        Its number, or its text where the tokenizer is known.
    """

    token: _Name
    amount: float | None


class ControlBringBack(_Action, frozen=True):
    """Show an answer at another value again, with its settings; nothing is sent."""

    turn: _Name


class ControlLook(_Action, frozen=True):
    """Look again for what there is to choose from."""


class ControlHelp(_Action, frozen=True):
    """Bring the handbook's page about the parameter."""


ControlAction: TypeAlias = (
    ControlSwitch
    | ControlWrite
    | ControlSet
    | ControlCheck
    | ControlFormat
    | ControlBias
    | ControlBringBack
    | ControlLook
    | ControlHelp
)
"""What a person may do in the row of a parameter."""


def read_control_action(content: object) -> ControlAction | None:
    """Return the action that a message asks for; None if it asks for none that there is."""
    action: ControlAction | None = read_message(content, ControlAction)
    return action
