"""The connections to the process of a model: what the client promises holds on them, too."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import APITimeoutError
from chatwidget.local import transport
from wire.replies import completion, event_stream, head, json_response, stream_of
from wire.scripted_server import close, drip, reset

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.scripted_server import Connection, ScriptedServer

ANSWERS = {
    "whole": json_response(completion("Hi")),
    "streamed": event_stream(stream_of("Hi")),
}
ENDS = {"closes": close(), "resets": reset()}


@pytest.fixture(autouse=True)
def _process(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripted server is the process of any model."""
    address = server.url.removesuffix("/v1")
    process = SimpleNamespace(address=address, key="k", end="", name="m")
    monkeypatch.setattr(transport, "find_model", lambda name: name)
    monkeypatch.setattr(transport, "process_of", lambda file: process)
    monkeypatch.setattr(transport, "refusal", lambda body, process: None)


def ask(count: int, twin: str, **options: Any) -> list[str]:
    """Ask so often by one client, of either kind, that tries each question once."""

    async def later() -> list[str]:
        async with AsyncChatClient("local", retries=0, **options) as client:
            return [(await client.create_chat_completion("Hi", "m")).text for _ in range(count)]

    if twin == "async":
        return asyncio.run(later())
    with ChatClient("local", retries=0, **options) as client:
        return [client.create_chat_completion("Hi", "m").text for _ in range(count)]


@pytest.fixture(params=["sync", "async"])
def twin(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answers_once(answer: Any, end: Any) -> Callable[[Connection], None]:
    """Answer the first request of a connection, and end it at the next."""

    def script(connection: Connection) -> None:
        connection.perform(answer if len(connection.requests) == 1 else end)

    return script


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_connection_that_the_process_has_ended_fails_no_question(
    server: ScriptedServer, twin: str, answer: Any, end: Any
) -> None:
    server.otherwise(answers_once(answer, end))
    assert ask(5, twin) == ["Hi"] * 5


def test_a_process_that_is_slow_is_waited_for_as_long_as_the_clock_says(
    server: ScriptedServer, twin: str
) -> None:
    is_late = threading.Event()
    slow = drip(head(x_slow="x" * 500), every=0.01)
    server.otherwise(slow[:-10], lambda _: is_late.set(), slow[-10:])
    with pytest.raises(APITimeoutError):
        ask(1, twin, timeout=Deadlines(first_event=0.1))
    assert server.connections[0].wait_closed(5)
    assert not is_late.is_set()
