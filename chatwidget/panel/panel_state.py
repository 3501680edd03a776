"""The builder of a panel's state, from its session and from what is the panel's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chatwidget.chat.settings import server_address
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.request.body import wire_messages
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.panel.comparison import compare_turns
from chatwidget.panel.film_page import FilmPage
from chatwidget.panel.parameter_state import parameter_state
from chatwidget.panel.state import (
    ApprovalState,
    ComparisonState,
    ConversationState,
    GroupState,
    NoticeState,
    PanelState,
    ParameterState,
    RequestState,
    RerunState,
    ServerState,
)
from chatwidget.panel.token_page import TokenPage
from chatwidget.panel.tune_page import TunePage
from chatwidget.prompt.request_snippet import (
    as_curl,
    as_magic,
    as_official,
    as_python,
    request_messages,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.wire.types import Message
    from chatwidget.panel.film_state import FilmPageState
    from chatwidget.panel.presets import Presets

__all__ = ["GROUPS", "RequestView", "StateBuilder", "group_names"]

GROUPS = {
    "sampling": "Sampling",
    "length": "Length",
    "output": "Output",
    "reasoning": "Reasoning",
    "tools": "Tools",
    "service": "Service",
}
"""The groups of parameters, in the order in which they are shown."""

_ALWAYS = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_KEPT = frozenset({"max_tokens", "seed", "user"})
"""Old names that are worth a control: most local servers know no other."""

_EXAMPLES = [
    "What is a good temperature for brainstorming?",
    "How do penalties change an answer?",
    "Write a short story about a token that nobody chose.",
]
_REMEMBERED = 20
_LONGEST_TITLE = 60
_PROMPT = "…"


@dataclass(slots=True)
class RequestView:
    """What the Request tab shows of its own: the question that is written, and what was pasted."""

    text: str = ""
    problem: str = ""
    adopted: str = ""


class StateBuilder:
    """Builds the fields of a `PanelState` from a session and from what is this panel's own.

    Attributes
    ----------
    notice
        The sentence below the conversation.
    pinned
        The turn that is compared with the newest one; None for none.
    models, listing, problem
        What the server listed, whether it is being asked, and why it could not be.
    unprotected
        The address that waits for the consent to plain http.
    extra_body_problem
        Why what was typed is no JSON object.
    request
        What the Request tab shows of its own; None while nobody looks at it.
    tokens
        What the Tokens tab shows of its own.
    film
        The film of an answer, in the Tokens tab.
    tune
        The study of the Tune tab.
    draft, enter_sends
        What the composer has.
    """

    def __init__(self, session: ChatSession, presets: Presets) -> None:
        self._session = session
        self.presets = presets
        self.notice = NoticeState()
        self.pinned: Turn | None = None
        self.models: list[str] = []
        self.listing = False
        self.problem = self.unprotected = ""
        self.extra_body_problem = ""
        self.request: RequestView | None = None
        self.tokens = TokenPage(session)
        self.film = FilmPage(session)
        self.tune = TunePage(session)
        self.draft = ""
        self.enter_sends = True
        self._open_groups: set[str] = set()
        self._wanted = dict.fromkeys([*_ALWAYS, *session.settings.sent()])
        self._makers: dict[str, Callable[[], Any]] = {
            "server": self._server,
            "system": lambda: session.system,
            "extra_body": self._extra_body,
            "extra_body_problem": lambda: self.extra_body_problem,
            "parameters": lambda: self.parameters(PARAMETERS),
            "groups": self._groups,
            "rows": self.rows,
            "presets": presets.names,
            "conversations": self._conversations,
            "running": lambda: question.turn_id if (question := self._question()) else "",
            "approval": self._approval,
            "rerun": self._rerun,
            "notice": lambda: self.notice,
            "comparison": self._comparison,
            "request": self._request,
            "tokens": lambda: self.tokens.state(self.newest()),
            "film": self._film,
            "tune": self.tune.state,
            "prompts": self._prompts,
            "draft": lambda: self.draft,
            "enter_sends": lambda: self.enter_sends,
            "examples": lambda: _EXAMPLES,
        }

    def build(self) -> PanelState:
        """Return the whole state."""
        return PanelState(**self.fields(self._makers))

    def fields(self, names: Iterable[str]) -> dict[str, Any]:
        """Return some fields of the state, as they are now."""
        return {name: self._makers[name]() for name in names}

    def parameters(self, names: Iterable[str]) -> dict[str, ParameterState]:
        """Return the states of some parameters."""
        return {name: parameter_state(self._session, name) for name in names}

    def rows(self) -> list[str]:
        """Return the parameters that want a control: those in sight, and those of open groups."""
        opened = {name for group in self._open_groups for name in group_names(group)}
        return [name for name in PARAMETERS if name in self._wanted or name in opened]

    def _film(self) -> FilmPageState | None:
        looked_at = self.tokens.looked_at(self.newest())
        return self.film.state(looked_at) if self.tokens.shown else None

    def want_row(self, name: str) -> None:
        """Give a parameter a control, which it keeps."""
        self._wanted[name] = None

    def open_group(self, name: str, *, is_open: bool) -> None:
        """Open or close a group; a closed one has no controls but those that are in sight."""
        if is_open and name in GROUPS:
            self._open_groups.add(name)
        else:
            self._open_groups.discard(name)

    def _server(self) -> ServerState:
        session = self._session
        return ServerState(
            name=server_address(session.server),
            location=session.server.place,
            model=session.model or session.server.default_model or "",
            models=self.models,
            profiles=list(PROFILES),
            listing=self.listing,
            problem=self.problem,
            unprotected=self.unprotected,
        )

    def _extra_body(self) -> str:
        extra = self._session.extra_body
        return json.dumps(extra, indent=1, ensure_ascii=False) if extra else ""

    def _groups(self) -> list[GroupState]:
        return [
            GroupState(name, title, group_names(name), name in self._open_groups)
            for name, title in GROUPS.items()
        ]

    def _conversations(self) -> list[ConversationState]:
        session = self._session
        known = {session.current: session.conversation} | session.conversations
        return [
            ConversationState(name, _title(path), len(path), name == session.current)
            for name in session.names
            for path in [known[name].path()]
        ]

    def _question(self) -> Any:
        question = self._session.controller.question
        is_here = question is not None and question.conversation == self._session.current
        return question if is_here else None

    def _approval(self) -> ApprovalState | None:
        approval, question = self._session.controller.approval, self._question()
        if not approval.approval_id or question is None:
            return None
        return ApprovalState(approval.approval_id, question.turn_id, approval.function)

    def _rerun(self) -> RerunState:
        rerun = self._session.controller.rerun
        return RerunState(rerun.enabled, rerun.per_minute, rerun.used)

    def _comparison(self) -> ComparisonState | None:
        """Return the pinned answer beside the newest; None while there is nothing to compare."""
        newest = self.newest()
        if self.pinned is None or newest is None or newest.id == self.pinned.id:
            return None
        return compare_turns(self.pinned, newest)

    def newest(self) -> Turn | None:
        """Return the last turn of the current path."""
        conversation = self._session.conversation
        return conversation.turns.get(conversation.head or "")

    def _prompts(self) -> list[str]:
        path = self._session.conversation.path()
        return [turn.prompt for turn in path[-_REMEMBERED:]]

    def _request(self) -> RequestState | None:
        """Return the next request in other words."""
        view, session = self.request, self._session
        if view is None:
            return None
        try:
            config = session.request_config()
        except ChatWidgetError:  # no model is chosen: the rest can be said all the same
            config = session.settings.request_config()
        prompt = view.text or _PROMPT
        history = session.history(session.current, None)[0]
        try:
            texts = _in_other_words(config, history, prompt)
        except ChatWidgetError as error:
            return RequestState("", "", "", "", "", problem=f"{error.message} {error.hint}".strip())
        return replace(texts, problem=view.problem, adopted=view.adopted)


def _in_other_words(config: RequestConfig, history: list[Message], prompt: str) -> RequestState:
    """Return a request in all forms.

    Raises
    ------
    ParameterError
        If it cannot be sent.
    """
    messages = wire_messages(request_messages(config, history, prompt))
    return RequestState(
        magic=f"{as_magic(config)}\n{prompt}",
        python=as_python(config, messages),
        official=as_official(config, messages),
        curl=as_curl(config, messages),
        messages=json.dumps(messages, indent=2, ensure_ascii=False),
    )


def group_names(group: str) -> list[str]:
    """Return the parameters of a group that are worth a control: not those that were replaced."""
    return [
        name
        for name, parameter in PARAMETERS.items()
        if parameter.group == group and (not parameter.replaced_by or name in _KEPT)
    ]


def _title(path: list[Turn]) -> str:
    prompt = " ".join(path[0].prompt.split()) if path else ""
    return prompt if len(prompt) <= _LONGEST_TITLE else f"{prompt[: _LONGEST_TITLE - 1]}…"
