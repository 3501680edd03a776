"""Errors of aiohttp become those of httpx that stand for the same, which are mapped to ours."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["map_aiohttp_errors"]

# From the particular to the general: the first that fits is taken.
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (aiohttp.SocketTimeoutError, "ReadTimeout"),
    (aiohttp.ServerTimeoutError, "PoolTimeout"),  # a connection has a limit of its own, see below
    (aiohttp.ClientProxyConnectionError, "ProxyError"),
    (aiohttp.ClientHttpProxyError, "ProxyError"),
    (aiohttp.ClientConnectorError, "ConnectError"),
    (aiohttp.ServerDisconnectedError, "RemoteProtocolError"),
    (aiohttp.ClientPayloadError, "RemoteProtocolError"),
    (aiohttp.ClientResponseError, "RemoteProtocolError"),
    (aiohttp.InvalidURL, "UnsupportedProtocol"),
    (aiohttp.ClientConnectionError, "ReadError"),
    (aiohttp.ClientError, "RemoteProtocolError"),
    (OSError, "ReadError"),
)


class map_aiohttp_errors:  # noqa: N801 - a context manager, named as those of contextlib
    """Raise an error of httpx in place of one of aiohttp, which is its cause."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        name = next((name for each, name in _KINDS if isinstance(error, each)), None)
        if name is not None and error is not None:
            raise httpx_error(name, _sentence(error)) from error


def httpx_error(name: str, sentence: str) -> Exception:
    """Return an error of httpx."""
    made: Exception = getattr(import_module("httpx"), name)(sentence)
    return made


def _sentence(error: Any) -> str:
    """Say what happened as httpx would: aiohttp's words name objects, and hold headers."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "Server disconnected without sending a response."
    if isinstance(error, aiohttp.ClientPayloadError):
        return "peer closed connection without sending complete message body"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error)
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the response is no HTTP: {error.message}"
    return str(error)
