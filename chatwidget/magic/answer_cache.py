"""The answer cache: a question that is asked once, and replayed from the store from then on."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from chatwidget.chat.recorder import Recorder
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.events import Data, Error, Finish
from chatwidget.client.request.output_type import parsed, parser
from chatwidget.client.sinks import as_sink
from chatwidget.client.wire.whole import as_chunk
from chatwidget.tuning.request_key import request_key
from chatwidget.tuning.store import CELL, StoredAnswer, store_at

if TYPE_CHECKING:
    from pathlib import Path

    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.request.prepared import RequestPreview
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["CachedQuestion", "StoredAnswers", "stored_answers"]


class StoredAnswers:
    """The answers that cells have kept in the store, each in place of an earlier one.

    Parameters
    ----------
    path
        The file of the store; by default that of this user.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._store = store_at(path)

    def find(self, preview: RequestPreview) -> StoredAnswer | None:
        """Return the answer to an identical earlier request, if there is one.

        Raises
        ------
        ConfigurationError
            If the file cannot be used.
        """
        for key in (_key(preview), _first_key(preview)):
            if (found := self._store.find(key, CELL)) is not None:
                return found
        return None

    def keep(self, preview: RequestPreview, completion: ChatCompletion) -> None:
        """Store a complete answer, in place of an earlier one to the same request.

        Raises
        ------
        ConfigurationError
            If the file cannot be used.
        """
        answer = StoredAnswer(completion)
        self._store.keep(_key(preview), CELL, answer, replace=True).result()

    def clear(self) -> None:
        """Remove all of them, also from a file that cannot be read.

        Raises
        ------
        ConfigurationError
            If they cannot be removed.
        """
        self._store.remove_cells()


def stored_answers() -> StoredAnswers:
    """Return the stored answers of this user."""
    return StoredAnswers()


def _key(preview: RequestPreview) -> bytes:
    return request_key(preview.url, json.loads(preview.wanted))


def _first_key(preview: RequestPreview) -> bytes:
    """Return the key that the first form of the file had for a request."""
    fields = json.dumps(json.loads(preview.wanted), sort_keys=True)
    return hashlib.sha256(f"{preview.url}\n{fields}".encode()).digest()


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
        form = self._question.config.parameters.get("response_format")
        completion = parsed(self._answer.completion, parser(form))
        recorder = Recorder(
            self._question, self._session.record, self._session.asked, cached=self.stored
        )
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
