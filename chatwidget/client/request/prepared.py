"""A request made ready: the prepared request that is sent, and the preview that is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatwidget.client.request.parameters import RequestParameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.deadlines import Clocks, Deadlines
    from chatwidget.client.limits import Limits
    from chatwidget.client.request.prefill import Prefill
    from chatwidget.client.transport.protocols import AnyHttpClient, HttpRequest
    from chatwidget.client.wire.ledger import Ledger
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["CallOptions", "PreparedRequest", "RequestPreview"]


class CallOptions(RequestParameters, total=False):
    """Every keyword of a call: the request parameters, and what is not a part of the body."""

    openai_api_key: str | ApiKey | None
    openai_organization_key: str | None
    openai_project: str | None
    extra_headers: Mapping[str, str] | None
    extra_body: Mapping[str, Any] | None
    prefill: Prefill | None
    timeout: float | Deadlines | None


def _no_ledger(_: ChatCompletion | None) -> None:
    pass


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A prepared request to a server: all that is needed to send it, and no I/O.

    Attributes
    ----------
    server
        Where it goes.
    key
        The key for that server, or None.
    path
        The path below the server's base address.
    body
        The JSON to post, or None to get.
    headers
        Headers beside those of the key and the content.
    deadlines
        How long to wait for what.
    limits
        How large the answer may be.
    parse
        What makes an instance of the answer's text, if a type was asked for.
    is_sole
        Whether one choice was asked for.
    report
        What is told that the server has taken the request, with None, and then the complete
        answer; it returns the ledger.
    beginning
        What the answer begins with, before the server has said anything.
    """

    server: Server
    key: ApiKey | None
    path: str
    body: bytes | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    deadlines: Deadlines
    limits: Limits
    parse: Callable[[str], Any] | None = None
    is_sole: bool = True
    report: Callable[[ChatCompletion | None], Ledger | None] = _no_ledger
    prefill: Prefill | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The server's name, or its host, for messages."""
        return self.server.name

    @property
    def auth(self) -> Callable[[Any], Any] | None:
        """What puts the key into the request at the last moment, so that no frame holds it."""
        return self.key.authorize if self.key is not None else None

    @property
    def url(self) -> str:
        """The whole address."""
        return self.server.url(f"/{self.path}")

    def build(self, http_client: AnyHttpClient, clocks: Clocks, url: Any) -> HttpRequest:
        """Return the request to an address as a value of the HTTP client's library."""
        connect = _finite(min(self.deadlines.connect, clocks.first_event))
        first_event = _finite(clocks.first_event)
        request: HttpRequest = http_client.build_request(
            "GET" if self.body is None else "POST",
            url,
            content=self.body,
            headers={**self.headers, "content-type": "application/json"},
            # connect, read, write, pool: after the headers, the watchdog takes the reading over
            timeout=(connect, first_event, first_event, _finite(clocks.remaining)),
        )
        return request


@dataclass(frozen=True, slots=True)
class RequestPreview:
    """A prepared request to look at, as it would be sent now.

    Attributes
    ----------
    url
        The whole address.
    body
        The JSON that would be posted.
    wanted
        The JSON as it was asked for, with all that the server is known not to support.
    key
        The key that would go along, or None; it shows itself to nobody, and no copy has it.
    ledger
        What of the parameters is sent, and what is known to be unsupported.
    """

    url: str
    body: bytes = field(repr=False)
    wanted: bytes = field(repr=False)
    key: ApiKey | None
    ledger: Ledger = field(repr=False)

    def __reduce__(self) -> tuple[type[RequestPreview], tuple[Any, ...]]:
        return RequestPreview, (self.url, self.body, self.wanted, None, self.ledger)


def _finite(seconds: float) -> float | None:
    return None if math.isinf(seconds) else seconds
