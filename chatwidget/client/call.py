"""One request, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.client.parameters import RequestParameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.client.keys import ApiKey
    from chatwidget.client.servers import Server

__all__ = ["Call", "CallOptions"]


class CallOptions(RequestParameters, total=False):
    """Every keyword of a call: the request parameters, and what is not a part of the body."""

    openai_api_key: str | ApiKey | None
    openai_organization_key: str | None
    extra_body: Mapping[str, Any] | None
    timeout: float | None


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a server: all that is needed to send it, and no I/O.

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
    timeout
        Seconds to wait for each read; None leaves it to the HTTP client.
    """

    server: Server
    key: ApiKey | None
    path: str
    body: bytes | None
    headers: Mapping[str, str]
    timeout: float | None = None

    @property
    def host(self) -> str:
        """The server's name, or its host, for messages."""
        return self.server.name

    @property
    def auth(self) -> Callable[[Any], Any] | None:
        """What puts the key into the request at the last moment, so that no frame holds it."""
        return self.key.authorize if self.key is not None else None

    def build(self, http_client: Any) -> Any:
        """Return the request as a value of the HTTP client's library."""
        timeout = {} if self.timeout is None else {"timeout": self.timeout}
        return http_client.build_request(
            "GET" if self.body is None else "POST",
            f"{self.server.base_url}/{self.path}",
            content=self.body,
            headers={**self.headers, "content-type": "application/json"},
            **timeout,
        )
