"""The tool loop in the background."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.client.background import Task
from chatwidget.client.errors import ChatWidgetError, StoppedError
from chatwidget.client.events import Error
from chatwidget.client.forks import fork_safe
from chatwidget.client.sinks import as_sink
from chatwidget.client.wire.types import ChatCompletion
from chatwidget.tools.loop import ToolLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.client.background import ChatTask
    from chatwidget.client.events import Data, Finish, ToolProgress
    from chatwidget.client.sinks import StreamTo
    from chatwidget.tools.permissions import Permissions
    from chatwidget.tools.registry import Decision, PendingCall, ToolRegistry

__all__ = ["Ask", "BackgroundToolLoop"]

Ask: TypeAlias = "Callable[[PendingCall], Future[Decision]]"
"""Asks whether a call may run, and returns at once; the decision comes when there is one."""


class BackgroundToolLoop(Task):
    """Background task that runs a tool loop on a thread of its own.

    To stop it takes effect at once while the model writes or somebody is asked; a function that
    runs is waited for, and none runs after it.

    Parameters
    ----------
    start
        Sends one request in the background, given as the arguments of `start_chat_completion`.
    registry, permissions, limit
        As `ToolLoop` takes them.
    ask
        Asks whether a call may run.
    request
        The arguments of the first request.
    stream_to
        Where the answer goes.
    """

    def __init__(
        self,
        start: Callable[..., ChatTask],
        registry: ToolRegistry,
        ask: Ask,
        permissions: Permissions,
        limit: int,
        *,
        request: Mapping[str, Any],
        stream_to: StreamTo,
    ) -> None:
        self._start = start
        self._ask = ask
        self._stream_to = stream_to
        self._loop = ToolLoop(self._send, registry, self._approve, permissions, limit)
        # Whoever stops waits until the round that begins is known, so that it is cancelled, too.
        self._lock = fork_safe(threading.Lock())
        self._round: ChatTask | None = None
        self._stopped: Future[None] = Future()
        self._await(Future())
        run = contextvars.copy_context().run
        threading.Thread(
            target=run, args=(self._run, request), name="chatwidget-tools", daemon=True
        ).start()

    def cancel(self) -> bool:
        """Stop the answer; false if it is over already."""
        if self.done():
            return False
        with self._lock:
            if not self._stopped.done():
                self._stopped.set_result(None)
            if self._round is not None:
                self._round.cancel()
        return True

    @property
    def completion(self) -> ChatCompletion:
        """The answer of the present round, as far as it has arrived."""
        return self._round.completion if self._round is not None else ChatCompletion(choices=[])

    def _run(self, request: Mapping[str, Any]) -> None:
        gate = _Gate(self._check)
        try:
            completion = self._loop.run(request, (gate, self._stream_to))
        except BaseException as error:  # noqa: BLE001 - who waits for the result gets it
            if isinstance(error, ChatWidgetError) and not gate.is_over:
                as_sink(self._stream_to)(Error(error, ChatCompletion(choices=[])))
            self._future.set_exception(error)
        else:
            self._future.set_result(completion)

    def _send(self, **request: Any) -> ChatCompletion:
        with self._lock:
            self._check()
            self._round = self._start(**request)
        return self._round.result()

    def _approve(self, call: PendingCall) -> Decision:
        decision = self._ask(call)
        either: list[Future[Any]] = [decision, self._stopped]
        wait(either, return_when=FIRST_COMPLETED)
        self._check()
        return decision.result()

    def _check(self) -> None:
        if self._stopped.done():
            raise StoppedError("The answer was stopped.")


class _Gate:
    """Lets no function run after the stop, and knows whether the answer was told to be over."""

    def __init__(self, check: Callable[[], object]) -> None:
        self._check = check
        self.is_over = False

    def handle_data(self, event: Data) -> None:
        """Let it pass."""

    def handle_tools(self, progress: ToolProgress) -> None:
        """Stop here, before a function is called."""
        if progress.pending is not None:
            self._check()

    def handle_finish(self, _event: Finish) -> None:
        self.is_over = True

    def handle_error(self, _event: Error) -> None:
        self.is_over = True
