"""HTTP: the only module of the client that imports httpx.

A user may bring a client of httpx or of its continuation httpx2; they share one interface, and
each raises its own errors, so that errors are looked up in the family of the client at hand.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx

from chatwidget.client.errors import APIConnectionError, APITimeoutError, ConfigurationError
from chatwidget.client.failures import error_from_response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.call import Call
    from chatwidget.client.servers import Server

__all__ = [
    "afetch",
    "asend",
    "build_async_http_client",
    "build_http_client",
    "check_http_client",
    "fetch",
    "send",
    "transport_errors",
]

CONNECT_SECONDS = 10.0
_FAMILIES = ("httpx", "httpx2")


def build_http_client(server: Server, timeout: float) -> httpx.Client:
    """Return an HTTP client for a server, with its own transport if the server names one."""
    return httpx.Client(**_options(server, timeout, prefix=""))


def build_async_http_client(server: Server, timeout: float) -> httpx.AsyncClient:
    """Return the asynchronous twin of `build_http_client`."""
    return httpx.AsyncClient(**_options(server, timeout, prefix="Async"))


def send(http_client: Any, call: Call) -> Any:
    """Send a request and return the response of a success; its body has not been read yet.

    Raises
    ------
    APIConnectionError
        If no answer comes.
    APIStatusError
        If the server refuses.
    """
    with transport_errors(http_client, call.host):
        response = http_client.send(call.build(http_client), stream=True, auth=call.auth)
        if response.is_success:
            return response
        try:
            # The body gets no name here: it may echo the key, and a traceback may show locals.
            refusal = error_from_response(response.status_code, response.read(), call.key)
        finally:
            response.close()
    raise refusal


async def asend(http_client: Any, call: Call) -> Any:
    """Do as `send` does, asynchronously."""
    with transport_errors(http_client, call.host):
        response = await http_client.send(call.build(http_client), stream=True, auth=call.auth)
        if response.is_success:
            return response
        try:
            refusal = error_from_response(response.status_code, await response.aread(), call.key)
        finally:
            await response.aclose()
    raise refusal


def fetch(http_client: Any, call: Call) -> bytes:
    """Send a request and return the whole body of the answer."""
    response = send(http_client, call)
    try:
        with transport_errors(http_client, call.host):
            body: bytes = response.read()
    finally:
        response.close()
    return body


async def afetch(http_client: Any, call: Call) -> bytes:
    """Do as `fetch` does, asynchronously."""
    response = await asend(http_client, call)
    try:
        with transport_errors(http_client, call.host):
            body: bytes = await response.aread()
    finally:
        await response.aclose()
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


@contextmanager
def transport_errors(http_client: object, host: str) -> Iterator[None]:
    """Turn the errors of an HTTP library into ours; they name the host and nothing else.

    The library's own error is not kept as the cause: it holds the request with its headers.
    """
    family = _family(type(http_client))
    failure: APIConnectionError
    try:
        yield
    except (family.RequestError, family.StreamError) as error:
        if isinstance(error, family.TimeoutException):
            failure = APITimeoutError(
                f"{host} did not answer in time.", hint="Try again, or give a longer timeout=."
            )
        else:
            failure = APIConnectionError(
                f"The connection to {host} failed: {str(error) or type(error).__name__}.",
                hint="Is the server running, and is its address right?",
            )
        try:
            raise failure
        finally:
            failure.__context__ = None


def _options(server: Server, timeout: float, *, prefix: str) -> dict[str, Any]:
    options: dict[str, Any] = {"timeout": httpx.Timeout(timeout, connect=CONNECT_SECONDS)}
    if server.transport is not None:
        module, _, name = server.transport.partition(":")
        options["transport"] = getattr(import_module(module), f"{prefix}{name}")()
    elif server.base_url.startswith("http:"):
        # Plain http stays on this machine: no proxy, and no certificates, which cost 70 ms to load.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        options["transport"] = getattr(httpx, f"{prefix}HTTPTransport")(verify=no_certificates)
    else:
        options["verify"] = _certificates()
    return options


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _family(kind: type) -> Any:
    """Return the library that a client's class comes from, also if it was derived from."""
    return import_module(next(root for root in map(_root, kind.__mro__) if root in _FAMILIES))


def _root(kind: type) -> str:
    return kind.__module__.partition(".")[0]
