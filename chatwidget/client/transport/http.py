"""HTTP: the only module of the client that imports httpx.

A user may bring a client of httpx or of its continuation httpx2; they share one interface, and
each raises its own errors, so that errors are looked up in the family of the client at hand.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from chatwidget.client.deadlines import Clocks, Deadlines
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.transport.http_errors import (
    connection_error_from,
    redact_error,
    redirect_target,
    status_error_from_response,
)
from chatwidget.client.transport.kept_connections import asend_request, send_request
from chatwidget.client.transport.watchdog import watched

if TYPE_CHECKING:
    from types import TracebackType

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.errors import APIConnectionError, APIStatusError
    from chatwidget.client.limits import Limits
    from chatwidget.client.request.prepared import PreparedRequest
    from chatwidget.client.transport.protocols import (
        AsyncHttpClient,
        AsyncHttpResponse,
        HttpClient,
        HttpResponse,
    )

__all__ = [
    "afetch",
    "asend",
    "build_async_http_client",
    "build_http_client",
    "check_http_client",
    "fetch",
    "map_transport_errors",
    "send",
]

_FAMILIES = ("httpx", "httpx2")
_LONGEST_ERROR_BODY = 64 * 1024
_ERROR_BODY_DEADLINES = Deadlines(total=5.0)
_MOST_REDIRECTS = 5


def build_http_client(server: Server, limits: Limits) -> httpx.Client:
    """Return an HTTP client for a server, with its own transport if the server names one."""
    return httpx.Client(**_options(server, limits, prefix=""))


def build_async_http_client(server: Server, limits: Limits) -> httpx.AsyncClient:
    """Return the asynchronous twin of `build_http_client`."""
    return httpx.AsyncClient(**_options(server, limits, prefix="Async"))


def send(http_client: HttpClient, prepared: PreparedRequest, clocks: Clocks) -> HttpResponse:
    """Send a request and return the response of a success; its body has not been read yet.

    Raises
    ------
    APIConnectionError
        If no answer comes.
    APIStatusError
        If the server refuses.
    """
    url = _parsed_url(_family(http_client).__name__, prepared.url)
    with map_transport_errors(http_client, prepared.host, clocks, prepared.key):
        for _ in range(_MOST_REDIRECTS):
            request = prepared.build(http_client, clocks, url)
            response = send_request(http_client, request, prepared.auth, clocks)
            if response.is_success:
                request.extensions["timeout"]["read"] = None
                return response
            error = _status_error(response, prepared)
            url = redirect_target(response, prepared)
            if url is None:
                break
    raise error


async def asend(
    http_client: AsyncHttpClient, prepared: PreparedRequest, clocks: Clocks
) -> AsyncHttpResponse:
    """Do as `send` does, asynchronously."""
    url = _parsed_url(_family(http_client).__name__, prepared.url)
    with map_transport_errors(http_client, prepared.host, clocks, prepared.key):
        for _ in range(_MOST_REDIRECTS):
            request = prepared.build(http_client, clocks, url)
            response = await asend_request(http_client, request, prepared.auth, clocks)
            if response.is_success:
                request.extensions["timeout"]["read"] = None
                return response
            error = await _astatus_error(response, prepared)
            url = redirect_target(response, prepared)
            if url is None:
                break
    raise error


def fetch(http_client: HttpClient, prepared: PreparedRequest, clocks: Clocks) -> bytes:
    """Send a request and return the whole body of the answer."""
    response = send(http_client, prepared, clocks)
    body = bytearray()
    with (
        map_transport_errors(http_client, prepared.host, clocks, prepared.key),
        watched(response, clocks),
    ):
        try:
            for piece in response.iter_bytes():
                body += piece
                prepared.limits.check_body(len(body))
        finally:
            response.close()
    return _in_time(bytes(body), prepared, clocks)


async def afetch(http_client: AsyncHttpClient, prepared: PreparedRequest, clocks: Clocks) -> bytes:
    """Do as `fetch` does, asynchronously."""
    response = await asend(http_client, prepared, clocks)
    body = bytearray()
    with (
        map_transport_errors(http_client, prepared.host, clocks, prepared.key),
        watched(response, clocks),
    ):
        try:
            async for piece in response.aiter_bytes():
                body += piece
                prepared.limits.check_body(len(body))
        finally:
            await response.aclose()
    return _in_time(bytes(body), prepared, clocks)


def _in_time(body: bytes, prepared: PreparedRequest, clocks: Clocks) -> bytes:
    """Return a body; where nothing tells its length, one that was shut down looks complete."""
    late = clocks.late(prepared.host)
    if late is not None:
        raise late
    return body


def check_http_client(http_client: object, *, asynchronous: bool) -> None:
    """Refuse an ``http_client=`` of the wrong kind.

    Raises
    ------
    ConfigurationError
        If it is no client of httpx or httpx2, or the other twin of one.
    """
    wanted = "AsyncClient" if asynchronous else "Client"
    bases = type(http_client).__mro__
    if not any(base.__name__ == wanted and _root(base) in _FAMILIES for base in bases):
        raise ConfigurationError(
            f"http_client is {type(http_client).__name__!r}.",
            hint=f"Give an httpx.{wanted} or an httpx2.{wanted}.",
        )


class map_transport_errors:  # noqa: N801 - a context manager, named as those of contextlib
    """Map the errors of an HTTP library to ours; they name the host, and no key that came back.

    A connection that was shut down because time was up has not failed: time is up.
    The library's own error is kept neither as the cause nor in a frame: it holds the request with
    its headers, and what the server sent.
    """

    def __init__(
        self,
        http_client: object,
        host: str,
        clocks: Clocks | None = None,
        key: ApiKey | None = None,
    ) -> None:
        self._http_client = http_client
        self._host = host
        self._clocks = clocks
        self._key = key

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failure = self._failure(error) if error is not None else None
        del error
        if failure is None:
            return
        try:
            raise failure
        finally:
            failure.__context__ = None

    def _failure(self, error: BaseException) -> APIConnectionError | None:
        """Return what one of the library's errors stands for; None for an error of others."""
        family = _family(self._http_client)
        if not isinstance(error, (family.RequestError, family.StreamError)):
            return None
        failure = connection_error_from(error, self._http_client, self._host)
        if self._clocks is not None and failure.phase in ("read", "write"):
            failure = self._clocks.late(self._host) or failure
        return redact_error(failure, self._key)


def _options(server: Server, limits: Limits, *, prefix: str) -> dict[str, Any]:
    # As many are kept as there were: else each of many at once would need a new one.
    pool = httpx.Limits(max_connections=limits.connections, max_keepalive_connections=None)
    options: dict[str, Any] = {"timeout": None, "limits": pool}
    if server.transport is not None:
        module, _, name = server.transport.partition(":")
        options["transport"] = getattr(import_module(module), f"{prefix}{name}")()
    elif server.base_url.startswith("http:"):
        # Plain http stays on this machine: no proxy, and no certificates, which cost 70 ms to load.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        options["transport"] = _transport(no_certificates, pool, prefix)
    elif _is_behind_proxy(server):
        options["verify"] = _certificates()
    else:
        options["transport"] = _transport(_certificates(), pool, prefix)
    return options


def _transport(certificates: ssl.SSLContext, pool: httpx.Limits, prefix: str) -> Any:
    """Return a transport that asks now and then whether the other end is still there.

    A router on the way forgets a connection that is silent while a model thinks.
    """
    build = getattr(httpx, f"{prefix}HTTPTransport")
    return build(verify=certificates, limits=pool, socket_options=_KEEPALIVE)


_KEEPALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5))
        if hasattr(socket, name)
    ),
]


def _is_behind_proxy(server: Server) -> bool:
    """Tell whether the environment names a proxy, which httpx uses by itself if let alone."""
    host = urlsplit(server.base_url).hostname or ""
    return bool({"https", "all"} & set(getproxies())) and not proxy_bypass(host)


@cache
def _certificates() -> ssl.SSLContext:
    certificates = httpx.create_ssl_context()
    # SSLKEYLOGFILE is set to look into a browser; what is said to a model is not meant by it.
    certificates.keylog_filename = None  # type: ignore[assignment] # typeshed knows no None here
    return certificates


@lru_cache(maxsize=16)
def _parsed_url(family: str, url: str) -> Any:
    """Return an address as a value of a client's library: the same one is asked again and again."""
    return import_module(family).URL(url)


def _family(http_client: object) -> Any:
    """Return the library that a client comes from, also if its class was derived from theirs."""
    bases = type(http_client).__mro__
    return import_module(next(root for root in map(_root, bases) if root in _FAMILIES))


def _root(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _status_error(response: HttpResponse, prepared: PreparedRequest) -> APIStatusError:
    """Read as much of an error's body as is needed; one that breaks off is an error still."""
    body = bytearray()
    with suppress(Exception), watched(response, Clocks(_ERROR_BODY_DEADLINES)):
        for piece in response.iter_bytes():
            body += piece
            if len(body) >= _LONGEST_ERROR_BODY:
                break
    response.close()
    return status_error_from_response(response, bytes(body[:_LONGEST_ERROR_BODY]), prepared.key)


async def _astatus_error(response: AsyncHttpResponse, prepared: PreparedRequest) -> APIStatusError:
    body = bytearray()
    with suppress(Exception), watched(response, Clocks(_ERROR_BODY_DEADLINES)):
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) >= _LONGEST_ERROR_BODY:
                break
    await response.aclose()
    return status_error_from_response(response, bytes(body[:_LONGEST_ERROR_BODY]), prepared.key)
