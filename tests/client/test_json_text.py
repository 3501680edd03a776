"""JSON that servers and models wrote is read by one reader, which accepts what is merely odd."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwidget.client.errors import ParsingError
from chatwidget.client.request.output_type import parser
from chatwidget.client.request.report import report_on
from chatwidget.client.wire.decode import decode_models
from chatwidget.client.wire.json_text import json_in_answer, parse_json
from chatwidget.client.wire.response import ResponseParser
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice, Model
from chatwidget.render.markup.output_formats import OUTPUT_FORMATS
from wire.replies import chunk, completion, done, sse

# JSON in an answer


@dataclass
class City:
    """A city."""

    name: str
    people: int


PARIS = {"name": "Paris", "people": 2}
TEXT = json.dumps(PARIS)

ANSWERS = {
    "bare": TEXT,
    "with blanks": f"\n  {TEXT}\n\n",
    "fenced": f"```json\n{TEXT}\n```",
    "fenced with prose": f"Here you are:\n\n```json\n{TEXT}\n```\nI hope that it helps {{you}}.",
    "fenced without a language": f"```\n{TEXT}\n```",
    "fenced with tildes": f"~~~json\n{TEXT}\n~~~",
    "a fence that stays open": f"```json\n{TEXT}",
    "beside other code": f"```python\nprint(1)\n```\n\n```json\n{TEXT}\n```",
    "prose before": f"Sure! The city is: {TEXT}",
    "prose around": f"As [1] says, {{so}} it is {TEXT}. Anything else?",
    "over several lines": f"Sure!\n{json.dumps(PARIS, indent=2)}\nDone.",
}


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_read_alike_for_a_schema_a_format_and_the_display(text: str) -> None:
    parse = parser(City)
    assert parse is not None
    assert parse(text) == City("Paris", 2)
    told = ChatCompletion(
        [Choice(message=ChatCompletionMessage(content=text), finish_reason="stop")]
    )
    asked = {"response_format": {"type": "json_object"}}
    assert "response_format" not in report_on(asked, asked, {}, told).ignored
    assert json.loads(OUTPUT_FORMATS["json"].plain(text)) == PARIS
    assert not OUTPUT_FORMATS["json"].remark(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}),
        ('Well: {"a": "one\ntwo"}', {"a": "one\ntwo"}),
        ("[1, 2]", [1, 2]),
        ("7", 7),
        ('Here: [{"a": 1}, {"a": 2}] as asked', [{"a": 1}, {"a": 2}]),
        ("```json\n[1]\n```\n{}", None),
    ],
)
def test_odd_json_is_read(text: str, value: Any) -> None:
    found = json_in_answer(text)
    assert (found and found.value) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No JSON.",
        "As [1] and [2, 3] say, use {}.",
        f"Either {TEXT} or {TEXT}",
        f"```json\n{TEXT}\n```\nor\n```json\n{TEXT}\n```",
        TEXT[:-1],
        "[" * 100_000,
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_json_or_could_be_several_is_none(text: str) -> None:
    assert json_in_answer(text) is None
    parse = parser(City)
    assert parse is not None
    with pytest.raises(ParsingError):
        parse(text)
    assert OUTPUT_FORMATS["json"].remark(text)


def test_a_list_that_a_model_leaves_bare_is_taken_for_the_one_that_was_asked_for() -> None:
    parse = parser(list[City])
    assert parse is not None
    assert parse(f"```json\n[{TEXT}]\n```") == parse(f'{{"value": [{TEXT}]}}') == [City("Paris", 2)]


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
prose = st.text(st.characters(exclude_characters="{}[]`~", exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=40, deadline=None)
@given(prose, st.dictionaries(st.text(max_size=3), values, min_size=1), prose)
def test_an_object_is_found_whatever_prose_surrounds_it(
    before: str, value: dict[str, Any], after: str
) -> None:
    for text in (
        f"{before}x {json.dumps(value)} {after}",
        f"x\n```json\n{json.dumps(value)}\n```\n",
    ):
        found = json_in_answer(text)
        assert found is not None
        assert found.value == value


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        '{"a":' * 200_000,
        '{"' * 400_000,
        "[1, " * 250_000,
        "```\n" * 50_000,
        '{"a":1}' * 50_000,
    ],
    ids=lambda text: text[:5],
)
def test_hostile_text_is_read_in_time(text: str) -> None:
    start = time.process_time()
    json_in_answer(text)
    assert time.process_time() - start < 2


# JSON of servers


def read(body: bytes, content_type: str) -> ResponseParser:
    parsed = ResponseParser(content_type)
    [*parsed.feed(body), *parsed.finish()]
    return parsed


WHOLE = json.dumps(completion("Hi")).encode()
STREAM = sse(chunk("H"), chunk("i", finish_reason="stop")) + done()
LINES = b"".join(json.dumps(each).encode() + b"\n" for each in (chunk("H"), chunk("i")))
BODIES = {
    "a body and [DONE]": WHOLE + b"\n[DONE]",
    "a body and an event [DONE]": WHOLE + b"\n\ndata: [DONE]\n\n",
    "a stream": STREAM,
    "a comment first": b": hello\n\n" + STREAM,
    "a name first": b"event: message\n" + STREAM,
    "an id first": b"id: 1\n" + STREAM,
    "a delay first": b"retry: 5\n" + STREAM,
    "blank lines and a comment first": b"\r\n\r\n: hello\n" + STREAM,
    "an object on each line": LINES + b"[DONE]\n",
    "objects with blank lines between": LINES.replace(b"\n", b"\n\n") + b"[DONE]",
}


@pytest.mark.parametrize("label", ["application/json", "text/event-stream", "text/plain", ""])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_tells_what_it_is_whatever_its_label_says(body: bytes, label: str) -> None:
    assert read(body, label).completion.text == "Hi"


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_tells_what_it_is_byte_by_byte(body: bytes) -> None:
    parsed = ResponseParser("application/json")
    for at in range(len(body)):
        list(parsed.feed(body[at : at + 1]))
    list(parsed.finish())
    assert parsed.completion.text == "Hi"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=repr)
@pytest.mark.parametrize("names", [False, True], ids=["no names", "names"])
def test_events_parted_by_a_single_line_end_are_read_and_told(newline: str, names: object) -> None:
    name = "event: message\n" if names else ""
    events = [json.dumps(chunk("H")), json.dumps(chunk("i", finish_reason="stop")), "[DONE]"]
    lines = "".join(f"{name}data: {event}\n" for event in events).replace("\n", newline)
    parsed = ResponseParser("text/event-stream")
    told = [each.text for each in parsed.feed(lines.encode())]
    assert told == ["H", "i"]
    list(parsed.finish())
    assert parsed.done
    assert "blank lines" in " ".join(parsed.remarks)


def test_a_single_line_end_hides_no_error_and_names_no_text_one() -> None:
    events = (
        f"data: {json.dumps(chunk('Half'))}\nevent: error\ndata: {json.dumps({'msg': 'full'})}\n"
    )
    parsed = ResponseParser("text/event-stream")
    with pytest.raises(Exception, match="full"):
        [*parsed.feed(events.encode()), *parsed.finish()]
    assert parsed.completion.text == "Half"


def test_bare_lines_of_json_are_told() -> None:
    assert 'no "data:"' in " ".join(read(b": x\n" + LINES + b"[DONE]\n", "").remarks)


def test_json_over_several_lines_of_data_is_one_event() -> None:
    lines = json.dumps(chunk("Hi", finish_reason="stop"), indent=1).splitlines()
    body = "".join(f"data: {line}\n" for line in lines) + "\n"
    assert read(body.encode(), "text/event-stream").completion.text == "Hi"


@pytest.mark.parametrize("character", ["\n", "\t", "\x00", "\x1b"], ids=repr)
def test_raw_control_characters_in_the_texts_of_servers_are_read(character: str) -> None:
    event = json.dumps(chunk("a@b", finish_reason="stop")).replace("@", character)
    data = f"data: {event}\n\n".encode() if character != "\n" else event.encode()
    if character != "\n":  # which would end the line
        assert read(data, "").completion.text == f"a{character}b"
    body = json.dumps(completion("a@b")).replace("@", character).encode()
    assert read(body, "application/json").completion.text == f"a{character}b"


def test_two_values_are_not_taken_for_one() -> None:
    assert parse_json(b'{"a": 1} {"b": 2}') is None
    assert parse_json(b'{"a": 1}\n[DONE]') == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        [{"id": "a"}, {"id": "b"}],
        ["a", "b"],
        {"data": ["a", "b"]},
        {"models": [{"id": "a"}, {"id": "b"}]},
        {"object": "list", "data": [{"id": "a"}, 7, None, {"id": "b"}]},
    ],
    ids=str,
)
def test_models_may_come_as_a_bare_list(body: object) -> None:
    assert decode_models(json.dumps(body).encode()) == [Model("a"), Model("b")]


def test_a_list_of_errors_is_no_list_of_models() -> None:
    with pytest.raises(Exception, match="no key"):
        decode_models(b'[{"error": {"message": "no key"}}]')
    assert decode_models(b"[]") == []
