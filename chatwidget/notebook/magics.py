"""``%%chat`` and ``%chat``: parse, call, present."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from chatwidget.client.errors import ConfigurationError
from chatwidget.notebook.answer import AnswerDisplay
from chatwidget.notebook.arguments import parse_cell_line, usage
from chatwidget.notebook.commands import Commands
from chatwidget.notebook.failures import short_tracebacks
from chatwidget.notebook.session import current_session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.client.sinks import StreamTo
    from chatwidget.notebook.arguments import CellArguments

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
        with short_tracebacks():
            arguments = parse_cell_line(line)
            if arguments.help:
                print(usage())  # noqa: T201 - the answer to --help
            elif not cell.strip():
                raise ConfigurationError(
                    "The cell holds no question.", hint="Write it on the lines below %%chat."
                )
            else:
                self._ask(arguments, cell.strip("\n"))

    @no_var_expand
    @line_magic("chat")  # type: ignore[arg-type] # IPython types its decorators too narrowly
    def line_chat(self, line: str) -> Any:
        """Look at the session or change it; ``%chat help`` lists the commands."""
        with short_tracebacks():
            return Commands(current_session()).run(line)

    def _ask(self, arguments: CellArguments, prompt: str) -> None:
        session = current_session()
        question = session.question(
            prompt,
            model=arguments.model,
            system=arguments.system,
            cell_id=_cell_id(self.shell),
            **arguments.parameters,
        )
        target = self._target(arguments.stream_to)
        display = AnswerDisplay(
            server=session.server.name,
            model=question.model,
            parameters=question.parameters,
            note=session.notice(),
        )
        display.open()
        completion = session.ask(
            question, stream_to=display if target is None else (display, target)
        )
        if arguments.out is not None:
            self.shell.user_ns[arguments.out] = completion

    def _target(self, name: str | None) -> StreamTo | None:
        if name is None:
            return None
        if name not in self.shell.user_ns:
            raise ConfigurationError(
                f"There is no variable {name!r} to stream to.",
                hint="Define it in a cell above: a function of one event, a queue or a widget.",
            )
        target: StreamTo = self.shell.user_ns[name]
        return target


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


def _cell_id(shell: InteractiveShell) -> str | None:
    """Return the id of the notebook cell that is being run, where the front end tells it."""
    parent = getattr(shell, "parent_header", None) or {}
    cell_id = parent.get("metadata", {}).get("cellId")
    return cell_id if isinstance(cell_id, str) else None
