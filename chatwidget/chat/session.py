"""The settings and the conversations that the magic and the panel share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args
from weakref import WeakSet

from traitlets import Dict, Enum, Instance, Int, Unicode

from chatwidget.chat.background_answers import RunningAnswers
from chatwidget.chat.conversations import Conversations
from chatwidget.chat.question import Question, checked_overrides, messages_of
from chatwidget.chat.recorder import Recorder
from chatwidget.chat.settings import Settings, SettingsBase
from chatwidget.chat.usage_totals import Tally
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.parameters import checked
from chatwidget.client.servers import PROFILES, Server, find_server
from chatwidget.prompt.flags import Form
from chatwidget.tools.permissions import Permissions
from chatwidget.tools.toolbox import Toolbox
from chatwidget.tools.toolrounds import ToolRounds
from chatwidget.tools.tooltask import ToolTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.client.background import Task
    from chatwidget.client.draft import Draft
    from chatwidget.client.keys import ApiKey
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.types import ChatCompletion
    from chatwidget.tools.toolbox import Approve
    from chatwidget.tools.tooltask import Ask

__all__ = ["ChatSession"]


class ChatSession(Conversations):
    """Everything that the next question depends on, and what has been asked so far.

    Its conversations are those of `Conversations`.

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
    extra_body
        Fields of the request that are no parameters of the vendor.
    aliases
        The models by the short names that the user gave them.
    format
        How the text of an answer is shown.
    tally
        What all questions took, those of no conversation included.
    tool_rounds
        How many times in a row a model may ask for tools before it has to answer.
    permissions
        The functions that run without asking when a model asks for them.
    running
        The answers that are generated in the background.
    panels
        The panels that show this session.
    """

    server = Instance(Server)
    model = Unicode()
    system = Unicode()
    settings = Instance(SettingsBase)
    extra_body: Dict[str, Any] = Dict()
    aliases: Dict[str, str] = Dict()
    format: Enum[Form] = Enum(get_args(Form), "markdown")
    tool_rounds = Int(8, min=1)

    def __init__(self, server: str | Server | None = None, **settings: object) -> None:
        super().__init__(server=find_server(server), settings=Settings(**checked(settings)))
        self._is_chosen = server is not None or self.server is not PROFILES["practice"]
        self.tally = Tally()
        self.permissions = Permissions()
        self._clients: dict[Server, ChatClient] = {}
        self.running = RunningAnswers()
        self.panels: WeakSet[object] = WeakSet()

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
        model = self.aliases.get(model or "", model)
        if not model:
            raise ConfigurationError(
                f"No model is chosen for {server.name}.",
                hint="%chat models lists those that it offers, and %chat model NAME chooses one.",
            )
        return model

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
        beside: str | None = None,
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
        beside
            The turn that this is another version of: it answers to the same one.
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
        history, parent = self.history(name, cell_id, beside)
        return Question(
            prompt=prompt,
            content=content,
            messages=messages_of(system, history, content or prompt),
            server=asked,
            model=self.chosen_model(model, asked),
            parameters=self.settings.sent() | checked_overrides(overrides),
            extra_body={**self.extra_body, **(extra_body or {})} or None,
            system=system,
            conversation=name,
            parent=parent,
            has_parent=beside is not None,
            cell_id=cell_id,
        )

    def ask(
        self, question: Question, *, stream_to: StreamTo, approve: Approve | None = None
    ) -> ChatCompletion:
        """Send a question, and record in its conversation what came of it.

        Parameters
        ----------
        question
            What is asked.
        stream_to
            Where the answer goes.
        approve
            Decides whether a function runs that the model asks for. Without it none does, and the
            answer may be nothing but what the model asks for.

        Raises
        ------
        APIError
            If the exchange with the server fails.
        """
        self.running.make_way(question.cell_id)
        ask = self.client_of(question.server).create_chat_completion
        targets = (Recorder(question, self.record), stream_to)
        toolbox = Toolbox(question.parameters.get("tools") or (), self._keys())
        if approve is None or not toolbox:
            return ask(stream_to=targets, **question.request())
        rounds = ToolRounds(ask, toolbox, approve, self.permissions, self.tool_rounds)
        return rounds.run(question.request(), targets)

    def start(
        self,
        question: Question,
        *,
        stream_to: StreamTo,
        ask: Ask | None = None,
        show_again: Callable[[], object] = lambda: None,
    ) -> Task:
        """Send a question in the background, and return at once.

        What comes of it is recorded when it has ended. What was asked before from the same cell
        is stopped first.

        Parameters
        ----------
        question
            What is asked.
        stream_to
            Where the answer goes.
        ask
            Asks whether a function may run that the model asks for. Without it none does.
        show_again
            Shows the end once more, in the cell that waits for it.

        Raises
        ------
        ParameterError, ConfigurationError, TypeError
            If it cannot be sent; what fails later, `stream_to` hears of.
        """
        self.running.make_way(question.cell_id)
        task = self._task(question, (Recorder(question, self.record), stream_to), ask)
        self.running.add(question, task, show_again)
        return task

    def _task(self, question: Question, targets: StreamTo, ask: Ask | None) -> Task:
        start, request = self.client_of(question.server).start_chat_completion, question.request()
        toolbox = Toolbox(question.parameters.get("tools") or (), self._keys())
        if ask is None or not toolbox:
            return start(stream_to=targets, **request)
        self.draft(question)
        return ToolTask(
            start,
            toolbox,
            ask,
            self.permissions,
            self.tool_rounds,
            request=request,
            stream_to=targets,
        )

    def draft(self, question: Question) -> Draft:
        """Return the request that a question would send; nothing is sent.

        Raises
        ------
        ParameterError, ConfigurationError
            If it cannot be sent.
        """
        return self.client_of(question.server).draft(**question.request())

    def _keys(self) -> list[ApiKey]:
        return [client.key for client in self._clients.values() if client.key is not None]

    def record(self, question: Question, turn: Turn) -> None:
        """Count what an answer took, and add its turn to the conversation of its question."""
        if "cached" not in turn.facts:  # what was stored took nothing
            self.tally.add(turn.facts)
        super().record(question, turn)
