"""The connection pool inside an HTTP client: what it knows, and httpx does not tell.

A response names its connection; as long as it has not begun, the pool alone knows which one that
is. Whether it verifies certificates is known there, too, and which sockets a forked process shares
with its parent. The names used here are no public ones: where they are missing, nothing is known.
"""

from __future__ import annotations

import ssl
import warnings
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.transport.protocols import AnyHttpClient, HttpRequest

__all__ = [
    "leave_connections",
    "most_connections",
    "pool_of",
    "waiting_socket",
    "warn_if_unverified",
]


_transport = attrgetter("_transport_for_url")
_pool = attrgetter("_pool")
_most_connections = attrgetter("_max_connections")
_requests = attrgetter("_requests")
_network_stream = attrgetter("connection._connection._network_stream")


def pool_of(http_client: AnyHttpClient, url: Any) -> Any:
    """Return the pool from which a request to an address gets its connection, or None."""
    with suppress(AttributeError):
        return _pool(_transport(http_client)(url))
    return None


def most_connections(pool: Any) -> int | None:
    """Return how many connections a pool has at most, or None."""
    with suppress(AttributeError):
        return int(_most_connections(pool))
    return None


def waiting_socket(pool: Any, request: HttpRequest) -> Any:
    """Return the socket on which a request waits for its response, or None."""
    with suppress(AttributeError):
        for each in [*_requests(pool)]:
            if each.request.extensions is request.extensions:
                return _network_stream(each).get_extra_info("socket")
    return None


def leave_connections(http_client: Any) -> None:
    """Leave the connections of a client to the parent process: in this one it has none any more.

    The copies of their sockets are closed, else no server would see the parent close its own. That
    sends nothing, and sockets are closed for both processes only by a shutdown.
    """
    for transport in _transports(http_client):
        with suppress(AttributeError):
            pool = _pool(transport)
            for connection in pool._connections:
                _close_copy(connection)
            pool._connections, pool._requests = [], []
            pool._optional_thread_lock = type(pool._optional_thread_lock)()


def _transports(http_client: Any) -> list[Any]:
    with suppress(AttributeError):
        return [http_client._transport, *http_client._mounts.values()]
    return []


def _close_copy(connection: Any) -> None:
    """Close a connection's socket in this process alone, behind all that would use it."""
    while hasattr(connection, "_connection"):  # a proxy's, a named server's, one of HTTP/1.1
        connection = connection._connection
    with suppress(Exception):  # it is not open yet, or is no socket
        wrapped = connection._network_stream.get_extra_info("socket")
        getattr(wrapped, "_sock", wrapped).close()


def warn_if_unverified(http_client: AnyHttpClient, server: Server) -> None:
    """Warn if a client would talk to a server without checking its certificate.

    What cannot be looked into, such as a transport of the user's own, is trusted.
    """
    if not server.base_url.startswith("https:"):
        return
    pool = pool_of(http_client, http_client.base_url.join(server.base_url))
    context = getattr(pool, "_ssl_context", None)
    if not isinstance(context, ssl.SSLContext):
        return
    if context.verify_mode == ssl.CERT_NONE or not context.check_hostname:
        warnings.warn(
            f"The http_client does not check that it talks to {server.name}: whoever is on the "
            "way can read the key, the prompts and the answers, and change them. If the "
            "certificate is your institution's own, give its file as "
            "verify=ssl.create_default_context(cafile=...) in place of verify=False.",
            stacklevel=3,
        )
