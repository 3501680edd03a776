"""The subcommands of the line magic: ``%chat``, ``%chat use``, ``%chat set`` and so on."""

from __future__ import annotations

import difflib
import sys
import traceback
from getpass import getpass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.keys import ApiKey
from chatwidget.client.parameters import PARAMETERS
from chatwidget.conversation import Conversation
from chatwidget.notebook.arguments import parse_value
from chatwidget.notebook.session import current_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.notebook.session import ChatSession

__all__ = ["Commands", "run_command"]


class Commands:
    """What ``%chat`` can do with a session; each public method is a subcommand.

    A subcommand takes the rest of its line, and returns what is to be shown, or None.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session

    def run(self, line: str) -> Any:
        """Run one line: the name of a subcommand, and what it takes.

        Raises
        ------
        ConfigurationError
            If there is no such subcommand.
        """
        name, _, rest = line.strip().partition(" ")
        command = self._commands().get(name or "status")
        if command is None:
            near = difflib.get_close_matches(name, self._commands(), n=1)
            raise ConfigurationError(
                f"There is no %chat {name}.",
                hint=f"Did you mean %chat {near[0]}?"
                if near
                else "%chat help lists the commands. A question goes into a cell below %%chat.",
            )
        return command(rest.strip())

    def status(self, _rest: str = "") -> None:
        """Show the server, the model, the key's source and the parameters that are sent."""
        session = self._session
        parameters = ", ".join(
            f"{name}={value!r}" for name, value in session.settings.sent().items()
        )
        turns = len(session.conversation.path())
        rows = {
            "server": f"{session.server.name} ({session.server.place})",
            "model": self._model(),
            "key": _key_source(session),
            "system": session.system or "none",
            "parameters": parameters or "none are sent: the server's defaults hold",
            "conversation": f"{turns} turn{'' if turns == 1 else 's'}",
        }
        print("\n".join(f"{name:<14}{value}" for name, value in rows.items()))  # noqa: T201 - the answer to the command

    def use(self, rest: str) -> None:
        """Ask another server: %chat use practice, %chat use http://127.0.0.1:8000/v1."""
        self._session.use(_required(rest, "a server's name or address", "%chat use ollama"))
        self._confirm()

    def model(self, rest: str) -> None:
        """Choose the model of the next questions: %chat model NAME."""
        self._session.model = _required(rest, "the name of a model", "%chat model practice")
        self._confirm()

    def models(self, rest: str) -> None:
        """List the server's models; with a word, those whose name contains it."""
        names = [model.id for model in self._session.client.list_models() if rest in model.id]
        print("\n".join(names) or "The server lists no such model.")  # noqa: T201 - the answer to the command

    def set(self, rest: str) -> None:
        """Send a parameter from now on: %chat set temperature=0.2."""
        name, equals, text = rest.partition("=")
        parameter = PARAMETERS.get(name.strip())
        if not equals:
            raise ConfigurationError("%chat set takes NAME=VALUE.", hint="As temperature=0.2.")
        if parameter is None:
            raise _no_parameter(name.strip())
        setattr(self._session.settings, parameter.name, parse_value(parameter, text.strip()))

    def unset(self, rest: str) -> None:
        """Send a parameter no longer: %chat unset temperature; without a name, none of them."""
        if not rest:
            self._session.settings.clear()
        elif rest in PARAMETERS:
            setattr(self._session.settings, rest, None)
        else:
            raise _no_parameter(rest)

    def system(self, rest: str) -> None:
        """Set the system message of the next questions; without a text, send none."""
        self._session.system = rest

    def key(self, rest: str) -> None:
        """Ask for the key of the current server, without showing it."""
        if rest:
            raise ConfigurationError(
                "A key is not typed into a cell, where it would be saved.",
                hint="Run %chat key alone. If what you typed was a key, replace it by a new one.",
            )
        origin = self._session.server.origin
        self._session.client.use_key(
            ApiKey(getpass(f"Key for {origin}: "), origin=origin, source="%chat key")
        )

    def new(self, _rest: str) -> None:
        """Begin a new conversation; settings, server and model stay."""
        self._session.change(lambda _: Conversation())

    def forget(self, _rest: str) -> None:
        """Forget which parameters this server has refused: they are sent again."""
        session = self._session
        session.client.refusals.forget(session.server.base_url)

    def panel(self, _rest: str) -> Any:
        """Show the panel of controls."""
        from chatwidget.notebook.panel import ChatPanel  # noqa: PLC0415 - loads ipywidgets

        return ChatPanel(self._session)

    def help(self, rest: str) -> Any:
        """List the commands; with a topic, show that page of the handbook."""
        from IPython.display import Markdown  # noqa: PLC0415 - only shown here

        return Markdown(_page(rest) if rest else self._overview())

    def traceback(self, _rest: str) -> None:
        """Show the last error in full."""
        error = getattr(sys, "last_value", None)
        print("".join(traceback.format_exception(error)) if error else "There was no error.")  # noqa: T201 - the answer to the command

    def _confirm(self) -> None:
        server, model = self._session.server, self._model()
        print(f"Questions go to {server.name} ({server.place}), model {model}.")  # noqa: T201 - the answer to the command

    def _model(self) -> str:
        session = self._session
        return session.model or session.server.default_model or "none chosen yet: see %chat models"

    def _commands(self) -> dict[str, Callable[[str], Any]]:
        names = [name for name in vars(type(self)) if not name.startswith("_") and name != "run"]
        return {name: getattr(self, name) for name in names}

    def _overview(self) -> str:
        lines = [
            f"- `%chat {name}`: {command.__doc__}" for name, command in self._commands().items()
        ]
        topics = ", ".join(f"`{topic}`" for topic in _topics())
        return "\n".join([*lines, "", f"Topics of `%chat help TOPIC`: {topics}."])


def run_command(line: str) -> Any:
    """Run one line of ``%chat`` for the session of the running shell."""
    return Commands(current_session()).run(line)


def _key_source(session: ChatSession) -> str:
    key = session.client.key
    if key is not None:
        return f"from {key.source}, for {key.origin}"
    if session.server.transport:
        return "none is needed"
    variable = session.server.key_variable
    return f"none: set {variable} or run %chat key" if variable else "none; %chat key takes one"


def _required(rest: str, what: str, example: str) -> str:
    if not rest:
        raise ConfigurationError(f"The command takes {what}.", hint=f"As in {example}.")
    return rest


def _no_parameter(name: str) -> ParameterError:
    near = difflib.get_close_matches(name, PARAMETERS, n=1)
    return ParameterError(
        f"There is no request parameter {name!r}.",
        hint=f"Did you mean {near[0]}?" if near else "%%chat --help lists them.",
        parameter=name,
    )


def _topics() -> list[str]:
    pages = files("chatwidget.handbook").iterdir()
    return sorted(page.name.removesuffix(".md") for page in pages if page.name.endswith(".md"))


def _page(topic: str) -> str:
    near = difflib.get_close_matches(topic.replace(" ", "-"), _topics(), n=1, cutoff=0.3)
    if not near:
        raise ConfigurationError(
            f"The handbook has no page {topic!r}.", hint=f"It has {', '.join(_topics())}."
        )
    return files("chatwidget.handbook").joinpath(f"{near[0]}.md").read_text("utf-8")
