"""The settings and the conversation that the magic and the panel share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.getipython import get_ipython
from traitlets import HasTraits, Instance, TraitType, Unicode

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError, StoppedError
from chatwidget.client.parameters import PARAMETERS, checked
from chatwidget.client.servers import PROFILES, Server, find_server
from chatwidget.conversation import Conversation, Turn

if TYPE_CHECKING:
    from chatwidget.client.events import Data, Error, Finish
    from chatwidget.client.parameters import Parameter
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.types import ChatCompletion, Message
    from chatwidget.conversation import Status

__all__ = ["ChatSession", "Question", "Settings", "current_session"]


class ParameterTrait(TraitType[Any, Any]):
    """A request parameter: None means *not sent*, anything else is checked against the table."""

    allow_none = True
    default_value = None

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(help=parameter.help)
        self.parameter = parameter

    def validate(self, obj: Any, value: object) -> object:  # noqa: ARG002 - traitlets' signature
        """Return the value as it goes on the wire, or raise a ParameterError."""
        return self.parameter.checked(value)


class _Settings(HasTraits):
    """The request parameters that hold until they are changed: one trait for each."""

    def sent(self) -> dict[str, Any]:
        """Return the parameters that are sent, by name."""
        return {name: getattr(self, name) for name in PARAMETERS if getattr(self, name) is not None}

    def clear(self) -> None:
        """Send none of them."""
        for name in self.sent():
            setattr(self, name, None)


Settings = type(
    "Settings",
    (_Settings,),
    {name: ParameterTrait(parameter) for name, parameter in PARAMETERS.items()},
)


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt with everything that the session adds to it, ready to be asked."""

    prompt: str
    messages: list[Message]
    model: str
    parameters: dict[str, Any]
    cell_id: str | None


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
    conversation
        The turns so far.
    """

    server = Instance(Server)
    model = Unicode()
    system = Unicode()
    settings = Instance(_Settings)

    def __init__(self, server: str | Server | None = None, **settings: object) -> None:
        super().__init__(server=find_server(server), settings=Settings(**checked(settings)))
        self._is_chosen = server is not None or self.server is not PROFILES["practice"]
        self.conversation = Conversation()
        self._clients: dict[Server, ChatClient] = {}

    @property
    def client(self) -> ChatClient:
        """The client of the current server; one that was given a key keeps it."""
        if self.server not in self._clients:
            self._clients[self.server] = ChatClient(self.server)
        return self._clients[self.server]

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

    def chosen_model(self, wanted: str | None = None) -> str:
        """Return the model that the next question goes to.

        Raises
        ------
        ConfigurationError
            If none is chosen, and the server has no default one.
        """
        model = wanted or self.model or self.server.default_model
        if not model:
            raise ConfigurationError(
                f"No model is chosen for {self.server.name}.",
                hint="%chat models lists those that it offers, and %chat model NAME chooses one.",
            )
        return model

    def question(
        self,
        prompt: str,
        *,
        model: str | None = None,
        system: str | None = None,
        cell_id: str | None = None,
        **overrides: Any,
    ) -> Question:
        """Prepare a question within the conversation; nothing is sent yet.

        Parameters
        ----------
        prompt
            What the user asks.
        model, system, **overrides
            What stands in for the session's model, system message and parameters.
        cell_id
            The notebook cell that asks; its earlier turn is replaced.

        Raises
        ------
        ParameterError, ConfigurationError
            If the question cannot be asked as it is.
        """
        system = self.system if system is None else system
        return Question(
            prompt=prompt,
            messages=self.conversation.messages(prompt, system=system, cell_id=cell_id),
            model=self.chosen_model(model),
            parameters=self.settings.sent() | checked(overrides),
            cell_id=cell_id,
        )

    def ask(self, question: Question, *, stream_to: StreamTo) -> ChatCompletion:
        """Send a question, and record in the conversation what came of it.

        Raises
        ------
        APIError
            If the exchange with the server fails.
        """
        return self.client.create_chat_completion(
            question.messages,
            question.model,
            stream_to=(_Recorder(self.conversation, question), stream_to),
            **question.parameters,
        )


class _Recorder:
    """The sink that writes a turn into the conversation when its answer has ended."""

    def __init__(self, conversation: Conversation, question: Question) -> None:
        self._conversation = conversation
        self._question = question

    def handle_data(self, event: Data) -> None:
        """Wait for the end."""

    def handle_error(self, event: Error) -> None:
        """Record what had arrived; it is not sent with later requests."""
        stopped = isinstance(event.error, StoppedError)
        self._record(event.completion, "stopped" if stopped else "failed")

    def handle_finish(self, event: Finish) -> None:
        """Record the answer."""
        self._record(event.completion, "complete")

    def _record(self, completion: ChatCompletion, status: Status) -> None:
        answer = completion.choices[0].message if completion.choices else None
        question = self._question
        self._conversation.record(Turn(question.prompt, answer, status, question.cell_id))


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
