"""The protocols of an HTTP library: all that the client uses of httpx and of httpx2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, MutableMapping

__all__ = [
    "AnyHttpClient",
    "AsyncHttpClient",
    "AsyncHttpResponse",
    "HttpClient",
    "HttpRequest",
    "HttpResponse",
    "ResponseHead",
]


class HttpRequest(Protocol):
    """A request that has been built; its extensions hold its timeouts."""

    extensions: MutableMapping[str, Any]

    @property
    def url(self) -> Any:
        """Where it goes, as a value of the library."""


class ResponseHead(Protocol):
    """What is known of a response before its body is read."""

    @property
    def status_code(self) -> int:
        """The status."""

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, whatever the case of their names."""

    @property
    def extensions(self) -> Mapping[str, Any]:
        """What else the library tells, such as the stream of the network."""

    @property
    def is_stream_consumed(self) -> bool:
        """Whether the body has been read already."""


class HttpResponse(ResponseHead, Protocol):
    """A response whose body is read piece by piece."""

    def iter_raw(self) -> Iterator[bytes]:
        """Yield the body as it came."""

    def iter_bytes(self) -> Iterator[bytes]:
        """Yield the body decompressed."""

    def close(self) -> None:
        """Give its connection back, or close it if the body was not read."""


class AsyncHttpResponse(ResponseHead, Protocol):
    """The asynchronous twin of `HttpResponse`."""

    def aiter_raw(self) -> AsyncIterator[bytes]:
        """Yield the body as it came."""

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """Yield the body decompressed."""

    async def aclose(self) -> None:
        """Give its connection back, or close it if the body was not read."""


class AnyHttpClient(Protocol):
    """What both kinds of client of an HTTP library share."""

    @property
    def base_url(self) -> Any:
        """An address that paths are joined to."""

    def build_request(
        self, method: str, url: Any, *, content: Any, headers: Any, timeout: Any
    ) -> Any:
        """Return an `HttpRequest`, a value of the library."""


class HttpClient(AnyHttpClient, Protocol):
    """A client of an HTTP library, which waits."""

    def send(
        self, request: Any, *, stream: bool, auth: Any, follow_redirects: bool
    ) -> HttpResponse:
        """Send a request and return its response; of a stream the body is not read yet."""

    def close(self) -> None:
        """Close its connections."""


class AsyncHttpClient(AnyHttpClient, Protocol):
    """A client of an HTTP library, which is awaited."""

    async def send(
        self, request: Any, *, stream: bool, auth: Any, follow_redirects: bool
    ) -> AsyncHttpResponse:
        """Send a request and return its response; of a stream the body is not read yet."""

    async def aclose(self) -> None:
        """Close its connections."""
