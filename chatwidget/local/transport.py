"""The transport of httpx to local models: it starts their processes, and passes requests on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx

from chatwidget.local.catalog import DEFAULT_MODEL, find_model, model_files
from chatwidget.local.context import refusal
from chatwidget.local.process import ModelProcess, process_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

__all__ = ["AsyncLocalTransport", "LocalTransport"]


class LocalTransport(httpx.BaseTransport):
    """Answers every request with the model that it names."""

    def __init__(self) -> None:
        self._network = httpx.HTTPTransport()

    @property
    def _pool(self) -> Any:
        """The pool of connections, by the name under which httpx's own transport has it."""
        return self._network._pool  # noqa: SLF001 - the watchdog finds the sockets there

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        body = request.read()
        if _asks_for_models(request):
            return _models()
        process = process_of(find_model(_model(body)))
        refused = refusal(body, process)
        if refused is not None:
            return refused
        try:
            response = self._network.handle_request(_forwarded(request, body, process))
        except httpx.TransportError as error:
            raise _explained(error, process) from None
        return _answered(response, _Stream(response, process))

    def close(self) -> None:
        """Close the connections; the models go on, for others may ask them."""
        self._network.close()


class AsyncLocalTransport(httpx.AsyncBaseTransport):
    """Answers every request with the model that it names, for an asynchronous client."""

    def __init__(self) -> None:
        self._network = httpx.AsyncHTTPTransport()

    @property
    def _pool(self) -> Any:
        """The pool of connections, by the name under which httpx's own transport has it."""
        return self._network._pool  # noqa: SLF001 - the watchdog finds the sockets there

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        body = await request.aread()
        if _asks_for_models(request):
            return await asyncio.to_thread(_models)
        file = await asyncio.to_thread(find_model, _model(body))
        process = await asyncio.to_thread(process_of, file)
        refused = await asyncio.to_thread(refusal, body, process)
        if refused is not None:
            return refused
        try:
            response = await self._network.handle_async_request(_forwarded(request, body, process))
        except httpx.TransportError as error:
            raise _explained(error, process) from None
        return _answered(response, _AsyncStream(response, process))

    async def aclose(self) -> None:
        """Close the connections; the models go on, for others may ask them."""
        await self._network.aclose()


def _asks_for_models(request: httpx.Request) -> bool:
    return request.method == "GET" and request.url.path.endswith("/models")


def _models() -> httpx.Response:
    data = [
        {"id": file.name, "object": "model", "owned_by": file.source, "path": str(file.path)}
        for file in model_files()
    ]
    return httpx.Response(200, json={"object": "list", "data": data})


def _model(body: bytes) -> str:
    """Return the model that a request names."""
    return str(json.loads(body).get("model") or DEFAULT_MODEL)


def _forwarded(request: httpx.Request, body: bytes, process: ModelProcess) -> httpx.Request:
    """Return a request to the process of a model; its clocks are those of the request."""
    forwarded = httpx.Request(
        request.method,
        process.address + request.url.path,
        headers={"content-type": "application/json", "authorization": f"Bearer {process.key}"},
        content=body,
    )
    # Not a copy, by which the pool would not be known to be at this request.
    forwarded.extensions = request.extensions
    return forwarded


def _answered(response: httpx.Response, stream: _Stream | _AsyncStream) -> httpx.Response:
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        stream=stream,
        extensions=response.extensions,
    )


def _explained(error: httpx.TransportError, process: ModelProcess) -> httpx.TransportError:
    """Say that the process has ended, if that is why."""
    end = process.end
    return type(error)(end) if end else error


class _Stream(httpx.SyncByteStream):
    """The body of a response, which says so if the process has ended."""

    def __init__(self, response: httpx.Response, process: ModelProcess) -> None:
        self._response = response
        self._process = process

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.stream  # type: ignore[misc] # it is a synchronous one
        except httpx.TransportError as error:
            raise _explained(error, self._process) from None

    def close(self) -> None:
        self._response.close()


class _AsyncStream(httpx.AsyncByteStream):
    """The asynchronous twin of `_Stream`."""

    def __init__(self, response: httpx.Response, process: ModelProcess) -> None:
        self._response = response
        self._process = process

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.stream:  # type: ignore[union-attr] # asynchronous
                yield piece
        except httpx.TransportError as error:
            raise _explained(error, self._process) from None

    async def aclose(self) -> None:
        await self._response.aclose()
