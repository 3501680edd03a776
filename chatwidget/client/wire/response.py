"""The response parser: bytes into chunks, and the rule of when an answer is complete. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import StreamInterruptedError
from chatwidget.client.limits import Limits
from chatwidget.client.wire.accumulate import ChatCompletionAccumulator
from chatwidget.client.wire.decode import (
    decode_chunk,
    decode_completion,
    decode_doubt,
    decode_error,
    replaced_characters,
)
from chatwidget.client.wire.finish import cut_off, ending
from chatwidget.client.wire.json_text import parse_json
from chatwidget.client.wire.sse import SSEDecoder
from chatwidget.client.wire.surrogates import SurrogateJoiner, repaired
from chatwidget.client.wire.whole import as_chunk, drop_echo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatwidget.client.errors import StreamError
    from chatwidget.client.wire.redactor import AnswerRedactor
    from chatwidget.client.wire.sse import ServerSentEvent
    from chatwidget.client.wire.types import ChatCompletion, ChatCompletionChunk, Choice

__all__ = ["ResponseParser"]

_DONE = b"[DONE]"
_BLANK = b"\xef\xbb\xbf \t\r\n"


class ResponseParser:
    """Incremental parser of a response, which may be a stream or whole, whatever was asked.

    An answer is complete if every choice said why it ended, or if it said something and its end
    came: ``[DONE]``, or that of a whole body. An event that is no part of an answer, and the last
    one before such an end, is an error.

    Parameters
    ----------
    content_type
        The response's header of that name. It tells a whole answer from a stream, unless the
        first character does; what tells nothing is taken for a stream.
    limits
        How large the answer may be.
    redactor
        What takes the key out of the answer, if one was sent.
    think_tags, is_sole
        As `ChatCompletionAccumulator` takes them.
    begun
        What the answer had begun with, before anything of it came.

    Attributes
    ----------
    done
        Whether the end of the answer came.
    chunks
        How many chunks there were.
    """

    def __init__(
        self,
        content_type: str = "",
        limits: Limits | None = None,
        redactor: AnswerRedactor | None = None,
        *,
        think_tags: bool = True,
        is_sole: bool = False,
        begun: ChatCompletionChunk | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._redactor = redactor
        self._size = 0
        self._decoder = SSEDecoder(self._limits)
        self._surrogates = SurrogateJoiner()
        self._repair = _ChunkRepair(self._surrogates)
        self._accumulator = ChatCompletionAccumulator(think_tags=think_tags, is_sole=is_sole)
        self._begun = begun
        if begun is not None:
            self._accumulator.feed(begun)
        self._doubt: StreamError | None = None
        self._is_page = "html" in content_type.lower()
        self._has_begun = False
        self._is_json = "json" in content_type.lower()
        self._whole = bytearray() if self._is_json else None
        self.done = False
        self.chunks = 0

    @property
    def completion(self) -> ChatCompletion:
        """What has arrived so far."""
        completion = self._accumulator.completion
        if self._redactor is not None:
            self._redactor.redact_completion(completion)
        return completion

    @property
    def finished(self) -> bool:
        """Whether every choice that has begun has said why it ended."""
        return self._accumulator.finished

    @property
    def count(self) -> int:
        """How many choices have begun."""
        return self._accumulator.count

    @property
    def has_usage(self) -> bool:
        """Whether the server has said how many tokens there are."""
        return self._accumulator.usage is not None

    @property
    def remarks(self) -> Iterator[str]:
        """What was odd about the answer, a sentence each."""
        if self._repair.replaced:
            yield f"Characters of the answer that could not be read: {self._repair.replaced}."
        if self._decoder.bare:
            yield f'Events that had no "data:" before them: {self._decoder.bare}.'
        if self._decoder.parted:
            yield "The server did not part its events by blank lines."
        if self._decoder.skipped:
            yield f"Lines that the server sent and that mean nothing: {self._decoder.skipped}."
        if self.done:
            yield from dict.fromkeys(filter(None, map(_ending_remark, self.completion.choices)))

    def feed(self, received: bytes) -> Iterator[ChatCompletionChunk]:
        """Take the next bytes and yield the chunks that they complete.

        Raises
        ------
        StreamError
            If the server reports an error, or sends what cannot be read, or too much.
        """
        self._size += len(received)
        if self._size > self._limits.body:
            self._limits.check_body(self._size)
        if not self._has_begun and (start := received.lstrip(_BLANK)):
            self._has_begun = True
            self._whole = bytearray() if self._is_whole(start) else None
        if self._whole is not None:
            self._whole += received
            return iter(())
        return self._chunks(self._decoder.feed(received))

    def _is_whole(self, start: bytes) -> bool:
        """Tell by its first bytes whether a body is a whole answer; its label may be wrong."""
        if start.startswith((b"{", b"[{")):
            return True
        # A stream begins with a field of an event, or with a comment.
        return self._is_json and start[:1] not in (b"d", b"e", b"i", b"r", b":")

    def finish(self) -> Iterator[ChatCompletionChunk]:
        """Yield what is left when the bytes have ended.

        Raises
        ------
        StreamInterruptedError
            If the answer is not complete.
        """
        if self._whole is not None and _is_in_lines(self._whole):
            lines, self._whole = bytes(self._whole), None
            yield from self._chunks(self._decoder.feed(lines))
        if self._whole is not None:
            # A whole answer is a stream of one chunk, so that both follow the same rules.
            body = bytes(self._whole)
            chunk = as_chunk(decode_completion(body))
            if self._begun is not None:
                drop_echo(chunk, self._begun.text)
            self._repair(chunk, body)
            self._feed(chunk, body)
            rest = [*self._rest()]
            self._end()
            yield from (chunk, *rest)
            return
        last = self._decoder.finish()
        yield from self._chunks(event for event in last if not _is_cut(event.data))
        yield from self._rest()
        self._check_end()

    def _end(self) -> None:
        self.done = True
        self._check_end()

    def _check_end(self) -> None:
        """Refuse what has ended and is no complete answer: this is the one place that decides."""
        if self.finished:
            return
        if self._doubt is not None:
            raise self._doubt
        if not self.done or self._accumulator.is_empty:
            raise self._interruption()

    def _interruption(self) -> StreamInterruptedError:
        if self.completion.choices and not self.done:
            return StreamInterruptedError(
                "The answer broke off before its end.",
                hint="What had arrived is kept; send the prompt again for a whole answer.",
            )
        what = "a web page in place of an answer" if self._is_page else "no answer"
        nothing = StreamInterruptedError(
            f"The server sent {what}.", hint="Check the address: it usually ends in /v1."
        )
        # Nothing may be an accident; a page is what there is at this address.
        nothing.should_retry = False if self._is_page else None
        return nothing

    def _chunks(self, events: Iterable[ServerSentEvent]) -> Iterator[ChatCompletionChunk]:
        for data, name in () if self.done else events:
            if name or not data.startswith(b"{"):
                # What is neither JSON nor named is rare: a keep-alive, or the end.
                data = data.strip()  # noqa: PLW2901 - some servers pad
                if data.startswith(_DONE):
                    yield from self._rest()
                    self._end()
                    return
                if name == b"error":
                    raise decode_error(data)
                if not data or data.startswith(b":"):
                    continue
            chunk = self._chunk(data)
            if chunk.choices or not self._is_doubtful(data):
                self.chunks += 1
                yield chunk

    def _is_doubtful(self, data: bytes) -> bool:
        doubt = decode_doubt(data)
        self._doubt = doubt or self._doubt
        return doubt is not None

    def _rest(self) -> Iterator[ChatCompletionChunk]:
        """Yield what was held back, if anything was."""
        if (rest := self._accumulator.finish()) is not None:
            if self._redactor is not None:
                self._redactor.redact_chunk(rest, b"")
            yield rest
        if self._redactor is not None:
            yield from self._redactor.release()

    def _chunk(self, data: bytes) -> ChatCompletionChunk:
        if self._surrogates.pending:
            chunk = decode_chunk(data)
            self._repair(chunk, data)
        else:
            # A chunk that holds half a character is not in good order.
            chunk = decode_chunk(data, self._repair)
        self._feed(chunk, data)
        if chunk.choices:
            self._doubt = None
        return chunk

    def _feed(self, chunk: ChatCompletionChunk, data: bytes) -> None:
        """Add a chunk to the answer, which is redacted as a whole, and redact it by itself."""
        self._accumulator.feed(chunk)
        if self._redactor is not None:
            self._redactor.redact_chunk(chunk, data)


class _ChunkRepair:
    """Joins surrogate pairs, and counts the characters that cannot be read."""

    def __init__(self, surrogates: SurrogateJoiner) -> None:
        self._surrogates = surrogates
        self.replaced = 0

    def __call__(self, chunk: ChatCompletionChunk, data: bytes) -> None:
        self._surrogates.join(chunk)
        if b"\\u" in data:
            repaired(chunk)
        self.replaced += replaced_characters(data)


def _ending_remark(choice: Choice) -> str:
    """Return what is odd about the end of a choice that is taken for complete."""
    reason = choice.finish_reason
    if reason and ending(reason) is None:
        return f"The server ended the answer for a reason that is unknown: {reason[:40]!a}."
    if not reason:
        return "The server did not say why the answer ended."
    return cut_off(reason) if ending(reason) == "abort" else ""


def _is_in_lines(body: bytearray) -> bool:
    """Tell whether a body that begins with an object is a stream with one on each line."""
    first, _, rest = bytes(body).strip().partition(b"\n")
    return rest.lstrip().startswith(b"{") and isinstance(parse_json(first), dict)


def _is_cut(data: bytes) -> bool:
    if data.startswith(b"{"):
        return parse_json(data) is None
    return data != _DONE and _DONE.startswith(data)
