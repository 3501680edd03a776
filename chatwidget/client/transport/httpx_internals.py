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
    from chatwidget.client.transport.protocols import AnyHttpClient

__all__ = [
    "innermost",
    "leave_connections",
    "most_connections",
    "pool_of",
    "requests_of",
    "socket_of",
    "warn_if_unverified",
]


_transport = attrgetter("_transport_for_url")
_pool = attrgetter("_pool")
_most_connections = attrgetter("_max_connections")
_requests = attrgetter("_requests")
_network_stream = attrgetter("_network_stream")


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


def requests_of(pool: Any) -> list[Any]:
    """Return the requests that a pool is at, each with its connection."""
    with suppress(AttributeError):
        return [*_requests(pool)]
    return []


def innermost(connection: Any) -> Any:
    """Return the connection that speaks HTTP/1.1, behind one to a proxy or to a named server."""
    while hasattr(connection, "_connection"):
        connection = connection._connection
    return connection


def socket_of(connection: Any) -> Any:
    """Return the socket of an innermost connection, or None."""
    with suppress(AttributeError):
        return _network_stream(connection).get_extra_info("socket")
    return None


def leave_connections(http_client: Any) -> None:
    """Leave the connections of a client to the parent process: in this one it has none any more.

    The copies of their sockets are closed, else no server would see the parent close its own. That
    sends nothing, and sockets are closed for both processes only by a shutdown.
    """
    for transport in _transports(http_client):
        if hasattr(transport, "leave"):
            transport.leave()
            continue
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
    wrapped = socket_of(innermost(connection))
    with suppress(Exception):  # it is not open yet, or is no socket
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
