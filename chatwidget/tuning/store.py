"""The store of answers: what was asked once, kept on the disk before anybody sees it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from chatwidget.client.data_folder import data_folder
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.forks import fork_safe
from chatwidget.tuning.store_file import DatabaseFile, DatabaseMemory, explained
from chatwidget.tuning.store_judgements import judge, judgement_of
from chatwidget.tuning.store_place import local_place
from chatwidget.tuning.store_rows import (
    Judgement,
    StoredAnswer,
    StoredFailure,
    answer_of,
    moment,
    rows_of,
)
from chatwidget.tuning.store_schema import transaction
from chatwidget.tuning.store_writer import GroupWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from chatwidget.tuning.store_file import DatabasePlace

__all__ = ["CELL", "Store", "StorePlace", "StoredAnswer", "StoredFailure", "store_at"]

CELL = 0
"""The draw of what a cell keeps with ``--cached``; those of studies are counted from 1."""

_AT_ONCE = 500  # keys in one query


class Store:
    """The stored answers of one database; threads and processes may share it.

    It holds answers and a fingerprint of each request: no keys, and no prompts but those of
    studies. What cannot be read or written is a `ConfigurationError`.

    Parameters
    ----------
    place
        Where the database is.
    """

    def __init__(self, place: DatabasePlace) -> None:
        self.place = place
        self._writer = GroupWriter(place)

    def find(self, key: bytes, draw: int) -> StoredAnswer | None:
        """Return one answer, if there is one."""
        with self._opened() as database:
            return _found(database, key, draw)

    def answers(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, int, StoredAnswer]]:
        """Yield key, draw and answer of all answers to some requests."""
        for key, draw, *row in self._select(f"{_ANSWERS} WHERE request IN", keys):
            with explained():
                answer = answer_of(*row)
            yield key, draw, answer

    def failures(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, int, StoredFailure]]:
        """Yield key, draw and failure of all calls to some requests that have no answer yet."""
        columns = "request, draw, kind, message, status, stored"
        query = f"SELECT {columns} FROM failures WHERE request IN"  # noqa: S608 - ours
        for key, draw, *row in self._select(query, keys):
            yield key, draw, StoredFailure(*row)

    def draws(self, keys: Iterable[bytes]) -> dict[bytes, set[int]]:
        """Return the draws that are answered, by key."""
        found: dict[bytes, set[int]] = {}
        for key, draw in self._select("SELECT request, draw FROM answers WHERE request IN", keys):
            found.setdefault(key, set()).add(draw)
        return found

    def keep(
        self,
        key: bytes,
        draw: int,
        answer: StoredAnswer,
        *,
        keep_logprobs: bool = True,
        replace: bool = False,
    ) -> Future[StoredAnswer]:
        """Store an answer; the future has what is stored then, when it is on the disk.

        That is the earlier answer if there is one, unless it is to be replaced.
        """
        columns, logprobs = rows_of(answer, keep_logprobs=keep_logprobs)

        def write(database: sqlite3.Connection) -> StoredAnswer:
            if not replace and (found := _found(database, key, draw)) is not None:
                return found
            for table in ("answers", "failures", *_OF_ANSWERS):
                database.execute(f"DELETE FROM {table} {_THIS}", (key, draw))  # noqa: S608 - ours
            database.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", (key, draw, *columns))
            if logprobs:
                database.execute("INSERT INTO logprobs VALUES (?, ?, ?)", (key, draw, logprobs))
            return answer

        return self._writer.put(write)

    def keep_failure(self, key: bytes, draw: int, failure: StoredFailure) -> Future[object]:
        """Store that a call failed, in place of its earlier failure."""
        row = (key, draw, failure.kind, failure.message, failure.status, failure.stored)
        insert = "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?)"
        return self._writer.put(lambda database: database.execute(insert, row) and None)

    def judge(self, key: bytes, draw: int, **said: Any) -> Future[Judgement]:
        """Store what a person says of an answer: a ``thumb``, a ``note``, or both.

        What is not said stays. The future has what is stored then.

        Raises
        ------
        ConfigurationError
            By the future: there is no such answer, or the store cannot be used.
        """
        return self._writer.put(lambda database: judge(database, (key, draw), said))

    def judgements(self, keys: Iterable[bytes]) -> dict[tuple[bytes, int], Judgement]:
        """Return what people say of the answers to some requests, by key and draw."""
        query = "SELECT request, draw, thumb, note FROM judgements WHERE request IN"
        return {(key, draw): judgement_of(*row) for key, draw, *row in self._select(query, keys)}

    def keep_study(self, name: str, definition: bytes) -> Future[object]:
        """Store the definition of a study, in place of an earlier one of its name."""
        row = (name, definition, moment())
        insert = "INSERT OR REPLACE INTO studies VALUES (?, ?, ?)"
        return self._writer.put(lambda database: database.execute(insert, row) and None)

    def add_repeats(self, study: str, key: bytes, place: int, planned: int, more: int) -> int:
        """Let so many further repeats of a request belong to a study; return how many do then.

        Parameters
        ----------
        study
            Its name.
        key, place
            The request, and which of those that ask the same.
        planned
            How many repeats the study asks for by itself.
        more
            How many are added to what belongs to it already.
        """

        def write(database: sqlite3.Connection) -> int:
            row = database.execute(_FURTHER_OF, (study, key, place)).fetchone()
            found = max(planned, *row or (0,)) + more
            insert = "INSERT OR REPLACE INTO further VALUES (?, ?, ?, ?)"
            database.execute(insert, (study, key, place, found))
            return found

        return self._writer.put(write).result()

    def further(self, study: str) -> dict[tuple[bytes, int], int]:
        """Return how many repeats belong to a study where they are more than it asks for."""
        with self._opened() as database:
            rows = database.execute(_FURTHER, [study]).fetchall()
        return {(key, place): repeats for key, place, repeats in rows}

    def studies(self) -> dict[str, tuple[bytes, str]]:
        """Return the definitions of the studies and when they last ran, the last one first."""
        with self._opened() as database:
            rows = database.execute("SELECT * FROM studies ORDER BY rowid DESC").fetchall()
        return {name: (definition, stored) for name, definition, stored in rows}

    @property
    def size(self) -> int:
        """How many bytes the store has."""
        return self.place.size

    def count(self) -> int:
        """Return how many answers are stored."""
        with self._opened() as database:
            return int(database.execute("SELECT count(*) FROM answers").fetchone()[0])

    def remove_cells(self) -> None:
        """Remove what cells have kept; the file goes if it holds nothing else, or no database."""
        try:
            with self._deleting() as database:
                _delete(database, "draw = ?", [CELL])
            is_empty = not self.count() and not self.studies()
        except ConfigurationError as error:
            if isinstance(error.__context__, sqlite3.OperationalError | OSError):
                raise
            is_empty = True
        if is_empty:
            self.place.remove()

    def remove_study(self, name: str, keys: Iterable[bytes] = ()) -> None:
        """Remove a study, and the answers that studies have to some requests."""
        with self._deleting() as database:
            database.execute("DELETE FROM studies WHERE name = ?", [name])
            database.execute("DELETE FROM further WHERE study = ?", [name])
            for some in _groups(keys):
                _delete(database, f"draw != ? AND request IN ({_marks(some)})", [CELL, *some])

    def prune(self, *, days: float) -> int:
        """Remove answers and failures older than some days, and return how many answers."""
        before = self.count()
        oldest = datetime.now(timezone.utc) - timedelta(days=days)
        with self._deleting() as database:
            _delete(database, "stored < ?", [moment(oldest)])
        return before - self.count()

    def export(self, path: str | Path) -> int:
        """Write all answers to a file of JSON lines, for its owner alone; return how many."""
        Path(path).touch(mode=0o600)
        with Path(path).open("wb") as file, self._opened() as database:
            count = 0
            for key, draw, completion, *rest in database.execute(_EXPORTED):
                values = (bytes(key).hex(), draw, msgspec.Raw(completion), *rest)
                line = dict(zip(_COLUMNS, values, strict=True))
                file.write(msgspec.json.encode(line) + b"\n")
                count += 1
        return count

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the database to read it; one that is not there is empty, and is not made."""
        place = self.place if self.place.exists else DatabaseMemory()
        with place.opened(to_write=False) as database:
            yield database

    @contextmanager
    def _deleting(self) -> Iterator[sqlite3.Connection]:
        """Open the database to delete from it, and give back the space."""
        place = self.place if self.place.exists else DatabaseMemory()
        with place.opened(to_write=True) as database:
            with transaction(database):
                yield database
                for table in _OF_ANSWERS:
                    database.execute(_ORPHANS.format(table))
            database.execute("VACUUM")

    def _select(self, query: str, keys: Iterable[bytes]) -> list[Any]:
        """Return the rows of some requests."""
        rows: list[Any] = []
        with self._opened() as database:
            for some in _groups(keys):
                rows += database.execute(f"{query} ({_marks(some)})", some).fetchall()
        return rows


_THIS = "WHERE request = ? AND draw = ?"
_ANSWERS = """
SELECT request, draw, completion, seconds, first_token, stored, data
FROM answers LEFT JOIN logprobs USING (request, draw)
"""
_OF_ANSWERS = ("logprobs", "judgements")
_ORPHANS = "DELETE FROM {} WHERE (request, draw) NOT IN (SELECT request, draw FROM answers)"
_FURTHER = "SELECT request, place, repeats FROM further WHERE study = ?"
_FURTHER_OF = "SELECT repeats FROM further WHERE study = ? AND request = ? AND place = ?"
_COLUMNS = ("request", "draw", "completion", "seconds", "first_token", "stored", "thumb", "note")
_EXPORTED = """
SELECT request, draw, completion, seconds, first_token, answers.stored, thumb, coalesce(note, '')
FROM answers LEFT JOIN judgements USING (request, draw)
"""

StorePlace: TypeAlias = str | Path | bool | Store | None
"""A file; None is that of this user, and False is memory."""

_stores: dict[Path, Store] = {}
# Whoever opens a store: each file has one, and so one writer.
_lock = fork_safe(threading.Lock())


def store_at(place: StorePlace = None) -> Store:
    """Return the store at a path, or that of this user; for False, one in memory alone."""
    if isinstance(place, Store):
        return place
    if not isinstance(place, str | Path | bool | None):
        raise ConfigurationError(f"store= takes the path of a file; got {place!r}.")
    if place is False:
        return Store(DatabaseMemory())
    named = data_folder() / "answers.sqlite" if place in (None, True) else Path(str(place))
    path = named.absolute()
    with _lock:  # each file has one writer in a process
        if path not in _stores:
            _stores[path] = Store(DatabaseFile(local_place(path)))
        return _stores[path]


def _found(database: sqlite3.Connection, key: bytes, draw: int) -> StoredAnswer | None:
    row = database.execute(f"{_ANSWERS} {_THIS}", (key, draw)).fetchone()
    return answer_of(*row[2:]) if row else None


def _delete(database: sqlite3.Connection, condition: str, values: list[Any]) -> None:
    for table in ("answers", "failures"):
        database.execute(f"DELETE FROM {table} WHERE {condition}", values)  # noqa: S608 - ours


def _groups(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(dict.fromkeys(keys))
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _marks(values: list[bytes]) -> str:
    return ", ".join("?" * len(values))
