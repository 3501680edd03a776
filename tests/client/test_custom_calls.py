"""Calls of custom tools, whose input is any text: kept, shown, sent back, and never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.request.body import wire_messages
from chatwidget.client.wire.additions import plain_message, plain_step
from chatwidget.client.wire.tool_messages import assistant_message
from chatwidget.client.wire.types import CustomCall
from wire.replies import chunk, completion, done, event_stream, json_response, sse

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

INPUT = 'print("Hi")\n'
CALL = {"id": "call_1", "type": "custom", "custom": {"name": "run_code", "input": INPUT}}


def streamed() -> list[bytes]:
    """Return a stream with the name first, and then the input in pieces."""
    pieces: list[dict[str, Any]] = [
        {"index": 0, "id": "call_1", "type": "custom", "custom": {"name": "run_code"}},
        *({"index": 0, "custom": {"input": text}} for text in (INPUT[:5], INPUT[5:])),
    ]
    chunks = [chunk(None, delta={"tool_calls": [piece]}) for piece in pieces]
    return event_stream(sse(*chunks, chunk(None, finish_reason="tool_calls")) + done())


def whole() -> bytes:
    """Return the same at once."""
    answer = completion("", "tool_calls")
    answer["choices"][0]["message"] = {"role": "assistant", "tool_calls": [CALL]}
    return json_response(answer)


@pytest.mark.parametrize("stream", [True, False])
def test_a_call_of_a_custom_tool_is_kept_and_sent_back(
    ask: Asker,
    server: ScriptedServer,
    stream: bool,  # noqa: FBT001 - a row
) -> None:
    server.reply(*(streamed() if stream else [whole()]))
    message = ask(stream_to=[].append if stream else None).choices[0].message
    (call,) = message.tool_calls or ()
    assert call.custom == CustomCall("run_code", INPUT)
    assert (call.function.name, call.function.arguments) == ("run_code", INPUT)
    sent = {"role": "assistant", "tool_calls": [CALL]}
    assert wire_messages([message]) == [sent]
    assert wire_messages([plain_message(message)], "https://other.example") == [sent]
    assert assistant_message(message) == plain_step(sent) == sent
