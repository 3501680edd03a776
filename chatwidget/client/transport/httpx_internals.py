"""The connection pool inside an HTTP client: what it knows, and httpx does not tell.

A response names its connection; as long as it has not begun, the pool alone knows which one that
is. The names used here are no public ones: where they are missing, nothing is known.
"""

from __future__ import annotations

from contextlib import suppress
from operator import attrgetter
from typing import Any

__all__ = ["most_connections", "pool_of", "waiting_socket"]

_transport = attrgetter("_transport_for_url")
_pool = attrgetter("_pool")
_most_connections = attrgetter("_max_connections")
_requests = attrgetter("_requests")
_network_stream = attrgetter("connection._connection._network_stream")


def pool_of(http_client: Any, url: Any) -> Any:
    """Return the pool from which a request to an address gets its connection, or None."""
    with suppress(AttributeError):
        return _pool(_transport(http_client)(url))
    return None


def most_connections(pool: Any) -> int | None:
    """Return how many connections a pool has at most, or None."""
    with suppress(AttributeError):
        return int(_most_connections(pool))
    return None


def waiting_socket(pool: Any, request: Any) -> Any:
    """Return the socket on which a request waits for its response, or None."""
    with suppress(AttributeError):
        for each in [*_requests(pool)]:
            if each.request.extensions is request.extensions:
                return _network_stream(each).get_extra_info("socket")
    return None
