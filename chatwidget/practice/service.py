"""The practice server without a network: a request goes in, the parts of a reply come out."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.practice.api_error import PracticeAPIError
from chatwidget.practice.model import load_models
from chatwidget.practice.request import read_request
from chatwidget.practice.responses import Response, model_list, model_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.practice.model import PracticeModel

__all__ = ["PracticeService", "Reply"]

_CHAT = "/chat/completions"
_MODELS = "/models"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers.

    Attributes
    ----------
    status
        The HTTP status.
    parts
        The body. Each part took about one token's time to write, and may be empty.
    streams
        Whether the parts are events for a reader who waits for them, or one JSON text.
    """

    status: int
    parts: Iterator[bytes]
    streams: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        if self.streams:
            return {"content-type": "text/event-stream", "cache-control": "no-cache"}
        return {"content-type": "application/json"}


class PracticeService:
    """Answers requests as the vendor's server does.

    Parameters
    ----------
    models
        The models by name; by default those that are trained on the handbook, at the first
        request.
    api_key
        The key that every request must carry; None asks for no key.
    """

    def __init__(
        self, models: Mapping[str, PracticeModel] | None = None, api_key: str | None = None
    ) -> None:
        self._given = models
        self._api_key = api_key

    @property
    def models(self) -> Mapping[str, PracticeModel]:
        """The models by name."""
        return load_models() if self._given is None else self._given

    def reply(self, method: str, path: str, authorization: str, body: bytes) -> Reply:
        """Answer one request; errors become answers, too.

        Parameters
        ----------
        method, path
            The first line of the request; anything may stand before ``/chat/completions``.
        authorization
            The header of this name, or nothing.
        body
            The body.
        """
        try:
            self._admit(authorization)
            return self._routed(method, path.rstrip("/"), body)
        except PracticeAPIError as error:
            return Reply(error.status, iter([msgspec.json.encode(error.envelope())]))

    def _admit(self, authorization: str) -> None:
        if self._api_key is None:
            return
        expected = f"Bearer {self._api_key}".encode()
        if not hmac.compare_digest(authorization.encode(), expected):
            # the key that came is not repeated: it may be the key of another server
            raise PracticeAPIError(
                "Incorrect API key provided.", None, "invalid_api_key", status=401
            )

    def _routed(self, method: str, path: str, body: bytes) -> Reply:
        if path.endswith(_CHAT):
            _allow(method, "POST", path)
            return self._chat(body)
        if path.endswith(_MODELS):
            _allow(method, "GET", path)
            return _json(model_list(self.models.values()))
        before, _, name = path.rpartition("/")
        if before.endswith(_MODELS) and name in self.models:
            _allow(method, "GET", path)
            return _json(model_object(self.models[name]))
        raise PracticeAPIError(f"Invalid URL ({method} {path})", status=404)

    def _chat(self, body: bytes) -> Reply:
        vocabulary = len(next(iter(self.models.values())).tokenizer)
        request = read_request(body, self.models, vocabulary)
        model = self.models[request.model]
        response = Response(model, request)
        if request.stream:
            return Reply(200, _events(response), streams=True)
        return Reply(200, _whole(response))


def _allow(method: str, allowed: str, path: str) -> None:
    if method != allowed:
        raise PracticeAPIError(
            f"Not allowed to {method} on {path}.", None, "method_not_allowed", status=405
        )


def _json(value: Any) -> Reply:
    return Reply(200, iter([msgspec.json.encode(value)]))


def _whole(response: Response) -> Iterator[bytes]:
    writing = response.whole()
    while True:
        try:
            next(writing)
        except StopIteration as end:
            yield msgspec.json.encode(end.value)
            return
        yield b""


def _events(response: Response) -> Iterator[bytes]:
    for chunks in response.chunks():
        yield b"".join(b"data: %b\n\n" % msgspec.json.encode(chunk) for chunk in chunks)
    yield b"data: [DONE]\n\n"
