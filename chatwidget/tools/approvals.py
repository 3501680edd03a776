"""Approvals by a button: whether a call of a tool may run, decided while no cell runs."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from chatwidget.chat.conversation import new_id
from chatwidget.client.forks import fork_safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.tools.registry import Decision, PendingCall

__all__ = ["Approvals"]


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
        # The thread that asks, and that of the button: one decision for each call. Nobody is shown
        # anything under it.
        self._lock = fork_safe(threading.Lock())
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
