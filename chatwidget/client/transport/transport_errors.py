"""Errors of transport: what failed in an HTTP library, while doing what, and what to do next."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from chatwidget.client.errors import APIConnectionError, APITimeoutError
from chatwidget.client.transport.httpx_internals import most_connections, pool_of

__all__ = ["connection_error_from"]

_PHASES = {
    "ConnectError": "connect",
    "ConnectTimeout": "connect",
    "PoolTimeout": "pool",
    "ProxyError": "proxy",
    "WriteError": "write",
    "WriteTimeout": "write",
}
_HINTS = {
    "dns": "Check its spelling, the network, and HTTPS_PROXY if there is a proxy.",
    "tls": "If the certificate is your institution's own, name its file in SSL_CERT_FILE.",
    "proxy": "See HTTPS_PROXY and NO_PROXY in the environment.",
}


def connection_error_from(error: Any, http_client: object, host: str) -> APIConnectionError:
    """Return the connection error that one of an HTTP library stands for.

    Parameters
    ----------
    error
        An error of httpx or httpx2.
    http_client
        The client that raised it.
    host
        What people call the server.
    """
    kinds = [kind.__name__ for kind in type(error).__mro__]
    phase = next((_PHASES[kind] for kind in kinds if kind in _PHASES), "read")
    if phase == "connect":
        phase = _connect_phase(error)
    if phase == "pool":
        return _pool_timeout_error(http_client, error, host)
    if "TimeoutException" in kinds:
        return APITimeoutError(
            f"{host} did not answer in time ({phase}).",
            hint="Try again, or give a longer timeout=.",
            phase=phase,
        )
    hint = _HINTS.get(phase, "Is the server running, and is its address right?")
    return APIConnectionError(_sentence(error, phase, host), hint=hint, phase=phase)


def _sentence(error: Any, phase: str, host: str) -> str:
    if phase == "dns":
        return f"The host {error.request.url.host} was not found."
    if phase == "proxy":
        return f"The proxy on the way to {host} refused the connection."
    reason = str(error).rstrip(".") or type(error).__name__
    return f"The connection to {host} failed: {reason}."


def _pool_timeout_error(http_client: object, error: Any, host: str) -> APITimeoutError:
    most = most_connections(pool_of(http_client, error.request.url))
    count = f" (max_connections={most})" if most else ""
    return APITimeoutError(
        f"{host} was not asked: all connections of the HTTP client are in use{count}.",
        hint="Close a stream that is still open, or give an http_client= with more connections.",
        phase="pool",
    )


def _connect_phase(error: BaseException | None) -> str:
    """Return the phase in which a connection was not made."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return "tls"
        if isinstance(error, socket.gaierror):
            return "dns"
        error = error.__cause__ or error.__context__
    return "connect"
