"""The settings and the conversations that the magic and the panel share."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from traitlets import Dict, Instance

from chatwidget.chat.asked_turns import AskedTurns
from chatwidget.chat.background_answers import BackgroundAnswers
from chatwidget.chat.controller import ChatController
from chatwidget.chat.conversations import Conversations
from chatwidget.chat.pacing import UrgentClient
from chatwidget.chat.question import Question, messages_of
from chatwidget.chat.recorder import Recorder
from chatwidget.chat.request_config import RequestConfig
from chatwidget.chat.settings import Settings, SettingsBase
from chatwidget.chat.usage_totals import Tally
from chatwidget.client.auth.servers import default_notice, find_server
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.tools.background import BackgroundToolLoop
from chatwidget.tools.loop import ToolLoop
from chatwidget.tools.permissions import Permissions
from chatwidget.tools.registry import ToolRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.background import Task
    from chatwidget.client.request.prepared import RequestPreview
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.wire.types import ChatCompletion
    from chatwidget.tools.background import Ask
    from chatwidget.tools.registry import Approve

__all__ = ["HOW_TO_CHOOSE_A_MODEL", "ChatSession"]

HOW_TO_CHOOSE_A_MODEL = "%chat models lists those that it offers, and %chat model NAME chooses one"

_CONTROL = "chatwidget.panel.control:ParameterControl"
"""The widget of a parameter: a session has no need of widgets until somebody asks for one."""


class ChatSession(Conversations):
    """Everything that the next question depends on, and what has been asked so far.

    Its conversations are those of `Conversations`.

    Attributes
    ----------
    settings
        What every request is made of, each value a trait: the parameters, of which None means
        *not sent*, and the server, the model, the system message, how an answer is shown.
    aliases
        The models by the short names that the user gave them.
    tally
        What all questions took, those of no conversation included.
    asked
        What the newest turns were asked with, which no file keeps.
    permissions
        The functions that run without asking when a model asks for them.
    running
        The answers that are generated in the background.
    panel
        What ``%chat panel`` shows, and moves from cell to cell; None before the first.
    cell_config
        What the flags of the last cell said; they held for that cell. None before the first.
    """

    settings = Instance(SettingsBase)
    aliases: Dict[str, str] = Dict()
    cell_config = Instance(RequestConfig, allow_none=True)

    def __init__(
        self,
        server: str | Server | None = None,
        *,
        settings: SettingsBase | None = None,
        **parameters: object,
    ) -> None:
        super().__init__(settings=Settings() if settings is None else settings)
        if server is not None:
            self.settings.use_server(server)
        self.settings.update(parameters)
        self.tally = Tally()
        self.asked = AskedTurns()
        self.permissions = Permissions()
        self._clients: dict[Server, ChatClient] = {}
        self.running = BackgroundAnswers()
        self._controller: ChatController | None = None
        self.panel: object = None

    @property
    def server(self) -> Server:
        """Where questions go; it can be set by the name of a profile or an address, too."""
        server: Server = self.settings.server
        return server

    @server.setter
    def server(self, server: str | Server) -> None:
        if find_server(server) != self.server:
            self.settings.use_server(server)

    @property
    def model(self) -> str:
        """The model to ask; empty for the server's own choice."""
        model: str = self.settings.model
        return model

    @model.setter
    def model(self, model: str) -> None:
        self.settings.model = model

    @property
    def system(self) -> str:
        """The system message; empty for none."""
        system: str = self.settings.system
        return system

    @system.setter
    def system(self, system: str) -> None:
        self.settings.system = system

    @property
    def extra_body(self) -> dict[str, Any]:
        """Fields of the request that are no parameters of the vendor."""
        extra_body: dict[str, Any] = self.settings.extra_body
        return extra_body

    @extra_body.setter
    def extra_body(self, extra_body: dict[str, Any]) -> None:
        self.settings.extra_body = extra_body

    @property
    def controller(self) -> ChatController:
        """What the panels of the session ask through; there is one, made when it is first used."""
        if self._controller is None:
            self._controller = ChatController(self)
        return self._controller

    def control(self, name: str) -> Any:
        """Return a new `ParameterControl`: the widget of a parameter, live on the session.

        Raises
        ------
        ParameterError
            If there is no such parameter.
        """
        module, _, widget = _CONTROL.partition(":")
        return getattr(import_module(module), widget)(self, name)

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
        self.settings.use_server(server)

    def notice(self) -> str:
        """Say once which model of this machine answers, if nobody has chosen one; else nothing."""
        notice = "" if self.settings.server_is_chosen else default_notice(self.server)
        self.settings.server_is_chosen = True
        return notice and f"{notice} %chat use chooses another one."

    def request_config(self, overrides: RequestConfig | None = None) -> RequestConfig:
        """Return what the next request is made of, with others laid over the settings.

        Raises
        ------
        ConfigurationError
            If no model is chosen, and the server has no default one.
        """
        config = (overrides or RequestConfig()).over(self.settings.request_config())
        server = config.server or self.server
        model = config.model or server.default_model or ""
        model = self.aliases.get(model, model)
        if not model:
            raise ConfigurationError(
                f"No model is chosen for {server.name}.",
                hint=f"{HOW_TO_CHOOSE_A_MODEL}.",
            )
        return replace(config, server=server, model=model)

    def question(
        self,
        prompt: str,
        *,
        content: str | list[dict[str, Any]] | None = None,
        config: RequestConfig | None = None,
        conversation: str | None = None,
        keep: bool = True,
        cell_id: str | None = None,
        beside: str | None = None,
        **overrides: Any,
    ) -> Question:
        """Prepare a question within a conversation; nothing is sent yet.

        Parameters
        ----------
        prompt
            What the user asks.
        content
            What is sent in its place: with variables filled in, or in parts with images and files.
        config
            What stands in for the session's settings, for this question alone.
        **overrides
            The same for code: what `RequestConfig.validated` takes, such as ``temperature=0.2``.
        conversation
            The name of the conversation; by default the current one. It may be a new one.
        keep
            Whether the conversation is sent with it and keeps it.
        cell_id
            The notebook cell that asks; its earlier turn is replaced.
        beside
            The turn that this is another version of: it answers to the same one.

        Raises
        ------
        ParameterError, ConfigurationError
            If the question cannot be asked as it is.
        """
        if overrides:
            given = RequestConfig.of(**overrides)
            config = given if config is None else given.over(config)
        config = self.request_config(config)
        name = (conversation or self.current) if keep else None
        history, parent = self.history(name, cell_id, beside)
        return Question(
            prompt=prompt,
            content=content,
            messages=messages_of(config.system or "", history, content or prompt),
            config=config,
            conversation=name,
            parent=parent,
            has_parent=beside is not None,
            cell_id=cell_id,
        )

    def ask(
        self,
        question: str | Question,
        *,
        stream_to: StreamTo | None = None,
        approve: Approve | None = None,
        **overrides: Any,
    ) -> ChatCompletion:
        """Send a question, and record in its conversation what came of it.

        Parameters
        ----------
        question
            What is asked: a text, or what `question` has prepared.
        stream_to
            Where the answer goes, too.
        approve
            Decides whether a function runs that the model asks for. Without it none does, and the
            answer may be nothing but what the model asks for.
        **overrides
            What `question` takes beside a text, such as ``temperature=0.2``.

        Raises
        ------
        ParameterError, ConfigurationError
            If it cannot be asked as it is.
        APIError
            If the exchange with the server fails.
        """
        if isinstance(question, str):
            question = self.question(question, **overrides)
        elif overrides:
            raise TypeError(
                f"A question that is prepared takes no {', '.join(overrides)} any more."
            )
        self.running.make_way(question.cell_id)
        ask = UrgentClient(self.client_of(question.server)).create_chat_completion
        recorder = Recorder(question, self.record, self.asked)
        targets = (recorder,) if stream_to is None else (recorder, stream_to)
        registry = self._registry(question)
        if approve is None or not registry:
            return ask(stream_to=targets, **question.request())
        loop = ToolLoop(ask, registry, approve, self.permissions, self.settings.tool_rounds)
        return loop.run(question.request(), targets)

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
        task = self._task(question, (Recorder(question, self.record, self.asked), stream_to), ask)
        self.running.add(question, task, show_again)
        return task

    def _task(self, question: Question, targets: StreamTo, ask: Ask | None) -> Task:
        client, request = UrgentClient(self.client_of(question.server)), question.request()
        start = client.start_chat_completion
        registry = self._registry(question)
        if ask is None or not registry:
            return start(stream_to=targets, **request)
        self.draft(question)
        return BackgroundToolLoop(
            start,
            registry,
            ask,
            self.permissions,
            self.settings.tool_rounds,
            request=request,
            stream_to=targets,
        )

    def draft(self, question: Question) -> RequestPreview:
        """Return the request that a question would send; nothing is sent.

        Raises
        ------
        ParameterError, ConfigurationError
            If it cannot be sent.
        """
        return self.client_of(question.server).draft(**question.request())

    def _registry(self, question: Question) -> ToolRegistry | None:
        """Return the functions that a question offers; None if it has no tools at all."""
        tools = question.config.parameters.get("tools")
        keys = [client.key for client in self._clients.values() if client.key] if tools else []
        return ToolRegistry(tools, keys) if tools else None

    def record(self, question: Question, turn: Turn) -> None:
        """Count what an answer took, and add its turn to the conversation of its question."""
        if "cached" not in turn.facts:  # what was stored took nothing
            self.tally.add(turn.facts)
        super().record(question, turn)
