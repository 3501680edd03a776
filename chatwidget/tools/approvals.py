"""Approvals: whether a call of a tool may run, decided by a button or on standard input.

The question on standard input goes through ``input``: while a cell runs, a kernel hears of no
button, but of that. The call itself is shown by whoever shows the answer.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError
from IPython.core.getipython import get_ipython

from chatwidget.chat.conversation import new_id
from chatwidget.chat.text import printable
from chatwidget.client.errors import ConfigurationError
from chatwidget.tools.registry import Decision

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.tools.registry import PendingCall

__all__ = ["Approvals", "ask_person", "may_ask", "nobody_to_ask"]


class Approvals:
    """Approvals of calls by buttons, one call at a time.

    Each time it asks, it makes a new approval id, a nonce that the decision has to name: a second
    click on the button for one call never decides on the next.

    Parameters
    ----------
    show
        Shows the question: takes the approval id and the name of the function, both empty when
        there is nothing to decide.
    """

    def __init__(self, show: Callable[[str, str], object]) -> None:
        self._show = show
        self._lock = threading.Lock()
        self._approval_id = ""
        self._decision: Future[Decision] = Future()

    def ask(self, call: PendingCall) -> Future[Decision]:
        """Ask about a call; what was asked before is not decided any more."""
        with self._lock:
            self._approval_id, self._decision = new_id(), Future()
            approval_id, decision = self._approval_id, self._decision
        self._show(approval_id, call.name)
        return decision

    def decide(self, approval_id: str, decision: Decision) -> bool:
        """Take a decision; false if it is about no call that is asked about now."""
        with self._lock:
            if not approval_id or approval_id != self._approval_id:
                return False
            self._approval_id = ""
            self._decision.set_result(decision)
        self._show("", "")
        return True

    def forget(self) -> None:
        """Take the question away: the answer has ended."""
        with self._lock:
            self._approval_id = ""
        self._show("", "")


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
