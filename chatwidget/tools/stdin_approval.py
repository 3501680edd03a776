"""Approvals by standard input: a person at the notebook is asked whether a call may run.

The question goes through ``input``: while a cell runs, a kernel hears of no button, but of that.
The call itself is shown by whoever shows the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError
from IPython.core.getipython import get_ipython

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import printable
from chatwidget.tools.registry import Decision

if TYPE_CHECKING:
    from chatwidget.tools.registry import PendingCall

__all__ = ["ask_person", "may_ask", "nobody_to_ask"]


def ask_person(call: PendingCall) -> Decision:
    """Ask whether a call may run, until the answer is yes, no or always.

    Raises
    ------
    ConfigurationError
        If nobody can be asked.
    """
    question = f"Run {printable(call.name)}? [y]es / [n]o / [a]lways:"
    while True:
        answer = _answer(question, call.name).strip().lower()
        for decision in Decision:
            if answer and decision.value.startswith(answer):
                return decision


def _answer(question: str, name: str) -> str:
    try:
        return input(f"{question} ")
    except (StdinNotImplementedError, EOFError):
        raise nobody_to_ask(name) from None


def may_ask() -> bool:
    """Tell whether a person may be at the front end, and not a program that runs a notebook."""
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", True))


def nobody_to_ask(name: str) -> ConfigurationError:
    """Return the error that says that a function needs a permission which nobody can give."""
    return ConfigurationError(
        f"{printable(name)} was not run: it needs your permission, and nobody can be asked here.",
        hint=f"Allow it in a cell above: %chat allow {printable(name)}.",
    )
