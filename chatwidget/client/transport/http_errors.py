"""Errors of HTTP: what a response that is no success stands for, and what failed in a library."""

from __future__ import annotations

import socket
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from chatwidget.client.auth.keys import redact
from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    StreamError,
    status_error_class,
)
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.transport.httpx_internals import most_connections, pool_of
from chatwidget.client.transport.retry import retry_after
from chatwidget.client.wire.error_body import error_fields
from chatwidget.client.wire.json_text import parse_json
from chatwidget.client.wire.rate_limits import rate_limits
from chatwidget.client.wire.sse import SSEDecoder

if TYPE_CHECKING:
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.errors import APIStatusError
    from chatwidget.client.request.prepared import PreparedRequest

__all__ = [
    "connection_error_from",
    "decompression_error_from",
    "redact_error",
    "redirect_target",
    "sanitize_message",
    "status_error_from_body",
    "status_error_from_response",
]


_LONGEST_MESSAGE = 1000
_Error = TypeVar("_Error", bound=APIError)


def status_error_from_body(status_code: int, body: bytes, key: ApiKey | None) -> APIStatusError:
    """Return the status error that the body of a response stands for.

    The message is the server's own where it sent one that can be read, and never a web page.
    """
    reported = error_fields(_first_value(body)) or {}
    fields = {name: sanitize_message(value, key) for name, value in reported.items()}
    said = fields.get("message") or sanitize_message(_plain_text(body), key) or _phrase(status_code)
    return status_error_class(status_code)(
        f"The server answered {status_code}: {_sentence(said)}",
        status_code=status_code,
        hint=_hint(status_code, fields.get("param"), key),
        code=fields.get("code"),
        param=fields.get("param"),
        type=fields.get("type"),
    )


def status_error_from_response(response: Any, body: bytes, key: ApiKey | None) -> APIStatusError:
    """Return the status error that a response stands for, with what it says about a retry."""
    error = status_error_from_body(response.status_code, body, key)
    error.retry_after = retry_after(response.headers)
    error.rate_limits = rate_limits(response.headers)
    should_retry = response.headers.get("x-should-retry", "").lower()
    if should_retry in ("true", "false"):
        error.should_retry = should_retry == "true"
    if error.retry_after is not None:
        error.hint = f"It asks to wait {error.retry_after:.0f} s. {error.hint}".rstrip()
    return error


def redirect_target(response: Any, prepared: PreparedRequest) -> str | None:
    """Return the target of a redirect, if the request may go there with its key and its body.

    That is another path at the same origin, by a status that keeps the method (307 or 308).
    """
    location = response.headers.get("location")
    if response.status_code not in (307, 308) or not location:
        return None
    try:
        url = urljoin(prepared.url, location)
        parts = urlsplit(url)
    except ValueError:
        return None
    same = f"{parts.scheme}://{parts.netloc}" == prepared.server.origin
    return url if same else None


def redact_error(error: _Error, key: ApiKey | None) -> _Error:
    """Redact an error: a key that a server echoes goes, with the frames that hold the bytes."""
    for name, said in list(vars(error).items()):
        if isinstance(said, str):
            setattr(error, name, sanitize_message(said, key))
    error.args = (error.message,)
    error.__context__ = None
    return error.with_traceback(None)


def sanitize_message(text: str, key: ApiKey | None) -> str:
    """Sanitize a server's words: on one line, redacted, no control characters, not without end."""
    kept = redact(text, key)[:_LONGEST_MESSAGE]
    printable = "".join(each if each.isprintable() else " " for each in kept)
    return " ".join(printable.split())


def _first_value(body: bytes) -> Any:
    """Return the JSON of a body, which may be an event of a stream also where it is an error."""
    value = parse_json(body)
    if value is not None:
        return value
    decoder = SSEDecoder()
    events = [*decoder.feed(body), *decoder.finish()]
    return parse_json(events[0].data) if events else None


def _plain_text(body: bytes) -> str:
    text = body.decode("utf-8-sig", "replace").strip()
    return "" if text.startswith(("<", "{", "[")) else text


def _phrase(status_code: int) -> str:
    try:
        return HTTPStatus(status_code).phrase
    except ValueError:
        return "an unknown status"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _hint(status_code: int, param: str | None, key: ApiKey | None) -> str:
    if status_code == HTTPStatus.UNAUTHORIZED:
        return f"The key came from {key.source}." if key else "No key was sent."
    if status_code == HTTPStatus.NOT_FOUND:
        return "Check the name of the model and the address."
    if status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return "Wait a little, or check your quota."
    if param in PARAMETERS:
        return f"Change {param} or leave it out."
    if 300 <= status_code < 400:  # noqa: PLR2004 - the range of redirections
        return "Redirects are not followed: use the final address."
    return ""


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
    return APIConnectionError(_transport_sentence(error, phase, host), hint=hint, phase=phase)


def decompression_error_from(error: Any, host: str) -> StreamError:
    """Return the error of an answer that came and cannot be decompressed."""
    return StreamError(
        f"The answer of {host} cannot be decompressed: {_reason(error)}.",
        hint="A proxy on the way may have garbled it; the server may be told to compress nothing.",
    )


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _transport_sentence(error: Any, phase: str, host: str) -> str:
    if phase == "dns":
        return f"The host {error.request.url.host} was not found."
    if phase == "proxy":
        return f"The proxy on the way to {host} refused the connection."
    return f"The connection to {host} failed: {_reason(error)}."


def _pool_timeout_error(http_client: Any, error: Any, host: str) -> APITimeoutError:
    most = most_connections(pool_of(http_client, error.request.url))
    count = f" (max_connections={most})" if most else ""
    return APITimeoutError(
        f"{host} was not asked: all connections of the HTTP client are in use{count}.",
        hint="Close a stream that is still open, or allow more (limits=, or your http_client=).",
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
