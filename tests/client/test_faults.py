"""Answers that say in odd ways that they failed, or what they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.errors import ParsingError, StreamError, StreamInterruptedError
from chatwidget.client.events import Error, Finish
from chatwidget.client.wire.response import ResponseParser
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    done,
    error,
    event_stream,
    head,
    json_response,
    response,
    sse,
    stream_of,
)
from wire.scripted_server import close

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

HALF = chunk("Half")


def failed(**choice: Any) -> dict[str, Any]:
    """Return a chunk whose choice says that it failed."""
    last = chunk("")
    last["choices"][0] |= choice
    return last


FAILURES: dict[str, tuple[bytes, str]] = {
    "object": (sse(error("full", "overloaded", code="over")), "full"),
    "text": (sse({"error": "full"}), "full"),
    "event": (b'event: error\ndata: {"message": "full"}\n\n', "full"),
    "event with text": (b"event: error\ndata: full\n\n", "full"),
    "choice": (sse(failed(error={"message": "full", "code": 502})), "full"),
    "choice with text": (sse(failed(error="full")), "full"),
    "finish reason": (sse(failed(finish_reason="error")), "an error"),
    "both": (sse(failed(finish_reason="error") | {"error": {"message": "full"}}), "full"),
    "in a bent chunk": (sse(failed(finish_reason="error") | {"created": "now"}), "an error"),
}


@pytest.mark.parametrize(("said", "told"), FAILURES.values(), ids=FAILURES)
def test_every_way_to_say_error_is_one_F42(
    ask_own: Asker, server: ScriptedServer, said: bytes, told: str
) -> None:
    server.reply(event_stream(sse(HALF) + said + done()))
    events: list[Any] = []
    with pytest.raises(StreamError, match=f"The server reports: '?{told}") as caught:
        ask_own(stream_to=events.append)
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"
    assert isinstance(events[-1], Error)


def test_the_code_of_an_error_inside_a_choice_is_kept_F42(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(sse(HALF, failed(error={"message": "full", "code": 502}))))
    with pytest.raises(StreamError) as caught:
        ask_own()
    assert caught.value.code == "502"


def test_an_answer_fetched_whole_may_have_failed_F42(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(completion("Half", finish_reason="error")))
    with pytest.raises(StreamError, match="The server reports"):
        ask_own()


def test_the_word_error_inside_a_text_is_no_error() -> None:
    text = 'He said "error", {"error": 1} and finish_reason "error".'
    parser = ResponseParser()
    body = chunk(text, error=None, note="error")
    body["choices"][0]["logprobs"] = {"content": [{"token": "error", "logprob": -1}]}
    assert [each.text for each in parser.feed(sse(body))] == [text]


# What it is


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/octet-stream", "text/event-stream", None]
)
@pytest.mark.parametrize("before", [b"", b"\n\r\n  ", b"\xef\xbb\xbf"], ids=repr)
def test_a_whole_answer_is_known_by_its_first_character_F17_D7(
    ask_own: Asker, server: ScriptedServer, content_type: str | None, before: bytes
) -> None:
    body = before + json.dumps(completion("Hello"), indent=2).encode()
    fields = {"content_type": content_type} if content_type else {}
    server.reply(head(content_length=len(body), **fields), body)
    events: list[Any] = []
    assert ask_own(stream_to=events.append).text == "Hello"
    assert [type(event).__name__ for event in events] == ["Data", "Finish"]


def test_a_whole_answer_in_single_bytes_is_the_same_F17() -> None:
    parser = ResponseParser()
    for byte in b"\n" + json.dumps(completion("Hello")).encode():
        assert list(parser.feed(bytes([byte]))) == []
    assert [each.text for each in parser.finish()] == ["Hello"]


def test_a_stream_that_calls_itself_json_is_a_stream_D21(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(stream_of("Hi"), content_type="application/json"))
    assert ask_own().text == "Hi"


def test_an_error_that_is_no_json_by_its_type_is_told_D5(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(response(b'{"error": "Unexpected endpoint"}'))
    with pytest.raises(StreamError, match="Unexpected endpoint"):
        ask_own(stream_to=print)


def test_an_event_that_was_cut_is_an_interruption_F33(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, sse(HALF, chunk("lost"))[:-30], close())
    with pytest.raises(StreamInterruptedError, match="broke off") as caught:
        ask_own()
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"


def test_what_is_no_utf8_and_garbage_are_passed_over_F27_F28() -> None:
    parser = ResponseParser()
    bent = sse(chunk("Gr\u00fc\u00df")).replace(b"\\u00fc", b"\xfc")
    body = bent + b"\x00\xff garbage\nretry: x\nid: \x00\n\n" + sse(chunk("!")) + done()
    assert [each.text for each in parser.feed(body)] == ["Gr\ufffd\u00df", "!"]


# Tools


def calling(**delta: Any) -> dict[str, Any]:
    """Return a chunk with a piece of a tool call."""
    return chunk(None, delta={"tool_calls": [delta]})


@pytest.mark.parametrize("index", [-1, 1024, 10**9, 10**30])
def test_an_index_that_can_be_none_is_an_error_F50(index: int) -> None:
    parser = ResponseParser()
    with pytest.raises(StreamError, match=f"a tool call with the index {index}"):
        list(parser.feed(sse(calling(index=index, id="a", function={"name": "f"}))))


@pytest.mark.parametrize("index", ["first", 1.5], ids=repr)
def test_an_index_that_is_no_number_counts_as_missing_F50(index: Any) -> None:
    parser = ResponseParser()
    list(parser.feed(sse(calling(index=index, id="a", function={"name": "f"}))))
    (call,) = parser.completion.choices[0].message.tool_calls or ()
    assert (call.id, call.function.name) == ("a", "f")


def test_tool_calls_without_end_are_an_error_S32() -> None:
    parser = ResponseParser()
    calls = [calling(id=f"{number}", function={"name": "f"}) for number in range(2000)]
    with pytest.raises(StreamError, match="more than 1024 tool calls"):
        list(parser.feed(sse(*calls)))


def test_a_tool_call_that_was_cut_is_known_by_its_answer_F51(
    ask_own: Asker, server: ScriptedServer
) -> None:
    piece = calling(index=0, id="a", function={"name": "f", "arguments": '{"x": '})
    server.reply(SSE_HEAD, sse(piece), close())
    with pytest.raises(StreamInterruptedError) as caught:
        ask_own()
    answer = caught.value.completion
    assert answer is not None
    assert answer.finish_reason is None
    (call,) = answer.choices[0].message.tool_calls or ()
    assert call.function.arguments == '{"x": '


# Types


def test_an_answer_is_read_as_the_type_that_was_asked_for(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(completion('{"value": 7}')))
    server.reply(event_stream(stream_of('{"value"', ": 7}")))
    events: list[Any] = []
    assert ask(response_format=int).parsed == 7
    assert ask(response_format=int, stream_to=events.append).parsed == 7
    assert isinstance(events[-1], Finish)
    assert events[-1].completion.parsed == 7


def test_an_answer_of_another_type_is_an_error_that_holds_it(
    ask: Asker, server: ScriptedServer
) -> None:
    server.otherwise(event_stream(stream_of("seven")))
    events: list[Any] = []
    for options in ({}, {"stream_to": events.append}):
        with pytest.raises(ParsingError) as caught:
            ask(response_format=int, **options)
        assert caught.value.completion is not None
        assert caught.value.completion.text == "seven"
    assert isinstance(events[-1], Error)
    assert isinstance(events[-1].error, ParsingError)
