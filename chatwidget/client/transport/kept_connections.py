"""Kept connections: a request goes out again that came just when the server had closed its own.

Of such a request nothing was answered, so that no answer is paid for twice. It is sent once more,
on a new connection; no retry is counted for it, for nothing has failed.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from chatwidget.client.transport.httpx_internals import innermost, pool_of, requests_of, socket_of
from chatwidget.client.transport.watchdog import watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from chatwidget.client.deadlines import Clocks
    from chatwidget.client.transport.protocols import (
        AnyHttpClient,
        AsyncHttpClient,
        AsyncHttpResponse,
        HttpClient,
        HttpRequest,
        HttpResponse,
    )

__all__ = ["asend_request", "send_request"]

_LOST = frozenset({"NetworkError", "RemoteProtocolError"})


def send_request(
    http_client: HttpClient, request: HttpRequest, auth: Any, clocks: Clocks
) -> HttpResponse:
    """Send a request and return the head of its response.

    Raises
    ------
    Exception
        An error of the HTTP library.
    """
    trace = _Trace(http_client, request)
    try:
        return _send(http_client, request, auth, trace.watch(clocks))
    except Exception as error:
        if not trace.is_stale(error, clocks):
            raise
    for connection in trace.idle_connections:
        connection.close()
    return _send(http_client, request, auth, _Trace(http_client, request).watch(clocks))


def _send(
    http_client: HttpClient, request: HttpRequest, auth: Any, watch: AbstractContextManager[None]
) -> HttpResponse:
    with watch:
        return http_client.send(request, stream=True, auth=auth, follow_redirects=False)


async def asend_request(
    http_client: AsyncHttpClient, request: HttpRequest, auth: Any, clocks: Clocks
) -> AsyncHttpResponse:
    """Do as `send_request` does, asynchronously."""
    trace = _AsyncTrace(http_client, request)
    try:
        return await _asend(http_client, request, auth, trace.watch(clocks))
    except Exception as error:
        if not trace.is_stale(error, clocks):
            raise
    for connection in trace.idle_connections:
        await connection.aclose()
    return await _asend(http_client, request, auth, _AsyncTrace(http_client, request).watch(clocks))


async def _asend(
    http_client: AsyncHttpClient,
    request: HttpRequest,
    auth: Any,
    watch: AbstractContextManager[None],
) -> AsyncHttpResponse:
    with watch:
        return await http_client.send(request, stream=True, auth=auth, follow_redirects=False)


class _Trace:
    """What the HTTP library tells of one request while it is sent, by its extension ``trace``.

    Parameters
    ----------
    http_client
        Who sends it.
    request
        The request.
    """

    def __init__(self, http_client: AnyHttpClient, request: HttpRequest) -> None:
        self._pool = pool_of(http_client, request.url)
        self._extensions = request.extensions
        self._request: Any = None
        self._connection: Any = None
        self._is_new = False
        self._begin: Callable[[], None] | None = None

    @property
    def _listener(self) -> Any:
        return self._hear

    @contextmanager
    def watch(self, clocks: Clocks) -> Iterator[None]:
        """Listen, and watch the clocks, until the head of the response is there.

        They begin when there is a connection: nobody waits for the server before.
        """
        if self._pool is None:
            yield
            return
        self._extensions["trace"] = self._listener
        self._begin = clocks.begin
        clocks.paused = True
        try:
            with watching(lambda: socket_of(self._connection), clocks):
                yield
        finally:
            del self._extensions["trace"]
            self._begin_clocks()

    def is_stale(self, error: Exception, clocks: Clocks) -> bool:
        """Tell whether an error is that of a kept connection, from which no byte came."""
        is_lost = any(kind.__name__ in _LOST for kind in type(error).__mro__)
        if not is_lost or self._is_new or clocks.expired():
            return False
        with suppress(AttributeError):
            received, _ = self._connection._h11_state.trailing_data  # noqa: SLF001 - no public name
            return not received
        return False

    @property
    def idle_connections(self) -> list[Any]:
        """The other kept connections to the same server, which it has probably closed as well."""
        with suppress(AttributeError):
            origin = self._request.url.origin
            kept = [each for each in self._pool.connections if each.is_idle()]
            return [each for each in kept if each.can_handle_request(origin)]
        return []

    def _hear(self, event: str, _info: dict[str, Any]) -> None:
        self._begin_clocks()
        if ".connect_" in event:
            self._is_new = True
        elif event.endswith(".send_request_headers.started"):
            self._note_connection()

    def _begin_clocks(self) -> None:
        if self._begin is not None:
            self._begin()
            self._begin = None

    def _note_connection(self) -> None:
        for each in requests_of(self._pool):
            if each.request.extensions is self._extensions:
                self._request, self._connection = each.request, innermost(each.connection)


class _AsyncTrace(_Trace):
    """A trace of which a library tells that awaits its listeners."""

    @property
    def _listener(self) -> Any:
        return self._ahear

    async def _ahear(self, event: str, info: dict[str, Any]) -> None:
        self._hear(event, info)
