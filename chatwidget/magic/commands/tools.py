"""The functions that a model may call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.tool_schema import function_name, function_tool
from chatwidget.magic.commands.command import Theme, say
from chatwidget.magic.namespace import functions_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.session import ChatSession

__all__ = ["THEME", "tools_in_words", "users_functions"]


def allow(session: ChatSession, rest: str) -> None:
    """Let functions run without asking: ``%chat allow NAME``; ``%chat allow`` lists them."""
    functions = users_functions(rest)
    for function in functions:
        function_tool(function)  # refuses what is none
    for function in functions:
        session.permissions.allow(function)
    _tell(session)


def disallow(session: ChatSession, rest: str) -> None:
    """Ask again before functions run: ``%chat disallow NAME``; without a name, before any."""
    allowed = session.permissions.names()
    for name in _words(rest) or allowed:
        if name not in allowed:
            raise ConfigurationError(
                f"{name} is not allowed to run without asking.", hint="%chat allow lists what is."
            )
        session.permissions.withdraw(name)
    _tell(session)


def users_functions(line: str) -> list[Callable[..., Any]]:
    """Return the functions that a line names.

    Raises
    ------
    ConfigurationError
        If one of them is none.
    """
    shell = get_ipython()
    return functions_named(_words(line), shell.user_ns if shell is not None else {})


def tools_in_words(tools: list[Any]) -> str:
    """Return tools by their names."""
    return ", ".join(function_name(tool) if callable(tool) else repr(tool) for tool in tools)


def _words(line: str) -> list[str]:
    return line.replace(",", " ").split()


def _tell(session: ChatSession) -> None:
    names = ", ".join(session.permissions.names())
    say(f"These run without asking: {names}." if names else "Every call of a function asks first.")


THEME = Theme("The functions that a model may call", (allow, disallow))
