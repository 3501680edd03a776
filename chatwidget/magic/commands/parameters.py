"""The ``%chat`` commands for what is sent beside the question."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.typed_value import read_value
from chatwidget.magic.commands.argument_parsing import parameter_named
from chatwidget.magic.commands.command import Theme, say
from chatwidget.magic.commands.tools import tools_in_words, users_functions

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.request.parameter import Parameter

__all__ = ["THEME", "sent_in_words"]


_NAME = re.compile(r"(?<!\S)([A-Za-z_][\w-]*)\s*=(?!=)")
# elsewhere it is an apostrophe
_BEFORE_A_QUOTE = "= \t,:[{("


def assignments(line: str) -> list[tuple[str, str]]:
    """Return the names and values of a line; empty if it does not begin with a name.

    A value ends where the next name begins, so it may hold spaces. What is in quotes is no name;
    quotes around a whole value are taken off.
    """
    found = list(_NAME.finditer(_outside(line)))
    if not found or line[: found[0].start()].strip():
        return []
    ends = [match.start() for match in found[1:]] + [len(line)]
    return [
        (match[1].replace("-", "_"), _unquoted(line[match.end() : end].strip()))
        for match, end in zip(found, ends, strict=True)
    ]


def _outside(line: str) -> str:
    """Return a line with everything blackened that stands in quotes."""
    quote, before, seen = "", " ", []
    for letter in line:
        seen.append("\0" if quote else letter)
        if quote:
            quote = "" if letter == quote and before != "\\" else quote
        elif letter in "\"'" and before in _BEFORE_A_QUOTE:
            quote = letter
        before = letter
    return "".join(seen)


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return value if isinstance(value, str) else text
    return text


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


THEME = Theme("What is sent beside the question", (set_, unset, system))
