"""The schema of the store's database, its versions, and how one becomes the next."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["PATIENCE", "VERSION", "connect", "transaction", "upgrade"]

VERSION = 3
PATIENCE = 30.0
"""How many seconds a connection waits for another one."""

_FIRST = """
CREATE TABLE answers (
    request BLOB NOT NULL,
    draw INTEGER NOT NULL,
    completion BLOB NOT NULL,
    seconds REAL,
    first_token REAL,
    stored TEXT NOT NULL,
    UNIQUE (request, draw)
);
CREATE TABLE failures (
    request BLOB NOT NULL,
    draw INTEGER NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    status INTEGER,
    stored TEXT NOT NULL,
    UNIQUE (request, draw)
);
CREATE TABLE logprobs (
    request BLOB NOT NULL,
    draw INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (request, draw)
);
CREATE TABLE studies (
    name TEXT PRIMARY KEY,
    definition BLOB NOT NULL,
    stored TEXT NOT NULL
);
"""
_SECOND = """
CREATE TABLE judgements (
    request BLOB NOT NULL,
    draw INTEGER NOT NULL,
    thumb INTEGER,
    note TEXT NOT NULL,
    stored TEXT NOT NULL,
    UNIQUE (request, draw)
);
"""
_THIRD = """
CREATE TABLE further (
    study TEXT NOT NULL,
    request BLOB NOT NULL,
    place INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    UNIQUE (study, request, place)
);
"""


def connect(path: str | Path) -> sqlite3.Connection:
    """Return a connection whose commits are on the disk when they return.

    The journal is rolled back, not written ahead: SQLite up to 3.51.2 can corrupt the latter when
    two connections write at once (sqlite.org/wal.html, "WAL-reset bug").
    """
    database = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        database.execute("PRAGMA journal_mode = TRUNCATE")
        database.execute("PRAGMA synchronous = FULL")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Write all of a block, or nothing; nobody else writes meanwhile."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def upgrade(database: sqlite3.Connection) -> int:
    """Bring a database to this version, and return the version that it has then.

    One of a newer version stays as it is. Of two that come at once, one waits, and finds it done.
    """
    if (found := _version(database)) >= VERSION:
        return found
    with transaction(database):
        if (found := _version(database)) >= VERSION:
            return found
        for step in _STEPS[found:]:
            step(database)
        database.execute(f"PRAGMA user_version = {VERSION}")
    return VERSION


def _begin(database: sqlite3.Connection) -> None:
    """Make the tables, and take over the answers of the first form of the file."""
    earlier = _take_first_answers(database)
    _make(database, _FIRST)
    insert = "INSERT INTO answers (request, draw, completion, stored) VALUES (?, 0, ?, ?)"
    database.executemany(insert, earlier)


def _add_judgements(database: sqlite3.Connection) -> None:
    _make(database, _SECOND)


def _add_further_repeats(database: sqlite3.Connection) -> None:
    _make(database, _THIRD)


_STEPS = (_begin, _add_judgements, _add_further_repeats)
"""What makes each version of the one before it; the first of an empty file."""


def _make(database: sqlite3.Connection, tables: str) -> None:
    for statement in filter(str.strip, tables.split(";")):
        database.execute(statement)


def _take_first_answers(database: sqlite3.Connection) -> list[tuple[bytes, bytes, str]]:
    """Take out the answers of the first form, which had no draws and keys in hexadecimal."""
    if not database.execute("PRAGMA table_info(answers)").fetchall():
        return []
    rows = database.execute("SELECT request, completion, stored FROM answers").fetchall()
    database.execute("DROP TABLE answers")
    return [(bytes.fromhex(request), completion, stored) for request, completion, stored in rows]


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])
