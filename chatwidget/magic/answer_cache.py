"""The answer cache: a question that is asked once, and replayed from a file from then on."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import msgspec

from chatwidget.chat.recorder import Recorder
from chatwidget.client.data_folder import data_folder
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.events import Data, Error, Finish
from chatwidget.client.request.output_type import parsed, parser
from chatwidget.client.sinks import as_sink
from chatwidget.client.wire.types import ChatCompletion
from chatwidget.client.wire.whole import as_chunk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.request.prepared import RequestPreview
    from chatwidget.client.sinks import StreamTo

__all__ = ["CachedQuestion", "StoredAnswers", "stored_answers"]


_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    request TEXT PRIMARY KEY,
    completion BLOB NOT NULL,
    stored TEXT NOT NULL
)
"""
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer that came before.

    Attributes
    ----------
    completion
        All of it but the instance of a type, which only Python can hold.
    stored
        When it came, as ``2026-01-31 23:59`` in universal time.
    """

    completion: ChatCompletion
    stored: str

    def read_as(self, response_format: object) -> ChatCompletion:
        """Return the completion, with ``parsed`` set if the format is a type.

        Raises
        ------
        ParsingError
            If it is of that type no more.
        """
        return parsed(self.completion, parser(response_format))


class StoredAnswers:
    """The answers of one file, which only its owner can read; threads and processes may share it.

    It holds answers and a fingerprint of each request: no prompts and no keys.

    Parameters
    ----------
    path
        The file; it is made at first use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, preview: RequestPreview) -> StoredAnswer | None:
        """Return the answer to an identical earlier request, if there is one.

        Raises
        ------
        ConfigurationError
            If the file cannot be used.
        """
        select = "SELECT completion, stored FROM answers WHERE request = ?"
        with self._opened() as database:
            row = database.execute(select, [_fingerprint(preview)]).fetchone()
            return row and StoredAnswer(msgspec.json.decode(row[0], type=ChatCompletion), row[1])

    def keep(self, preview: RequestPreview, completion: ChatCompletion) -> None:
        """Store a complete answer, in place of an earlier one to the same request.

        Raises
        ------
        ConfigurationError
            If the file cannot be used.
        """
        data = msgspec.json.encode(msgspec.structs.replace(completion, parsed=None))
        now = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M}"
        with self._opened() as database, database:
            row = [_fingerprint(preview), data, now]
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", row)

    def clear(self) -> None:
        """Remove all of them, also from a file that cannot be read.

        Raises
        ------
        ConfigurationError
            If the file cannot be removed.
        """
        with _explained():
            for suffix in ("", "-journal"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with _explained():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as database:
                database.execute(_TABLE)
                yield database


def stored_answers() -> StoredAnswers:
    """Return the stored answers of this user."""
    return StoredAnswers(data_folder() / "answers.sqlite")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error  # without the name of the folder
        raise ConfigurationError(
            f"The stored answers cannot be used: {reason}.",
            hint="%chat forget --answers removes them.",
        ) from None


def _fingerprint(preview: RequestPreview) -> str:
    """Return what all requests have in common that ask the same of the same server.

    What the server refuses is left in: it may have learned or forgotten that in the meantime.
    """
    fields = json.dumps(json.loads(preview.wanted), sort_keys=True)
    return hashlib.sha256(f"{preview.url}\n{fields}".encode()).hexdigest()


class CachedQuestion:
    """A question, and the stored answer to exactly the same request.

    Where there is none, it is a sink that stores the answer when it is complete.

    Parameters
    ----------
    session
        Which asks.
    question
        What is asked.

    Attributes
    ----------
    stored
        When the answer was stored; empty if there is none.
    trouble
        Why the stored answers cannot be used, in which case the question is asked anew; empty if
        all is well.
    """

    def __init__(self, session: ChatSession, question: Question) -> None:
        self._session = session
        self._question = question
        self._preview = session.draft(question)
        self._store = stored_answers()
        self.trouble = ""
        self._answer = None
        try:
            self._answer = self._store.find(self._preview)
        except ConfigurationError as error:
            self.trouble = f"{error} The question was asked anew."
        self.stored = self._answer.stored if self._answer else ""

    def replay(self, stream_to: StreamTo) -> ChatCompletion:
        """Answer with the stored answer, and record it; nothing is sent.

        Raises
        ------
        LookupError
            If there is none.
        ParsingError
            If it is not of the type that was asked for.
        """
        if self._answer is None:
            raise LookupError("No answer is stored.")
        completion = self._answer.read_as(self._question.config.parameters.get("response_format"))
        recorder = Recorder(self._question, self._session.record, cached=self.stored)
        sink = as_sink((recorder, stream_to))
        self._session.running.make_way(self._question.cell_id)
        sink(Data(as_chunk(completion)))
        sink(Finish(completion))
        return completion

    def handle_data(self, event: Data) -> None:
        """Wait for the end."""

    def handle_error(self, event: Error) -> None:
        """Store nothing: only complete answers are worth a replay."""

    def handle_finish(self, event: Finish) -> None:
        """Store the answer."""
        if not self.trouble:
            try:
                self._store.keep(self._preview, event.completion)
            except ConfigurationError as error:
                self.trouble = f"{error} The answer was not stored."
