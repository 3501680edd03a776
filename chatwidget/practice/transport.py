"""The transport of httpx to the practice model: real HTTP responses, without a network."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import httpx

from chatwidget.practice.model import load_models
from chatwidget.practice.pacing import apaced, paced, seconds_per_token
from chatwidget.practice.service import PracticeService, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

__all__ = ["AsyncPracticeTransport", "PracticeTransport"]


class PracticeTransport(httpx.BaseTransport):
    """Answers every request with the practice model.

    Parameters
    ----------
    pace
        The pause after each token of a stream, in seconds; 0 is as fast as possible. The
        environment variable CHATWIDGET_PRACTICE_PACE overrides it.
    """

    def __init__(self, pace: float | None = None) -> None:
        self._pace = seconds_per_token(pace)
        self._service = PracticeService()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        reply = _reply(self._service, request, request.read())
        if reply.streams:
            body = _PacedStream(reply, self._pace)
            return httpx.Response(reply.status, headers=reply.headers, stream=body)
        whole = b"".join(reply.parts)
        return httpx.Response(reply.status, headers=reply.headers, content=whole)


class AsyncPracticeTransport(httpx.AsyncBaseTransport):
    """Answers every request with the practice model, for an asynchronous client.

    Parameters
    ----------
    pace
        The pause after each token of a stream, in seconds; 0 is as fast as possible. The
        environment variable CHATWIDGET_PRACTICE_PACE overrides it.
    """

    def __init__(self, pace: float | None = None) -> None:
        self._pace = seconds_per_token(pace)
        self._service = PracticeService()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        await asyncio.to_thread(load_models)  # the first time, this is a moment's work
        reply = _reply(self._service, request, await request.aread())
        if reply.streams:
            body = _AsyncPacedStream(reply, self._pace)
            return httpx.Response(reply.status, headers=reply.headers, stream=body)
        whole = b"".join([part async for part in apaced(reply, self._pace)])
        return httpx.Response(reply.status, headers=reply.headers, content=whole)


def _reply(service: PracticeService, request: httpx.Request, body: bytes) -> Reply:
    authorization = request.headers.get("authorization", "")
    return service.reply(request.method, request.url.path, authorization, body)


class _PacedStream(httpx.SyncByteStream):
    def __init__(self, reply: Reply, pace: float) -> None:
        self._parts = paced(reply, pace)
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if not self._open:
                return
            yield part

    def close(self) -> None:
        # Another thread may be inside the generator, so that it cannot be closed from here.
        self._open = False


class _AsyncPacedStream(httpx.AsyncByteStream):
    def __init__(self, reply: Reply, pace: float) -> None:
        self._reply = reply
        self._pace = pace
        self._open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(apaced(self._reply, self._pace)) as parts:
            async for part in parts:
                if not self._open:
                    return
                yield part

    async def aclose(self) -> None:
        self._open = False
