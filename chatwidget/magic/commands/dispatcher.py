"""From a line to the subcommand that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.chat.shell_session import current_session
from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.commands import (
    files,
    films,
    parameters,
    questions,
    servers,
    state,
    studies,
    tools,
    turns,
)
from chatwidget.magic.commands.command import Command, Theme
from chatwidget.render.handbook_pages import Page, explained, overview, page, topics

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["commands", "run_command"]

_THEMES = (
    state.THEME,
    servers.THEME,
    servers.KEY_THEME,
    parameters.THEME,
    tools.THEME,
    questions.THEME,
    turns.THEME,
    files.THEME,
    questions.BACKGROUND_THEME,
    studies.THEME,
    films.THEME,
)
_HELP_FLAGS = ("--help", "-h")


def commands() -> dict[str, Command]:
    """Return the subcommands by their names."""
    return {name: each for theme in _by_theme().values() for name, each in theme.items()}


def help_(_session: ChatSession, rest: str) -> Page:
    """List the commands, or explain one or a topic: ``%chat help undo``, ``%chat help seed``."""
    if rest in commands():
        more = f"\n\n{page(rest)}" if rest in topics() else ""
        return Page(explained(rest, commands()[rest]) + more)
    return Page(page(rest) if rest else overview(_by_theme()))


def run_command(line: str, session: ChatSession | None = None) -> Any:
    """Run one line of ``%chat``, by default for the session of the running shell.

    Raises
    ------
    ConfigurationError
        If there is no such subcommand.
    """
    name, _, rest = line.strip().partition(" ")
    session, rest = session or current_session(), rest.strip()
    if name.endswith("?"):  # as in %chat undo?
        name, rest = "help", name.rstrip("?")
    elif name in _HELP_FLAGS:
        name = "help"
    elif rest in _HELP_FLAGS:  # as in %chat undo --help
        name, rest = "help", name
    return _named(name or "status")(session, rest)


def _named(name: str) -> Command:
    known = commands()
    if name in known:
        return known[name]
    lists = "%chat help lists the commands. A question goes into a cell below %%chat."
    raise ConfigurationError(
        f"There is no %chat {name}.", hint=did_you_mean(name, known, lists, form="%chat {}")
    )


def _by_theme() -> dict[str, dict[str, Command]]:
    """Return the subcommands under the headings of their themes."""
    return {each.heading: each.by_name() for each in (*_THEMES, Theme("Help", (help_,)))}
