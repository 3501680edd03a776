"""Calls of tools are said again in a form that every server takes."""

from __future__ import annotations

import json
import re

import pytest

from chatwidget.client.wire.tool_messages import assistant_message, read_arguments, tool_message
from chatwidget.client.wire.types import ChatCompletionMessage, FunctionCall, ToolCall


def message(*calls: ToolCall) -> ChatCompletionMessage:
    return ChatCompletionMessage(content="Let me see.", reasoning="Hm.", tool_calls=list(calls))


def test_a_good_call_stays_as_it_is() -> None:
    call = ToolCall("call_1", function=FunctionCall("add", '{"a":  1}'), extra_content={"x": 1})
    assert assistant_message(message(call)) == {
        "role": "assistant",
        "content": "Let me see.",
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "add", "arguments": '{"a":  1}'},
                "extra_content": {"x": 1},
            }
        ],
    }


def sent_again(arguments: str) -> str:
    """Return the arguments of a call as they go on the wire again."""
    asked = assistant_message(message(ToolCall("1", function=FunctionCall("add", arguments))))
    sent = asked["tool_calls"][0]["function"]["arguments"]
    assert isinstance(json.loads(sent), dict)
    return str(sent)


@pytest.mark.parametrize("arguments", ['{"a": 1', "[1]", '{"a": NaN}', "no JSON", "[" * 100_000])
def test_what_is_no_arguments_is_sent_back_within_an_object(arguments: str) -> None:
    assert json.loads(sent_again(arguments)) == {"unreadable": arguments}


def test_no_arguments_are_an_empty_object() -> None:
    assert sent_again("") == sent_again(" ") == "{}"


@pytest.mark.parametrize("character", ["\n", "\t", "\r\n", "\x00", "\x1f"])
def test_raw_control_characters_in_arguments_are_read_and_sent_back_escaped(character: str) -> None:
    arguments = f'{{"text": "a{character}é"}}'
    assert read_arguments(arguments) == {"text": f"a{character}é"}
    assert json.loads(sent_again(arguments)) == {"text": f"a{character}é"}


def test_line_breaks_between_arguments_change_nothing() -> None:
    assert json.loads(sent_again('{\n  "a": 1\n}')) == {"a": 1}


def test_each_call_has_an_identifier_of_its_own() -> None:
    function = FunctionCall("add", "{}")
    before = [tool_message("1", "3")]
    calls = [ToolCall(id_, function=function) for id_ in ("", "1", "2", "2")]
    ids = [call["id"] for call in assistant_message(message(*calls), before)["tool_calls"]]
    assert ids[2] == "2"
    assert len({*ids, "1"}) == 5
    assert all(re.fullmatch(r"[0-9a-f]{9}", ids[place]) for place in (0, 1, 3))


def test_no_arguments_are_no_arguments() -> None:
    assert read_arguments(" ") == {}
    assert read_arguments(json.dumps({"a": 1})) == {"a": 1}
