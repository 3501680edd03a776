"""The code of an answer as a new cell below, which waits for the user to run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.events import Finish
from chatwidget.render.markup.output_formats import code_blocks

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.client.events import StreamEvent
    from chatwidget.render.markup.output_formats import CodeBlock

__all__ = ["NewCell"]

_PYTHON = frozenset({"python", "py", "python3", "ipython", "ipython3"})
_MAGICS = {
    "bash": "bash",
    "shell": "bash",
    "sh": "sh",
    "zsh": "bash",
    "html": "html",
    "javascript": "javascript",
    "js": "javascript",
    "latex": "latex",
    "perl": "perl",
    "ruby": "ruby",
    "sql": "sql",
    "r": "R",
    "julia": "julia",
    "cython": "cython",
}
"""The cell magic that runs a language; some of them come with other extensions."""


class NewCell:
    """Puts the code of a complete answer into a new cell below; it never runs it.

    In a terminal the code fills the next prompt.

    Parameters
    ----------
    shell
        Where the cell that asks runs.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self.note = ""
        """What is to be said of it, as a sentence, when the answer has ended."""

    def on_event(self, event: StreamEvent) -> None:
        """Take an event; at the last one, put the code there."""
        if not isinstance(event, Finish):
            return
        blocks = code_blocks(event.completion.text or "")
        used, source = self._source(blocks)
        if source:
            self._shell.set_next_input(source, replace=False)
        self.note = _note(blocks, used)

    def _source(self, blocks: list[CodeBlock]) -> tuple[list[CodeBlock], str]:
        """Return the blocks that one cell can hold, and the cell."""
        python = [block for block in blocks if block.language.lower() in _PYTHON]
        python = python or [block for block in blocks if not block.language]
        if python:
            return python, _joined(python)
        for block in blocks:
            magic = _MAGICS.get(block.language.lower())
            if magic and self._shell.find_cell_magic(magic):
                same = [each for each in blocks if each.language == block.language]
                return same, f"%%{magic}\n{_joined(same)}"
        return [], ""


def _joined(blocks: list[CodeBlock]) -> str:
    return "\n\n".join(block.code for block in blocks)


def _note(blocks: list[CodeBlock], used: list[CodeBlock]) -> str:
    if not blocks:
        return "The answer holds no code, so there is no new cell."
    left_out = (block.language[:20] for block in blocks if block not in used)
    languages = ", ".join(dict.fromkeys(name or "an unknown language" for name in left_out))
    if not used:
        return f"No cell here can run {languages}, so there is no new cell."
    return f"The code in {languages} is not in the new cell." if languages else ""
