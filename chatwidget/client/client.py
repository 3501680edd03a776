"""The client of one server: messages and parameters in, one completion out.

`ChatClient` and `AsyncChatClient` share all that is no I/O; what each does itself is to wait.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Literal, overload

from chatwidget.client.base import BaseChatClient
from chatwidget.client.decoding import decode_models
from chatwidget.client.delivery import adeliver, deliver
from chatwidget.client.signature import names_options
from chatwidget.client.sinks import as_async_sink, as_sink
from chatwidget.client.stream import AsyncChatStream, ChatStream, open_async_stream, open_stream
from chatwidget.client.transport import (
    afetch,
    build_async_http_client,
    build_http_client,
    fetch,
)

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from chatwidget.client.call import CallOptions
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.types import ChatCompletion, Messages, Model

__all__ = ["AsyncChatClient", "ChatClient"]


class ChatClient(BaseChatClient):
    """A client of one server; threads may share it.

    Its arguments are those of `BaseChatClient`.
    """

    _asynchronous = False

    @overload
    def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: Literal[True],
        stream_to: None = None,
        **options: Unpack[CallOptions],
    ) -> ChatStream: ...

    @overload
    def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: Literal[False] | None = None,
        stream_to: None = None,
        **options: Unpack[CallOptions],
    ) -> ChatCompletion: ...

    @overload
    def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: bool | None = None,
        stream_to: StreamTo,
        **options: Unpack[CallOptions],
    ) -> ChatCompletion: ...

    @names_options
    def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: bool | None = None,
        stream_to: StreamTo | None = None,
        **options: Unpack[CallOptions],
    ) -> ChatCompletion | ChatStream:
        """Ask a chat model and return its answer.

        Parameters
        ----------
        messages
            A text, or the messages of a conversation, oldest first, each with ``role`` and
            ``content``.
        model
            The name of the model; by default the server's own choice, where it has one.
        stream
            True returns a `ChatStream` to iterate. With `stream_to` it goes without saying.
        stream_to
            Where the answer goes while it is generated; see `chatwidget.client.sinks.as_sink`.
        **options
            The request parameters of `chatwidget.PARAMETERS`, where None means *not sent*;
            ``openai_api_key`` and ``openai_organization_key`` of this call; ``extra_body``, a
            dictionary of fields that are no parameters of the vendor; ``timeout``, the seconds to
            wait each time that something is read from the server.

        Returns
        -------
        ChatCompletion or ChatStream
            The answer, the same value whether it was streamed or not.

        Raises
        ------
        TypeError
            If `stream_to` cannot be fed.
        ParameterError
            If a parameter has a wrong name, type or value; nothing was sent.
        ConfigurationError
            If there is no model to ask, or the key cannot be used; nothing was sent.
        APIError
            If the exchange with the server fails; its ``completion`` is what had arrived.
        """
        call = self._call(messages, model, options, stream=bool(stream) or stream_to is not None)
        if stream_to is not None:
            return deliver(lambda: open_stream(self._http_client(), call), as_sink(stream_to))
        answer = open_stream(self._http_client(), call)
        if stream:
            return answer
        for _ in answer:
            pass
        return answer.completion

    def list_models(self) -> list[Model]:
        """Return the models that the server offers.

        Raises
        ------
        APIError
            If the exchange with the server fails.
        """
        return decode_models(fetch(self._http_client(), self._models_call()))

    def close(self) -> None:
        """Close the connections, unless they belong to an ``http_client`` of yours."""
        if self._owns_http and self._http is not None:
            self._http.close()
            self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _http_client(self) -> Any:
        if self._http is None:
            self._http = build_http_client(self.server, self._timeout)
            weakref.finalize(self, self._http.close)
        return self._http


class AsyncChatClient(BaseChatClient):
    """The asynchronous twin of `ChatClient`; it belongs to one event loop."""

    _asynchronous = True

    @overload
    async def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: Literal[True],
        stream_to: None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncChatStream: ...

    @overload
    async def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: Literal[False] | None = None,
        stream_to: None = None,
        **options: Unpack[CallOptions],
    ) -> ChatCompletion: ...

    @overload
    async def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: bool | None = None,
        stream_to: StreamTo,
        **options: Unpack[CallOptions],
    ) -> ChatCompletion: ...

    @names_options
    async def create_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream: bool | None = None,
        stream_to: StreamTo | None = None,
        **options: Unpack[CallOptions],
    ) -> ChatCompletion | AsyncChatStream:
        """Ask a chat model and return its answer, as `ChatClient.create_chat_completion` does.

        `stream_to` may also be a coroutine function or an ``asyncio.Queue``.
        """
        call = self._call(messages, model, options, stream=bool(stream) or stream_to is not None)
        if stream_to is not None:
            sink = as_async_sink(stream_to)
            return await adeliver(lambda: open_async_stream(self._http_client(), call), sink)
        answer = await open_async_stream(self._http_client(), call)
        if stream:
            return answer
        async for _ in answer:
            pass
        return answer.completion

    async def list_models(self) -> list[Model]:
        """Return the models that the server offers."""
        return decode_models(await afetch(self._http_client(), self._models_call()))

    async def aclose(self) -> None:
        """Close the connections, unless they belong to an ``http_client`` of yours."""
        if self._owns_http and self._http is not None:
            await self._http.aclose()
            self._http = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _http_client(self) -> Any:
        if self._http is None:
            self._http = build_async_http_client(self.server, self._timeout)
        return self._http
