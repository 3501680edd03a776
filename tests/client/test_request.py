from __future__ import annotations

import json
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.body import (
    encode_body,
    request_body,
    wire_messages,
)
from chatwidget.client.wire.types import ChatCompletionMessage, FunctionCall, ToolCall

USER = {"role": "user", "content": "Hello"}


def body(stream: bool = False, extra_body: Any = None, **parameters: Any) -> dict[str, Any]:  # noqa: FBT001, FBT002 - short in the tests
    return request_body("Hello", "m", parameters, stream=stream, extra_body=extra_body)


def refused(messages: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        wire_messages(messages)
    assert caught.value.parameter == "messages"
    return str(caught.value)


def test_a_text_is_one_message_of_the_user() -> None:
    assert wire_messages("Hello") == [USER]
    assert wire_messages("") == [{"role": "user", "content": ""}]


def test_mappings_go_as_they_are() -> None:
    parts = {"role": "user", "content": [{"type": "text", "text": "Hello"}], "name": "Ada"}
    assert wire_messages([parts, MappingProxyType(USER)]) == [parts, USER]


def test_messages_may_come_from_any_iterable() -> None:
    assert wire_messages(each for each in (USER, USER)) == [USER, USER]


def test_the_message_of_an_earlier_answer_goes_back_without_what_is_empty() -> None:
    assert wire_messages([ChatCompletionMessage(content="Hi")]) == [
        {"role": "assistant", "content": "Hi"}
    ]


@pytest.mark.parametrize("content", [None, ""])
def test_an_earlier_answer_that_said_nothing_goes_back_as_such(content: str | None) -> None:
    assert wire_messages([ChatCompletionMessage(content=content, reasoning="Hm.")]) == [
        {"role": "assistant", "content": ""}
    ]


def test_reasoning_does_not_go_back() -> None:
    (told,) = wire_messages([ChatCompletionMessage(content="Hi", reasoning="Hm.")])
    assert "reasoning" not in told


def test_tool_calls_of_an_earlier_answer_go_back() -> None:
    call = ToolCall("a", "function", FunctionCall("f", "{}"))
    expected = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    by_value = wire_messages([ChatCompletionMessage(tool_calls=[call])])
    assert by_value == [{"role": "assistant", "tool_calls": [expected]}]
    by_hand = {"role": "assistant", "content": None, "tool_calls": [call]}
    (sent,) = json.loads(encode_body({"messages": wire_messages([by_hand])}))["messages"]
    assert sent == {"role": "assistant", "content": None, "tool_calls": [expected]}


def test_what_is_given_is_not_changed() -> None:
    given = [dict(USER)]
    wire_messages(given)[0]["content"] = "changed"
    assert given == [USER]


@pytest.mark.parametrize("nothing", [[], (), None, 7, iter(())], ids=repr)
def test_no_messages_are_refused(nothing: object) -> None:
    assert "a text, or a list of at least one message" in refused(nothing)


@pytest.mark.parametrize(
    "message", ["Hello", {"content": "Hello"}, {"role": 7}, {"role": None}, ("user", "Hello"), None]
)
def test_a_message_without_a_role_is_refused_by_the_type_it_has(message: object) -> None:
    assert f"got {type(message).__name__}." in refused([USER, message])


@pytest.mark.parametrize("messages", [USER, b"Hello"], ids=repr)
def test_one_message_alone_is_refused_with_an_example(messages: object) -> None:
    assert '{"role": "user", "content": "Hello"}' in refused(messages)


def test_the_text_of_a_message_is_not_in_the_error() -> None:
    assert "secret" not in refused([{"content": "secret"}])


def test_the_body_leaves_out_what_is_not_set() -> None:
    assert body(temperature=None, n=None) == {"model": "m", "messages": [USER]}
    assert body(temperature=0, stop="") == {
        "model": "m",
        "messages": [USER],
        "temperature": 0,
        "stop": "",
    }


def test_a_stream_asks_for_its_usage() -> None:
    told = body(stream=True)
    assert told["stream"] is True
    assert told["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("options", [{}, {"include_usage": False}])
def test_stream_options_say_otherwise(options: dict[str, Any]) -> None:
    assert body(stream=True, stream_options=options)["stream_options"] == options


def test_without_a_stream_nothing_speaks_of_one() -> None:
    assert "stream" not in body()
    assert "stream_options" not in body()


def test_extra_body_adds_and_wins() -> None:
    told = body(stream=True, temperature=1, extra_body={"top_k": 5, "temperature": 9, "model": "x"})
    assert (told["top_k"], told["temperature"], told["model"]) == (5, 9, "x")


def test_a_wrong_parameter_is_refused() -> None:
    with pytest.raises(ParameterError, match="temperature takes a number"):
        body(temperature="hot")


def test_the_body_is_json_in_utf8() -> None:
    written = encode_body({"model": "m", "text": "Grüß 👋", "bias": {50256: -100}})
    assert "Grüß 👋".encode() in written
    assert json.loads(written) == {"model": "m", "text": "Grüß 👋", "bias": {"50256": -100}}


def test_mappings_inside_are_objects() -> None:
    assert encode_body({"a": [MappingProxyType({"b": 1})]}) == b'{"a": [{"b": 1}]}'


def _circle() -> list[Any]:
    circle: list[Any] = []
    circle.append(circle)
    return circle


UNWRITABLE = {
    "bytes": b"x",
    "NaN": float("nan"),
    "infinity": float("inf"),
    "lone surrogate": "\ud83d",
    "set": {1},
    "Decimal": Decimal(1),
    "object": object(),
    "circle": _circle(),
}


@pytest.mark.parametrize("value", UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_json_cannot_hold_is_refused_by_the_name_of_its_field_F6(value: object) -> None:
    for nested in (value, [value], {"deep": [{"deeper": value}]}):
        with pytest.raises(ParameterError, match=r"^messages holds a value") as caught:
            encode_body({"model": "m", "messages": nested, "n": 1})
        assert caught.value.parameter == "messages"
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("given", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("beside", [False, True])
def test_of_the_two_limits_of_tokens_the_one_that_is_given_is_sent(
    given: str, *, beside: bool
) -> None:
    baseline = {"max_tokens": 1_024, "top_k": 0}
    parameters, extra = ({}, {given: 5}) if beside else ({given: 5}, {})
    body = request_body("Hi", "m", parameters, stream=False, extra_body=extra, baseline=baseline)
    assert body == {"model": "m", "messages": body["messages"], given: 5, "top_k": 0}
    body = request_body("Hi", "m", {}, stream=False, baseline=baseline)
    assert body["max_tokens"] == 1_024
