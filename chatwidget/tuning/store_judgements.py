"""The judgements in the store: what people say of its answers, a thumb and a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import clean
from chatwidget.tuning.store_rows import Judgement, moment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

__all__ = ["judge", "judgement_of"]

_IS_THERE = "SELECT 1 FROM answers WHERE request = ? AND draw = ?"
_SAID = "SELECT thumb, note FROM judgements WHERE request = ? AND draw = ?"
_REMOVE = "DELETE FROM judgements WHERE request = ? AND draw = ?"


def judge(
    database: sqlite3.Connection, place: tuple[bytes, int], said: Mapping[str, Any]
) -> Judgement:
    """Store what is said of an answer; what is not said stays, as another kernel may have said it.

    Raises
    ------
    ConfigurationError
        If there is no such answer.
    """
    if not database.execute(_IS_THERE, place).fetchone():
        raise ConfigurationError(
            "This answer is not in the store any more, so that nothing can be noted of it."
        )
    row = database.execute(_SAID, place).fetchone()
    found = msgspec.structs.replace(judgement_of(*(row or ())), **said)
    found = msgspec.structs.replace(found, note=clean(found.note))
    database.execute(_REMOVE, place)
    if found != Judgement():
        values = (*place, found.thumb, found.note, moment())
        database.execute("INSERT INTO judgements VALUES (?, ?, ?, ?, ?)", values)
    return found


def judgement_of(thumb: int | None = None, note: str = "") -> Judgement:
    """Return the judgement of a row."""
    return Judgement(None if thumb is None else bool(thumb), note)
