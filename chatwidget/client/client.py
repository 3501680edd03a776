"""The client of one server: messages and parameters in, one completion out.

`ChatClient` and `AsyncChatClient` share all that is no I/O; what each does itself is to wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from chatwidget.client.call import Call
from chatwidget.client.decoding import decode_models
from chatwidget.client.delivery import adeliver, deliver
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.keys import ApiKey, key_from_environment
from chatwidget.client.request import encode_body, organization_headers, request_body
from chatwidget.client.servers import find_server
from chatwidget.client.signature import names_options
from chatwidget.client.sinks import as_async_sink, as_sink
from chatwidget.client.stream import AsyncChatStream, ChatStream, open_async_stream, open_stream
from chatwidget.client.transport import (
    afetch,
    build_async_http_client,
    build_http_client,
    check_http_client,
    fetch,
)

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from chatwidget.client.call import CallOptions
    from chatwidget.client.servers import Server
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.types import ChatCompletion, Messages, Model

__all__ = ["AsyncChatClient", "ChatClient"]

DEFAULT_TIMEOUT = 600.0


class _BaseChatClient:
    """What both clients share: the server, its key, and the building of calls.

    Parameters
    ----------
    server
        The name of a profile (``practice``, ``openai``, ``ollama``, ``lm-studio``, ``llama.cpp``,
        ``vllm``), an address such as ``http://127.0.0.1:8000/v1``, or a `Server`. By default the
        one that ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` name, else the practice model.
    openai_api_key
        The key; by default the one in the environment variable of the server's profile.
    openai_organization_key
        The organisation that pays.
    http_client
        A client of httpx or httpx2 to send with; it stays yours to close.
    timeout
        Seconds to wait for the server each time that something is read from it.

    Raises
    ------
    ConfigurationError
        If the server, the key or the HTTP client cannot be used.
    """

    _asynchronous: ClassVar[bool]

    def __init__(
        self,
        server: str | Server | None = None,
        *,
        openai_api_key: str | ApiKey | None = None,
        openai_organization_key: str | None = None,
        http_client: Any = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        try:
            self.server = find_server(server)
            self._key: ApiKey | None = None
            if openai_api_key is not None:
                self.use_key(openai_api_key)
        finally:
            # A traceback that shows locals must find no key here.
            del openai_api_key
        if http_client is not None:
            check_http_client(http_client, asynchronous=self._asynchronous)
        self._organization = openai_organization_key
        self._timeout = timeout
        self._http = http_client
        self._owns_http = http_client is None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.server.name!r}, key={self.key!r})"

    def use_key(self, openai_api_key: str | ApiKey) -> None:
        """Use another key from now on.

        Raises
        ------
        ConfigurationError
            If the key cannot be used, or belongs to another server.
        """
        try:
            self._key = _bound_key({"openai_api_key": openai_api_key}, self.server)
        finally:
            del openai_api_key

    @property
    def key(self) -> ApiKey | None:
        """The key that was given, else the one that the environment holds now, else None."""
        variable = self.server.key_variable
        if self._key is not None or variable is None:
            return self._key
        return key_from_environment(variable, origin=self.server.origin)

    def _call(
        self, messages: Messages, model: str | None, options: CallOptions, *, stream: bool
    ) -> Call:
        key = _bound_key(options, self.server) or self.key
        organization = options.pop("openai_organization_key", None) or self._organization
        extra_body = options.pop("extra_body", None)
        timeout = options.pop("timeout", None)
        model = model or self.server.default_model
        if not model:
            raise ConfigurationError(
                f"No model is chosen, and {self.server.name} has no default one.",
                hint="Name one: list_models() tells which there are.",
            )
        return Call(
            server=self.server,
            key=key,
            path="chat/completions",
            body=encode_body(
                request_body(messages, model, options, stream=stream, extra_body=extra_body)
            ),
            headers=organization_headers(organization),
            timeout=timeout,
        )

    def _models_call(self) -> Call:
        return Call(self.server, self.key, "models", None, organization_headers(self._organization))


class ChatClient(_BaseChatClient):
    """A client of one server; threads may share it.

    Its arguments are those of `_BaseChatClient`.
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
        return self._http


class AsyncChatClient(_BaseChatClient):
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


def _bound_key(options: CallOptions, server: Server) -> ApiKey | None:
    """Take the key out of a call's options, bound to the server.

    Raises
    ------
    ConfigurationError
        If it cannot be used, or belongs to another server.
    """
    if isinstance(options.get("openai_api_key"), str):
        return ApiKey(
            str(options.pop("openai_api_key")), origin=server.origin, source="openai_api_key="
        )
    key = options.pop("openai_api_key", None)
    if isinstance(key, ApiKey) and key.origin == server.origin:
        return key
    if key is None:
        return None
    raise ConfigurationError(
        f"{key if isinstance(key, ApiKey) else type(key)} is no key for {server.origin}.",
        hint="Give the key of this server, as a text.",
    )
