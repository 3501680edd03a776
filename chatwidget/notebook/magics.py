"""``%%chat`` and ``%chat`` in a shell; what they do is loaded when they are first used."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from chatwidget.notebook.failures import short_tracebacks

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["ChatMagics", "load", "unload"]


@magics_class
class ChatMagics(Magics):
    """The two magics of one shell."""

    shell: InteractiveShell

    @no_var_expand
    @cell_magic("chat")  # type: ignore[arg-type] # IPython types its decorators too narrowly
    def cell_chat(self, line: str, cell: str) -> None:
        """Ask a chat model: the text of the cell is the question, the answer streams below it.

        Flags on the first line hold for this cell; ``%%chat --help`` explains them. What they do
        not set comes from the session, which ``%chat`` shows and ``%chat panel`` tunes.
        """
        from chatwidget.notebook.cell import run_cell  # noqa: PLC0415 - loads httpx and Markdown

        with short_tracebacks():
            run_cell(self.shell, line, cell)

    @no_var_expand
    @line_magic("chat")  # type: ignore[arg-type] # IPython types its decorators too narrowly
    def line_chat(self, line: str) -> Any:
        """Look at the session or change it; ``%chat help`` lists the commands."""
        from chatwidget.notebook.commands import run_command  # noqa: PLC0415 - loads httpx

        with short_tracebacks():
            return run_command(line)


def load(shell: InteractiveShell) -> None:
    """Register the magics."""
    known = shell.magics_manager.magics["cell"].get("chat")
    if known is not None and not isinstance(getattr(known, "__self__", None), ChatMagics):
        warnings.warn("Another extension's %%chat is replaced by chatwidget's.", stacklevel=2)
    shell.register_magics(ChatMagics(shell))


def unload(shell: InteractiveShell) -> None:
    """Take the magics back."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("chat", None)
    shell.magics_manager.registry.pop("ChatMagics", None)
