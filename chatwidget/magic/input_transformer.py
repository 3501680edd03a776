"""How cells of ``%%chat`` and lines of ``%chat`` reach the magics, where IPython reads otherwise.

``%chat ask What is pandas?`` is a question, though it ends in a question mark. ``%chat?`` stays
what it is, and so does everything else with a question mark at its end. ``%%chat`` may stand below
comments, and it may stand alone, as in ``%%chat --help``.
"""

from __future__ import annotations

import re
from tokenize import DEDENT, INDENT
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import EscapedCommand, HelpEnd

from chatwidget.prompt.cell_text import from_magic

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["install", "remove"]

_LINE = re.compile(r"%chat[ \t]+\S")


class ChatLine(EscapedCommand):
    """Makes a call of the magic out of a line that begins with ``%chat`` and says something."""

    priority = HelpEnd.priority - 1

    @classmethod
    def find(cls, tokens_by_line: list[list[Any]]) -> ChatLine | None:
        """Return the first such line; one within a string is none."""
        for tokens in tokens_by_line:
            first = next((each for each in tokens if each.type not in (INDENT, DEDENT)), None)
            if first is not None and _LINE.match(first.line[first.start[1] :]):
                return cls(first.start)
        return None


def chat_cell_first(lines: list[str]) -> list[str]:
    """Return a cell of ``%%chat`` without the comments above it, which are no cell magic."""
    return from_magic("".join(lines)).splitlines(keepends=True) or lines


def chat_cell_with_body(lines: list[str]) -> list[str]:
    """Return a cell of ``%%chat`` with an empty line below it: without any, IPython refuses it.

    It is a transform of its own, because a terminal asks the others whether a cell is complete.
    """
    return [*lines, "\n"] if len(lines) == 1 and from_magic(lines[0]) else lines


def install(shell: InteractiveShell) -> None:
    """Let a shell's cells and lines reach the magics."""
    remove(shell)
    manager = shell.input_transformer_manager
    manager.cleanup_transforms.append(chat_cell_first)
    manager.line_transforms.insert(0, chat_cell_with_body)
    manager.token_transformers.append(ChatLine)


def remove(shell: InteractiveShell) -> None:
    """Let the shell read its cells and lines as before."""
    manager = shell.input_transformer_manager
    _take_ours(manager.cleanup_transforms)
    _take_ours(manager.line_transforms)
    _take_ours(manager.token_transformers)


def _take_ours(known: list[Any]) -> None:
    """Take what is ours out of a list, by its module: after a reload it is another object."""
    known[:] = [each for each in known if getattr(each, "__module__", "") != __name__]
