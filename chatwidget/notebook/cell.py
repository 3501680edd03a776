"""One ``%%chat`` cell: parse its first line, ask its question, present the answer."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.notebook.answer import AnswerDisplay
from chatwidget.notebook.arguments import parse_cell_line, usage
from chatwidget.notebook.session import current_session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.client.types import ChatCompletion
    from chatwidget.notebook.arguments import CellArguments
    from chatwidget.notebook.question import Question

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
        _Cell(shell, arguments).run(text.strip("\n"))


class _Cell:
    """A cell that runs.

    Parameters
    ----------
    shell
        Whose variables the flags name.
    arguments
        What the first line says.
    """

    def __init__(self, shell: InteractiveShell, arguments: CellArguments) -> None:
        self._shell = shell
        self._arguments = arguments
        self._session = current_session()

    def run(self, prompt: str) -> None:
        """Ask, present, and put the answer where the flags say."""
        question = self._question(prompt)
        display = self._display(question)
        display.open()
        try:
            completion = self._session.ask(question, stream_to=self._targets(display))
        finally:
            display.abandon()
        self._deliver(completion)

    def _question(self, prompt: str) -> Question:
        arguments, parameters = self._arguments, dict(self._arguments.parameters)
        cell_id = _cell_id(self._shell)
        if arguments.schema is not None:
            parameters["response_format"] = self._variable(arguments.schema, "a type")
        if arguments.fork:
            self._fork(cell_id)
        return self._session.question(
            prompt,
            server=arguments.server,
            model=arguments.model,
            system=arguments.system,
            conversation=arguments.conversation,
            keep=arguments.history,
            cell_id=cell_id,
            extra_body=arguments.extra or None,
            **parameters,
        )

    def _fork(self, cell_id: str | None) -> None:
        """Go on in a copy, unless this cell did so when it ran before."""
        path = self._session.conversation.path()
        if cell_id is None or cell_id not in {turn.cell_id for turn in path}:
            self._session.fork(self._arguments.conversation)

    def _display(self, question: Question) -> AnswerDisplay:
        return AnswerDisplay(
            server=question.server.name,
            model=question.model,
            parameters=question.parameters,
            note=self._session.notice(),
            place=lambda: self._session.place(question),
        )

    def _targets(self, display: AnswerDisplay) -> Any:
        name = self._arguments.stream_to
        if name is None:
            return display
        return (display, self._variable(name, "a function of one event, a queue or a widget"))

    def _deliver(self, completion: ChatCompletion) -> None:
        arguments = self._arguments
        if arguments.out is not None:
            value = completion if arguments.schema is None else completion.parsed
            self._shell.user_ns[arguments.out] = value

    def _variable(self, name: str, what: str) -> Any:
        names = self._shell.user_ns
        if name in names:
            return names[name]
        near = difflib.get_close_matches(name, names, n=1)
        raise ConfigurationError(
            f"There is no variable {name!r}.",
            hint=f"Did you mean {near[0]}?" if near else f"Define it in a cell above: {what}.",
        )


def _cell_id(shell: InteractiveShell) -> str | None:
    """Return the id of the notebook cell that is being run, where the front end tells it."""
    parent = getattr(shell, "parent_header", None) or {}
    cell_id = parent.get("metadata", {}).get("cellId")
    return cell_id if isinstance(cell_id, str) else None
