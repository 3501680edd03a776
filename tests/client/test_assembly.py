from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.errors import StreamError, StreamInterruptedError
from chatwidget.client.wire.decode import decode_completion
from chatwidget.client.wire.response import ResponseParser
from chatwidget.client.wire.whole import as_chunk
from wire.replies import chunk, completion, done, error, sse, stream_of

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletion, ChatCompletionChunk

EVENTS = "text/event-stream"
HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))


def assembled(
    body: bytes, content_type: str = EVENTS
) -> tuple[ChatCompletion, list[ChatCompletionChunk]]:
    parser = ResponseParser(content_type)
    chunks = [*parser.feed(body), *parser.finish()]
    return parser.completion, chunks


def text(body: bytes, content_type: str = EVENTS) -> str:
    return assembled(body, content_type)[0].text


def broken(body: bytes, content_type: str = EVENTS) -> tuple[StreamError, ChatCompletion]:
    """Feed what is no answer; return the error and what had arrived."""
    parser = ResponseParser(content_type)
    with pytest.raises(StreamError) as caught:
        [*parser.feed(body), *parser.finish()]
    return caught.value, parser.completion


# When an answer is complete


def test_a_stream_with_all_its_parts_is_complete() -> None:
    told, chunks = assembled(stream_of("Hel", "lo", usage={"total_tokens": 5}))
    assert (told.text, told.finish_reason) == ("Hello", "stop")
    assert told.usage is not None
    assert told.usage.total_tokens == 5
    assert [each.text for each in chunks] == ["", "Hel", "lo", "", ""]


def test_a_finish_reason_without_done_is_complete_F36() -> None:
    assert text(HALF + sse(chunk(None, finish_reason="length"))) == "Half"


def test_done_without_a_finish_reason_is_complete_and_of_unknown_reason_F36() -> None:
    told, _ = assembled(HALF + done())
    assert (told.text, told.finish_reason) == ("Half", None)


def test_neither_is_interrupted_F35() -> None:
    failure, partial = broken(HALF)
    assert type(failure) is StreamInterruptedError
    assert "broke off" in str(failure)
    assert partial.text == "Half"


@pytest.mark.parametrize("reason", ["", None])
def test_an_empty_finish_reason_is_none_D8(reason: str | None) -> None:
    failure, _ = broken(HALF + sse(chunk(None, finish_reason=reason)))
    assert type(failure) is StreamInterruptedError


def test_a_cut_inside_an_event_is_not_silent_F33() -> None:
    failure, partial = broken(HALF + sse(chunk(" an answer"))[:40])
    assert isinstance(failure, StreamError)
    assert partial.text == "Half"


def test_every_choice_must_have_finished_F35_F46() -> None:
    both = sse(chunk("a"), chunk("b", index=1), chunk(None, finish_reason="stop"))
    failure, partial = broken(both)
    assert type(failure) is StreamInterruptedError
    assert [each.finish_reason for each in partial.choices] == ["stop", None]
    assert len(assembled(both + sse(chunk(None, index=1, finish_reason="stop")))[0].choices) == 2


@pytest.mark.parametrize("body", [b"", b"\n\n", b": ping\n\n: ping\n\n", b"event: ping\n\n"])
def test_an_empty_body_is_no_answer_F18(body: bytes) -> None:
    failure, partial = broken(body)
    assert str(failure) == ("The server sent no answer. Check the address: it usually ends in /v1.")
    assert partial.choices == []


def test_a_web_page_is_no_answer_F18() -> None:
    failure, _ = broken(b"<html><body>secret</body></html>", "text/html; charset=utf-8")
    assert "a web page" in str(failure)
    assert "secret" not in str(failure)


# What surrounds the chunks


def test_nothing_after_done_is_decoded_F38_T25() -> None:
    rest = b"data: no json\n\ndata: {\n\n" + sse(error("late"))
    assert text(stream_of("Hi") + rest + b"\xff") == "Hi"


def test_done_is_known_at_once_F38() -> None:
    parser = ResponseParser(EVENTS)
    list(parser.feed(stream_of("Hi")))
    assert parser.done
    assert list(parser.feed(b"data: no json\n\n")) == []


@pytest.mark.parametrize("end", [b"data:[DONE]\n\n", b"data:  [DONE] \r\n\r\n", b"data: [DONE]"])
def test_done_may_be_written_in_other_ways(end: bytes) -> None:
    assert text(HALF + end) == "Half"


@pytest.mark.parametrize(
    "noise",
    [
        b": OPENROUTER PROCESSING\n\n",
        b"data: : OPENROUTER PROCESSING\n\n",
        b"data:\n\n",
        b"data: \n\n",
        b"data\n\n",
        b"event: ping\n\n",
        b"id: 7\n: c\n\n",
        b"retry: 10\n\n",
        b"\n\n\n",
        sse({"id": "x", "choices": []}),
        sse({"choices": None, "timings": {}}),
        sse({"prompt_filter_results": []}),
    ],
    ids=repr,
)
def test_what_is_no_chunk_shows_nothing_F22_F23_F45_D7(noise: bytes) -> None:
    assert text(noise + HALF + noise + stream_of(" and half")) == "Half and half"


def test_text_that_looks_like_the_protocol_is_text_F25() -> None:
    tricky = "data: [DONE]\n\ndata: x\n\n: c\nevent: error\n[DONE]"
    assert text(stream_of(tricky, "[DONE]")) == tricky + "[DONE]"


def test_unicode_line_separators_in_a_text_stay_F20() -> None:
    tricky = "a\u2028b\u2029c\x85d\ve\ff"
    body = json.dumps(chunk(tricky), ensure_ascii=False).encode()
    assert text(b"data: " + body + b"\n\n" + done()) == tricky


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_any_line_ends_and_any_pieces_F19(newline: str) -> None:
    body = sse(chunk("Grüß "), chunk("Gott"), newline=newline) + done(newline)
    for size in (1, 2, 7):
        parser = ResponseParser(EVENTS)
        told = []
        for start in range(0, len(body), size):
            told += [each.text for each in parser.feed(body[start : start + size])]
        told += [each.text for each in parser.finish()]
        assert told == ["Grüß ", "Gott"]


def test_one_chunk_of_data_over_several_lines_T8() -> None:
    lines = json.dumps(chunk("Hi", finish_reason="stop"), indent=1).split("\n")
    assert text("".join(f"data: {each}\n" for each in lines).encode() + b"\n") == "Hi"


# Errors that the server reports


FAILURES = {
    "an object": sse(error("overloaded", "server_error", code="over")),
    "an object and done D4": sse(error("overloaded", "server_error", code="over")) + done(),
    "of an event named error": b"event: error\n" + sse({"message": "overloaded", "code": "over"}),
    "without its blank line F37": sse(error("overloaded", code="over")).rstrip(),
    "beside a chunk": sse(chunk("", finish_reason="error") | error("overloaded", code="over")),
}


@pytest.mark.parametrize("before", [b"", HALF], ids=["first", "in the middle"])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_an_error_in_the_stream_is_raised_and_the_text_kept_F42(
    before: bytes, failure: bytes
) -> None:
    told, partial = broken(before + failure)
    assert (str(told), told.code) == ("The server reports: overloaded", "over")
    assert partial.text == ("Half" if before else "")


def test_an_error_that_is_a_text_is_raised_D5() -> None:
    assert str(broken(HALF + sse({"error": "no"}))[0]) == "The server reports: no"


def test_bad_json_in_one_event_is_an_error_and_the_text_kept_F26() -> None:
    told, partial = broken(HALF + b'data: {"choices": [{]}\n\n')
    assert "no JSON object: '{" in str(told)
    assert partial.text == "Half"


# Answers that come whole


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_whole_answer_to_a_stream_is_one_chunk_F17_D21(content_type: str) -> None:
    told, chunks = assembled(json.dumps(completion("Hello")).encode(), content_type)
    assert told == decode_completion(json.dumps(completion("Hello")).encode())
    assert [each.text for each in chunks] == ["Hello"]
    assert chunks[0].object == "chat.completion.chunk"


@pytest.mark.parametrize("content_type", ["", "text/event-stream", "application/octet-stream"])
def test_a_stream_needs_no_content_type_of_its_own(content_type: str) -> None:
    assert text(stream_of("Hi"), content_type) == "Hi"


def test_a_whole_answer_in_pieces_is_read_at_its_end() -> None:
    body = json.dumps(completion("Grüß Gott"), ensure_ascii=False).encode()
    parser = ResponseParser("application/json")
    for at in range(len(body)):
        assert list(parser.feed(body[at : at + 1])) == []
    assert parser.completion.choices == []
    assert [each.text for each in parser.finish()] == ["Grüß Gott"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":"Unexpected endpoint"}', "Unexpected endpoint"),
        (b'{"error":{"message":"no"}}', "no"),
        (b"", "no JSON object"),
        (b'{"id":', "no JSON object"),
        (b'{"detail":"Not Found"}', "no chat completion: Not Found"),
    ],
)
def test_json_that_is_no_answer_is_an_error_F18_D5(body: bytes, said: str) -> None:
    assert said in str(broken(body, "application/json")[0])


def test_whole_choices_that_nobody_counted_are_told_apart_F46() -> None:
    for counted in ({}, {"index": 0}):
        choices = [counted | {"message": {"content": text}} for text in ("a", "b")]
        told, _ = assembled(json.dumps(completion(choices=choices)).encode())
        assert [(each.index, each.message.content) for each in told.choices] == [(0, "a"), (1, "b")]


def test_half_a_character_of_a_whole_answer_is_heard_by_nobody_H11() -> None:
    told, chunks = assembled(json.dumps(completion("Hi \ud83d\udc4b \ud83d!")).encode())
    assert [told.text] == [each.text for each in chunks] == ["Hi \N{WAVING HAND SIGN} \ufffd!"]


RICH: dict[str, Any] = completion("Hi") | {
    "system_fingerprint": "f",
    "service_tier": "flex",
    "choices": [
        {
            "index": 1,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": "Hi",
                "refusal": "No",
                "reasoning": "Hm",
                "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                    {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
                ],
                "function_call": {"name": "h", "arguments": "{}"},
            },
            "logprobs": {"content": [{"token": "Hi", "logprob": -0.1}]},
        },
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": None}},
    ],
}


def test_a_whole_answer_as_a_chunk_makes_the_same_answer() -> None:
    whole = decode_completion(json.dumps(RICH).encode())
    parser = ResponseParser(EVENTS)
    parser._accumulator.feed(as_chunk(whole))
    whole.choices.reverse()
    assert parser.completion == whole
