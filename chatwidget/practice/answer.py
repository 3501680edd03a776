"""One of the n answers while it is written, in the vendor's JSON."""

from __future__ import annotations

import re
import uuid
from itertools import islice
from typing import TYPE_CHECKING, Any

from chatwidget.practice.api_error import PracticeAPIError
from chatwidget.practice.generator import TokenGenerator
from chatwidget.practice.schema_sampler import SchemaSampler, proper_names
from chatwidget.practice.stop_sequences import WINDOW, limited

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chatwidget.practice.generator import Piece
    from chatwidget.practice.model import PracticeModel
    from chatwidget.practice.request import ChatRequest

__all__ = ["Answer"]

_BROKEN_SCHEMA = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, re.error)
"""What goes wrong where a schema holds a number, a list or an object in the wrong place."""

_FINISHED_BY_CALL = {"tool": "tool_calls", "function": "function_call"}


class Answer:
    """One of the n answers while it is written.

    Parameters
    ----------
    model
        The model that writes.
    request
        What is asked for.
    index
        Which of the n answers this is.
    """

    def __init__(self, model: PracticeModel, request: ChatRequest, index: int) -> None:
        self.index = index
        self.tokens = 0
        self.finish_reason: str | None = None
        self._output_format = request.output_format
        self._call_id = f"call_{uuid.uuid4().hex[:24]}"
        self._wants_logprobs = request.alternatives is not None
        self._text = ""
        self._logprobs: list[dict[str, Any]] = []
        pieces = _generated(TokenGenerator(model, request, index), request)
        self._pieces = limited(pieces, request.stop, request.limit)

    def advance(self) -> list[Piece]:
        """Write one more token; return the pieces of text that it lets through."""
        try:
            released = next(self._pieces)
        except StopIteration as end:
            reason = _FINISHED_BY_CALL.get(self._output_format.kind, "stop")
            self.finish_reason = reason if end.value == "stop" else end.value
            return []
        self.tokens += sum(piece.tokens for piece in released)
        self._text += "".join(piece.text for piece in released)
        self._logprobs += _entries(released)
        return released

    def choice(self) -> dict[str, Any]:
        """Return the finished answer as one choice."""
        return {
            "index": self.index,
            "message": {"role": "assistant", "refusal": None, **self._message()},
            "logprobs": self._logprobs_object(self._logprobs),
            "finish_reason": self.finish_reason,
        }

    def opening(self) -> dict[str, Any]:
        """Return the first choice of a chunk: the role, and what is called."""
        return self._chunk_choice(self._opening())

    def _opening(self) -> dict[str, Any]:
        opening: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        called = {"name": self._output_format.name, "arguments": ""}
        if self._output_format.kind == "tool":
            call = {"index": 0, "id": self._call_id, "type": "function", "function": called}
            return {**opening, "tool_calls": [call]}
        if self._output_format.kind == "function":
            return {**opening, "function_call": called}
        return {**opening, "content": ""}

    def _delta(self, text: str) -> dict[str, Any]:
        if self._output_format.kind == "tool":
            return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
        if self._output_format.kind == "function":
            return {"function_call": {"arguments": text}}
        return {"content": text}

    def chunk_choices(self) -> list[dict[str, Any]]:
        """Write one more token; return what it adds, as choices of chunks."""
        choices = [self._chunk_choice(self._delta(piece.text), [piece]) for piece in self.advance()]
        if self.finish_reason is not None:
            choices.append(self._chunk_choice({}))
        return choices

    def _chunk_choice(
        self, delta: Mapping[str, Any], pieces: Iterable[Piece] = ()
    ) -> dict[str, Any]:
        return {
            "index": self.index,
            "delta": delta,
            "logprobs": self._logprobs_object(_entries(pieces)) if pieces else None,
            "finish_reason": self.finish_reason,
        }

    def _message(self) -> dict[str, Any]:
        called = {"name": self._output_format.name, "arguments": self._text}
        if self._output_format.kind == "tool":
            call = {"id": self._call_id, "type": "function", "function": called}
            return {"content": None, "tool_calls": [call]}
        if self._output_format.kind == "function":
            return {"content": None, "function_call": called}
        return {"content": self._text}

    def _logprobs_object(self, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
        return {"content": entries, "refusal": None} if self._wants_logprobs else None


def _generated(generator: TokenGenerator, request: ChatRequest) -> Iterable[Piece]:
    output_format, question = request.output_format, request.prompt.question
    if output_format.kind == "text":
        return generator.text()
    names = proper_names(question) if output_format.kind in _FINISHED_BY_CALL else ()
    pieces = SchemaSampler(output_format.schema, generator, question, names).sample()
    try:
        # JSON is short, and written before it is sent: a bad schema must be refused in time
        return list(islice(pieces, WINDOW + 1))
    except _BROKEN_SCHEMA as error:
        raise PracticeAPIError(
            f"Invalid schema: {error}.", "response_format", "invalid_value"
        ) from error


def _entries(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    return [piece.logprob for piece in pieces if piece.logprob is not None]
