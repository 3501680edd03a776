"""HTTP: the only module of the client that imports httpx.

A client that a user brings may be one of httpx2, its continuation: they share one interface.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from chatwidget.client.deadlines import Clocks, Deadlines
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.transport.environment import (
    certificate_error,
    proxy_error,
    proxy_setting,
    set_up_error,
)
from chatwidget.client.transport.families import (
    check_http_client,
    family_of,
    map_transport_errors,
)
from chatwidget.client.transport.http_errors import redirect_target, status_error_from_response
from chatwidget.client.transport.kept_connections import asend_request, send_request
from chatwidget.client.transport.watchdog import watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.auth.servers import Server
    from chatwidget.client.errors import APIStatusError
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
    "check_certificates",
    "check_http_client",
    "check_proxy",
    "fetch",
    "map_transport_errors",
    "send",
]

_Client = TypeVar("_Client")
_LONGEST_ERROR_BODY = 64 * 1024
_ERROR_BODY_DEADLINES = Deadlines(total=5.0)
_MOST_REDIRECTS = 5


def build_http_client(server: Server, limits: Limits) -> httpx.Client:
    """Return an HTTP client for a server, with its own transport if the server names one."""
    return _made(lambda: httpx.Client(**_options(server, limits, prefix="")), server)


def build_async_http_client(
    server: Server, limits: Limits, *, fast: bool = False
) -> httpx.AsyncClient:
    """Return the asynchronous twin of `build_http_client`.

    Where it is installed and there is no proxy on the way, a fast one is on aiohttp.
    """
    return _made(
        lambda: httpx.AsyncClient(**_options(server, limits, prefix="Async", fast=fast)), server
    )


def check_proxy(server: Server) -> None:
    """Try whether a client can be made for the proxy that the environment names, if any.

    Raises
    ------
    ConfigurationError
        If it cannot.
    """
    no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _made(lambda: httpx.Client(verify=no_certificates), server).close()


def check_certificates() -> None:
    """Try whether the certificates can be loaded.

    Raises
    ------
    ConfigurationError
        If they cannot.
    """
    _load_certificates()


def send(http_client: HttpClient, prepared: PreparedRequest, clocks: Clocks) -> HttpResponse:
    """Send a request and return the response of a success; its body has not been read yet.

    Raises
    ------
    APIConnectionError
        If no answer comes.
    APIStatusError
        If the server refuses.
    """
    url = _parsed_url(family_of(http_client).__name__, prepared.url)
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
    url = _parsed_url(family_of(http_client).__name__, prepared.url)
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


def _options(server: Server, limits: Limits, *, prefix: str, fast: bool = False) -> dict[str, Any]:
    # As many are kept as there were: else each of many at once would need a new one.
    pool = httpx.Limits(max_connections=limits.connections, max_keepalive_connections=None)
    options: dict[str, Any] = {"timeout": None, "limits": pool}
    if server.transport is not None:
        module, _, name = server.transport.partition(":")
        options["transport"] = getattr(import_module(module), f"{prefix}{name}")()
    elif server.base_url.startswith("http:"):
        # Plain http stays near: no proxy, and no certificates, which cost 70 ms to load.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        options["transport"] = _transport(no_certificates, pool, prefix, fast=fast)
    elif proxy_setting(server) is not None:
        options["verify"] = _certificates()
    else:
        options["transport"] = _transport(_certificates(), pool, prefix, fast=fast)
    return options


def _transport(certificates: ssl.SSLContext, pool: httpx.Limits, prefix: str, *, fast: bool) -> Any:
    """Return a transport that asks now and then whether the other end is still there.

    A router on the way forgets a connection that is silent while a model thinks.
    """
    build_fast = _fast_transport() if fast and httpx.__name__ == "httpx" else None
    if build_fast is not None:
        return build_fast(certificates, pool.max_connections, pool.keepalive_expiry, _KEEPALIVE)
    build = getattr(httpx, f"{prefix}HTTPTransport")
    return build(verify=certificates, limits=pool, socket_options=_KEEPALIVE)


@cache
def _fast_transport() -> Callable[..., Any] | None:
    """Return the transport on aiohttp, or None where there is none, or one that is too old."""
    try:
        module = import_module("chatwidget.client.transport.aiohttp_transport")
    except (ImportError, AttributeError):
        return None
    build: Callable[..., Any] = module.FastTransport
    return build


_KEEPALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5))
        if hasattr(socket, name)
    ),
]


def _made(make: Callable[[], _Client], server: Server) -> _Client:
    """Make a client, and explain what its library raises, which may hold a password."""
    try:
        return make()
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001 - it fails in many ways
        explain = set_up_error if proxy_setting(server) is None else proxy_error
        explained = explain(error)
    # Out here, it has no context.
    raise explained


@cache
def _certificates() -> ssl.SSLContext:
    return _load_certificates()


def _load_certificates() -> ssl.SSLContext:
    try:
        certificates = httpx.create_ssl_context()
    except (OSError, ValueError) as error:
        raise certificate_error(error) from None
    certificates.set_alpn_protocols(["http/1.1"])  # httpcore says so too, aiohttp does not
    # SSLKEYLOGFILE is set to look into a browser; what is said to a model is not meant by it.
    certificates.keylog_filename = None  # type: ignore[assignment] # typeshed knows no None here
    return certificates


@lru_cache(maxsize=16)
def _parsed_url(family: str, url: str) -> Any:
    """Return an address as a value of a client's library: the same one is asked again and again."""
    return import_module(family).URL(url)


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
