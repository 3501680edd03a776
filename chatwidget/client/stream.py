"""The stream of an answer being received: bytes from a response, chunks to whoever iterates.

An answer is open when its first chunk has come: until then, a failed request may be sent again.
"""

from __future__ import annotations

import itertools
import math
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from chatwidget.client.asked import Asked, remember
from chatwidget.client.deadlines import Clocks, Deadlines
from chatwidget.client.errors import APIConnectionError, APIError, ParsingError
from chatwidget.client.request.output_type import parsed
from chatwidget.client.request.prefill import first_chunk, prefill_tokens
from chatwidget.client.transport.http import asend, map_transport_errors, send
from chatwidget.client.transport.http_errors import redact_error
from chatwidget.client.transport.watchdog import watched
from chatwidget.client.wire.additions import mark_origin
from chatwidget.client.wire.media import media_remarks
from chatwidget.client.wire.rate_limits import rate_limits
from chatwidget.client.wire.redactor import AnswerRedactor
from chatwidget.client.wire.response import ResponseParser

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from chatwidget.client.request.prepared import PreparedRequest
    from chatwidget.client.transport.protocols import (
        AsyncHttpClient,
        AsyncHttpResponse,
        HttpClient,
        HttpResponse,
        ResponseHead,
    )
    from chatwidget.client.wire.rate_limits import RateLimits
    from chatwidget.client.wire.types import ChatCompletion, ChatCompletionChunk

__all__ = ["AsyncChatStream", "ChatStream", "open_async_stream", "open_stream"]

_DRAIN = Deadlines(total=0.25)
"""How long a connection is read to its end after the answer's, so that it can be used again."""
_LAST_SECONDS = 1.0
"""How long [DONE] is waited for when nothing else is missing."""
_LAST_SECONDS_FOR_USAGE = 5.0
_CUT = "The connection failed after the end of the answer, before [DONE]."
_LEFT_OPEN = "The server left the connection open after the end of the answer."


def _is_raw(response: ResponseHead) -> bool:
    """Tell whether the bytes can be taken as they come: not compressed, and not yet read."""
    return "content-encoding" not in response.headers and not response.is_stream_consumed


class _Answer:
    """What both streams share: the response, and what has been made of its bytes so far."""

    def __init__(self, response: ResponseHead, prepared: PreparedRequest, clocks: Clocks) -> None:
        self._prepared = prepared
        self._clocks = clocks
        finder = prepared.key and prepared.key.finder(in_answers=True)
        prefill = prepared.prefill
        self._begun = [] if prefill is None else [first_chunk(prefill)]
        self._parser = ResponseParser(
            response.headers.get("content-type", ""),
            prepared.limits,
            AnswerRedactor(finder) if finder else None,
            think_tags=prepared.server.think_tags,
            is_sole=prepared.is_sole,
            begun=self._begun[0] if self._begun else None,
        )
        self._first: list[ChatCompletionChunk] = []  # the last one is told first
        self._ledger = prepared.report(None)
        self._remarks: tuple[str, ...] = ()
        self.error: APIError | None = None
        self._headers = response.headers

    @property
    def rate_limits(self) -> RateLimits | None:
        """What the headers of the response say of limits, or None if they say nothing."""
        return rate_limits(self._headers)

    @property
    def completion(self) -> ChatCompletion:
        """The answer as far as it has arrived."""
        completion = self._parser.completion
        for choice in completion.choices:
            mark_origin(choice.message, self._prepared.server.origin)
        remarks = (*self._parser.remarks, *self._remarks, *media_remarks(completion))
        completion.ledger = self._ledger
        if self._ledger is not None and remarks:
            completion.ledger = msgspec.structs.replace(self._ledger, remarks=remarks)
        return completion

    def result(self) -> ChatCompletion:
        """Return the complete answer, with ``parsed`` set if a type was asked for.

        Raises
        ------
        ParsingError
            If the answer describes no instance of that type.
        """
        prepared = self._prepared
        try:
            completion = parsed(self.completion, prepared.parse)
        except ParsingError as error:
            self.error = error
            raise
        begun = prefill_tokens(prepared.prefill)
        remember(completion, Asked(prepared.server, prepared.key, prepared.body or b"", begun))
        return completion

    def _resume(self, chunks: int) -> None:
        """Let the clocks run on, after so many chunks; nobody waits for the server meanwhile."""
        has_content = self._parser.chunks != chunks
        in_time = self._clocks.resume(content=has_content)
        if has_content and self._parser.finished:
            self._clocks.end_within(self._last_seconds())
        late = None if in_time else self._clocks.late(self._prepared.host)
        if late is not None and not self._parser.done:
            raise late

    def _last_seconds(self) -> float:
        """Return how long to wait for more when every choice that has begun has ended."""
        asked = self._ledger.sent.get("n") if self._ledger is not None else None
        if self._parser.count < (asked or 1):
            return math.inf
        return _LAST_SECONDS if self._parser.has_usage else _LAST_SECONDS_FOR_USAGE

    def _note_end(self) -> None:
        """Report on the complete answer."""
        self._ledger = self._prepared.report(self._parser.completion)
        if self._clocks.has_ended and self._parser.has_usage and not self._parser.done:
            self._remarks = (_LEFT_OPEN,)

    def _is_whole(self, error: APIError) -> bool:
        """Tell whether a connection failed after the answer, of which nothing is missing then."""
        if not isinstance(error, APIConnectionError) or not self._parser.finished:
            return False
        ledger = self._prepared.report(self._parser.completion)
        if ledger is not None and "n" in ledger.ignored:
            return False
        self._remarks = (_CUT,)
        self._note_end()
        return True

    def _failed(self, error: APIError) -> APIError:
        """Complete an error with the partial answer, and redact the server's echo of the key.

        A connection that was shut down because time was up has not failed: time is up.
        """
        error = self._clocks.late(self._prepared.host) or error
        error.completion = self.completion
        self.error = error
        return redact_error(error, self._prepared.key)


class ChatStream(_Answer):
    """A streamed answer: iterate it for the chunks, look at `completion` at any moment.

    Leaving the loop, or the ``with`` block, closes the connection, so that the server stops.

    Raises
    ------
    APIConnectionError
        If the connection fails; as every error here, it holds the partial answer.
    APITimeoutError
        If one of the clocks runs out.
    StreamError
        If the server reports an error, or sends what cannot be read.
    StreamInterruptedError
        If the answer ends before it is complete.
    """

    def __init__(
        self,
        http_client: HttpClient,
        response: HttpResponse,
        prepared: PreparedRequest,
        clocks: Clocks,
    ) -> None:
        super().__init__(response, prepared, clocks)
        self._http_client = http_client
        self._response = response
        self._chunks = self._receive()

    def begin(self) -> None:
        """Wait for the first chunk."""
        self._first = [*itertools.islice(self._chunks, 1), *self._begun]

    def __iter__(self) -> Iterator[ChatCompletionChunk]:
        with self:
            while self._first:
                yield self._first.pop()
            yield from self._chunks

    def _receive(self) -> Generator[ChatCompletionChunk, None, None]:
        try:
            with map_transport_errors(
                self._http_client, self._prepared.host, key=self._prepared.key
            ):
                yield from self._read()
            self._note_end()
        except APIError as error:
            if not self._is_whole(error):
                raise self._failed(error) from None
        finally:
            self._response.close()

    def _read(self) -> Iterator[ChatCompletionChunk]:
        response, parser = self._response, self._parser
        pieces = response.iter_raw() if _is_raw(response) else response.iter_bytes()
        with watched(response, self._clocks):
            for received in pieces:
                self._clocks.paused, chunks = True, parser.chunks
                yield from parser.feed(received)
                self._resume(chunks)
                if parser.done:
                    self._drain(pieces)
                    return
        yield from parser.finish()

    def _drain(self, pieces: Iterator[bytes]) -> None:
        with suppress(Exception), watched(self._response, Clocks(_DRAIN)):
            for _ in pieces:
                pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what has arrived is kept, and no more comes."""
        with suppress(ValueError):  # another thread is reading
            self._chunks.close()
        self._response.close()


class AsyncChatStream(_Answer):
    """The asynchronous twin of `ChatStream`."""

    def __init__(
        self,
        http_client: AsyncHttpClient,
        response: AsyncHttpResponse,
        prepared: PreparedRequest,
        clocks: Clocks,
    ) -> None:
        super().__init__(response, prepared, clocks)
        self._http_client = http_client
        self._response = response
        self._chunks = self._receive()

    async def begin(self) -> None:
        """Wait for the first chunk."""
        async for chunk in self._chunks:
            self._first = [chunk, *self._begun]
            break

    async def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
        async with self:
            while self._first:
                yield self._first.pop()
            async for chunk in self._chunks:
                yield chunk

    async def _receive(self) -> AsyncGenerator[ChatCompletionChunk, None]:
        try:
            with map_transport_errors(
                self._http_client, self._prepared.host, key=self._prepared.key
            ):
                async for chunk in self._read():
                    yield chunk
            self._note_end()
        except APIError as error:
            if not self._is_whole(error):
                raise self._failed(error) from None
        finally:
            await self._response.aclose()

    async def _read(self) -> AsyncIterator[ChatCompletionChunk]:
        response, parser = self._response, self._parser
        pieces = response.aiter_raw() if _is_raw(response) else response.aiter_bytes()
        with watched(response, self._clocks):
            async for received in pieces:
                self._clocks.paused, chunks = True, parser.chunks
                for chunk in parser.feed(received):
                    yield chunk
                self._resume(chunks)
                if parser.done:
                    await self._drain(pieces)
                    return
        for chunk in parser.finish():
            yield chunk

    async def _drain(self, pieces: AsyncIterator[bytes]) -> None:
        with suppress(Exception), watched(self._response, Clocks(_DRAIN)):
            async for _ in pieces:
                pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection; what has arrived is kept, and no more comes."""
        with suppress(RuntimeError):  # another task is reading
            await self._chunks.aclose()
        await self._response.aclose()


def open_stream(http_client: HttpClient, prepared: PreparedRequest, clocks: Clocks) -> ChatStream:
    """Send a request and wait until its answer begins.

    Raises
    ------
    APIConnectionError
        If no answer comes.
    APIStatusError
        If the server refuses.
    StreamError
        If the answer fails before it has begun.
    """
    stream = ChatStream(http_client, send(http_client, prepared, clocks), prepared, clocks)
    stream.begin()
    return stream


async def open_async_stream(
    http_client: AsyncHttpClient, prepared: PreparedRequest, clocks: Clocks
) -> AsyncChatStream:
    """Do as `open_stream` does, asynchronously."""
    response = await asend(http_client, prepared, clocks)
    stream = AsyncChatStream(http_client, response, prepared, clocks)
    await stream.begin()
    return stream
