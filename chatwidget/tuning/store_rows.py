"""The rows of the store: answers and failures as values, and how they are written down."""

from __future__ import annotations

import zlib
from datetime import datetime, timezone
from typing import Any

import msgspec

from chatwidget.client.wire.types import ChatCompletion, ChoiceLogprobs

__all__ = ["Judgement", "StoredAnswer", "StoredFailure", "answer_of", "moment", "rows_of"]


def moment(time: datetime | None = None) -> str:
    """Return a time, or now, as ``2026-01-31 23:59`` in universal time."""
    return f"{time or datetime.now(timezone.utc):%Y-%m-%d %H:%M}"


class StoredAnswer(msgspec.Struct, frozen=True):
    """An answer as it is stored.

    Attributes
    ----------
    completion
        All of it but the instance of a type, which only Python can hold.
    seconds, first_token
        How long it took, to its end and to its first token; None if that was not measured.
    stored
        When it came, as ``2026-01-31 23:59`` in universal time.
    """

    completion: ChatCompletion
    seconds: float | None = None
    first_token: float | None = None
    stored: str = msgspec.field(default_factory=moment)


class StoredFailure(msgspec.Struct, frozen=True):
    """A failure as it is stored: the last one of its call.

    Attributes
    ----------
    kind, message, status, stored
        As in `chatwidget.tuning.Failure`.
    """

    kind: str
    message: str
    status: int | None = None
    stored: str = msgspec.field(default_factory=moment)


class Judgement(msgspec.Struct, frozen=True):
    """What a person says of an answer.

    Attributes
    ----------
    thumb
        Up or down; None for neither.
    note
        A text of theirs.
    """

    thumb: bool | None = None
    note: str = ""


def rows_of(answer: StoredAnswer, *, keep_logprobs: bool) -> tuple[tuple[Any, ...], bytes]:
    """Return the columns of an answer, and its compressed log probabilities, if there are some."""
    completion = msgspec.structs.replace(answer.completion, parsed=None)
    logprobs = {each.index: each.logprobs for each in completion.choices if each.logprobs}
    if logprobs:
        bare = [msgspec.structs.replace(each, logprobs=None) for each in completion.choices]
        completion = msgspec.structs.replace(completion, choices=bare)
    columns = (msgspec.json.encode(completion), answer.seconds, answer.first_token, answer.stored)
    if not logprobs or not keep_logprobs:
        return columns, b""
    return columns, zlib.compress(msgspec.json.encode(logprobs))


def answer_of(completion: bytes, *rest: Any) -> StoredAnswer:
    """Return the answer of a row; the last column has its log probabilities, or None.

    Raises
    ------
    msgspec.MsgspecError, zlib.error, TypeError, RecursionError
        If it is damaged.
    """
    *measured, logprobs = rest
    measured = msgspec.convert(measured, _MEASURED)  # a column holds what anybody put there
    answer = StoredAnswer(_COMPLETION.decode(completion), *measured)
    kept = _LOGPROBS.decode(_decompressed(logprobs)) if logprobs is not None else {}
    for choice in answer.completion.choices:
        choice.logprobs = kept.get(choice.index)
    return answer


def _decompressed(data: bytes) -> bytes:
    """Return what was compressed, up to a length that no answer has."""
    reader = zlib.decompressobj()
    found = reader.decompress(data, _LONGEST)
    if not reader.eof:
        raise zlib.error("log probabilities that are too long, or cut off")
    return found


_LONGEST = 2**28
_MEASURED = tuple[float | None, float | None, str]
_COMPLETION = msgspec.json.Decoder(ChatCompletion)
_LOGPROBS = msgspec.json.Decoder(dict[int, ChoiceLogprobs])
