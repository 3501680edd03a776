from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.practice.server import create_app, main
from chatwidget.practice.service import PracticeService, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.practice.model import PracticeModel


class EndlessService(PracticeService):
    """Writes for ever, and counts how much."""

    def __init__(self, *, streams: bool) -> None:
        super().__init__({})
        self.written = 0
        self._streams = streams

    def reply(self, method: str, path: str, authorization: str, body: bytes) -> Reply:
        return Reply(200, self._parts(), streams=self._streams)

    def _parts(self) -> Iterator[bytes]:
        while True:
            self.written += 1
            yield b"x" if self._streams else b""


async def serve_one(service: PracticeService, *, leave_after: int) -> list[dict[str, Any]]:
    """Run one request; its client leaves when it has asked often enough for more."""
    sent: list[dict[str, Any]] = []
    asked = 0

    async def receive() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        if asked == 1:
            return {"type": "http.request", "body": b"{}", "more_body": False}
        if asked <= leave_after:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [],
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
    }
    app = create_app(service, pace=0)
    await asyncio.wait_for(app(scope, receive, send), 10)
    return sent


@pytest.mark.parametrize("streams", [True, False])
def test_nobody_writes_for_a_client_that_has_left(*, streams: bool) -> None:
    service = EndlessService(streams=streams)
    asyncio.run(serve_one(service, leave_after=5))
    assert 1 <= service.written < 20


def test_a_refusal_is_answered_with_its_status(
    small_models: Mapping[str, PracticeModel],
) -> None:
    start, body = asyncio.run(serve_one(PracticeService(small_models), leave_after=100))[:2]
    assert start["status"] == 400
    assert json.loads(body["body"])["error"]["param"] == "model"


def test_a_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SystemExit):
        main(["--port", "0"])
    assert 'pip install "chatwidget[server]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pace", "-1"], "invalid seconds value"),
        (["--port", "99999"], "port"),
        (["--api-key-variable", "CHATWIDGET_NO_SUCH_VARIABLE"], "is not set"),
    ],
)
def test_wrong_arguments_are_explained(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in capsys.readouterr().err
