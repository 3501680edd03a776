"""Halves of characters, and counts of tokens: they are read wherever a server puts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwidget.client.events import Data, Finish
from chatwidget.client.wire.decode import decode_models
from chatwidget.client.wire.response import ResponseParser
from chatwidget.client.wire.tool_messages import assistant_message, tool_message
from chatwidget.render.display.parts import GrowingAnswer, parts_of
from wire.replies import chunk, completion, done, sse

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

HALF, OTHER = "\ud83d", "\udc4b"


def read(body: bytes) -> ResponseParser:
    """Read an answer, and do with it what the client and the views do."""
    parser = ResponseParser()
    seen = GrowingAnswer()
    for each in [*parser.feed(body), *parser.finish()]:
        seen.feed(each)
    "".join(frame.tail for _, frame in seen.frames()).encode()
    told = parser.completion
    msgspec.json.encode(told)
    for choice in told.choices:
        list(parts_of(choice.message))
        if choice.message.tool_calls:
            msgspec.json.encode(assistant_message(choice.message))
    return parser


def with_half(value: Any, place: tuple[Any, ...]) -> Any:
    """Return JSON with half a character at a place."""
    if not place:
        return f"a{HALF}b"
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = with_half(copy[place[0]], place[1:])
    return copy


def places(value: Any) -> list[tuple[Any, ...]]:
    """Return the way to each text."""
    if isinstance(value, str):
        return [()]
    if not isinstance(value, dict | list):
        return []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return [(name, *rest) for name, each in pairs for rest in places(each)]


CALL = {
    "id": "c",
    "type": "function",
    "function": {"name": "f", "arguments": '{"a": "b"}'},
    "extra_content": {"google": {"thought_signature": "s"}},
}
TOKEN = {"token": "t", "logprob": -1, "top_logprobs": [{"token": "u", "logprob": -2}]}
SAID = {
    "role": "assistant",
    "content": [{"type": "text", "text": "x"}, {"type": "thinking", "thinking": "y"}],
    "reasoning_content": "r",
    "tool_calls": [CALL],
    "annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.b", "title": "t"}}],
    "unknown": {"field": ["z"]},
}
EVENT = chunk(None, delta=SAID, finish_reason="stop") | {"system_fingerprint": "f"}
EVENT["choices"][0]["logprobs"] = {"content": [TOKEN]}
WHOLE = completion(
    choices=[{"message": SAID, "finish_reason": "stop", "logprobs": {"content": [TOKEN]}}]
)


@pytest.mark.parametrize("place", places(EVENT), ids=str)
def test_half_a_character_anywhere_in_a_chunk_is_no_failure(place: tuple[Any, ...]) -> None:
    if place[-1] != "finish_reason":
        read(sse(with_half(EVENT, place)) + done())


@pytest.mark.parametrize("place", places(WHOLE), ids=str)
def test_half_a_character_anywhere_in_a_whole_answer_is_no_failure(place: tuple[Any, ...]) -> None:
    read(json.dumps(with_half(WHOLE, place)).encode())


@pytest.mark.parametrize(
    "arguments",
    [{"a": HALF}, {HALF: 1}, [{HALF: [HALF]}], f'{{"a": "{HALF}"}}', '{"a": "\\ud83d"}'],
)
def test_half_a_character_in_the_arguments_of_a_call_is_no_failure(arguments: object) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": arguments}}
    read(sse(chunk(None, delta={"tool_calls": [call]}, finish_reason="tool_calls")) + done())
    body = completion(choices=[{"message": {"tool_calls": [call]}, "finish_reason": "tool_calls"}])
    read(json.dumps(body).encode())


def test_halves_of_a_character_in_two_pieces_of_arguments_are_one() -> None:
    events = [
        chunk(None, delta={"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        for piece in ('{"a": "', HALF, OTHER, '"}')
    ]
    told = read(sse(*events) + done()).completion.choices[0].message.tool_calls
    assert told is not None
    assert told[0].function.arguments == '{"a": "👋"}'


def test_names_ids_and_tokens_hold_a_replacement_character() -> None:
    event = with_half(EVENT, ("choices", 0, "delta", "tool_calls", 0, "id"))
    event = with_half(event, ("choices", 0, "logprobs", "content", 0, "token"))
    told = read(sse(with_half(event, ("model",))) + done()).completion
    (call,) = told.choices[0].message.tool_calls or ()
    assert call.id == told.model == "a\ufffdb"
    assert told.choices[0].logprobs is not None
    assert [each.token for each in told.choices[0].logprobs.content or ()] == ["a\ufffdb"]


def test_what_a_tool_returns_and_names_of_models_hold_none() -> None:
    assert tool_message("1", f"a{HALF}")["content"] == "a\ufffd"
    assert decode_models(json.dumps({"data": [{"id": HALF}]}).encode())[0].id == "\ufffd"


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.text(st.characters(), max_size=3),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=6,
    ),
    st.sampled_from(["content", "reasoning", "tool_calls", "function_call", "audio", "other"]),
)
def test_whatever_stands_in_a_field_is_no_failure(value: Any, field: str) -> None:
    said = {"role": "assistant", "content": "x", field: value}
    read(sse(chunk(None, delta=said, finish_reason="stop")) + done())


# Usage


COUNTS = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
CHUNKS = {
    "in a choice": chunk(None, finish_reason="stop", usage=None),
    "in x_groq": chunk(None, finish_reason="stop") | {"x_groq": {"id": "r", "usage": COUNTS}},
    "in x_groq without choices": {"choices": [], "x_groq": {"usage": COUNTS}},
    "in x_groq alone": {"x_groq": {"usage": COUNTS}},
    "where the vendor has it": {"choices": [], "usage": COUNTS},
}
CHUNKS["in a choice"]["choices"][0]["usage"] = COUNTS


@pytest.mark.parametrize("event", CHUNKS.values(), ids=CHUNKS)
def test_usage_is_found_wherever_a_server_counts(
    ask_own: Asker, server: ScriptedServer, event: dict[str, Any]
) -> None:
    heard: list[object] = []
    server.reply(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        + sse(chunk("Hi"), event)
        + done()
    )
    answer = ask_own(stream_to=heard.append)
    assert answer.usage is not None
    assert answer.usage.total_tokens == 3
    assert answer.text == "Hi"
    assert answer.ledger is not None
    assert "usage" not in answer.ledger.ignored
    assert [each.chunk.usage for each in heard if isinstance(each, Data)][-1] == answer.usage
    assert isinstance(heard[-1], Finish)


@pytest.mark.parametrize("place", ["choices", "x_groq"])
def test_usage_of_a_whole_answer_is_found_in_the_same_places(place: str) -> None:
    body = completion("Hi", usage=None)
    if place == "choices":
        body["choices"][0]["usage"] = COUNTS
    else:
        body["x_groq"] = {"usage": COUNTS}
    usage = read(json.dumps(body).encode()).completion.usage
    assert usage is not None
    assert usage.total_tokens == 3


def test_usage_where_the_vendor_has_it_comes_first() -> None:
    body = completion("Hi", usage=COUNTS) | {"x_groq": {"usage": COUNTS | {"total_tokens": 9}}}
    usage = read(json.dumps(body).encode()).completion.usage
    assert usage is not None
    assert usage.total_tokens == 3
