"""One ``%%chat`` cell: parse its first line, ask its question, present the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.notebook.answer import AnswerDisplay
from chatwidget.notebook.arguments import parse_cell_line, usage
from chatwidget.notebook.session import current_session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.client.sinks import StreamTo
    from chatwidget.notebook.arguments import CellArguments

__all__ = ["run_cell"]


def run_cell(shell: InteractiveShell, line: str, text: str) -> None:
    """Run a cell.

    Raises
    ------
    ChatWidgetError
        If the line cannot be read, there is no question, or the question is not answered.
    """
    arguments = parse_cell_line(line)
    if arguments.help:
        print(usage())  # noqa: T201 - the answer to --help
    elif not text.strip():
        raise ConfigurationError(
            "The cell holds no question.", hint="Write it on the lines below %%chat."
        )
    else:
        _ask(shell, arguments, text.strip("\n"))


def _ask(shell: InteractiveShell, arguments: CellArguments, prompt: str) -> None:
    session = current_session()
    question = session.question(
        prompt,
        model=arguments.model,
        system=arguments.system,
        cell_id=_cell_id(shell),
        **arguments.parameters,
    )
    target = _target(shell, arguments.stream_to)
    display = AnswerDisplay(
        server=session.server.name,
        model=question.model,
        parameters=question.parameters,
        note=session.notice(),
    )
    display.open()
    try:
        stream_to = display if target is None else (display, target)
        completion = session.ask(question, stream_to=stream_to)
    finally:
        display.abandon()
    if arguments.out is not None:
        shell.user_ns[arguments.out] = completion


def _target(shell: InteractiveShell, name: str | None) -> StreamTo | None:
    if name is None:
        return None
    if name not in shell.user_ns:
        raise ConfigurationError(
            f"There is no variable {name!r} to stream to.",
            hint="Define it in a cell above: a function of one event, a queue or a widget.",
        )
    target: StreamTo = shell.user_ns[name]
    return target


def _cell_id(shell: InteractiveShell) -> str | None:
    """Return the id of the notebook cell that is being run, where the front end tells it."""
    parent = getattr(shell, "parent_header", None) or {}
    cell_id = parent.get("metadata", {}).get("cellId")
    return cell_id if isinstance(cell_id, str) else None
