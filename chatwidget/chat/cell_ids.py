"""Which cell of the notebook asks, so that running it again replaces what it asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from chatwidget.chat.front_end import request_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["asking_cell", "numbered", "running_source"]

_asked: WeakKeyDictionary[InteractiveShell, tuple[object, int]] = WeakKeyDictionary()


def asking_cell(shell: InteractiveShell) -> str | None:
    """Return the id of the cell that asks now, where the front end tells it.

    A cell may ask several questions: those after the first have a number.
    """
    parent = request_of(shell)
    cell_id = parent.get("metadata", {}).get("cellId")
    if not isinstance(cell_id, str):
        return None
    execution = parent.get("header", {}).get("msg_id") or object()
    last, number = _asked.get(shell, ("", 0))
    number = number + 1 if last == execution else 0
    _asked[shell] = (execution, number)
    return numbered(cell_id, number)


def running_source(shell: InteractiveShell) -> str:
    """Return the source of the cell that runs, or of one before it that the shell has kept."""
    kept = shell.history_manager.input_hist_raw if shell.history_manager else []
    return kept[-1] if kept else ""


def numbered(cell_id: str | None, number: int) -> str | None:
    """Return the id of the question of a cell that has a number, counted from 0."""
    return f"{cell_id}#{number + 1}" if isinstance(cell_id, str) and number else cell_id
