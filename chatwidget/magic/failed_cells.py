"""The last cell of a shell that failed, and how: what ``%chat fix`` mends."""

from __future__ import annotations

import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from IPython.core.getipython import get_ipython

from chatwidget.prompt.cell_text import without_comments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

__all__ = ["FailedCell", "failed_cell", "install", "remove"]


class FailedCell(NamedTuple):
    """A cell of the user's, and the error that it ended with."""

    source: str
    error: Exception


_last: WeakKeyDictionary[InteractiveShell, FailedCell] = WeakKeyDictionary()


def install(shell: InteractiveShell) -> None:
    """Remember the cells of a shell that fail from now on."""
    remove(shell)
    shell.events.register("post_run_cell", _remember)


def remove(shell: InteractiveShell) -> None:
    """Remember nothing any more."""
    _last.pop(shell, None)
    with suppress(ValueError):  # it was not installed
        shell.events.unregister("post_run_cell", _remember)


def failed_cell(shell: InteractiveShell) -> FailedCell | None:
    """Return the last cell that failed; one may have failed before anything was installed."""
    return _last.get(shell) or _earlier(shell)


def _remember(result: ExecutionResult) -> None:
    shell, info = get_ipython(), result.info
    if shell is None or info is None or info.silent:
        return
    if failed := _failed(info.raw_cell, result.error_before_exec or result.error_in_exec):
        _last[shell] = failed


def _earlier(shell: InteractiveShell) -> FailedCell | None:
    """Return the cell of the last error that Python knows of."""
    error = getattr(sys, "last_value", None)
    for filename in _files(error):
        _, name = shell.compile.format_code_name(filename) or ("", "")
        number = name.removeprefix("In[").removesuffix("]")
        inputs = shell.history_manager.input_hist_raw if shell.history_manager else []
        if number.isdecimal() and int(number) < len(inputs):
            return _failed(inputs[int(number)], error)
    return None


def _failed(source: str, error: BaseException | None) -> FailedCell | None:
    """Return a failed cell, unless it failed with a question, which is told already."""
    is_question = without_comments(source).lstrip().startswith(("%chat", "%%chat"))
    return FailedCell(source, error) if isinstance(error, Exception) and not is_question else None


def _files(error: BaseException | None) -> Iterator[str]:
    """Yield where an error is from, outermost first."""
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename
    if error is not None:
        yield from (frame.filename for frame in traceback.extract_tb(error.__traceback__))
