"""A question whose answer may be stored: it is asked once, and replayed from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.chat.recorder import Recorder
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.events import Data, Error, Finish
from chatwidget.client.sinks import as_sink
from chatwidget.client.wire.response import as_chunk
from chatwidget.magic.answer_store import stored_answers

if TYPE_CHECKING:
    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["CachedQuestion"]


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
