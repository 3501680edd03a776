from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.body import encode_body, wire_messages
from chatwidget.client.wire import content_parts, messages
from chatwidget.client.wire.types import ChatCompletionMessage

if TYPE_CHECKING:
    from chatwidget.client.wire.messages import (
        AssistantMessage,
        DeveloperMessage,
        FunctionMessage,
        SystemMessage,
        ToolMessage,
        UserMessage,
    )
    from chatwidget.client.wire.types import Message

DEVELOPER: DeveloperMessage = {"role": "developer", "content": "Be brief."}
SYSTEM: SystemMessage = {"role": "system", "content": [{"type": "text", "text": "Be brief."}]}
USER: UserMessage = {
    "role": "user",
    "content": [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ],
    "name": "Ada",
}
ASSISTANT: AssistantMessage = {
    "role": "assistant",
    "content": [{"type": "refusal", "refusal": "No."}],
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "text"}},
    ],
}
TOOL: ToolMessage = {"role": "tool", "content": "42", "tool_call_id": "c1"}
FUNCTION: FunctionMessage = {"role": "function", "content": None, "name": "f"}
ALL: list[Message] = [DEVELOPER, SYSTEM, USER, ASSISTANT, TOOL, FUNCTION]


def test_messages_of_all_six_roles_go_as_they_are() -> None:
    sent = json.loads(encode_body({"messages": wire_messages(ALL)}))["messages"]
    assert sent == ALL
    assert [each["role"] for each in sent] == [
        "developer",
        "system",
        "user",
        "assistant",
        "tool",
        "function",
    ]


def test_roles_and_fields_that_only_some_servers_know_go_as_they_are() -> None:
    odd = [{"role": "critic", "content": "Hm.", "weight": 0}, {"role": "user", "prefix": True}]
    assert wire_messages(odd) == odd


def test_parts_that_only_some_servers_know_go_as_they_are() -> None:
    odd = {"role": "user", "content": ({"type": "video_url", "video_url": {"url": "x"}},)}
    assert wire_messages([odd]) == [odd]


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (7, "int"),
        (b"bytes", "bytes"),
        ({"answer": 42}, "dict"),
        ({"type": "text", "text": "Hello"}, "dict"),
        (["Hello"], "list of str"),
        ([{"type": "text", "text": "Hello"}, None], "list of NoneType"),
        ([{"text": "Hello"}], "list of dict"),
        (Path("a.png"), type(Path()).__name__),
    ],
    ids=repr,
)
def test_wrong_content_is_refused_with_the_place_of_its_message(wrong: Any, found: str) -> None:
    with pytest.raises(ParameterError) as caught:
        wire_messages([DEVELOPER, {"role": "user", "content": wrong}])
    assert str(caught.value).startswith("messages[1] takes a text for its content, or a list")
    assert f"got {found}." in str(caught.value)
    assert caught.value.parameter == "messages"


def test_the_content_itself_is_not_in_the_error() -> None:
    with pytest.raises(ParameterError) as caught:
        wire_messages([{"role": "tool", "content": {"password": "secret"}}])
    assert "secret" not in str(caught.value)


def test_a_refusal_of_an_earlier_answer_goes_back() -> None:
    message = ChatCompletionMessage(refusal="No.", reasoning="Hm.")
    assert wire_messages([message]) == [{"role": "assistant", "refusal": "No."}]


# The fields of the vendor's schema, a question mark after those that may be left out.
FIELDS = {
    messages.DeveloperMessage: "role content name?",
    messages.SystemMessage: "role content name?",
    messages.UserMessage: "role content name?",
    messages.AssistantMessage: "role content? refusal? name? audio? tool_calls? function_call?",
    messages.ToolMessage: "role content tool_call_id",
    messages.FunctionMessage: "role content name",
    content_parts.TextPart: "type text prompt_cache_breakpoint?",
    content_parts.ImagePart: "type image_url prompt_cache_breakpoint?",
    content_parts.AudioPart: "type input_audio prompt_cache_breakpoint?",
    content_parts.FilePart: "type file prompt_cache_breakpoint?",
    content_parts.RefusalPart: "type refusal",
}


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_the_types_have_the_fields_of_the_vendor(kind: Any) -> None:
    hints = {name: hint.__forward_arg__ for name, hint in kind.__annotations__.items()}
    told = [f"{name}{'?' * hint.startswith('NotRequired')}" for name, hint in hints.items()]
    assert told == FIELDS[kind].split()
