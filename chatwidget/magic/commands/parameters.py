"""What is sent beside the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.commands.argument_parsing import parameter_named
from chatwidget.magic.commands.output import say
from chatwidget.magic.commands.tools import tools_in_words, users_functions
from chatwidget.prompt.arguments import read_value
from chatwidget.prompt.assignments import assignments

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.request.parameter import Parameter

__all__ = ["set_", "unset", "system"]  # noqa: RUF022 - in the order of the help


def set_(session: ChatSession, rest: str) -> None:
    """Send parameters from now on: ``%chat set temperature=0.2 seed=1``."""
    given = assignments(rest)
    if not given:
        raise ConfigurationError(
            "%chat set takes NAME=VALUE, or several of them.", hint="As temperature=0.2 seed=1."
        )
    session.settings.update(
        {(known := parameter_named(name)).name: _read(known, text) for name, text in given}
    )
    _tell(session)


def unset(session: ChatSession, rest: str) -> None:
    """Send parameters no longer: ``%chat unset temperature seed``; ``%chat unset`` sends none."""
    names = [parameter_named(name).name for name in rest.replace(",", " ").split()]
    if not names:
        session.settings.clear()
    for name in names:
        setattr(session.settings, name, None)
    _tell(session)


def system(session: ChatSession, rest: str) -> None:
    """Set the system message: ``%chat system Be brief.``; without a text, there is none."""
    session.system = rest


def sent_in_words(session: ChatSession) -> str:
    """Return the parameters that the next question is sent with."""
    sent = session.settings.sent()
    if "tools" in sent:
        sent["tools"] = tools_in_words(sent["tools"])
    listed = ", ".join(f"{name}={value!r}" for name, value in sent.items())
    return listed or "none are sent: the server's defaults hold"


def _read(parameter: Parameter, text: str) -> Any:
    """Read a value; functions are told by their names, as in ``tools=add,multiply``."""
    if parameter.name == "tools" and not text.startswith("["):
        return users_functions(text)
    return read_value(parameter, text)


def _tell(session: ChatSession) -> None:
    say(f"Parameters: {sent_in_words(session)}.")
