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


@pytest.mark.parametrize("arguments", ["", '{"a": 1', "[1]", '{"a": NaN}', "[" * 100_000])
def test_arguments_that_a_server_would_refuse_become_empty(arguments: str) -> None:
    asked = assistant_message(message(ToolCall("1", function=FunctionCall("add", arguments))))
    assert asked["tool_calls"][0]["function"]["arguments"] == "{}"


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
