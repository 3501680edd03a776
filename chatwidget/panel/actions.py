"""What a person may do in a panel: a closed union of actions, read from messages of the page.

A page may send anything: what is not one of these actions is dropped. None of them runs code, or
sets a key or a list of tools.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec

from chatwidget.panel.tune_state import TuneForm
from chatwidget.render.display.from_page import read_message

__all__ = [
    "LONGEST_TEXT",
    "Action",
    "AdoptRequest",
    "Approve",
    "Ask",
    "AskForTokens",
    "BringBack",
    "Choose",
    "ChooseModel",
    "ChooseServer",
    "ChooseTokens",
    "Compare",
    "DealFilm",
    "DeleteConversation",
    "DeletePreset",
    "DeleteTurn",
    "Deny",
    "Edit",
    "ForkAnswer",
    "KeepDraft",
    "Leave",
    "ListModels",
    "LoadPreset",
    "NewConversation",
    "OpenGroup",
    "PlanTune",
    "Ready",
    "Regenerate",
    "RunTune",
    "SavePreset",
    "SetEnterSends",
    "SetExtraBody",
    "SetParameter",
    "SetRerun",
    "SetSystem",
    "ShowRequest",
    "ShowRow",
    "ShowTokens",
    "ShowTune",
    "ShowVersion",
    "StartFilm",
    "Stop",
    "StopFilm",
    "StopTune",
    "SwitchConversation",
    "TellTruth",
    "Undo",
    "UseSettings",
    "read_action",
]

LONGEST_TEXT = 1_000_000
_Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
_Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=1_000)]


class _Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=True):
    """Base of all actions; the tag is the class's name."""


class Ready(_Action, frozen=True):
    """A view was drawn and wants the whole state.

    Attributes
    ----------
    view
        The name that the page gave the view.
    """

    view: _Name


class Leave(_Action, frozen=True):
    """A view is gone: its output was cleared, or its page was closed."""

    view: _Name


class Ask(_Action, frozen=True):
    """Ask a question; what goes along is in the message's buffers.

    Attributes
    ----------
    text
        The question.
    attachments
        The name of each file, in the order of the buffers.
    """

    text: _Text
    attachments: list[_Name] = []


class Stop(_Action, frozen=True):
    """Stop the answer that is being written."""


class Edit(_Action, frozen=True):
    """Ask another version of a turn's question."""

    turn: _Name
    text: _Text


class Regenerate(_Action, frozen=True):
    """Ask the question of a turn again."""

    turn: _Name


class ShowVersion(_Action, frozen=True):
    """Show another version of a turn, and what followed it."""

    turn: _Name


class Choose(_Action, frozen=True):
    """Go on with another of several answers."""

    turn: _Name
    index: int


class DeleteTurn(_Action, frozen=True):
    """Delete a turn and all that answers to it; `Undo` brings them back."""

    turn: _Name


class Undo(_Action, frozen=True):
    """Take back the last deletion."""


class UseSettings(_Action, frozen=True):
    """Use the settings that a turn was asked with."""

    turn: _Name


class BringBack(_Action, frozen=True):
    """Show an answer at another value of a parameter again, with its settings; nothing is sent."""

    turn: _Name


class Compare(_Action, frozen=True):
    """Compare an answer with the newest one; with no turn, compare no more."""

    turn: _Name | None = None


class Approve(_Action, frozen=True):
    """Let a function run that the model asks for.

    Attributes
    ----------
    approval_id
        Which call.
    always
        Whether later calls of the same function run without asking, too.
    """

    approval_id: _Name
    always: bool = False


class Deny(_Action, frozen=True):
    """Tell the model that its call may not run."""

    approval_id: _Name


class SetParameter(_Action, frozen=True):
    """Send a parameter with this value; None sends it no longer."""

    name: _Name
    value: Any = None


class SetSystem(_Action, frozen=True):
    """Change the system message."""

    text: _Text


class SetExtraBody(_Action, frozen=True):
    """Change the other fields of the request: a JSON object, or nothing."""

    text: _Text


class ChooseServer(_Action, frozen=True):
    """Ask another server from now on, by its profile or its address.

    With consent, plain http may go to that server of one's own network, now and later.
    """

    server: _Name
    consent: bool = False


class ChooseModel(_Action, frozen=True):
    """Ask another model from now on."""

    model: _Name


class ListModels(_Action, frozen=True):
    """Ask the server which models it has."""


class SavePreset(_Action, frozen=True):
    """Keep the settings under a name."""

    name: _Name


class LoadPreset(_Action, frozen=True):
    """Use the settings of a name; with an empty one, send no parameter."""

    name: _Name


class DeletePreset(_Action, frozen=True):
    """Forget the settings of a name; `Undo` brings them back."""

    name: _Name


class NewConversation(_Action, frozen=True):
    """Begin an empty conversation."""


class SwitchConversation(_Action, frozen=True):
    """Go on in another conversation."""

    name: _Name


class DeleteConversation(_Action, frozen=True):
    """Delete a conversation; `Undo` brings it back."""

    name: _Name


class SetRerun(_Action, frozen=True):
    """Say whether a setting that changes asks again, and how often it may in a minute."""

    enabled: bool
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=600)]


class OpenGroup(_Action, frozen=True):
    """Open or close a group of parameters."""

    name: _Name
    open: bool


class ShowRow(_Action, frozen=True):
    """Make the control of a parameter, wherever its group stands."""

    name: _Name


class ShowRequest(_Action, frozen=True):
    """Look at the next request in other words, or look away."""

    shown: bool
    text: _Text = ""


class ShowTokens(_Action, frozen=True):
    """Look at the tokens of the newest answer, or look away."""

    shown: bool


class AskForTokens(_Action, frozen=True):
    """Let questions ask for log probabilities, or not."""

    wanted: bool


class ChooseTokens(_Action, frozen=True):
    """Look at the tokens of an older answer."""

    turn: _Name


class ForkAnswer(_Action, frozen=True):
    """Let an answer go on with another token, as another version of its turn.

    `position` counts from 0, and so does `rank`, among the tokens that are known there.
    """

    turn: _Name
    position: Annotated[int, msgspec.Meta(ge=0)]
    rank: Annotated[int, msgspec.Meta(ge=0)]


class StartFilm(_Action, frozen=True):
    """Make the film of an answer along a parameter, with so many requests at most."""

    turn: _Name
    parameter: _Name
    most: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0


class StopFilm(_Action, frozen=True):
    """Ask no more for the film; what is there becomes one."""


class DealFilm(_Action, frozen=True):
    """Show the film of another noise (``again``), or twenty of them (``stack``)."""

    what: _Name


class ShowTune(_Action, frozen=True):
    """Look at the study over a parameter, or look away; text is what is written, and not asked."""

    shown: bool
    text: _Text = ""


class PlanTune(_Action, frozen=True):
    """Say what a study would take; nothing is sent."""

    form: TuneForm


class RunTune(_Action, frozen=True):
    """Ask what of the study is not stored yet."""


class StopTune(_Action, frozen=True):
    """Ask no more of the study; what was answered is kept."""


class TellTruth(_Action, frozen=True):
    """Say what the scores of the study truly are, where that is known."""


class AdoptRequest(_Action, frozen=True):
    """Use the settings of a pasted request; nothing in it is run."""

    text: _Text


class KeepDraft(_Action, frozen=True):
    """Keep what is written and not asked yet, for a page that is loaded anew."""

    text: _Text


class SetEnterSends(_Action, frozen=True):
    """Say whether Enter alone sends."""

    enabled: bool


Action: TypeAlias = (
    Ready
    | Leave
    | Ask
    | Stop
    | Edit
    | Regenerate
    | ShowVersion
    | Choose
    | DeleteTurn
    | Undo
    | UseSettings
    | BringBack
    | Compare
    | Approve
    | Deny
    | SetParameter
    | SetSystem
    | SetExtraBody
    | ChooseServer
    | ChooseModel
    | ListModels
    | SavePreset
    | LoadPreset
    | DeletePreset
    | NewConversation
    | SwitchConversation
    | DeleteConversation
    | SetRerun
    | OpenGroup
    | ShowRow
    | ShowRequest
    | ShowTokens
    | AskForTokens
    | ChooseTokens
    | ForkAnswer
    | StartFilm
    | StopFilm
    | DealFilm
    | ShowTune
    | PlanTune
    | RunTune
    | StopTune
    | TellTruth
    | AdoptRequest
    | KeepDraft
    | SetEnterSends
)


def read_action(content: object) -> Action | None:
    """Return the action that a message asks for; None if it asks for none that there is."""
    action: Action | None = read_message(content, Action)
    return action
