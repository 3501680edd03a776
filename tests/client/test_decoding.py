from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.errors import StreamError
from chatwidget.client.wire import decode as decoding
from chatwidget.client.wire.decode import (
    decode_chunk,
    decode_completion,
    decode_error,
    decode_leniently,
    decode_models,
)
from chatwidget.client.wire.error_body import error_fields
from chatwidget.client.wire.json_text import parse_json
from chatwidget.client.wire.types import (
    PLACEHOLDER,
    ChatCompletionChunk,
    ChoiceDelta,
    ChoiceLogprobs,
    ChunkChoice,
    CompletionUsage,
    FunctionCall,
    FunctionCallDelta,
    Model,
    TokenLogprob,
    ToolCallDelta,
    TopLogprob,
)


def chunk_of(**choice: Any) -> bytes:
    return json.dumps({"choices": [{"index": 0} | choice]}).encode()


def choice_of(**choice: Any) -> ChunkChoice:
    (told,) = decode_chunk(chunk_of(**choice)).choices
    return told


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


text = st.text(max_size=8)
number = st.floats(-1e6, 0)
function = st.builds(FunctionCallDelta, name=optional(text), arguments=optional(text))
call = st.builds(
    ToolCallDelta,
    index=optional(st.integers(0, 5)),
    id=optional(text),
    type=st.just("function"),
    function=optional(function),
)
top = st.builds(
    TopLogprob, token=text, logprob=number, bytes=optional(st.lists(st.integers(0, 255)).map(tuple))
)
token = st.builds(
    TokenLogprob, token=text, logprob=number, top_logprobs=st.lists(top, max_size=2).map(tuple)
)
tokens = optional(st.lists(token, max_size=3))
delta = st.builds(
    ChoiceDelta,
    role=optional(text),
    content=optional(text),
    refusal=optional(text),
    reasoning_content=optional(text),
    reasoning=optional(text),
    tool_calls=optional(st.lists(call, max_size=2)),
    function_call=optional(function),
)
choice = st.builds(
    ChunkChoice,
    index=st.integers(0, 3),
    delta=optional(delta),
    finish_reason=optional(text),
    logprobs=optional(st.builds(ChoiceLogprobs, content=tokens, refusal=tokens)),
)
count = st.integers(0, 99)
chunk = st.builds(
    ChatCompletionChunk,
    choices=st.lists(choice, max_size=3),
    id=optional(text),
    created=optional(count),
    model=optional(text),
    usage=optional(
        st.builds(CompletionUsage, prompt_tokens=count, completion_tokens=count, total_tokens=count)
    ),
)


@given(chunk)
def test_the_fast_and_the_tolerant_path_agree_on_what_is_well_formed(
    written: ChatCompletionChunk,
) -> None:
    data = msgspec.json.encode(written)
    assert decode_chunk(data) == written
    assert decode_leniently(json.loads(data), ChatCompletionChunk) == written


def test_what_is_well_formed_takes_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "decode_leniently", None)
    assert decode_chunk(chunk_of(delta={"content": "Hi"})).text == "Hi"


def test_fields_that_servers_add_are_ignored_D19_F45() -> None:
    data = b'{"choices":[],"obfuscation":"abc","timings":{"ms":[1]},"nvext":null}'
    assert decode_chunk(data) == ChatCompletionChunk(choices=[])


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"choices":null}',
        b'{"choices":"none"}',
        b'{"choices":{"index":0}}',
        b'{"choices":7}',
    ],
)
def test_choices_that_are_no_list_are_none_D1_F45(data: bytes) -> None:
    assert decode_chunk(data).choices == []


def test_choices_that_are_no_objects_are_left_out() -> None:
    assert [each.index for each in decode_chunk(b'{"choices":[1,null,{"index":2}]}').choices] == [2]


@pytest.mark.parametrize("bent", [None, "text", 5, [], [{"content": "x"}], True], ids=repr)
def test_a_delta_that_is_no_object_is_left_out_F45(bent: object) -> None:
    assert choice_of(delta=bent, finish_reason="stop") == ChunkChoice(finish_reason="stop")


def test_bent_fields_do_not_lose_their_neighbours() -> None:
    told = decode_chunk(
        json.dumps(
            {
                "id": 5,
                "created": "2023",
                "model": ["m"],
                "usage": "much",
                "choices": [
                    {
                        "index": "1",
                        "finish_reason": False,
                        "delta": {"role": {}, "content": "Hi", "tool_calls": "none"},
                    }
                ],
            }
        ).encode()
    )
    assert told.choices[0].index == 1
    assert told.choices[0].delta is not None
    assert told.choices[0].delta.content == "Hi"
    assert told.choices[0].delta.tool_calls is None
    assert told.choices[0].finish_reason is None
    assert told.created == 2023
    assert told.usage is None


def test_tool_arguments_given_as_an_object_become_json_text_D12() -> None:
    told = choice_of(delta={"tool_calls": [{"function": {"name": "f", "arguments": {"a": [1]}}}]})
    assert told.delta is not None
    assert told.delta.tool_calls == [
        ToolCallDelta(function=FunctionCallDelta(name="f", arguments='{"a":[1]}'))
    ]


@pytest.mark.parametrize("bent", [{"index": 0}, [None, 7], "x"], ids=repr)
def test_tool_calls_that_are_no_objects_are_left_out_F50(bent: object) -> None:
    told = choice_of(delta={"content": 5, "tool_calls": bent})
    assert told.delta is not None
    assert not told.delta.tool_calls


def test_log_probabilities_under_other_names_are_not_told_D15() -> None:
    # llama.cpp with post_sampling_probs
    odd = {"content": [{"token": "a", "prob": 0.5}, {"token": "b", "logprob": -1}]}
    told = choice_of(delta={"content": "ab"}, logprobs=odd)
    assert told.delta is not None
    assert told.delta.content == "ab"
    expected = [TokenLogprob("a", PLACEHOLDER), TokenLogprob("b", -1.0)]
    assert told.logprobs == ChoiceLogprobs(content=expected)


def test_log_probabilities_that_json_cannot_hold_are_not_told_D16() -> None:
    data = b'{"choices":[{"logprobs":{"content":[{"token":"a","logprob":-Infinity}]}}]}'
    (told,) = decode_chunk(data).choices
    assert told.logprobs == ChoiceLogprobs(content=[TokenLogprob("a", PLACEHOLDER)])


def test_bytes_that_are_no_utf8_become_replacement_characters_F27() -> None:
    told = decode_chunk(b'{"choices":[{"delta":{"content":"a\xff \xe2\x82"}}]}')
    assert told.text == "a\ufffd \ufffd"


def test_a_lone_surrogate_is_read() -> None:
    assert decode_chunk(rb'{"choices":[{"delta":{"content":"\ud83d"}}]}').text == "\ud83d"


def test_duplicate_keys_take_the_last() -> None:
    assert decode_chunk(b'{"id":"a","id":"b","choices":[]}').id == "b"


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"7", b"null", b'"text"', b"\xff", b"<html>", b'{"a":' * 100_000]
)
def test_what_is_no_json_object_is_an_error_F26(data: bytes) -> None:
    with pytest.raises(StreamError, match="no JSON object"):
        decode_chunk(data)


def test_an_error_shows_a_short_escaped_excerpt_F26() -> None:
    with pytest.raises(StreamError) as caught:
        decode_chunk(b"\x1b[31m\xe2\x80\xae" + b"x" * 10_000)
    assert r"\x1b[31m\u202e" in str(caught.value)
    assert len(str(caught.value)) < 200


ENVELOPES = {
    "the vendor's": ({"error": {"message": "no", "type": "t", "code": "c"}}, ("no", "c", "t")),
    "llama.cpp: a number as code": ({"error": {"message": "no", "code": 400}}, ("no", "400", None)),
    "LM Studio, transformers: a text D5": ({"error": "no"}, ("no", None, None)),
    "vLLM: an object named error": (
        {"object": "error", "message": "no", "code": 40303},
        ("no", "40303", None),
    ),
    "an object without a message": ({"error": {"a": 1}}, ('{"a": 1}', None, None)),
    "with choices D4": ({"choices": [], "error": {"message": "no"}}, ("no", None, None)),
}


@pytest.mark.parametrize(("raw", "told"), ENVELOPES.values(), ids=ENVELOPES)
def test_an_error_inside_a_stream_is_raised_F42(raw: dict[str, Any], told: tuple[str, Any]) -> None:
    for decode in (decode_chunk, decode_completion):
        with pytest.raises(StreamError) as caught:
            decode(json.dumps(raw).encode())
        error = caught.value
        assert (error.message, error.code, error.type) == (
            f"The server reports: {told[0]}",
            *told[1:],
        )


@pytest.mark.parametrize("nothing", [None, "", {}, [], False], ids=repr)
def test_an_error_field_that_holds_nothing_is_none(nothing: object) -> None:
    data = json.dumps({"choices": [{"delta": {"content": "Hi"}}], "error": nothing}).encode()
    assert decode_chunk(data).text == "Hi"


def test_text_that_speaks_of_errors_is_text() -> None:
    assert decode_chunk(chunk_of(delta={"content": '{"error": "no"}'})).text == '{"error": "no"}'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"error":{"message":"overloaded"}}', "overloaded"),
        (b'{"message":"overloaded"}', "overloaded"),
        (b"overloaded", "'overloaded'"),
        (b'{"some":"thing"}', '\'{"some":"thing"}\''),
        (b"\x1b[2J", r"'\x1b[2J'"),
    ],
)
def test_an_event_named_error_is_an_error_whatever_it_holds_F42(data: bytes, message: str) -> None:
    assert str(decode_error(data)) == f"The server reports: {message}"


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ({"detail": "no"}, {"message": "no"}),
        ({"detail": [{"loc": ["body"], "msg": "no"}]}, {"message": "no"}),
        (
            {"detail": [{"loc": ["body", "tools", 0], "msg": "no"}]},
            {"message": "tools.0: no", "param": "tools.0"},
        ),
        ({"title": "no", "status": 400}, {"message": "no"}),
        ({"title": "no", "detail": "why"}, {"message": "why"}),
        ({"message": "no", "type": "t", "code": 4}, {"message": "no", "type": "t", "code": "4"}),
        ({"error": {"message": "no", "param": "n"}}, {"message": "no", "param": "n"}),
        ({"error": ["a", "b"]}, {"message": "a; b"}),
        ({"answer": 42}, None),
        ([1], None),
        (None, None),
    ],
    ids=repr,
)
def test_error_fields_are_found_in_every_shape(raw: object, fields: dict[str, str] | None) -> None:
    assert error_fields(raw) == fields


def test_a_whole_answer_is_decoded() -> None:
    told = decode_completion(
        json.dumps(
            {
                "id": "x",
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": "tool_calls",
                        "message": {
                            "role": "assistant",
                            "content": None,
                            "reasoning_content": "Hm.",
                            "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": {}}}],
                        },
                    }
                ],
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            }
        ).encode()
    )
    message = told.choices[0].message
    assert (told.id, told.finish_reason, told.text) == ("x", "tool_calls", "")
    assert message.reasoning == "Hm."
    assert message.tool_calls is not None
    assert message.tool_calls[0].function == FunctionCall("f", "{}")
    assert told.usage == CompletionUsage(1, 2, 3)


def test_reasoning_under_both_names_is_taken_once_D10() -> None:
    message = {"content": "Hi", "reasoning": "A", "reasoning_content": "A"}
    told = decode_completion(json.dumps({"choices": [{"message": message}]}).encode())
    assert told.choices[0].message.reasoning == "A"


def test_blank_lines_before_a_whole_answer_are_ignored_D7() -> None:
    assert decode_completion(b'\n\n  {"choices":[{"message":{"content":"Hi"}}]}\n').text == "Hi"


@pytest.mark.parametrize(
    "body", [b"{}", b'{"choices":{}}', b'{"object":"list"}', b'{"choices":null}']
)
def test_json_that_is_no_answer_is_an_error_F18(body: bytes) -> None:
    with pytest.raises(StreamError, match="no chat completion"):
        decode_completion(body)


def test_models_are_listed() -> None:
    body = b'{"object":"list","data":[{"id":"a","owned_by":"me"},{"id":"b","created":1}]}'
    assert decode_models(body) == [Model("a", "me"), Model("b")]


def test_models_that_have_no_name_are_left_out() -> None:
    assert decode_models(b'{"models":[{"id":"a"},{"name":"b"},{"id":null},7]}') == [Model("a")]


@pytest.mark.parametrize("body", [b"{}", b'{"data":5}', b'{"data":null}', b'{"data":{"id":"a"}}'])
def test_no_models_are_an_empty_list(body: bytes) -> None:
    assert decode_models(body) == []


def test_an_error_in_place_of_models_is_raised() -> None:
    with pytest.raises(StreamError, match="no such route"):
        decode_models(b'{"error":"no such route"}')


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert parse_json(body) is None


def test_a_byte_order_mark_before_json_is_ignored() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a":NaN}')["a"] != 0
