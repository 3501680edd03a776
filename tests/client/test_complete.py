"""When an answer is complete: one rule for streams, whole answers and tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.errors import StreamError, StreamInterruptedError
from chatwidget.client.wire.finish import cut_off, ending, is_no_reason, is_whole
from chatwidget.client.wire.response import ResponseParser
from wire.replies import chunk, completion, done, json_response, sse, stream_of

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

ROLE = sse(chunk(None, delta={"role": "assistant"}))
HALF = sse(chunk("Half"))


def parsed(body: bytes, content_type: str = "text/event-stream") -> ResponseParser:
    parser = ResponseParser(content_type)
    [*parser.feed(body), *parser.finish()]
    return parser


def failure(body: bytes, content_type: str = "text/event-stream") -> StreamError:
    with pytest.raises(StreamError) as caught:
        parsed(body, content_type)
    return caught.value


# Nothing, and what is no answer


@pytest.mark.parametrize("end", [done(), b"", b"data: [DONE]"], ids=["done", "cut", "open"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b": ping\n\n",
        ROLE,
        sse({"choices": []}),
        sse({"type": "ping"}),
        sse({"usage": {"a": 1}}),
    ],
    ids=["nothing", "a comment", "a role", "no choices", "a ping", "usage"],
)
def test_nothing_at_all_is_no_success(body: bytes, end: bytes) -> None:
    assert isinstance(failure(body + end), StreamInterruptedError)


@pytest.mark.parametrize(
    "event",
    [
        {"detail": "It is full"},
        {"code": 1302, "msg": "It is full"},
        {"status": 500, "info": "It is full"},
        {"result": {"reason": {"because": "It is full"}}},
    ],
    ids=str,
)
@pytest.mark.parametrize("before", [b"", ROLE, HALF], ids=["first", "after a role", "after a text"])
@pytest.mark.parametrize("end", [done(), b""], ids=["done", "cut"])
def test_an_unknown_error_is_no_success_and_is_told(
    event: object, before: bytes, end: bytes
) -> None:
    assert "It is full" in failure(before + sse(event) + end).message


@pytest.mark.parametrize("event", [{"type": "ping"}, {"msg": "busy"}, {"queue": 3}, {}], ids=str)
def test_what_stands_beside_an_answer_does_not_fail_it(event: object) -> None:
    assert parsed(sse(event) + HALF + sse(event) + HALF + done()).completion.text == "HalfHalf"
    assert parsed(stream_of("Hi")[: -len(done())] + sse(event) + done()).completion.text == "Hi"


@pytest.mark.parametrize(
    "body",
    [
        {"choices": []},
        {"choices": [{"message": {"role": "assistant", "content": None}}]},
        {"choices": [{"message": {}, "finish_reason": "null"}]},
    ],
    ids=str,
)
def test_a_whole_answer_of_nothing_is_no_success(body: object) -> None:
    assert "no answer" in failure(json.dumps(body).encode(), "application/json").message


def test_an_empty_answer_with_a_reason_is_complete() -> None:
    assert parsed(ROLE + sse(chunk(None, finish_reason="stop"))).completion.text == ""
    body = json.dumps(completion("")).encode()
    assert parsed(body, "application/json").completion.finish_reason == "stop"


def test_a_refused_parameter_in_an_unknown_shape_is_left_out(
    ask_own: Asker, server: ScriptedServer
) -> None:
    refusal = {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}
    server.reply(json_response(refusal))
    server.reply(json_response(completion("Hi")))
    assert ask_own(seed=1).text == "Hi"
    assert "seed" not in server.requests[1].json


# Words that end an answer, and words that do not


@pytest.mark.parametrize("reason", ["null", "", "None", "banana", "FINISH_REASON_UNSPECIFIED"])
def test_a_word_that_is_no_reason_does_not_end_an_answer(reason: str) -> None:
    body = HALF + sse(chunk(None, finish_reason=reason))
    assert isinstance(failure(body), StreamInterruptedError)
    assert parsed(body + done()).completion.text == "Half"


@pytest.mark.parametrize(
    ("reason", "remark"),
    [
        ("null", "did not say why"),
        ("banana", "'banana'"),
        ("abort", "aborted"),
        ("CANCELLED", "aborted"),
        ("end_turn", ""),
        ("length", ""),
    ],
)
@pytest.mark.parametrize("form", ["stream", "whole"])
def test_an_odd_end_is_told_of_streams_and_whole_answers_alike(
    reason: str, remark: str, form: str
) -> None:
    if form == "stream":
        parser = parsed(HALF + sse(chunk(None, finish_reason=reason)) + done())
    else:
        body = json.dumps(completion("Half", finish_reason=reason)).encode()
        parser = parsed(body, "application/json")
    told = " ".join(parser.remarks)
    assert (remark in told) if remark else not told
    assert parser.completion.finish_reason == (None if reason == "null" else reason)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("STOP", "stop"),
        ("end_turn", "stop"),
        ("stopSequence", "stop"),
        ("eos_token", "stop"),
        ("tool_use", "tool_calls"),
        ("function_call", "tool_calls"),
        ("FinishReason.MAX_TOKENS", "length"),
        ("FINISH_REASON_SAFETY", "content_filter"),
        ("abort", "abort"),
        ("ERROR", "error"),
        ("null", None),
        ("", None),
        (None, None),
        ("x" * 1_000_000, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_words_of_servers_are_of_few_kinds(reason: str | None, kind: str | None) -> None:
    assert ending(reason) == kind
    assert is_whole(reason) == (kind in ("stop", "tool_calls"))
    assert bool(cut_off(reason)) == (kind in ("length", "content_filter", "abort"))


@given(st.text(max_size=20))
def test_no_word_is_too_odd_to_be_read(reason: str) -> None:
    assert not (ending(reason) and is_no_reason(reason))


@pytest.mark.parametrize("later", ["banana", "null", ""])
def test_a_reason_that_came_is_not_lost_to_a_word_that_is_none(later: str) -> None:
    body = HALF + sse(chunk(None, finish_reason="length"), chunk(None, finish_reason=later))
    assert parsed(body).completion.finish_reason == "length"


def test_a_reason_replaces_a_word_that_is_none() -> None:
    body = HALF + sse(chunk(None, finish_reason="banana"), chunk(None, finish_reason="stop"))
    assert parsed(body).completion.finish_reason == "stop"
