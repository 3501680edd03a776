"""The connections of aiohttp, each known to the exchange that has it.

What the client promises needs to know of each request which connection it has, whether that was
kept, and what came of a response; aiohttp tells none of it. The names used here are partly no
public ones: a version that lacks them is found out by the tests of the wire.
"""

from __future__ import annotations

import asyncio
import functools
import socket
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import ceil_timeout

from chatwidget.client.transport.aiohttp_errors import httpx_error

if TYPE_CHECKING:
    from aiohttp.connector import Connection

__all__ = ["Connector", "Exchange", "ExchangeConnection", "current_exchange"]

current_exchange: ContextVar[Exchange] = ContextVar("current_exchange")
"""The exchange for which a task gets a connection."""

_END_OF_HEAD = b"\r\n\r\n"


class Exchange:
    """A request that is sent, and the connection that it gets.

    Parameters
    ----------
    request
        A request of httpx; whoever it names as ``trace`` hears how it goes.
    """

    def __init__(self, request: Any) -> None:
        self.request = request
        self.connection = ExchangeConnection()
        self.is_second = False
        self._is_new = False

    async def connects(self) -> None:
        """Note that a new connection is made."""
        self._is_new = True
        await self._tell("connection.connect_tcp.started")

    async def is_connected(self, connection: Connection) -> None:
        """Note that there is a connection, a new one or a kept one."""
        self.connection.begin(connection)
        await self._tell("http11.send_request_headers.started")

    async def _tell(self, event: str) -> None:
        listener = self.request.extensions.get("trace")
        if listener is not None:
            await listener(event, {})

    def is_stale(self, error: aiohttp.ClientConnectionError) -> bool:
        """Tell whether an error is that of a kept connection, from which no byte came."""
        is_other = isinstance(error, (aiohttp.ServerTimeoutError, aiohttp.ClientConnectorError))
        return not (is_other or self._is_new or self.connection.is_used)


class ExchangeConnection:
    """The connection of an exchange: as long as that lasts, it can be shut down from any thread."""

    def __init__(self) -> None:
        self._held: Connection | None = None
        self._handler: Any = None
        self._is_shut = False

    def begin(self, connection: Connection) -> None:
        """Take over a connection, which may have served others before."""
        self._held, self._handler = connection, connection.protocol
        self._handler.has_received = False

    @property
    def is_used(self) -> bool:
        """Whether something came of a response, or it was shut down here."""
        return self._is_shut or self._handler is None or self._handler.has_received

    @property
    def lost(self) -> Exception | None:
        """How it was lost before the response was complete, if it was."""
        lost: Exception | None = self._handler.lost
        return lost

    @property
    def _network_stream(self) -> ExchangeConnection:
        return self

    def get_extra_info(self, name: str) -> Any:
        """Return what can be shut down, if that is asked for."""
        return self if name == "socket" else None

    @property
    def shared_socket(self) -> Any:
        """The socket, which the event loop uses; None if it has gone on to another exchange."""
        transport = self._held.transport if self._held is not None else None
        return transport.get_extra_info("socket") if transport is not None else None

    def shutdown(self, how: int) -> None:
        """Shut the connection down, if it is still that of this exchange."""
        self._is_shut = True
        shared = self.shared_socket
        if shared is not None and shared.fileno() >= 0:
            with socket.fromfd(shared.fileno(), shared.family, shared.type) as copy:
                copy.shutdown(how)


class _Handler(ResponseHandler):
    """The protocol of a connection, which knows how much of a response came, and how it ended."""

    has_received = False
    lost: Exception | None = None

    def data_received(self, data: bytes) -> None:
        """Take what came; the head by itself, else it would be lost if what follows is broken."""
        if not self.has_received:
            self.has_received = True
            head, end, body = data.partition(_END_OF_HEAD)
            if body:
                super().data_received(head + end)
                data = body
        super().data_received(data)

    def close(self) -> None:
        """Close at once, without sending what is left, or waiting for a reply over TLS."""
        transport = self.transport
        super().close()
        if transport is not None:
            transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Note what went wrong: a body that ends with its connection would look complete.

        After a frame that cannot be read, nobody else ends the body.
        """
        body = self._payload
        if body is None or body.is_eof():
            super().connection_lost(exc)
            return
        if isinstance(exc, Exception):
            self.lost = exc
        super().connection_lost(exc)
        if not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError())


class Connector(aiohttp.TCPConnector):
    """The connections of a transport, of which each exchange hears about its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory: Any = functools.partial(_Handler, loop=self._loop)

    async def connect(self, *arguments: Any, **options: Any) -> Connection:
        """Return a connection, a kept one if there is one."""
        connection = await super().connect(*arguments, **options)
        await current_exchange.get().is_connected(connection)
        return connection

    async def _get(self, *arguments: Any, **options: Any) -> Any:
        """Return a kept connection; none if the last one was stale, for all of them may be."""
        if current_exchange.get().is_second:
            return None
        return await super()._get(*arguments, **options)

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> Any:
        """Return a new connection: the name, the connection and its security have one limit."""
        await current_exchange.get().connects()
        try:
            # before Python 3.12, `asyncio.wait_for` can lose a cancellation
            async with ceil_timeout(timeout.sock_connect):
                return await super()._create_connection(req, traces, timeout)
        except (asyncio.TimeoutError, aiohttp.ServerTimeoutError):
            raise httpx_error("ConnectTimeout", "") from None

    def leave(self) -> None:
        """Close this process's copies of all sockets, and forget them."""
        kept = [handler for each in self._conns.values() for handler, _ in each]
        for handler in [*kept, *self._acquired]:
            if handler.transport is not None:
                shared = handler.transport.get_extra_info("socket")
                getattr(shared, "_sock", shared).close()
        self._conns.clear()
        self._acquired.clear()

    def __del__(self, *_: Any) -> None:
        """Say nothing: what is left open ends with its event loop, as with httpx."""
