"""Where the store keeps its database: a file for its owner alone, or memory."""

from __future__ import annotations

import sqlite3
import threading
import weakref
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Protocol

import msgspec

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.forks import fork_safe
from chatwidget.tuning.store_schema import VERSION, connect, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["DatabaseFile", "DatabaseMemory", "DatabasePlace", "explained"]

_NEWER = (
    "The stored answers were written by a newer version of chatwidget: they can be read, and "
    "nothing is stored."
)


_DAMAGED = (
    *(OSError, sqlite3.Error, msgspec.MsgspecError, zlib.error),
    *(ValueError, TypeError, RecursionError),
)
"""What files raise, and what somebody else may have written into them."""


class DatabasePlace(Protocol):
    """Where a database is."""

    def opened(self, *, to_write: bool) -> AbstractContextManager[sqlite3.Connection]:
        """Open the database for a while.

        Raises
        ------
        ConfigurationError
            If it cannot be used.
        """

    @property
    def exists(self) -> bool:
        """Whether there is anything in it."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def remove(self) -> None:
        """Remove all of it."""


class DatabaseFile:
    """A database in a file, which is made when it is first written.

    It is opened for each use, so that no process holds it while it has nothing to say.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def opened(self, *, to_write: bool) -> Iterator[sqlite3.Connection]:
        """Open the database for a while."""
        with explained():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            with closing(connect(self.path)) as database:
                if upgrade(database) > VERSION and to_write:
                    raise ConfigurationError(_NEWER, hint="Update chatwidget to store more.")
                yield database

    @property
    def exists(self) -> bool:
        """Whether the file is there, or cannot be there."""
        folder = self.path.parent
        with explained():
            return self.path.exists() or (folder.exists() and not folder.is_dir())

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size if self.path.exists() else 0

    def remove(self) -> None:
        """Remove the file, even one that cannot be read."""
        with explained():
            for suffix in ("", "-journal"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


class DatabaseMemory:
    """A database that is gone with the process: nothing is written to a disk."""

    def __init__(self) -> None:
        # The writer's thread and whoever reads: a connection in memory serves one at a time.
        self._lock = fork_safe(threading.RLock())
        self.remove()

    @contextmanager
    def opened(self, *, to_write: bool) -> Iterator[sqlite3.Connection]:  # noqa: ARG002 - as of a file
        """Open the database for a while, in which nobody else does."""
        with explained(), self._lock:
            yield self._database

    @property
    def exists(self) -> bool:
        """There it is."""
        return True

    @property
    def size(self) -> int:
        """How many bytes it has."""
        with self.opened(to_write=False) as database:
            sizes = (database.execute(f"PRAGMA {each}") for each in ("page_count", "page_size"))
            pages, size = (each.fetchone()[0] for each in sizes)
        return int(pages) * int(size)

    def remove(self) -> None:
        """Begin with an empty one."""
        self._database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        upgrade(self._database)


@contextmanager
def explained() -> Iterator[None]:
    """Explain what databases and files raise.

    Raises
    ------
    ConfigurationError
        In place of it.
    """
    try:
        yield
    except _DAMAGED as error:
        reason = getattr(error, "strerror", None) or error  # without the name of the folder
        raise ConfigurationError(
            f"The stored answers cannot be used: {reason}.",
            hint="If the file is damaged, %chat forget --answers removes it.",
        ) from None
