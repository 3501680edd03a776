"""What the cursor stands in, and the answer in IPython's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion

from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ChatWidgetError
from chatwidget.magic.completion.cell_line import complete_cell_line
from chatwidget.magic.completion.command_line import complete_command
from chatwidget.magic.completion.names import Names

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.magic.completion.names import Offer

__all__ = ["match"]

_CELL = re.compile(r"%%chat(?:\s|$)")
_FIRST_LINE = re.compile(r"%%chat[ \t]+(.*)")
_COMMAND = re.compile(r"[ \t]*%chat[ \t]+(.*)")
_MARKER = re.compile(r"\{\{[ \t]*((?:[^\W\d]\w*)?)$")


def match(context: CompletionContext, shell: InteractiveShell) -> dict[str, Any]:
    """Return what may stand at the cursor; empty where it is not ours to say.

    It is what IPython calls a SimpleMatcherResult.
    """
    names = Names(shell, current_session())
    try:
        offer = _offer(context, names)
    except ChatWidgetError:  # what is wrong with the line, it says when it runs
        offer = names.nothing()
    return {
        "completions": [SimpleCompletion(text=text, type=offer.kind) for text in offer.texts],
        "matched_fragment": offer.fragment,
        "suppress": True,
        "ordered": True,
    }


def _offer(context: CompletionContext, names: Names) -> Offer:
    line = context.text_until_cursor
    text = context.full_text.lstrip("\n")
    lines_before = len(context.full_text) - len(text)
    if _CELL.match(text):
        first = _FIRST_LINE.match(line) if context.cursor_line == lines_before else None
        marker = None if context.cursor_line == lines_before else _MARKER.search(line)
        if first:
            return complete_cell_line(first[1], names)
        return names.variables(marker[1]) if marker else names.nothing()
    command = _COMMAND.match(line)
    return complete_command(command[1], names) if command else names.nothing()
