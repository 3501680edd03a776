"""What a server adds to a message: kept by name, and sent back to that server alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import APIError
from chatwidget.client.wire.additions import plain_message
from chatwidget.client.wire.extra_fields import PartialFields
from cpu import cpu_seconds
from wire.replies import chunk, completion, done, event_stream, json_response, sse
from wire.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.wire.types import ChatCompletionMessage

CALL: dict[str, Any] = {
    "index": 0,
    "id": "call_1",
    "type": "function",
    "function": {"name": "add", "arguments": '{"a": 1}'},
}
USER = {"role": "user", "content": "Hi"}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "1"}
SIGNATURE = {"google": {"thought_signature": "c2ln"}}


@pytest.fixture
def other() -> Iterator[ScriptedServer]:
    with ScriptedServer() as other:
        yield other


def streamed(*deltas: dict[str, Any]) -> list[bytes]:
    """Return a stream that ends with a call, after chunks with these deltas."""
    chunks = [chunk(None, delta=delta) for delta in (*deltas, {"tool_calls": [CALL]})]
    return event_stream(sse(*chunks, chunk(None, finish_reason="tool_calls")) + done())


def whole(call: dict[str, Any] | None = None, **message: Any) -> bytes:
    """Return a whole answer that calls a function, with more fields in its message."""
    answer = completion()
    given = CALL | (call or {})
    said = {"role": "assistant", "content": None, "tool_calls": [given], **message}
    answer["choices"][0] |= {"message": said, "finish_reason": "tool_calls"}
    return json_response(answer)


def asked(server: ScriptedServer, *reply: bytes, stream: bool) -> ChatCompletionMessage:
    """Ask a server, and return the message of its answer."""
    server.reply(*reply)
    with ChatClient(server.url, retries=0) as client:
        stream_to = [].append if stream else None
        return client.create_chat_completion("Hi", "m", stream_to=stream_to).choices[0].message


def sent_back(message: ChatCompletionMessage, server: ScriptedServer) -> dict[str, Any]:
    """Return a message as it goes to a server, with the result of its call."""
    server.reply(json_response(completion()))
    with ChatClient(server.url, retries=0) as client:
        client.create_chat_completion([USER, message, RESULT], "m")
    sent: dict[str, Any] = server.requests[-1].json["messages"][1]
    return sent


DETAILS = [{"type": "reasoning.text", "text": "Hm. Well.", "index": 0, "signature": "c2ln"}]
STREAMED: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "reasoning_content": (
        [{"reasoning_content": "Hm."}, {"reasoning_content": " Well."}],
        {"reasoning_content": "Hm. Well."},
    ),
    "reasoning": ([{"reasoning": "Hm."}, {"reasoning": " Well."}], {"reasoning": "Hm. Well."}),
    "another name": ([{"thinking": "Hm."}, {"thinking": " Well."}], {"thinking": "Hm. Well."}),
    "reasoning_details": (
        [
            {"reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.text", "text": " Well.", "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.text", "index": 0, "signature": "c2ln"}]},
        ],
        {"reasoning_details": DETAILS},
    ),
    "details of two kinds": (
        [
            {"reasoning_details": [{"type": "reasoning.summary", "summary": "S", "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x", "index": 0}]},
        ],
        {
            "reasoning_details": [
                {"type": "reasoning.summary", "summary": "S", "index": 0},
                {"type": "reasoning.encrypted", "data": "x", "index": 0},
            ]
        },
    ),
    "a signature": ([{"thought_signature": "c2ln"}], {"thought_signature": "c2ln"}),
    "an object": (
        [{"provider_specific_fields": {"a": {"b": "x"}}}, {"provider_specific_fields": {"c": 1}}],
        {"provider_specific_fields": {"a": {"b": "x"}, "c": 1}},
    ),
    "a list that is sent again": ([{"odd": ["a"]}, {"odd": ["a"]}], {"odd": ["a"]}),
    "nothing": ([{"odd": None, "none": [], "empty": {"a": None}}], {}),
}


@pytest.mark.parametrize(("deltas", "fields"), STREAMED.values(), ids=STREAMED)
def test_what_a_server_adds_goes_back_to_it_and_to_no_other(
    server: ScriptedServer,
    other: ScriptedServer,
    deltas: list[dict[str, Any]],
    fields: dict[str, Any],
) -> None:
    plain = {"role": "assistant", "tool_calls": [{n: CALL[n] for n in ("id", "type", "function")}]}
    message = asked(server, *streamed(*deltas), stream=True)
    assert sent_back(message, server) == plain | fields
    assert sent_back(message, other) == plain
    at_once = asked(server, whole(**fields), stream=False)
    assert at_once == message
    assert sent_back(plain_message(message), server) == plain


@pytest.mark.parametrize(
    "call",
    [
        {"extra_content": SIGNATURE},
        {"provider_specific_fields": {"thought_signature": "c2ln"}},
        {"function": CALL["function"] | {"thought_signature": "c2ln"}},
        {"caller": {"type": "direct"}, "thoughtSignature": "c2ln"},
    ],
    ids=repr,
)
@pytest.mark.parametrize("stream", [True, False])
def test_what_a_server_adds_to_a_call_goes_back_too(
    server: ScriptedServer,
    other: ScriptedServer,
    call: dict[str, Any],
    stream: bool,  # noqa: FBT001 - a row
) -> None:
    given = CALL | call
    reply = event_stream(sse(chunk(None, 0, "tool_calls", {"tool_calls": [given]})) + done())
    message = asked(server, *(reply if stream else [whole(call)]), stream=stream)
    assert sent_back(message, server)["tool_calls"] == [
        {name: value for name, value in given.items() if name != "index"}
    ]
    assert sent_back(message, other)["tool_calls"] == [
        {name: CALL[name] for name in ("id", "type", "function")}
    ]


def test_an_answer_that_calls_nothing_goes_back_as_its_text(server: ScriptedServer) -> None:
    answer = completion()
    answer["choices"][0]["message"] |= {"reasoning_content": "Hm.", "reasoning_details": DETAILS}
    message = asked(server, json_response(answer), stream=False)
    assert message.extra_fields == {"reasoning_details": DETAILS}
    assert sent_back(message, server) == {"role": "assistant", "content": "Hi"}


def test_what_a_server_adds_to_nothing_is_no_answer(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(event_stream(sse(chunk(None, delta={"token_ids": [1, 2]}), "[DONE]")))
    with pytest.raises(APIError):
        client.create_chat_completion("Hi", "m", stream_to=[].append)


@pytest.mark.parametrize(
    "piece",
    [
        {"text": "a"},
        {"a": {"text": "a"}},
        {"details": [{"index": 0, "text": "a"}]},
        {"details": [{"text": "a"}, {"text": "b"}]},
    ],
    ids=repr,
)
def test_extra_fields_grow_in_linear_time(piece: dict[str, Any]) -> None:
    def seconds(count: int) -> float:
        fields = PartialFields()

        def work() -> None:
            for _ in range(count):
                fields.feed(piece)
            fields.value()

        return cpu_seconds(work)

    assert seconds(40_000) < 8 * max(seconds(10_000), 0.002)


def test_fields_that_are_nested_too_deeply_are_kept_as_they_are() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = {"a": [deep]}
    fields = PartialFields()
    fields.feed({"deep": deep})
    assert fields.value() == {"deep": deep}
