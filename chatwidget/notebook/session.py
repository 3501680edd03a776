"""The settings and the conversations that the magic and the panel share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.getipython import get_ipython
from msgspec.structs import replace
from traitlets import Dict, HasTraits, Instance, Unicode

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.parameters import checked
from chatwidget.client.servers import PROFILES, Server, find_server
from chatwidget.conversation import Conversation
from chatwidget.notebook.question import Question
from chatwidget.notebook.recorder import Recorder
from chatwidget.notebook.settings import Settings, SettingsBase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.types import ChatCompletion, Message
    from chatwidget.conversation import Turn

__all__ = ["ChatSession", "current_session"]

FIRST_CONVERSATION = "main"


class ChatSession(HasTraits):
    """Everything that the next question depends on, and what has been asked so far.

    Attributes
    ----------
    server
        Where questions go; it takes the name of a profile or an address, too.
    model
        The model to ask; empty for the server's own choice.
    system
        The system message; empty for none.
    settings
        The request parameters, each a trait; None means *not sent*.
    conversations
        All conversations by their names. They are values: each change puts another one here.
    current
        The name of the conversation that the next question belongs to.
    """

    server = Instance(Server)
    model = Unicode()
    system = Unicode()
    settings = Instance(SettingsBase)
    conversations: Dict[str, Conversation] = Dict()
    current = Unicode(FIRST_CONVERSATION)

    def __init__(self, server: str | Server | None = None, **settings: object) -> None:
        super().__init__(server=find_server(server), settings=Settings(**checked(settings)))
        self._is_chosen = server is not None or self.server is not PROFILES["practice"]
        self._clients: dict[Server, ChatClient] = {}
        self._lock = threading.RLock()

    @property
    def conversation(self) -> Conversation:
        """The conversation that the next question belongs to."""
        return self.conversations.get(self.current, Conversation())

    @property
    def client(self) -> ChatClient:
        """The client of the current server; one that was given a key keeps it."""
        return self.client_of(self.server)

    def client_of(self, server: Server) -> ChatClient:
        """Return the client of a server, which is made once."""
        if server not in self._clients:
            self._clients[server] = ChatClient(server)
        return self._clients[server]

    def use(self, server: str | Server) -> None:
        """Ask another server from now on; the model is chosen anew.

        Raises
        ------
        ConfigurationError
            If there is no such server.
        """
        self.server = find_server(server)
        self.model = ""
        self._is_chosen = True

    def notice(self) -> str:
        """Say once that the practice model answers, if nobody has chosen it; else nothing."""
        if self._is_chosen:
            return ""
        self._is_chosen = True
        return "No server is set, so the practice model answers; %chat use chooses another one."

    def chosen_model(self, wanted: str | None = None, server: Server | None = None) -> str:
        """Return the model that the next question goes to.

        Raises
        ------
        ConfigurationError
            If none is chosen, and the server has no default one.
        """
        server = server or self.server
        own = self.model if server == self.server else ""
        model = wanted or own or server.default_model
        if not model:
            raise ConfigurationError(
                f"No model is chosen for {server.name}.",
                hint="%chat models lists those that it offers, and %chat model NAME chooses one.",
            )
        return model

    def change(self, edit: Callable[[Conversation], Conversation], name: str | None = None) -> None:
        """Put what a function makes of a conversation in its place; by default the current one."""
        with self._lock:
            name = self.current if name is None else name
            changed = edit(self.conversations.get(name, Conversation()))
            self.conversations = {**self.conversations, name: changed}

    def fork(self, name: str | None = None) -> str:
        """Go on in a copy of the current conversation, and return its name.

        Raises
        ------
        ConfigurationError
            If there is a conversation of that name already.
        """
        name = name or self._free_name()
        if name in self.conversations:
            raise ConfigurationError(
                f"There is a conversation {name!r} already.",
                hint=f"%chat switch {name} goes there.",
            )
        copied = self.conversation
        self.change(lambda _: copied, name)
        self.current = name
        return name

    def question(
        self,
        prompt: str,
        *,
        content: str | list[dict[str, Any]] | None = None,
        server: str | Server | None = None,
        model: str | None = None,
        system: str | None = None,
        conversation: str | None = None,
        keep: bool = True,
        cell_id: str | None = None,
        extra_body: dict[str, Any] | None = None,
        **overrides: Any,
    ) -> Question:
        """Prepare a question within a conversation; nothing is sent yet.

        Parameters
        ----------
        prompt
            What the user asks.
        content
            What is sent in its place: with variables filled in, or in parts with images and files.
        server, model, system, **overrides
            What stands in for the session's server, model, system message and parameters.
        conversation
            The name of the conversation; by default the current one. It may be a new one.
        keep
            Whether the conversation is sent with it and keeps it.
        cell_id
            The notebook cell that asks; its earlier turn is replaced.
        extra_body
            Fields that are no parameters of the vendor.

        Raises
        ------
        ParameterError, ConfigurationError
            If the question cannot be asked as it is.
        """
        asked = self.server if server is None else find_server(server)
        system = self.system if system is None else system
        name = (conversation or self.current) if keep else None
        history = self._history(name, cell_id)
        return Question(
            prompt=prompt,
            content=content,
            messages=_messages(system, history, content or prompt),
            server=asked,
            model=self.chosen_model(model, asked),
            parameters=self.settings.sent() | checked(overrides),
            extra_body=extra_body,
            system=system,
            conversation=name,
            cell_id=cell_id,
        )

    def ask(self, question: Question, *, stream_to: StreamTo) -> ChatCompletion:
        """Send a question, and record in its conversation what came of it.

        Raises
        ------
        APIError
            If the exchange with the server fails.
        """
        return self.client_of(question.server).create_chat_completion(
            question.messages,
            question.model,
            stream_to=(Recorder(question, self.record), stream_to),
            extra_body=question.extra_body,
            **question.parameters,
        )

    def record(self, question: Question, turn: Turn) -> None:
        """Add the turn of a question that has been asked to its conversation."""
        if question.conversation is None:
            return

        def add(conversation: Conversation) -> Conversation:
            chosen = question.has_parent and question.parent in {None, *conversation.turns}
            parent = question.parent if chosen else conversation.place(turn.cell_id)
            return conversation.with_turn(replace(turn, parent=parent))

        self.change(add, question.conversation)

    def place(self, question: Question) -> Mapping[str, object]:
        """Return where the turn of a question stands: its conversation, name and parent."""
        if question.conversation is None:
            return {}
        turns = self.conversations.get(question.conversation, Conversation()).turns
        turn = turns.get(question.turn_id)
        return {
            "conversation": question.conversation,
            "turn": question.turn_id,
            "parent": turn.parent if turn else None,
        }

    def _history(self, name: str | None, cell_id: str | None) -> list[Message]:
        if name is None:
            return []
        conversation = self.conversations.get(name, Conversation())
        return conversation.messages(conversation.place(cell_id))

    def _free_name(self) -> str:
        stem = self.current.rstrip("0123456789").rstrip("-")
        numbers = range(2, len(self.conversations) + 3)
        return next(name for n in numbers if (name := f"{stem}-{n}") not in self.conversations)


def _messages(
    system: str, history: list[Message], content: str | list[dict[str, Any]]
) -> list[Message]:
    first: list[Message] = [{"role": "system", "content": system}] if system else []
    return [*first, *history, {"role": "user", "content": content}]


_sessions: WeakKeyDictionary[object, ChatSession] = WeakKeyDictionary()


def current_session() -> ChatSession:
    """Return the session of the running IPython shell; it is made at first use."""
    shell = get_ipython()
    if shell is None:
        raise ConfigurationError(
            "There is no IPython shell here to share a session with.",
            hint="Make one: ChatSession().",
        )
    if shell not in _sessions:
        _sessions[shell] = ChatSession()
    return _sessions[shell]
