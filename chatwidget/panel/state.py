"""The state of a panel: all that its page draws, as plain values.

The kernel makes it, the page only shows it: see `chatwidget.panel.model` for how it changes, and
`chatwidget.panel.messages` for how it travels.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from chatwidget.lab.token_messages import TokensState
from chatwidget.panel.film_state import FilmPageState
from chatwidget.panel.tune_state import TunePageState
from chatwidget.render.display.messages import PartChange

__all__ = [
    "ApprovalState",
    "ComparisonState",
    "ConversationState",
    "GroupState",
    "Mark",
    "NoticeState",
    "PanelState",
    "ParameterState",
    "ParameterStatus",
    "RequestState",
    "RerunState",
    "ServerState",
    "TokenAnswer",
    "TokenPageState",
    "TurnState",
]

ParameterStatus: TypeAlias = Literal["unsent", "sent", "unsupported"]


class Mark(msgspec.Struct, frozen=True):
    """A value of a parameter at which the last question was answered.

    Attributes
    ----------
    turn
        The turn that holds the answer.
    value
        The value.
    shown
        Whether it is the answer that is shown.
    """

    turn: str
    value: float
    shown: bool = False


class ParameterState(msgspec.Struct, frozen=True):
    """A request parameter in one of its three states.

    Attributes
    ----------
    name
        The name on the wire.
    help
        What it does, in one sentence: the field that finds a parameter looks there, too.
    status
        ``unsent``: the server's default holds. ``sent``. ``unsupported``: the server refused it.
    value
        What is sent, as JSON; None if nothing is.
    text
        The value in words, for a line of all that is sent.
    default
        What holds while it is not sent; None if that depends on the model.
    reason
        Why the server does not take it, in its own words; empty if it does.
    minimum, maximum, step
        The range of a slider; None where there is none.
    marks
        The values at which the last question was answered.
    ghost
        The value that the last cell was asked with, where it differs from the session's own; a flag
        holds for its cell.
    """

    name: str
    status: ParameterStatus = "unsent"
    value: Any = None
    text: str = ""
    default: Any = None
    reason: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    marks: list[Mark] = []
    ghost: Any = None
    help: str = ""


class GroupState(msgspec.Struct, frozen=True):
    """A group of parameters that can be opened.

    Attributes
    ----------
    name, title
        Its name, and its heading.
    parameters
        The names of its parameters.
    open
        Whether it is open: only then are there controls for them.
    """

    name: str
    title: str
    parameters: list[str]
    open: bool = False


class ServerState(msgspec.Struct, frozen=True):
    """Who is asked.

    Attributes
    ----------
    name
        The server, by its profile or its host.
    location
        Its address, or where else it is.
    model
        The model of the next question; empty if one has to be chosen.
    models
        The models that the server listed when it was last asked.
    profiles
        The servers that have a name.
    listing
        Whether the server is being asked for its models.
    problem
        Why the server could not be chosen, or could not list its models; empty if all is well.
    unprotected
        The address that waits for the consent to plain http; empty if none does.
    """

    name: str
    location: str
    model: str
    models: list[str] = []
    profiles: list[str] = []
    listing: bool = False
    problem: str = ""
    unprotected: str = ""


class ConversationState(msgspec.Struct, frozen=True):
    """A conversation in the list.

    Attributes
    ----------
    name
        Its name.
    title
        Its first prompt, cut short; empty if nothing was asked.
    turns
        How many turns its current path has.
    current
        Whether the next question belongs to it.
    """

    name: str
    title: str = ""
    turns: int = 0
    current: bool = False


class TurnState(msgspec.Struct, frozen=True, kw_only=True):
    """A turn of the conversation as the page draws it.

    Attributes
    ----------
    id
        Its name.
    prompt
        What was asked.
    pictures, files
        What went along: images as data addresses, and the names of everything else.
    parts
        The blocks of the answers, calls of tools among them.
    texts
        The exact text of each answer, to copy.
    chosen
        Which of the answers is in use.
    versions
        The names of all turns that answer to the same one, oldest first.
    running
        Whether the answer is being written.
    notice
        Why the answer is not whole; empty if it is.
    facts
        The footer: the model, the parameters that were sent, tokens, times; a text each.
    why
        What was sent, and what became of it, a sentence each.
    foreign
        Whether a file told of it, which anybody may have written: its settings are shown before
        they are used.
    """

    id: str
    prompt: str
    pictures: list[str] = []
    files: list[str] = []
    parts: list[PartChange] = []
    texts: list[str] = []
    chosen: int = 0
    versions: list[str] = []
    running: bool = False
    notice: str = ""
    facts: list[str] = []
    why: list[str] = []
    foreign: bool = False


class ApprovalState(msgspec.Struct, frozen=True):
    """A call of a tool that waits for a person's decision.

    Attributes
    ----------
    approval_id
        What the decision has to name: a late click never decides on the next call.
    turn
        The turn in which it is asked.
    function
        The name of the function.
    """

    approval_id: str
    turn: str
    function: str


class RerunState(msgspec.Struct, frozen=True):
    """Whether a setting that changes asks the last question again.

    Attributes
    ----------
    enabled
        Whether it does.
    per_minute
        How many requests it may send in a minute.
    used
        How many it has sent in the last minute.
    """

    enabled: bool = False
    per_minute: int = 20
    used: int = 0


class NoticeState(msgspec.Struct, frozen=True):
    """A sentence for the person.

    Attributes
    ----------
    sentence
        What is said; empty for nothing.
    undo
        What the button beside it takes back, such as ``Delete``; empty if there is nothing to undo.
    """

    sentence: str = ""
    undo: str = ""


class ComparisonState(msgspec.Struct, frozen=True):
    """The pinned answer beside the newest one.

    Attributes
    ----------
    titles
        What either was asked with.
    columns
        Either answer as safe HTML, rendered as Markdown; what differs is in ``<mark>``.
    summary
        How much of them is the same, as a sentence.
    """

    titles: tuple[str, str]
    columns: tuple[str, str]
    summary: str = ""


class RequestState(msgspec.Struct, frozen=True):
    """The next request in other words.

    Attributes
    ----------
    magic, python, official, curl
        As a cell magic, as Python with this package, with the vendor's client, and for a shell.
    messages
        The messages that are sent, as JSON, indented.
    problem
        What is wrong with what was pasted; empty if it was read.
    adopted
        What was changed by what was pasted, as a sentence.
    """

    magic: str
    python: str
    official: str
    curl: str
    messages: str
    problem: str = ""
    adopted: str = ""


class TokenAnswer(msgspec.Struct, frozen=True):
    """An answer whose tokens can be looked at: its turn, and what it is called."""

    turn: str
    title: str


class TokenPageState(msgspec.Struct, frozen=True):
    """The tokens of an answer.

    Attributes
    ----------
    asks
        Whether the next question asks for log probabilities.
    tokens
        The tokens; None if the answer came without log probabilities, or there is none.
    answers
        The answers whose tokens are kept, the newest first.
    turn
        The turn of the one that is shown; empty for none.
    """

    asks: bool
    tokens: TokensState | None = None
    answers: list[TokenAnswer] = []
    turn: str = ""


class PanelState(msgspec.Struct, frozen=True, kw_only=True):
    """All that a panel shows but the conversation's turns, which travel one by one.

    Attributes
    ----------
    server, system, extra_body
        Who is asked, the system message, and the other fields of the request as JSON text.
    parameters, groups
        Every request parameter by its name, and in which groups they stand.
    rows
        The parameters that have a control by now.
    presets
        The names of the saved settings.
    conversations
        All conversations; one of them is the current one.
    running
        The turn that is being answered; empty for none.
    approval
        The call that waits for a decision.
    rerun
        Whether, and how often, a setting that changes asks again.
    notice
        The sentence below the conversation.
    comparison
        The pinned answer beside the newest one; None if none is pinned.
    request
        The next request in other words; None while nobody looks at it.
    tokens
        The tokens of the newest answer; None while nobody looks at them.
    film
        The film of an answer; None while nobody looks at the tokens.
    tune
        The study over a parameter; None while nobody looks at it.
    prompts
        What was asked before, oldest first, to bring back.
    draft, enter_sends
        What is written and not asked yet, and whether Enter alone sends it.
    examples
        Questions to try in an empty conversation.
    """

    server: ServerState
    system: str = ""
    extra_body: str = ""
    extra_body_problem: str = ""
    parameters: dict[str, ParameterState] = {}
    groups: list[GroupState] = []
    rows: list[str] = []
    presets: list[str] = []
    conversations: list[ConversationState] = []
    running: str = ""
    approval: ApprovalState | None = None
    rerun: RerunState = RerunState()
    notice: NoticeState = NoticeState()
    comparison: ComparisonState | None = None
    request: RequestState | None = None
    tokens: TokenPageState | None = None
    film: FilmPageState | None = None
    tune: TunePageState | None = None
    prompts: list[str] = []
    draft: str = ""
    enter_sends: bool = True
    examples: list[str] = []
