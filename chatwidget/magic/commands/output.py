"""How a subcommand tells in a sentence what it did."""

from __future__ import annotations

from chatwidget.chat.text import printable

__all__ = ["say"]


def say(*lines: str) -> None:
    """Show lines, at once; what a server or a model wrote in them moves no cursor."""
    print(printable("\n".join(lines)), flush=True)  # noqa: T201 - it is what the command is to show
