"""What real servers make of the protocol, and what the client makes of it.

D1 to D24 are deviations that users of servers reported, H1 to H22 habits seen on loopback. What
llama.cpp, LiteLLM and Dynamo send has the shape of their recorded bytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
    StreamError,
    StreamInterruptedError,
    UnprocessableEntityError,
)
from chatwidget.client.transport.http_errors import status_error_from_body
from chatwidget.client.wire.response import ResponseParser
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    done,
    error,
    event_stream,
    head,
    json_response,
    response,
    sse,
    stream_of,
)
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletion
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

HEAD = {"id": "chatcmpl-0", "created": 1795348424, "model": "tiny"}
TIMINGS = {"cache_n": 12, "prompt_ms": 1.229, "predicted_n": 10}
NULLS = dict.fromkeys(("content", "function_call", "tool_calls", "refusal", "reasoning_content"))
PARIS = {"name": "get_weather", "arguments": '{"city": "Paris"}'}
OSLO = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}


def llamacpp(finish: str | None = None, index: int = 0, **delta: Any) -> dict[str, Any]:
    """One chunk of llama.cpp: the finish_reason is null until it comes, with timings."""
    choice = {"finish_reason": finish, "index": index, "delta": delta}
    return {"choices": [choice]} | HEAD | ({"timings": TIMINGS} if finish else {})


def litellm(finish: str | None = None, index: int = 0, **delta: Any) -> dict[str, Any]:
    """One chunk of LiteLLM: what is null is absent."""
    reason = {"finish_reason": finish} if finish else {}
    return HEAD | {"choices": [reason | {"index": index, "delta": delta}]}


def dynamo(finish: str | None = None) -> dict[str, Any]:
    """One chunk of Dynamo's mock engine: the role in each, and no text in any."""
    reason = {"finish_reason": finish} if finish else {}
    choice = {"index": 0, "delta": NULLS | {"role": "assistant"}} | reason
    return HEAD | {"choices": [choice], "service_tier": None, "usage": None}


def piece(index: int, arguments: str, name: str | None = None) -> dict[str, Any]:
    """A piece of a tool call, the name and the id with the first one only."""
    if name is None:
        return {"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}
    function = {"name": name, "arguments": arguments}
    call = {"index": index, "id": f"call_{index}", "type": "function", "function": function}
    return {"tool_calls": [call]}


def token(text: str, logprob: float = -0.5, **more: Any) -> dict[str, Any]:
    """What is said of one token."""
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())} | more


def with_tokens(text: str | None, *tokens: dict[str, Any]) -> dict[str, Any]:
    """One chunk with what is said of its tokens."""
    given = chunk(text)
    given["choices"][0]["logprobs"] = {"content": list(tokens)}
    return given


def told(body: bytes, content_type: str = "text/event-stream") -> ChatCompletion:
    """Read a complete answer."""
    parser = ResponseParser(content_type)
    for _ in [*parser.feed(body), *parser.finish()]:
        pass
    return parser.completion


def facts(answer: ChatCompletion) -> dict[str, Any]:
    """What an answer says, without what it does not say."""
    choices = answer.choices
    said: dict[str, Any] = {
        "text": [choice.message.content for choice in choices],
        "reasoning": [choice.message.reasoning for choice in choices],
        "finish": [choice.finish_reason for choice in choices],
        "calls": [
            [(call.function.name, call.function.arguments) for call in message.tool_calls]
            for message in (choice.message for choice in choices)
            if message.tool_calls
        ],
        "tokens": [
            [each.token for each in choice.logprobs.content or ()]
            for choice in choices
            if choice.logprobs
        ],
        "usage": [answer.usage.total_tokens] if answer.usage else [],
    }
    return {
        name: values[0] if len(values) == 1 else values
        for name, values in said.items()
        if any(value is not None for value in values)
    }


HI = chunk("Hi", finish_reason="stop")
CALL = {"name": "f", "arguments": "{}"}

# Name: what the server sends, and what the client reads.
ANSWERS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "D1 Azure begins without choices": (
        sse({"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}, HI) + done(),
        {"text": "Hi", "finish": "stop"},
    ),
    "D1 H9 usage without choices: llamacpp, dynamo": (
        sse(
            llamacpp(content="Hi"),
            llamacpp("stop"),
            {"choices": [], "usage": {"total_tokens": 23}, "timings": TIMINGS},
        )
        + done(),
        {"text": "Hi", "finish": "stop", "usage": 23},
    ),
    "H9 usage in a chunk with an empty delta: litellm": (
        sse(
            litellm(content="Hi"),
            litellm("stop"),
            litellm() | {"usage": {"completion_tokens": 10, "total_tokens": 23}},
        )
        + done(),
        {"text": "Hi", "finish": "stop", "usage": 23},
    ),
    "D3 usage in every chunk: vLLM": (
        sse(*(chunk("a", usage={"total_tokens": 10 + count}) for count in range(3)), HI),
        {"text": "aaaHi", "finish": "stop", "usage": 12},
    ),
    "D7 comments: OpenRouter": (
        b": OPENROUTER PROCESSING\n\n" + sse(HI) + b": keep-alive\n\n" + done(),
        {"text": "Hi", "finish": "stop"},
    ),
    "D7 blank lines before a whole answer: DeepSeek": (
        b"\n\n\n" + json.dumps(completion("Hi")).encode(),
        {"text": "Hi", "finish": "stop", "usage": 2},
    ),
    "D8 an empty finish_reason": (sse(chunk("Hi", finish_reason="")) + done(), {"text": "Hi"}),
    "D8 H1 no [DONE], usage with the last choice: transformers": (
        sse(chunk("Hi"), chunk(None, finish_reason="stop", usage={"total_tokens": 5})),
        {"text": "Hi", "finish": "stop", "usage": 5},
    ),
    "H2 [DONE] without any finish_reason: ai-mock": (sse(chunk("Hi")) + done(), {"text": "Hi"}),
    "D9 a foreign finish_reason: TGI": (
        sse(chunk("Hi", finish_reason="stop_sequence")) + done(),
        {"text": "Hi", "finish": "stop_sequence"},
    ),
    "D9 H14 a tool call that ends with stop, whole in one delta: Gemini, litserve": (
        sse(
            chunk(
                None,
                finish_reason="stop",
                delta={"tool_calls": [{"index": 0, "id": "a", "function": CALL}]},
            )
        ),
        {"finish": "stop", "calls": [("f", "{}")]},
    ),
    "D10 reasoning_content: DeepSeek": (
        sse(chunk("Hi", delta={"reasoning_content": "Hm."}, finish_reason="stop")),
        {"text": "Hi", "reasoning": "Hm.", "finish": "stop"},
    ),
    "D10 both names: vLLM": (
        sse(chunk("Hi", delta={"reasoning": "A", "reasoning_content": "A"}), HI),
        {"text": "HiHi", "reasoning": "A", "finish": "stop"},
    ),
    "D11 reasoning and text in one chunk: vLLM": (
        sse(chunk("Hi", delta={"reasoning": "Hm."}, finish_reason="stop")),
        {"text": "Hi", "reasoning": "Hm.", "finish": "stop"},
    ),
    "D12 tool calls without index: Gemini": (
        sse(
            chunk(None, delta={"tool_calls": [{"id": "a", "function": PARIS}]}),
            chunk(None, delta={"tool_calls": [{"id": "b", "function": OSLO}]}),
            chunk(None, finish_reason="tool_calls"),
        ),
        {"finish": "tool_calls", "calls": [tuple(PARIS.values()), tuple(OSLO.values())]},
    ),
    "D12 every index 0: TGI": (
        sse(
            chunk(None, delta={"tool_calls": [{"index": 0, "id": "a", "function": PARIS}]}),
            chunk(None, delta={"tool_calls": [{"index": 0, "id": "b", "function": OSLO}]}),
            chunk(None, finish_reason="tool_calls"),
        ),
        {"finish": "tool_calls", "calls": [tuple(PARIS.values()), tuple(OSLO.values())]},
    ),
    "H14 the name in each delta: ai-mock": (
        sse(
            chunk(None, delta={"tool_calls": [{"function": CALL | {"arguments": "{"}}]}),
            chunk(None, delta={"tool_calls": [{"function": CALL | {"arguments": "}"}}]}),
        )
        + done(),
        {"calls": [("f", "{}")]},
    ),
    "H14 arguments as an object: ai-mock": (
        json.dumps(
            completion(
                choices=[
                    {"message": {"tool_calls": [{"function": CALL | {"arguments": {"a": 1}}}]}}
                ]
            )
        ).encode(),
        {"calls": [("f", '{"a":1}')], "usage": 2},
    ),
    "H14 text first, then a tool: aimock": (
        sse(chunk("Wait."), chunk(None, delta=piece(0, "{}", "f")), chunk(None, finish_reason="x"))
        + done(),
        {"text": "Wait.", "finish": "x", "calls": [("f", "{}")]},
    ),
    "H14 name first, arguments in pieces: llamacpp": (
        sse(
            llamacpp(role="assistant", content=None),
            llamacpp(**piece(0, "{", "get_weather")),
            llamacpp(**piece(0, '"city": "')),
            llamacpp(**piece(0, 'Paris"}')),
            llamacpp(**piece(1, "{", "get_weather")),
            llamacpp(**piece(1, '"city": "Oslo"}')),
            llamacpp("tool_calls"),
        )
        + done(),
        {"finish": "tool_calls", "calls": [tuple(PARIS.values()), tuple(OSLO.values())]},
    ),
    "H15 functions are not obeyed: llamacpp, litellm": (
        sse(litellm(role="assistant"), litellm(content="<tool_call>\n"), litellm("stop")) + done(),
        {"text": "<tool_call>\n", "finish": "stop"},
    ),
    "D13 H13 several tokens in one chunk, and one with no text: SGLang, vLLM": (
        sse(
            with_tokens("ab", token("a"), token("b")),
            with_tokens(None, token("c")),
            chunk("c", finish_reason="stop"),
        ),
        {"text": "abc", "finish": "stop", "tokens": ["a", "b", "c"]},
    ),
    "D14 log probabilities that are null: LM Studio": (
        sse(chunk("Hi", finish_reason="stop")),
        {"text": "Hi", "finish": "stop"},
    ),
    "D15 other names after sampling: llama.cpp": (
        sse(with_tokens("Hi", {"token": "Hi", "prob": 0.9, "top_probs": []}), HI),
        {"text": "HiHi", "finish": "stop"},
    ),
    "D16 H13 a placeholder, no bytes, half a character": (
        sse(
            with_tokens("Hi", token("Hi", -9999.0) | {"bytes": None}),
            with_tokens("\ufffd", {"token": "\ufffd", "logprob": -1, "bytes": [240, 159]}),
            chunk(None, finish_reason="stop"),
        ),
        {"text": "Hi\ufffd", "finish": "stop", "tokens": ["Hi", "\ufffd"]},
    ),
    "H10 H13 an id with each token, and no refusal beside the content: llamacpp, litellm": (
        sse(
            with_tokens("Hello", token("Hello", id=369, top_logprobs=[token(",", -8.33, id=11)])),
            with_tokens("!", token("!", id=0, top_logprobs=[token("?", -7.18, id=30)])),
            llamacpp("stop"),
        )
        + done(),
        {"text": "Hello!", "finish": "stop", "tokens": ["Hello", "!"]},
    ),
    "D18 H8 other ids, dates and roles in every chunk: TGI, mockllm": (
        sse(
            chunk("H", id="", created=1, delta={"role": "assistant"}),
            chunk("i", id="x", created=2, delta={"role": None}, finish_reason="stop"),
        ),
        {"text": "Hi", "finish": "stop"},
    ),
    "D19 H10 what servers add": (
        sse(
            HI
            | {"obfuscation": "aX3", "timings": TIMINGS, "nvext": {"timing": {}}, "metrics": None}
            | {"prompt_progress": {}, "stop_reason": 5, "provider_specific_fields": {}}
        ),
        {"text": "Hi", "finish": "stop"},
    ),
    "D21 a whole answer although a stream was asked": (
        json.dumps(completion("Hi")).encode(),
        {"text": "Hi", "finish": "stop", "usage": 2},
    ),
    "H5 choices take turns, the second one first: llamacpp": (
        sse(
            llamacpp(index=1, role="assistant", content=None),
            llamacpp(index=1, content="engine"),
            llamacpp(index=0, role="assistant", content=None),
            llamacpp(index=0, content="ha"),
            llamacpp("stop", index=1),
            llamacpp(index=0, content="mmer"),
            llamacpp("stop", index=0),
        )
        + done(),
        {"text": ["hammer", "engine"], "finish": ["stop", "stop"]},
    ),
    "H5 the stream ends with the first choice: litellm": (
        sse(
            litellm(index=1, role="assistant"),
            litellm(index=1, content="sil"),
            litellm(index=0, content="silver"),
            litellm("stop", index=0),
            litellm(index=1, content="ver"),
        )
        + done(),
        {"text": ["silver", "silver"], "finish": ["stop", None]},
    ),
    "H6 the role never comes: llamacpp": (
        sse(llamacpp(content="👋"), llamacpp(content="🏽"), llamacpp("stop")) + done(),
        {"text": "👋🏽", "finish": "stop"},
    ),
    "H6 H7 the role in each chunk, and all else null: dynamo": (
        sse(dynamo(), dynamo(), dynamo("length") | {"nvext": {"timing": {}}}) + done(),
        {"finish": "length"},
    ),
    "H6 a role that is null: mockllm": (
        sse(chunk("Hi", delta={"role": None}, finish_reason="stop")),
        {"text": "Hi", "finish": "stop"},
    ),
    "H7 null first: llamacpp": (
        sse(llamacpp(role="assistant", content=None), llamacpp(content="Hi"), llamacpp("stop")),
        {"text": "Hi", "finish": "stop"},
    ),
    "H7 absent in place of null: litellm": (
        sse(litellm(role="assistant"), litellm(content="Hi"), litellm("stop")) + done(),
        {"text": "Hi", "finish": "stop"},
    ),
    "H7 an answer without a word: llamacpp": (
        sse(llamacpp(role="assistant", content=None), llamacpp("stop")) + done(),
        {"finish": "stop"},
    ),
    "H10 reasoning, then text: llamacpp": (
        sse(
            llamacpp(role="assistant", content=None),
            llamacpp(reasoning_content="The"),
            llamacpp(reasoning_content=" u"),
            llamacpp(content="42"),
            llamacpp("stop"),
        )
        + done(),
        {"text": "42", "reasoning": "The u", "finish": "stop"},
    ),
    "H11 a character in two halves: aimock": (
        sse(chunk("\ud83d"), chunk("\udc4b"), chunk(None, finish_reason="stop")),
        {"text": "👋", "finish": "stop"},
    ),
    "H12 text that looks like the protocol: litellm": (
        sse(
            litellm(role="assistant", content="data"),
            litellm(content=": one\n\nevent: x\n: comment\n"),
            litellm(content="data: [DONE]\n\n"),
            litellm(content="end"),
            litellm("stop"),
        )
        + done(),
        {
            "text": "data: one\n\nevent: x\n: comment\ndata: [DONE]\n\nend",
            "finish": "stop",
        },
    ),
    "H20 the stop stays in the text: transformers": (
        sse(chunk("1, 2, END", finish_reason="stop")) + done(),
        {"text": "1, 2, END", "finish": "stop"},
    ),
}


@pytest.mark.parametrize(("body", "said"), ANSWERS.values(), ids=ANSWERS)
def test_what_a_server_sends_is_read(body: bytes, said: dict[str, Any]) -> None:
    answer = told(body)
    assert facts(answer) == said
    assert {choice.message.role for choice in answer.choices} == {"assistant"}


@pytest.mark.parametrize("body", [body for body, _ in ANSWERS.values()], ids=ANSWERS)
def test_reads_of_any_size_make_no_difference_H22(body: bytes) -> None:
    parser = ResponseParser("text/event-stream")
    for byte in body:
        list(parser.feed(bytes([byte])))
    list(parser.finish())
    assert parser.completion == told(body)


def test_values_beside_a_token_are_kept_D16() -> None:
    (choice,) = told(ANSWERS["D16 H13 a placeholder, no bytes, half a character"][0]).choices
    assert choice.logprobs is not None
    first, half = choice.logprobs.content or ()
    assert (first.logprob, first.bytes) == (-9999.0, None)
    assert list(half.bytes or ()) == [240, 159]


def test_the_head_is_that_of_the_first_chunk_that_has_one_D18_H8() -> None:
    answer = told(sse(chunk("H", id="", created=1), chunk("i", id="x", created=2), HI))
    assert (answer.id, answer.created) == ("x", 2)


# Streamed and whole


def whole(
    text: str | None, finish: str = "stop", logprobs: dict[str, Any] | None = None, **message: Any
) -> bytes:
    """An answer that llama.cpp and LiteLLM did not stream."""
    said = {"role": "assistant", "content": text} | message
    choice = {"finish_reason": finish, "index": 0, "message": said, "logprobs": logprobs}
    more = {"usage": {"total_tokens": 23}, "timings": TIMINGS}
    return json.dumps(HEAD | {"object": "chat.completion", "choices": [choice]} | more).encode()


CALLS = [
    {"type": "function", "function": function, "id": name}
    for function, name in ((PARIS, "xFqV"), (OSLO, "A4RD"))
]
TWO = [
    piece(0, "{", "get_weather"),
    piece(0, '"city": "Paris"}'),
    piece(1, "{", "get_weather"),
    piece(1, '"city": "Oslo"}'),
]
BOTH: dict[str, tuple[bytes, bytes]] = {
    "llamacpp text": (
        sse(
            llamacpp(role="assistant", content=None),
            llamacpp(content="Hello!"),
            llamacpp(content=" How"),
            llamacpp("stop"),
        ),
        whole("Hello! How"),
    ),
    "litellm text": (
        sse(litellm(role="assistant"), litellm(content="Hello!"), litellm("stop")),
        whole("Hello!", provider_specific_fields={"refusal": None}),
    ),
    "llamacpp reasoning": (
        sse(
            llamacpp(reasoning_content="The user wants me to"),
            llamacpp(reasoning_content=" think.\n"),
            llamacpp(content="The answer is 42."),
            llamacpp("stop"),
        ),
        whole("The answer is 42.", reasoning_content="The user wants me to think.\n"),
    ),
    "litellm reasoning": (
        sse(litellm(reasoning_content="Hm.\n"), litellm(content="42"), litellm("stop")),
        whole("42", reasoning_content="Hm.\n"),
    ),
    "llamacpp two calls": (
        sse(*(llamacpp(**each) for each in TWO), llamacpp("tool_calls")),
        whole("", "tool_calls", tool_calls=CALLS),
    ),
    "litellm two calls": (
        sse(*(litellm(**each) for each in TWO), litellm("tool_calls")),
        whole("", "tool_calls", tool_calls=CALLS),
    ),
    "llamacpp not a word": (
        sse(llamacpp(role="assistant", content=None), llamacpp("stop")),
        whole(""),
    ),
    "dynamo no text": (sse(dynamo(), dynamo("length")), whole(None, "length", refusal=None)),
    "D15 no token that is told of": (
        sse(llamacpp(content="Hi"), llamacpp("stop")),
        whole("Hi", logprobs={"content": [], "refusal": []}),
    ),
    "D15 tokens of the content alone": (
        sse(with_tokens("Hi", token("Hi")) | HEAD, llamacpp("stop")),
        whole("Hi", logprobs={"content": [token("Hi")], "refusal": []}),
    ),
}


@pytest.mark.parametrize(("streamed", "at_once"), BOTH.values(), ids=BOTH)
def test_a_streamed_answer_equals_a_whole_one_H9_H14(streamed: bytes, at_once: bytes) -> None:
    one, other = (told(body) for body in (streamed + done(), at_once))
    for answer in (one, other):
        answer.usage = None
        for choice in answer.choices:
            for call in choice.message.tool_calls or ():
                call.id = ""
    assert one == other


# Answers that fail


FAILURES: dict[str, tuple[bytes, type[Exception], str]] = {
    "D4 an error, then [DONE]: vLLM": (
        sse(error("out of memory", code="500")) + done(),
        StreamError,
        "The server reports: out of memory",
    ),
    "D4 an error with choices": (
        sse({"choices": [], "error": {"message": "full"}}),
        StreamError,
        "full",
    ),
    "D5 a text, with the status 200: LM Studio": (
        b'{"error": "Unexpected endpoint or method."}',
        StreamError,
        "Unexpected endpoint",
    ),
    "D6 D8 an empty delta, and no more: Ollama": (
        sse(chunk("Half"), chunk("")),
        StreamInterruptedError,
        "broke off",
    ),
    "D21 an error in JSON although a stream was asked: LiteLLM": (
        json.dumps(error("Connection error.\n\nNo fallback was attempted.")).encode(),
        StreamError,
        "Connection error",
    ),
    "H3 an error, its event not closed: litserve": (
        sse(chunk("Half"), error("failed midway")).rstrip(b"\n"),
        StreamError,
        "failed midway",
    ),
    "H3 an error that is a text: transformers": (sse({"error": "no"}), StreamError, "reports: no"),
    "H4 cut off between two chunks: aimock, llamacpp": (
        sse(llamacpp(role="assistant", content=None), llamacpp(content="O"), llamacpp(content="n")),
        StreamInterruptedError,
        "broke off",
    ),
    "H4 cut off before any text: dynamo": (
        sse(dynamo(), dynamo(), dynamo()),
        StreamInterruptedError,
        "broke off",
    ),
}


@pytest.mark.parametrize(("body", "kind", "said"), FAILURES.values(), ids=FAILURES)
def test_an_answer_that_fails_is_an_error(body: bytes, kind: type[Exception], said: str) -> None:
    with pytest.raises(StreamError, match=said) as caught:
        told(body)
    assert type(caught.value) is kind


def test_what_broke_off_has_its_text_and_no_usage_D2(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, sse(llamacpp(content="On"), llamacpp(content="ce")), close())
    with pytest.raises(StreamInterruptedError) as caught:
        ask_own()
    answer = caught.value.completion
    assert answer is not None
    assert (answer.text, answer.usage, answer.finish_reason) == ("Once", None, None)


def test_broken_framing_after_the_end_hurts_nobody_H2(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(sse(chunk("Hi")) + done())[:-1], b"no frame\r\n", close())
    answer = ask_own(stream_to=lambda event: None)
    assert (answer.text, answer.finish_reason) == ("Hi", None)


# UnsupportedParameters


def vendor(message: str, code: str | int, **more: Any) -> dict[str, Any]:
    """The vendor's envelope, as llama.cpp (a number) and LiteLLM (a text) fill it."""
    return {"error": {"message": message, "code": code, "type": "t"} | more}


REFUSALS: dict[str, tuple[int, object, type[APIStatusError], str, str | None]] = {
    "H16 llamacpp, the code a number": (
        400,
        vendor("'messages' is required", 400),
        BadRequestError,
        "'messages' is required",
        "400",
    ),
    "H16 litellm, the code a text": (
        400,
        vendor("No connected db.", "400", param=None),
        BadRequestError,
        "No connected db",
        "400",
    ),
    "H16 litellm, FastAPI": (404, {"detail": "Not Found"}, NotFoundError, "Not Found", None),
    "H16 litserve, FastAPI, a list": (
        422,
        {"detail": [{"loc": ["body", "n"], "msg": "Input should be valid"}]},
        UnprocessableEntityError,
        "Input should be valid",
        None,
    ),
    "H16 dynamo, flat": (
        404,
        {"message": "Model not found", "type": "Not Found", "code": 404},
        NotFoundError,
        "Model not found",
        "404",
    ),
    "H16 prism, problem details": (
        422,
        {"title": "Invalid", "status": 422, "detail": "Your request is not valid."},
        UnprocessableEntityError,
        "not valid",
        None,
    ),
    "H16 dynamo, a text": (
        400,
        b"Failed to parse the request body as JSON: EOF while parsing a list",
        BadRequestError,
        "Failed to parse the request body",
        None,
    ),
    "H16 H17 transformers, a text": (
        500,
        b"Internal Server Error",
        InternalServerError,
        "Internal Server Error",
        None,
    ),
    "H16 dynamo, nothing at a wrong path": (404, b"", NotFoundError, "Not Found", None),
    "H15 dynamo, functions": (
        501,
        {"message": "Validation: `function_call` is deprecated.", "code": 501},
        InternalServerError,
        "deprecated",
        "501",
    ),
    "H17 llamacpp, too long": (
        400,
        vendor("request (6015 tokens) exceeds the available context size", 400, n_ctx=2048),
        BadRequestError,
        "6015 tokens",
        "400",
    ),
    "H17 dynamo, too long": (
        400,
        {"message": "This model's maximum context length is 2048 tokens.", "code": 400},
        BadRequestError,
        "maximum context length",
        "400",
    ),
    "H17 llamacpp, a wrong key": (
        401,
        vendor("Invalid API Key", 401),
        AuthenticationError,
        "Invalid API Key",
        "401",
    ),
    "H17 litellm, too many": (
        429,
        vendor("litellm.RateLimitError:\n\nthis is a mock", "429", param=None),
        RateLimitError,
        "litellm.RateLimitError: this is a mock",
        "429",
    ),
    "D20 TGI, a wrong type": (
        422,
        b"invalid type: map, expected a sequence at line 1",
        UnprocessableEntityError,
        "expected a sequence",
        None,
    ),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_an_error_in_the_servers_words(
    case: tuple[int, object, type[APIStatusError], str, str | None],
) -> None:
    status, body, kind, said, code = case
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    refusal = status_error_from_body(status, data, None)
    assert type(refusal) is kind
    assert said in refusal.message
    assert refusal.code == code


def test_the_wait_that_a_server_asks_for_is_told_H17(
    ask_own: Asker, server: ScriptedServer
) -> None:
    limits = {"retry_after": "7", "x_ratelimit_remaining_requests": "0"}
    server.reply(json_response(error("Rate limited"), 429, **limits))
    with pytest.raises(RateLimitError, match="wait 7 s") as caught:
        ask_own()
    assert caught.value.retry_after == 7


def test_a_parameter_that_is_unknown_is_left_out_D20(
    ask_own: Asker, server: ScriptedServer
) -> None:
    forbidden = "[{'type': 'extra_forbidden', 'loc': ('body', 'top_p'), 'msg': 'Extra inputs'}]"
    server.reply(json_response({"message": forbidden, "code": 400}, 400))
    server.reply(json_response(completion("Hi")))
    answer = ask_own(top_p=0.5)
    assert "top_p" not in server.requests[1].json
    assert answer.ledger is not None
    assert answer.ledger.refused == {"top_p": f"{forbidden}."}


def test_stream_options_without_a_stream_are_not_sent_by_themselves(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(completion("Hi")))
    ask_own()
    assert not {"stream", "stream_options"} & server.requests[0].json.keys()


# Parameters


def test_what_is_not_set_is_not_sent_D22(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    unset = dict.fromkeys(("user", "tools", "tool_choice", "response_format", "temperature"))
    ask(**unset)
    assert server.requests[0].json == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
    }


END = sse(chunk(None, finish_reason="stop")) + done()
IGNORED: dict[str, tuple[dict[str, Any], bytes, str]] = {
    "D14 LM Studio": (
        {"logprobs": True},
        stream_of("Hi"),
        "logprobs: log probabilities were asked for and did not come.",
    ),
    "D15 llama.cpp after sampling": (
        {"logprobs": True},
        sse(with_tokens("Hi", {"token": "Hi", "prob": 0.9})) + END,
        "logprobs: log probabilities were asked for and did not come.",
    ),
    "D17 at most 5: TGI, xAI": (
        {"logprobs": True, "top_logprobs": 20},
        sse(with_tokens("Hi", token("Hi", top_logprobs=[token("a")] * 5))) + END,
        "top_logprobs: 20 were asked for at each token, at most 5 came.",
    ),
    "H5 n is ignored: transformers": (
        {"n": 2},
        stream_of("Hi"),
        "n: 2 answers were asked for, 1 came.",
    ),
    "H9 usage was asked for: llama-cpp-python": (
        {"stream_options": {"include_usage": True}},
        stream_of("Hi"),
        "usage: the number of tokens was asked for and did not come.",
    ),
    "H20 the stop stays: transformers": (
        {"stop": "END"},
        stream_of("1, 2, END, 3"),
        'stop: the answer goes on after "END".',
    ),
}


@pytest.mark.parametrize(("asked", "body", "note"), IGNORED.values(), ids=IGNORED)
def test_what_a_server_ignores_is_noted(
    ask_own: Asker, server: ScriptedServer, asked: dict[str, Any], body: bytes, note: str
) -> None:
    server.reply(event_stream(body))
    answer = ask_own(stream_to=lambda event: None, **asked)
    assert answer.ledger is not None
    assert answer.ledger.notes() == [note]


def test_alternatives_that_nobody_counted_are_kept_D17() -> None:
    body = sse(with_tokens("Hi", token("Hi", top_logprobs=[token("a")] * 20)), HI)
    (choice,) = told(body).choices
    assert choice.logprobs is not None
    assert [len(each.top_logprobs) for each in choice.logprobs.content or ()] == [20]


def test_an_answer_may_be_begun_by_the_user_D24(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    messages = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "On"}]
    more = {"continue_final_message": True, "add_generation_prompt": False}
    ask(messages, extra_body=more)
    assert server.requests[0].json == {"model": "m", "messages": messages} | more


# Connections


def test_leaving_closes_the_connection_D23_H21(server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(llamacpp(content="On"), llamacpp(content="ce")), stall())
    server.reply(json_response(completion("Next")))
    with ChatClient(server.url, retries=0) as client:
        for each in client.stream("Hello", "m"):
            assert each.text == "On"
            break
        assert server.connections[0].wait_closed(1.0)
        assert client.create_chat_completion("Hello", "m").text == "Next"


def test_a_connection_that_closes_after_an_error_is_replaced_H18(server: ScriptedServer) -> None:
    server.reply(json_response(error("No."), 500, x_should_retry="false"), pause(0.02), close())
    server.reply(json_response(completion("Next")))
    with ChatClient(server.url) as client:
        with pytest.raises(InternalServerError):
            client.create_chat_completion("Hello", "m")
        assert client.create_chat_completion("Hello", "m").text == "Next"


def test_a_stream_without_a_content_type_is_a_stream_H19(
    ask_own: Asker, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(head(connection="close"), stream_of("Hi"), close())
    assert ask_own(stream_to=lambda event: None).text == "Hi"
    # and nobody asked for one: llmock
    assert ask_own().text == "Hi"


def test_a_text_without_a_content_type_of_its_own_is_an_answer_H19(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(response(json.dumps(completion("Hi")).encode()))
    assert ask_own().text == "Hi"
