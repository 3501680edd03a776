"""The misbehaving server: plain sockets on loopback that do to each request what a script says.

A script is a sequence of steps. A step is bytes, which are sent as they are; or something to do
to the connection, such as `pause`, `stall`, `reset`, `half_close`, `close`; or an iterable of
steps, which may be endless. A script that does not close the connection keeps it alive for the
next request. What is worth sending is built by `wire.replies`.

>>> with ScriptedServer() as server:
...     server.reply(SSE_HEAD, sse(chunk("Hel")), pause(0.1), sse(chunk("lo")), close())
...     ...  # send a request to server.url
...     server.requests[0].json["model"]
...     server.connections[0].wait_closed(1.0)
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

from wire.replies import error, json_response

if TYPE_CHECKING:
    import ssl

    from typing_extensions import Self

__all__ = [
    "Connection",
    "Request",
    "ScriptedServer",
    "Step",
    "close",
    "drip",
    "half_close",
    "pause",
    "reset",
    "split",
    "stall",
]

TICK = 0.02  # how often a waiting connection looks whether the server is being closed, in seconds


@dataclass(frozen=True)
class Request:
    """A request as it came; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    time: float
    connection: int

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class _Over(Exception):  # noqa: N818 - the end of a conversation is not an error
    """The connection has ended."""

    def __init__(self, by: Literal["client", "server"]) -> None:
        super().__init__(by)
        self.by = by


class Connection:
    """One accepted connection, served by a thread of its own."""

    def __init__(self, number: int, server: ScriptedServer, accepted: socket.socket) -> None:
        self.number = number
        self.requests: list[Request] = []
        self.closed_by: Literal["client", "server"] | None = None
        self.closed_at = math.inf
        self._server = server
        self._socket = accepted
        self._received = bytearray()
        self._over = threading.Event()

    @property
    def connected(self) -> bool:
        """Whether neither side has closed."""
        return not self._over.is_set()

    def wait_closed(self, timeout: float = 1.0) -> bool:
        """Wait for the end of the connection; true if it was the client that closed it."""
        return self._over.wait(timeout) and self.closed_by == "client"

    def send(self, data: bytes) -> None:
        """Send bytes, however slowly the client takes them."""
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(TICK)
            try:
                rest = rest[self._socket.send(rest) :]
            except TimeoutError:
                self._check_server()

    def wait(self, until: float | threading.Event) -> None:
        """Wait for some seconds or for an event, unless the client leaves before."""
        event = until if isinstance(until, threading.Event) else None
        deadline = math.inf if isinstance(until, threading.Event) else time.monotonic() + until
        while not (event and event.is_set()):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._receive(min(left, TICK))

    def reset(self) -> None:
        """Close with RST, as a crashed peer or a firewall does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def half_close(self) -> None:
        """Send no more, but still listen."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End the script and the connection."""
        raise _Over("server")

    def perform(self, step: Step) -> None:
        """Do one step of a script."""
        if isinstance(step, bytes):
            self.send(step)
        elif callable(step):
            step(self)
        else:
            for each in step:
                self.perform(each)

    def serve(self) -> None:
        """Answer requests until one side closes."""
        ended_by: Literal["client", "server"] = "server"
        try:
            self._shake_hands()
            self.perform(self._server.greeting())
            while True:
                request = self._read_request()
                self.requests.append(request)
                self.perform(self._server.script(request))
        except _Over as over:
            ended_by = over.by
        except OSError:  # a reset, a broken pipe, a failed TLS handshake: all are the client's
            ended_by = "client"
        finally:
            self._socket.close()
            self.closed_at = time.monotonic()
            self.closed_by = ended_by
            self._over.set()

    @staticmethod
    def _shaken(secured: ssl.SSLSocket) -> bool:
        try:
            secured.do_handshake()
        except TimeoutError:
            return False
        return True

    def _shake_hands(self) -> None:
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._server.tls is None:
            return
        secured = self._server.tls.wrap_socket(
            self._socket, server_side=True, do_handshake_on_connect=False
        )
        self._socket = secured
        secured.settimeout(TICK)
        while not self._shaken(secured):
            self._check_server()

    def _read_request(self) -> Request:
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, rest = bytes(self._received).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if "transfer-encoding" in headers:
            raise NotImplementedError("The scripted server reads no chunked requests.")
        length = int(headers.get("content-length", 0))
        self._received = bytearray(rest)
        while len(self._received) < length:
            self._receive()
        body = bytes(self._received[:length])
        del self._received[:length]
        return Request(method, path, headers, body, time.monotonic(), self.number)

    def _receive(self, timeout: float = TICK) -> None:
        """Take what the client sends within `timeout`; its end of stream means that it left."""
        self._socket.settimeout(timeout)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            self._check_server()
        else:
            if not data:
                raise _Over("client")
            self._received += data

    def _check_server(self) -> None:
        if self._server.closing.is_set():
            raise _Over("server")


Step: TypeAlias = Union[bytes, Callable[[Connection], None], Iterable["Step"]]  # noqa: UP007 - recursive


def pause(until: float | threading.Event) -> Step:
    """Wait for some seconds, or until a test sets an event."""
    return lambda connection: connection.wait(until)


def stall() -> Step:
    """Say nothing more until the client leaves."""
    return lambda connection: connection.wait(math.inf)


def reset() -> Step:
    """Break the connection off with RST."""
    return Connection.reset


def half_close() -> Step:
    """End the server's half of the connection; the client's stays open."""
    return Connection.half_close


def close() -> Step:
    """Close the connection in an orderly way."""
    return Connection.close


def split(data: bytes, size: int = 1) -> list[bytes]:
    """Cut bytes into pieces that are sent one by one."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def drip(data: bytes, every: float, size: int = 1) -> Step:
    """Send bytes slowly: a piece, a pause, a piece, …"""
    return [[piece, pause(every)] for piece in split(data, size)]


class ScriptedServer:
    """A server on a free port of 127.0.0.1; use it in a `with` statement.

    Parameters
    ----------
    tls
        Speak TLS with this context; see `wire.certificates`.

    Attributes
    ----------
    requests
        All requests, in the order of arrival.
    connections
        All connections, in the order of arrival; `Request.connection` is an index of it.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.requests: list[Request] = []
        self.connections: list[Connection] = []
        self.closing = threading.Event()
        self._arrival = threading.Condition()
        self._scripts: deque[Step] = deque()
        self._greetings: deque[Step] = deque()
        self._fallback: Step | None = None
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """The base URL for a client."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def setup(self) -> str:
        """A cell by which a notebook asks this server, and does not ask for its models before."""
        server = f"%config ChatMagics.server = '{self.url}'"
        return f"%load_ext chatwidget\n{server}\n%chat model scripted"

    def reply(self, *steps: Step) -> None:
        """Queue the script for one more request, on whatever connection it comes."""
        self._scripts.append(steps)

    def otherwise(self, *steps: Step) -> None:
        """Set the script for every request for which none is queued."""
        self._fallback = steps

    def on_connect(self, *steps: Step) -> None:
        """Queue what happens to one more connection before its first request is read."""
        self._greetings.append(steps)

    def wait_for_requests(self, count: int, timeout: float = 5.0) -> list[Request]:
        """Wait until this many requests have come in all; fail if they do not."""
        with self._arrival:
            came = self._arrival.wait_for(lambda: len(self.requests) >= count, timeout)
        assert came, f"{len(self.requests)} of {count} requests came within {timeout} s"
        return self.requests

    def greeting(self) -> Step:
        """Take the next script of a connection."""
        return self._greetings.popleft() if self._greetings else ()

    def script(self, request: Request) -> Step:
        """Record a request and take its script.

        A list of models, which a session asks for by itself, is none where no script could answer.
        """
        with self._arrival:
            is_list = request.method == "GET" and request.path.endswith("/models")
            if is_list and not self._scripts and self._fallback is None:
                return json_response(error("There is no list of models."), status=404)
            self.requests.append(request)
            self._arrival.notify_all()
            if self._scripts:
                return self._scripts.popleft()
            if self._fallback is not None:
                return self._fallback
            # a status that no client retries, so that the test hears of it at once
            message = f"The test has no script for request {len(self.requests)}."
            return json_response(error(message), status=418)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        # accept() wakes up only for a connection; a listener with a full queue is awake already
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=TICK).close()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=f"scripted server {self.port}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        for number in itertools.count():
            accepted, _ = self._listener.accept()
            if self.closing.is_set():
                accepted.close()
                return
            connection = Connection(number, self, accepted)
            self.connections.append(connection)
            self._start(connection.serve)
