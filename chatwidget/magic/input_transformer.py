"""Lines of ``%chat`` that end in a question mark, which IPython takes for a wish for help.

``%chat ask What is pandas?`` is a question. ``%chat?`` stays what it is, and so does everything
else with a question mark at its end.
"""

from __future__ import annotations

import re
from tokenize import DEDENT, INDENT
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import EscapedCommand, HelpEnd

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


def install(shell: InteractiveShell) -> None:
    """Let a shell's lines of ``%chat`` end in a question mark."""
    remove(shell)
    shell.input_transformer_manager.token_transformers.append(ChatLine)


def remove(shell: InteractiveShell) -> None:
    """Let the shell read its lines as before."""
    known = shell.input_transformer_manager.token_transformers
    # by its name: after a reload, the class that was installed is another one
    known[:] = [each for each in known if each.__qualname__ != ChatLine.__qualname__]
