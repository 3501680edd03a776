"""An answer that is being received: bytes from a response, chunks to whoever iterates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.assembly import AnswerAssembly
from chatwidget.client.errors import APIError
from chatwidget.client.failures import readable
from chatwidget.client.transport import asend, send, transport_errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from chatwidget.client.call import Call
    from chatwidget.client.types import ChatCompletion, ChatCompletionChunk

__all__ = ["AsyncChatStream", "ChatStream", "open_async_stream", "open_stream"]


class _Answer:
    """What both streams share: the response, and what has been made of its bytes so far."""

    def __init__(self, http_client: Any, response: Any, call: Call) -> None:
        self._http_client = http_client
        self._response = response
        self._call = call
        self._assembly = AnswerAssembly(response.headers.get("content-type", ""))
        self.error: APIError | None = None

    @property
    def completion(self) -> ChatCompletion:
        """The answer as far as it has arrived."""
        return self._assembly.completion

    def _failed(self, error: APIError) -> APIError:
        """Complete an error with the partial answer.

        A server may echo the key: it goes from what is told, and with the traceback go the frames
        that hold what was received.
        """
        error.completion = self.completion
        for name, said in list(vars(error).items()):
            if isinstance(said, str):
                setattr(error, name, readable(said, self._call.key))
        error.args = (error.message,)
        error.__context__ = None
        self.error = error
        return error.with_traceback(None)

    def _is_raw(self) -> bool:
        """Tell whether the bytes can be taken as they come: not compressed, and not yet read."""
        response = self._response
        return "content-encoding" not in response.headers and not response.is_stream_consumed


class ChatStream(_Answer):
    """A streamed answer: iterate it for the chunks, look at `completion` at any moment.

    Leaving the loop, or the ``with`` block, closes the connection, so that the server stops.

    Raises
    ------
    APIConnectionError
        If the connection fails; as every error here, it holds the partial answer.
    StreamError
        If the server reports an error, or sends what cannot be read.
    StreamInterruptedError
        If the answer ends before it is complete.
    """

    def __iter__(self) -> Iterator[ChatCompletionChunk]:
        with self:
            try:
                with transport_errors(self._http_client, self._call.host):
                    yield from self._chunks()
            except APIError as error:
                raise self._failed(error) from None

    def _chunks(self) -> Iterator[ChatCompletionChunk]:
        response, assembly = self._response, self._assembly
        for received in response.iter_raw() if self._is_raw() else response.iter_bytes():
            yield from assembly.feed(received)
            if assembly.done:
                return
        yield from assembly.finish()

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
        """Close the connection; what has arrived is kept."""
        self._response.close()


class AsyncChatStream(_Answer):
    """The asynchronous twin of `ChatStream`."""

    async def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
        async with self:
            try:
                with transport_errors(self._http_client, self._call.host):
                    async for chunk in self._chunks():
                        yield chunk
            except APIError as error:
                raise self._failed(error) from None

    async def _chunks(self) -> AsyncIterator[ChatCompletionChunk]:
        response, assembly = self._response, self._assembly
        received = response.aiter_raw() if self._is_raw() else response.aiter_bytes()
        async for piece in received:
            for chunk in assembly.feed(piece):
                yield chunk
            if assembly.done:
                return
        for chunk in assembly.finish():
            yield chunk

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
        """Close the connection; what has arrived is kept."""
        await self._response.aclose()


def open_stream(http_client: Any, call: Call) -> ChatStream:
    """Send a request and return its answer, of which nothing has been read yet.

    Raises
    ------
    APIConnectionError
        If no answer comes.
    APIStatusError
        If the server refuses.
    """
    return ChatStream(http_client, send(http_client, call), call)


async def open_async_stream(http_client: Any, call: Call) -> AsyncChatStream:
    """Do as `open_stream` does, asynchronously."""
    return AsyncChatStream(http_client, await asend(http_client, call), call)
