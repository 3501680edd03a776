"""The subcommand of ``%chat``: its theme in the help, and how it says what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.client.text import printable

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["Command", "Theme", "say"]

Command: TypeAlias = Callable[["ChatSession", str], Any]
"""A subcommand: it takes the rest of its line, and returns what is to be shown, or None."""


@dataclass(frozen=True)
class Theme:
    """Subcommands that belong together, under a heading of the help, in its order.

    A subcommand is named as its function; where that would hide a word of Python's, it ends with an
    underscore.
    """

    heading: str
    functions: tuple[Command, ...]

    def by_name(self) -> dict[str, Command]:
        """Return the subcommands by the names that are typed."""
        return {each.__name__.rstrip("_"): each for each in self.functions}


def say(*lines: str) -> None:
    """Show lines, at once; what a server or a model wrote in them moves no cursor."""
    print(printable("\n".join(lines)), flush=True)  # noqa: T201 - it is what the command is to show
