"""An answer without text: it and its question are in no later request, and this is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.session import ChatSession
from chatwidget.client.request.body import wire_messages
from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    FunctionCall,
    ToolCall,
)
from chatwidget.panel.turn_state import finished_turn
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.notices import SILENT
from chatwidget.render.display.transcript import status_in_words
from wire.replies import chunk, completion, done, event_stream, json_response, sse, stream_of

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer

SILENCE: dict[str, bytes] = {
    "nothing": stream_of(),
    "blanks": stream_of("\n", " "),
    "reasoning alone": sse(chunk(None, 0, "stop", {"reasoning_content": "Hm."})) + done(),
    "a thought alone": stream_of("<think>Hm.</think>\n\n"),
    "a thought that was cut": stream_of("<think>Hm", finish="length"),
    "a picture alone": sse(chunk(None, 0, "stop", {"images": [{"url": "https://a.example"}]})),
}


@pytest.mark.parametrize("silence", SILENCE.values(), ids=SILENCE)
def test_a_silent_answer_and_its_question_are_not_sent_again(
    server: ScriptedServer, silence: bytes
) -> None:
    session = ChatSession(server.url)
    session.model = "scripted"
    server.reply(event_stream(silence))
    server.reply(json_response(completion("Ho.")))
    server.reply(json_response(completion("Yes.")))
    for prompt in ("One?", "Two?", "Three?"):
        session.ask(session.question(prompt), stream_to=[].append)
    sent = server.requests[2].json["messages"]
    assert sent == [
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": "Ho."},
        {"role": "user", "content": "Three?"},
    ]
    silent, told, _ = session.conversations["main"].path()
    assert SILENT in finished_turn(silent).notice
    assert "complete" not in status_in_words(silent)
    assert finished_turn(told).notice == ""


@pytest.mark.parametrize(
    "said",
    [
        {"refusal": "No."},
        {"function_call": FunctionCall("f", "{}")},
        {"tool_calls": [ToolCall("a", function=FunctionCall("f", "{}"))]},
        {"content": "", "refusal": "No."},
    ],
    ids=str,
)
def test_an_answer_that_says_something_else_is_sent_without_content(said: Any) -> None:
    turn = Turn(id="a", prompt="Hi", answers=[ChatCompletionMessage(**said)])
    sent = wire_messages(Conversation({"a": turn}, "a").messages("a"))[1]
    assert sent["role"] == "assistant"
    assert "content" not in sent


def test_the_answer_that_was_chosen_decides() -> None:
    answers = [ChatCompletionMessage(), ChatCompletionMessage(content="Hi.")]
    for chosen, count in ((0, 0), (1, 2)):
        turn = Turn(id="a", prompt="Hi", answers=answers, chosen=chosen)
        assert len(turn.messages()) == count


@pytest.mark.parametrize(("kept", "is_told"), [({"turn": "a"}, True), ({}, False)])
def test_the_output_tells_it_of_a_conversation(kept: dict[str, Any], is_told: bool) -> None:  # noqa: FBT001 - a row
    message = ChatCompletionMessage(reasoning="Hm.")
    answer = ChatCompletion(choices=[Choice(message=message, finish_reason="stop")])
    assert (SILENT in FinalOutput(answer, Timing(1.0), turn_metadata=kept).html()) == is_told
