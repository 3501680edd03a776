"""The watchdog: one thread that wakes readers whose time is up.

A thread that waits for a socket cannot look at a clock, and closing the response from elsewhere
does not wake it. Shutting the socket down does: the reader finds the connection at its end.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from chatwidget.client.forks import call_in_children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from chatwidget.client.deadlines import Clocks
    from chatwidget.client.transport.protocols import ResponseHead

__all__ = ["watched", "watching"]


def watched(response: ResponseHead, clocks: Clocks) -> AbstractContextManager[None]:
    """Shut the connection of a response down when one of its clocks runs out.

    Responses that come from no socket are not watched: nothing waits there.
    """
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    return nullcontext() if connection is None else watching(lambda: connection, clocks)


@contextmanager
def watching(connection: Callable[[], Any], clocks: Clocks) -> Iterator[None]:
    """Do as `watched` does for a connection that is not known yet: None as long as there is none.

    Each byte of a header that comes is a read of its own, and would have a limit of its own.
    """
    watch = (connection, clocks)
    _watchdog.add(watch)
    try:
        yield
    finally:
        _watchdog.remove(watch)


class _Watchdog:
    """Sleeps until the earliest time at which a clock may run out."""

    def __init__(self) -> None:
        self._begin()
        call_in_children(self._begin)

    def _begin(self) -> None:
        # Requests that begin or end, and the thread, which waits for a clock or for them.
        self._condition = threading.Condition()
        self._watches: list[tuple[Callable[[], Any], Clocks]] = []
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    def add(self, watch: tuple[Callable[[], Any], Clocks]) -> None:
        with self._condition:
            self._watches.append(watch)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="chatwidget-watchdog", daemon=True
                )
                self._thread.start()
            elif time.monotonic() + min(watch[1].time_left(), _LONGEST_SLEEP) < self._wakes_at:
                self._condition.notify()

    def remove(self, watch: tuple[Callable[[], Any], Clocks]) -> None:
        with self._condition, suppress(ValueError):
            self._watches.remove(watch)

    def _run(self) -> None:
        with self._condition:
            while True:
                for watch in [watch for watch in self._watches if watch[1].expired()]:
                    _shut_down(watch[0]())
                    self._watches.remove(watch)
                self._condition.wait(self._seconds())

    def _seconds(self) -> float | None:
        """Return how long to sleep; None, until there is something to watch.

        Waking now and then costs less than being woken at the end of each answer.
        """
        if not self._watches:
            self._wakes_at = math.inf
            return None
        left = min(clocks.time_left() for _, clocks in self._watches)
        seconds = min(max(left, _SHORTEST_SLEEP), _LONGEST_SLEEP)
        self._wakes_at = time.monotonic() + seconds
        return seconds


def _shut_down(connection: Any) -> None:
    """Wake the reader; a TLS socket's own method would take its state from under it."""
    with suppress(OSError, ValueError):
        if isinstance(connection, socket.socket):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
        elif connection is not None:
            connection.shutdown(socket.SHUT_RDWR)


_SHORTEST_SLEEP = 0.01
_LONGEST_SLEEP = 0.25
_watchdog = _Watchdog()
