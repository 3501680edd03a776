"""Errors of servers: what they say is found in whatever shape they say it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.errors import StreamError
from chatwidget.client.request.fallback import unsupported_parameter
from chatwidget.client.transport.http_errors import status_error_from_body
from chatwidget.client.wire.error_body import error_fields
from chatwidget.client.wire.response import ResponseParser
from wire.replies import chunk, completion, done, error, json_response, sse

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

REFUSED = {
    "message": "Unsupported parameter: 'top_p'",
    "code": "unsupported_parameter",
    "param": "top_p",
}
QUOTED = json.dumps({"error": REFUSED})
EXTRA = {"type": "extra_forbidden", "loc": ["body", "top_p"], "msg": "Extra inputs"}

# Where: the body, its words, code and parameter.
BODIES: dict[str, tuple[Any, str, str | None, str | None]] = {
    "Gemini, a list": ([{"error": {"code": 400, "message": "no"}}], "no", "400", None),
    "Gemini, the field below": (
        {
            "error": {
                "code": 400,
                "message": "Invalid JSON",
                "details": [{"fieldViolations": [{"field": "top_k", "description": "unknown"}]}],
            }
        },
        "Invalid JSON: top_k: unknown",
        "400",
        "top_k",
    ),
    "Cloudflare": (
        {"success": False, "errors": [{"code": 7009, "message": "no"}, {"message": "nor"}]},
        "no; nor",
        "7009",
        None,
    ),
    "OpenRouter, JSON": (
        {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": QUOTED}}},
        "Provider returned error: Unsupported parameter: 'top_p'",
        "unsupported_parameter",
        "top_p",
    ),
    "OpenRouter, a text": (
        {"error": {"message": "Provider returned error", "metadata": {"raw": "too busy"}}},
        "Provider returned error: too busy",
        None,
        None,
    ),
    "Bedrock": ({"Message": "no"}, "no", None, None),
    "API Gateway": ({"__type": "Throttled", "ErrorMessage": "no"}, "no", None, None),
    "FastAPI, several": (
        {
            "detail": [
                {"loc": ["body", "n"], "msg": "is no number", "input": {"message": "secret"}},
                {"loc": ["body", "stop", 0], "msg": "is no text"},
            ]
        },
        "n: is no number; stop.0: is no text",
        None,
        "n",
    ),
    "FastAPI, the field in the words": (
        {"detail": [{"loc": ["body", "n"], "msg": "n is no number"}]},
        "n is no number",
        None,
        "n",
    ),
    "ASP.NET": (
        {"title": "Invalid", "errors": {"Temperature": ["must be at most 2"]}},
        "Invalid: Temperature: must be at most 2",
        None,
        "Temperature",
    ),
    "problem details": (
        {"title": "Invalid", "invalid-params": [{"name": "age", "reason": "is negative"}]},
        "Invalid: age: is negative",
        None,
        "age",
    ),
    "JSON API": (
        {"errors": [{"detail": "is negative", "pointer": "#/a/b"}]},
        "a.b: is negative",
        None,
        "a.b",
    ),
    "Spring": ({"status": 400, "error": "Bad Request", "message": "no"}, "no", None, None),
    "OAuth": ({"error": "denied", "error_description": "no"}, "no", None, None),
    "MiniMax": ({"base_resp": {"status_code": 1004, "status_msg": "no"}}, "no", "1004", None),
    "Apigee": (
        {"fault": {"faultstring": "no", "detail": {"errorcode": "bad"}}},
        "no",
        "bad",
        None,
    ),
    "Anthropic": (
        {"type": "error", "error": {"type": "overloaded_error", "message": "no"}},
        "no",
        None,
        None,
    ),
    "JSON in the message": (
        {"error": {"message": QUOTED, "code": "400"}},
        "Unsupported parameter: 'top_p'",
        "unsupported_parameter",
        "top_p",
    ),
    "JSON within the message": (
        {"error": {"message": f"BadRequestError: {QUOTED} (group a)"}},
        "BadRequestError: Unsupported parameter: 'top_p' (group a)",
        "unsupported_parameter",
        "top_p",
    ),
    "JSON in JSON": (
        {"message": json.dumps({"message": QUOTED})},
        "Unsupported parameter: 'top_p'",
        "unsupported_parameter",
        "top_p",
    ),
    "a page of a provider": (
        {"error": {"message": "no", "metadata": {"raw": "<html>secret</html>"}}},
        "no",
        None,
        None,
    ),
    "a repetition": ({"error": {"message": "no", "cause": {"error": "no"}}}, "no", None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES.values(), ids=BODIES)
def test_words_code_and_parameter_are_found_by_walking_the_body(
    case: tuple[Any, str, str | None, str | None],
) -> None:
    body, words, code, param = case
    told = status_error_from_body(400, json.dumps(body).encode(), None)
    sentence = told.message.removeprefix("The server answered 400: ")
    assert (sentence.rstrip("."), told.code, told.param) == (words, code, param)


@pytest.mark.parametrize("case", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("before", [b"", sse(chunk("Half"))], ids=["first", "in the middle"])
def test_the_same_words_are_found_inside_a_stream(
    case: tuple[Any, str, str | None, str | None], before: bytes
) -> None:
    body, words, code, param = case
    parser = ResponseParser("text/event-stream")
    with pytest.raises(StreamError) as caught:
        [*parser.feed(before + b"event: error\n" + sse(body)), *parser.finish()]
    told = caught.value
    assert told.message == f"The server reports: {words}"
    assert (told.code, told.param) == (code, param)
    assert parser.completion.text == ("Half" if before else "")


@pytest.mark.parametrize("case", BODIES.values(), ids=BODIES)
def test_the_same_words_are_found_in_a_body_of_status_200(
    case: tuple[Any, str, str | None, str | None],
) -> None:
    parser = ResponseParser("application/json")
    with pytest.raises(StreamError) as caught:
        [*parser.feed(json.dumps(case[0]).encode()), *parser.finish()]
    assert caught.value.message.endswith(f": {case[1]}")


@pytest.mark.parametrize(
    "body",
    [
        QUOTED.encode(),
        QUOTED.encode() + b"\n[DONE]\n",
        b"data: " + QUOTED.encode() + b"\n\ndata: [DONE]\n\n",
        b"event: error\ndata: " + QUOTED.encode(),
        b"[" + QUOTED.encode() + b"]",
        json.dumps("Unsupported parameter: 'top_p'").encode(),
    ],
)
def test_the_body_of_a_status_may_be_written_as_any_server_writes(body: bytes) -> None:
    told = status_error_from_body(400, body, None)
    assert told.message == "The server answered 400: Unsupported parameter: 'top_p'."


@pytest.mark.parametrize("line", [QUOTED, json.dumps({"errors": [REFUSED]}), f" {QUOTED} ".strip()])
@pytest.mark.parametrize("before", [b": ping\n\n", sse(chunk("Half"))], ids=["first", "later"])
def test_a_bare_line_of_json_in_a_stream_is_an_event(before: bytes, line: str) -> None:
    parser = ResponseParser("text/event-stream")
    with pytest.raises(StreamError, match="Unsupported parameter: 'top_p'"):
        [*parser.feed(before + line.encode() + b"\n"), *parser.finish()]


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "Provider returned error", "metadata": {"raw": QUOTED}}},
        [{"error": REFUSED}],
        {"detail": [EXTRA | {"msg": "Extra inputs are not permitted"}]},
        {"errors": [{"message": json.dumps({"detail": [EXTRA]})}]},
    ],
)
def test_a_refused_parameter_is_left_out_wherever_it_is_named(
    ask_own: Asker, server: ScriptedServer, body: object
) -> None:
    server.reply(json_response(body, 400))
    server.reply(json_response(completion("Hi")))
    answer = ask_own(top_p=0.5)
    assert answer.text == "Hi"
    assert "top_p" not in server.requests[1].json
    told = status_error_from_body(400, json.dumps(body).encode(), None)
    assert unsupported_parameter(told, ["top_p"]) == "top_p"


@pytest.mark.parametrize("empty", [[], {}, None, "", False, 0])
def test_an_error_that_holds_nothing_is_none(empty: object) -> None:
    events = sse(chunk("Hi", finish_reason="stop") | {"errors": empty, "error": empty})
    parser = ResponseParser("text/event-stream")
    [*parser.feed(events + done()), *parser.finish()]
    assert parser.completion.text == "Hi"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "detail", "loc", "code", "type", "raw", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_body_is_too_odd_to_be_read(raw: object) -> None:
    fields = error_fields(raw)
    assert fields is None or all(isinstance(each, str) for each in fields.values())
    status_error_from_body(400, json.dumps(raw).encode(), None)


wrappings = st.lists(
    st.sampled_from(
        [
            lambda inner: [inner],
            lambda inner: {"error": inner},
            lambda inner: {"errors": [inner]},
            lambda inner: {"data": {"failure": inner}},
            lambda inner: {"message": json.dumps(inner)},
            lambda inner: {"error": {"message": "Outside", "metadata": {"raw": json.dumps(inner)}}},
        ]
    ),
    max_size=4,
)


@given(wrappings)
def test_words_and_parameter_are_found_however_they_are_wrapped(layers: list[Any]) -> None:
    raw: Any = error("It is full", code="full", param="n")
    for layer in layers:
        raw = layer(raw)
    fields = error_fields(raw)
    assert fields is not None
    assert fields["message"].endswith("It is full")
    assert (fields["code"], fields["param"]) == ("full", "n")


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":' * 30_000,
        json.dumps({"message": '{"' * 300_000}).encode(),
        json.dumps({"errors": [{"message": "[" * 9} for _ in range(30_000)]}).encode(),
        json.dumps({"errors": {f"field{i}": ["no"] for i in range(30_000)}}).encode(),
    ],
    ids=["deep", "unfinished JSON", "many", "many fields"],
)
def test_a_hostile_body_is_read_in_time(body: bytes) -> None:
    start = time.process_time()
    status_error_from_body(400, body, None)
    assert time.process_time() - start < 1
