"""The writer of a store: one thread that commits what comes together in one transaction."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.forks import call_in_children, fork_safe
from chatwidget.tuning.store_schema import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.tuning.store_file import DatabasePlace

__all__ = ["GroupWriter"]

_T = TypeVar("_T")
_GROUP = 64
_GATHERING = 0.025
"""How many writes are committed together, and how many seconds the first one waits for others."""
_IDLE = 1.0
_TRIES = 3


class GroupWriter:
    """Writes to a database on a thread of its own, which ends when there is nothing to write.

    Parameters
    ----------
    place
        Where the database is.
    """

    def __init__(self, place: DatabasePlace) -> None:
        self._place = place
        self._lock = fork_safe(threading.Lock())  # whoever adds a write, or ends the thread
        self._begin_anew()
        call_in_children(self._begin_anew)

    def _begin_anew(self) -> None:
        self._writes: queue.SimpleQueue[_Write] = queue.SimpleQueue()
        self._is_running = False

    def put(self, write: Callable[[sqlite3.Connection], _T]) -> Future[_T]:
        """Write soon: the future has what the function returns when that is on the disk.

        It is called again if the transaction has to be, or that of another write that came with it.
        """
        future: Future[_T] = Future()
        future.set_running_or_notify_cancel()  # who waits no longer takes nothing back
        with self._lock:
            self._writes.put((write, future))
            if not self._is_running:
                self._is_running = True
                name = "chatwidget-store"
                threading.Thread(target=self._run, name=name, daemon=True).start()
        return future

    def _run(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)

    def _next_batch(self) -> list[_Write]:
        """Return the writes that come within a moment; none if none came for long."""
        first = self._next(_IDLE)
        if first is None:
            with self._lock:
                first = self._next(0)
                self._is_running = first is not None
        batch = [first] if first is not None else []
        end = time.monotonic() + _GATHERING
        while 0 < len(batch) < _GROUP and (found := self._next(end - time.monotonic())) is not None:
            batch.append(found)
        return batch

    def _next(self, seconds: float) -> _Write | None:
        try:
            return self._writes.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def _commit(self, batch: Sequence[_Write]) -> None:
        """Commit writes together; if one of them fails, each alone."""
        try:
            results = self._written([write for write, _ in batch], _TRIES)
        except Exception as error:  # noqa: BLE001 - it is raised where the write came from
            if len(batch) == 1:
                batch[0][1].set_exception(error)
            else:
                for each in batch:
                    self._commit([each])
            return
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)

    def _written(self, writes: Sequence[Callable[[sqlite3.Connection], Any]], tries: int) -> Any:
        try:
            with self._place.opened(to_write=True) as database, transaction(database):
                return [write(database) for write in writes]
        except ConfigurationError as error:
            if tries > 1 and _is_busy(error):
                return self._written(writes, tries - 1)
            raise


def _is_busy(error: ConfigurationError) -> bool:
    """Tell whether another connection was in the way for all the time that ours waits."""
    return isinstance(error.__context__, sqlite3.OperationalError) and "locked" in error.message


_Write = tuple["Callable[[sqlite3.Connection], Any]", "Future[Any]"]
