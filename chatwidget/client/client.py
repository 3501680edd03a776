"""The client of one server: messages and parameters in, one completion out.

`ChatClient` and `AsyncChatClient` share all that is no I/O; what each does itself is to wait.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Literal, overload

from chatwidget.client.background import ChatTask, run_in_background
from chatwidget.client.base import BaseChatClient
from chatwidget.client.dispatch import adispatch, dispatch
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.events import Wait
from chatwidget.client.forks import fork_safe
from chatwidget.client.signature import names_options
from chatwidget.client.sinks import as_async_sink, as_sink, progress_listener
from chatwidget.client.stream import AsyncChatStream, ChatStream, open_async_stream, open_stream
from chatwidget.client.transport.http import (
    afetch,
    build_async_http_client,
    build_http_client,
    fetch,
)
from chatwidget.client.transport.httpx_internals import leave_connections
from chatwidget.client.transport.retry import arun_with_retries, run_with_retries

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from chatwidget.client.request.fallback import ParameterFallback
    from chatwidget.client.request.prepared import CallOptions
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.transport.protocols import AsyncHttpClient, HttpClient
    from chatwidget.client.wire.types import ChatCompletion, Messages, Model

__all__ = ["AsyncChatClient", "ChatClient"]


# Threads that ask first with one client wait until its connections are made, once.
_building = fork_safe(threading.Lock())


class ChatClient(BaseChatClient):
    """A client of one server; threads may share it.

    Its arguments are those of `BaseChatClient`.
    """

    _asynchronous = False
    _http: HttpClient | None
    _background_http: AsyncHttpClient | None = None

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
            ``openai_api_key``, ``openai_organization_key`` and ``openai_project`` of this call;
            ``extra_headers``, a dictionary of HTTP headers; ``extra_body``, a
            dictionary of fields that are no parameters of the vendor; ``prefill``, a text or an
            answer, from which a server that can (llama.cpp, vLLM, both models of this machine) goes
            on, and with which the answer begins; ``timeout``, the seconds to
            wait for the whole answer, or `Deadlines` for each clock.

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
        request = self._request(
            messages, model, options, stream=bool(stream) or stream_to is not None
        )
        if stream_to is not None:
            return dispatch(lambda: self._open(request, stream_to), as_sink(stream_to))
        answer = self._open(request)
        if stream:
            return answer
        for _ in answer:
            pass
        return answer.result()

    @names_options
    def stream(
        self, messages: Messages, model: str | None = None, **options: Unpack[CallOptions]
    ) -> ChatStream:
        """Ask a chat model and return its answer as a `ChatStream` to iterate.

        It is `create_chat_completion` with ``stream=True``.
        """
        return self._open(self._request(messages, model, options, stream=True))

    @names_options
    def start_chat_completion(
        self,
        messages: Messages,
        model: str | None = None,
        *,
        stream_to: StreamTo | None = None,
        **options: Unpack[CallOptions],
    ) -> ChatTask:
        """Ask a chat model in the background, and return at once.

        It takes what `create_chat_completion` takes, and coroutine functions and
        ``asyncio.Queue`` for `stream_to` as well. It works inside a running event loop.

        Returns
        -------
        ChatTask
            The answer in the making: wait for it with ``result()``, stop it with ``cancel()``.

        Raises
        ------
        TypeError
            If `stream_to` cannot be fed.
        ParameterError, ConfigurationError
            As in `create_chat_completion`, and if the client has an ``http_client`` of yours;
            nothing was sent. What fails later is raised by ``result()``.
        """
        if not self._owns_http:
            # An answer that went another way than the others would surprise.
            raise ConfigurationError(
                "Your http_client waits for its answers, so that it cannot send in the background.",
                hint="Use a ChatClient without it, or a task of an AsyncChatClient with an "
                "AsyncClient of yours.",
            )
        request = self._request(messages, model, options, stream=True)
        return ChatTask(lambda: self._open_in_background(request, stream_to), stream_to)

    def list_models(self) -> list[Model]:
        """Return the models that the server offers.

        Raises
        ------
        APIError
            If the exchange with the server fails.
        """
        http_client, prepared = self._http_client(), self._models_request()
        return self._models(
            run_with_retries(
                lambda clocks: fetch(http_client, prepared, clocks),
                prepared.deadlines,
                self._retries,
                progress_listener(None, Wait),
            ),
            prepared,
        )

    def close(self) -> None:
        """Close the connections, unless they belong to an ``http_client`` of yours."""
        if self._owns_http and self._http is not None:
            self._http.close()
            self._http = None
        if self._background_http is not None:
            _close_in_background(self._background_http)
            self._background_http = None

    def _leave_connections(self) -> None:
        super()._leave_connections()
        leave_connections(self._background_http)
        self._background_http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, request: ParameterFallback, stream_to: StreamTo | None = None) -> ChatStream:
        http_client = self._http_client()
        return run_with_retries(
            lambda clocks: open_stream(http_client, request.prepared, clocks),
            request.prepared.deadlines,
            self._retries,
            progress_listener(stream_to, Wait),
            request.drop_unsupported,
        )

    async def _open_in_background(
        self, request: ParameterFallback, stream_to: StreamTo | None
    ) -> AsyncChatStream:
        if self._background_http is None:
            self._background_http = build_async_http_client(self.server, self._limits)
            closing = weakref.finalize(self, _close_in_background, self._background_http)
            closing.atexit = False  # the system closes what is open when the process ends
        http_client = self._background_http
        return await arun_with_retries(
            lambda clocks: open_async_stream(http_client, request.prepared, clocks),
            request.prepared.deadlines,
            self._retries,
            progress_listener(stream_to, Wait),
            request.drop_unsupported,
        )

    def _http_client(self) -> HttpClient:
        return self._built_http_client() if self._http is None else self._http

    def _built_http_client(self) -> HttpClient:
        with _building:  # of several who ask first, all use the same connections
            if self._http is None:
                self._http = build_http_client(self.server, self._limits)
                weakref.finalize(self, self._http.close)
            return self._http


def _close_in_background(http_client: AsyncHttpClient) -> None:
    run_in_background(http_client.aclose())


class AsyncChatClient(BaseChatClient):
    """The asynchronous twin of `ChatClient`; it belongs to one event loop."""

    _asynchronous = True
    _http: AsyncHttpClient | None

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
        request = self._request(
            messages, model, options, stream=bool(stream) or stream_to is not None
        )
        if stream_to is not None:
            return await adispatch(lambda: self._open(request, stream_to), as_async_sink(stream_to))
        answer = await self._open(request)
        if stream:
            return answer
        async for _ in answer:
            pass
        return answer.result()

    @names_options
    async def stream(
        self, messages: Messages, model: str | None = None, **options: Unpack[CallOptions]
    ) -> AsyncChatStream:
        """Ask a chat model and return its answer as an `AsyncChatStream` to iterate."""
        return await self._open(self._request(messages, model, options, stream=True))

    async def list_models(self) -> list[Model]:
        """Return the models that the server offers."""
        http_client, prepared = self._http_client(), self._models_request()
        return self._models(
            await arun_with_retries(
                lambda clocks: afetch(http_client, prepared, clocks),
                prepared.deadlines,
                self._retries,
                progress_listener(None, Wait),
            ),
            prepared,
        )

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

    async def _open(
        self, request: ParameterFallback, stream_to: StreamTo | None = None
    ) -> AsyncChatStream:
        http_client = self._http_client()
        return await arun_with_retries(
            lambda clocks: open_async_stream(http_client, request.prepared, clocks),
            request.prepared.deadlines,
            self._retries,
            progress_listener(stream_to, Wait),
            request.drop_unsupported,
        )

    def _http_client(self) -> AsyncHttpClient:
        if self._http is None:
            self._http = build_async_http_client(self.server, self._limits, fast=True)
        return self._http
