"""The transport on aiohttp: HTTP/1.1 is parsed in C, which makes many streams at once cheap.

It is that of httpx-aiohttp, and keeps what the client promises: the watchdog can shut a connection
down, a request goes out again on a new connection if it came just when the server had closed the
kept one, and what is stopped is closed at once. To whoever looks into a connection pool it shows
itself under the names of httpcore's.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

import aiohttp
from httpx_aiohttp.transport import AiohttpResponseStream, AiohttpTransport
from yarl import URL

from chatwidget.client.transport.aiohttp_connections import (
    Connector,
    Exchange,
    ExchangeConnection,
    current_exchange,
)
from chatwidget.client.transport.aiohttp_errors import map_aiohttp_errors

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

__all__ = ["FastTransport"]

_LONGEST_HEADER = 100 * 1024
_LARGEST_PIECE = 64 * 1024


class FastTransport(AiohttpTransport):
    """A transport of httpx on aiohttp; it has a session for the event loop that it is used in.

    Parameters
    ----------
    certificates
        Whom to trust.
    most_connections
        How many at once at most, or None.
    keep_seconds
        How long a connection is kept for the next request.
    socket_options
        What to set for each connection.
    """

    def __init__(
        self,
        certificates: ssl.SSLContext,
        most_connections: int | None,
        keep_seconds: float | None,
        socket_options: Sequence[tuple[int, int, int]],
    ) -> None:
        super().__init__(verify=certificates, socket_options=socket_options)
        self._pool = _Pool(most_connections)
        self._keep_seconds = keep_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self.client: aiohttp.ClientSession | None = None

    def get_client(self) -> aiohttp.ClientSession:
        """Return the session of the running event loop."""
        loop = asyncio.get_running_loop()
        if self.client is not None and self._loop is loop:
            return self.client
        self._detach()
        self._loop, self.client = loop, self._new_session()
        return self.client

    def _new_session(self) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=Connector(
                ssl=self.ssl_context,
                limit=self._pool._max_connections or 0,
                keepalive_timeout=self._keep_seconds,
                socket_factory=self._socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )
        session._retry_connection = False  # it would send again what the watchdog has stopped
        return session

    def _socket(self, address: Any) -> socket.socket:
        """Return a socket for an address, as `socket.getaddrinfo` gives it."""
        family, kind, protocol, _, _ = address
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)  # noqa: FBT003 - it has no name
        for option in self.socket_options:
            made.setsockopt(*option)
        return made

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request, once more if a kept connection was stale, and return the response."""
        exchange = Exchange(request)
        token = current_exchange.set(exchange)
        try:
            with map_aiohttp_errors():
                response = await self._sent(request, exchange)
        finally:
            current_exchange.reset(token)
        return import_module("httpx").Response(
            response.status,
            headers=response.raw_headers,
            stream=_Body(response, exchange.connection),
            request=request,
            extensions={"http_version": b"HTTP/1.1", "network_stream": exchange.connection},
        )

    async def _sent(self, request: Any, exchange: Exchange) -> aiohttp.ClientResponse:
        try:
            return await self._send(request)
        except aiohttp.ClientConnectionError as error:
            if not exchange.is_stale(error):
                raise
        exchange.is_second = True
        return await self._send(request)

    async def _send(self, request: Any) -> aiohttp.ClientResponse:
        timeout = request.extensions["timeout"]
        return await self.get_client().request(
            request.method,
            URL(str(request.url), encoded=True),
            headers=request.headers.multi_items(),
            data=_sendable(request.content),
            allow_redirects=False,
            auto_decompress=False,
            # the watchdog has an eye on reading, and on writing
            timeout=aiohttp.ClientTimeout(connect=timeout["pool"], sock_connect=timeout["connect"]),
        )

    def leave(self) -> None:
        """Leave all connections to the parent process, without a word to their server."""
        if self.client is not None and isinstance(self.client.connector, Connector):
            self.client.connector.leave()
        self._detach()

    def _detach(self) -> None:
        """Let the session go: a session that is left open complains, where httpx says nothing."""
        if self.client is not None:
            self.client.detach()
            self.client = None

    def __del__(self) -> None:
        self._detach()


def _sendable(body: bytes) -> bytes | BytesIO | None:
    """Return a body as aiohttp wants it: a large one is sent piece by piece."""
    return BytesIO(body) if len(body) > _LARGEST_PIECE else body or None


class _Pool:
    """What is known of connections, under the names of httpcore's pool."""

    def __init__(self, most_connections: int | None) -> None:
        self._max_connections = most_connections

    @property
    def _requests(self) -> list[Exchange]:
        """The request of whoever looks: a task hears of its own alone."""
        return [current_exchange.get()]


class _Body(AiohttpResponseStream):
    """The body of a response, as it comes."""

    def __init__(self, response: aiohttp.ClientResponse, connection: ExchangeConnection) -> None:
        super().__init__(response)
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        response = self._aiohttp_response
        is_packed = "content-encoding" in response.headers
        content = _Pieces(response.content) if is_packed else response.content
        with map_aiohttp_errors():
            try:
                while received := await content.readany():
                    yield received
            except Exception:
                if rest := content._read_nowait(-1):  # it came before what went wrong
                    yield rest
                raise
            if self._connection.lost is not None:
                raise self._connection.lost

    async def aclose(self) -> None:
        """Close the connection at once, unless the response is complete and it serves others."""
        response = self._aiohttp_response
        if not response.closed:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            response.close()


class _Pieces:
    """What has come of a packed body in small pieces: each may be large when it is unpacked."""

    def __init__(self, content: aiohttp.StreamReader) -> None:
        self._content = content
        self._rest = b""

    async def readany(self) -> bytes:
        """Return a piece, and nothing at the end."""
        is_open = True
        while is_open and not self._rest:
            self._rest, is_end = await self._content.readchunk()
            is_open = is_end
        piece, self._rest = self._rest[:_LARGEST_PIECE], self._rest[_LARGEST_PIECE:]
        return piece

    def _read_nowait(self, count: int) -> bytes:
        return self._rest + self._content._read_nowait(count)
