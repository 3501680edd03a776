"""A connection that stays open after the end of an answer holds nobody up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.deadlines import Clocks, Deadlines
from chatwidget.client.errors import APITimeoutError
from chatwidget.client.stream import _LAST_SECONDS
from wire.replies import SSE_HEAD, chunk, event_stream, frame, sse
from wire.scripted_server import drip, pause, stall

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

USAGE = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
END = chunk(None, finish_reason="stop")
PING = frame(b": ping\n\n")
OPEN = "The server left the connection open after the end of the answer."


def streamed(ask: Asker, **parameters: Any) -> Any:
    return ask(stream_to=lambda _event: None, timeout=Deadlines(idle=30), **parameters)


HI = sse(chunk("Hi"))
COUNTED = sse(chunk(None, finish_reason="stop", usage=USAGE["usage"]))
LEFT_OPEN: dict[str, list[Step]] = {
    "silence": [*event_stream(HI, sse(END, USAGE))[:-1], stall()],
    "silence, and no framing": [SSE_HEAD, HI, sse(END, USAGE), stall()],
    "heartbeats": [
        *event_stream(HI, sse(END, USAGE))[:-1],
        drip(PING * 10_000, every=0.02, size=len(PING)),
    ],
    "usage with the end": [*event_stream(HI, COUNTED)[:-1], stall()],
    "usage with each chunk": [
        *event_stream(sse(chunk("Hi", usage=USAGE["usage"])), COUNTED)[:-1],
        stall(),
    ],
    "usage in x_groq, a foreign word": [
        *event_stream(HI, sse(chunk(None, finish_reason="end_turn"), {"x_groq": USAGE}))[:-1],
        stall(),
    ],
    "no blank line after [DONE]": [
        *event_stream(HI, sse(END, USAGE), b"data: [DONE]\n")[:-1],
        stall(),
    ],
}


@pytest.mark.parametrize("steps", LEFT_OPEN.values(), ids=LEFT_OPEN)
def test_an_answer_is_complete_soon_after_its_end_and_usage(
    ask_own: Asker, server: ScriptedServer, steps: list[Step]
) -> None:
    server.reply(*steps)
    begun = time.monotonic()
    answer = streamed(ask_own)
    assert _LAST_SECONDS <= time.monotonic() - begun < 5
    assert (answer.text, answer.usage.total_tokens) == ("Hi", 2)
    assert answer.ledger.remarks == (OPEN,)


def test_the_next_request_has_a_connection_of_its_own(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(*event_stream(HI, sse(END, USAGE))[:-1], stall())
    server.reply(*event_stream(sse(chunk("Ho"), END, USAGE)))
    assert streamed(ask_own).text == "Hi"
    assert streamed(ask_own).text == "Ho"


def test_all_choices_that_were_asked_for_are_waited_for(
    ask_own: Asker, server: ScriptedServer
) -> None:
    late = sse(chunk("Ho", index=1), chunk(None, index=1, finish_reason="stop"))
    first = event_stream(HI, sse(END, USAGE))[:-1]
    server.reply(*first, pause(_LAST_SECONDS + 0.5), frame(late), stall())
    answer = streamed(ask_own, n=2)
    assert [choice.message.content for choice in answer.choices] == ["Hi", "Ho"]


def test_an_answer_without_its_end_has_all_its_time(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(chunk("Hi", usage=USAGE["usage"])), stall())
    with pytest.raises(APITimeoutError, match=r"nothing more of the answer came for 1\.5 s"):
        ask_own(stream_to=lambda _event: None, timeout=Deadlines(idle=1.5))


# The clocks


def test_the_end_is_waited_for_no_longer_than_is_said() -> None:
    now = [0.0]
    clocks = Clocks(Deadlines(idle=10), lambda: now[0])
    clocks.resume(content=True)
    clocks.end_within(1)
    now[0] = 0.9
    assert clocks.resume(content=False)
    assert not clocks.has_ended
    now[0] = 1.0
    assert clocks.has_ended
    assert "stayed open" in str(clocks.expired())


@pytest.mark.parametrize("seconds", [50, float("inf")])
def test_a_long_wait_for_the_end_makes_no_deadline_longer(seconds: float) -> None:
    now = [0.0]
    clocks = Clocks(Deadlines(idle=10), lambda: now[0])
    clocks.resume(content=True)
    clocks.end_within(seconds)
    assert clocks.time_left() == 10


def test_content_after_the_end_has_its_own_time() -> None:
    now = [0.0]
    clocks = Clocks(Deadlines(idle=10), lambda: now[0])
    clocks.end_within(1)
    clocks.resume(content=True)
    now[0] = 5.0
    assert clocks.expired() is None
