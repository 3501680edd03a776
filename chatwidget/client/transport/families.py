"""The families of HTTP libraries, httpx and its continuation httpx2: their errors become ours.

They share one interface, and each raises its own errors, so that errors are looked up in the family
of the client at hand.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.transport.http_errors import (
    connection_error_from,
    decompression_error_from,
    redact_error,
)

if TYPE_CHECKING:
    from types import TracebackType

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.deadlines import Clocks
    from chatwidget.client.errors import APIError

__all__ = ["check_http_client", "family_of", "map_transport_errors"]

_FAMILIES = ("httpx", "httpx2")


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

    def _failure(self, error: BaseException) -> APIError | None:
        """Return what one of the library's errors stands for; None for an error of others."""
        family = family_of(self._http_client)
        if not isinstance(error, (family.RequestError, family.StreamError)):
            return None
        failure: APIError
        if isinstance(error, family.DecodingError):
            failure = decompression_error_from(error, self._host)
        else:
            failure = connection_error_from(error, self._http_client, self._host)
        if self._clocks is not None and getattr(failure, "phase", "read") in ("read", "write"):
            failure = self._clocks.late(self._host) or failure
        return redact_error(failure, self._key)


def family_of(http_client: object) -> Any:
    """Return the library that a client comes from, also if its class was derived from theirs."""
    bases = type(http_client).__mro__
    return import_module(next(root for root in map(_root, bases) if root in _FAMILIES))


def _root(kind: type) -> str:
    return kind.__module__.partition(".")[0]
