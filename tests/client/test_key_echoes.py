"""A key that a server sends back, wherever and in whatever pieces, is seen by nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import APIError, StreamInterruptedError
from chatwidget.client.wire.redactor import AnswerRedactor
from chatwidget.client.wire.response import ResponseParser
from cpu import cpu_seconds
from wire.replies import SSE_HEAD, chunk, completion, done, json_response, sse
from wire.scripted_server import close

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatwidget.client.wire.types import ChatCompletion, ChatCompletionChunk
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

CANARY = "canary-Tr0ub4dor&3-0123456789"
SECRET = "Tr0ub4dor"

LINES = {
    "status": b"HTTP/1.1 Bearer %b\r\n\r\n",
    "version": b"%b HTTP/1.1 200 OK\r\n\r\n",
    "header": b"HTTP/1.1 200 OK\r\n%b\r\n\r\n",
    "header name": b"HTTP/1.1 200 OK\r\n%b \x00: 1\r\n\r\n",
    "content length": b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n",
    "transfer encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %b\r\n\r\n",
    "chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b\r\n",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_malformed_line_with_the_key_in_it_is_told_without(
    ask: Asker, server: ScriptedServer, shown: Callable[[BaseException], str], line: bytes
) -> None:
    server.reply(line % CANARY.encode(), close())
    with pytest.raises(APIError) as caught:
        ask(openai_api_key=CANARY)
    assert SECRET not in shown(caught.value)


def call(arguments: str, name: str = "f", **more: Any) -> dict[str, Any]:
    return {"index": 0, "function": {"name": name, "arguments": arguments}, **more}


WHOLE: dict[str, dict[str, Any]] = {
    "content": chunk(f"Your key is {CANARY}."),
    "refusal": chunk(None, delta={"refusal": f"Not for {CANARY}"}),
    "reasoning": chunk(None, delta={"reasoning_content": f"It is {CANARY}"}),
    "arguments": chunk(None, delta={"tool_calls": [call(json.dumps({"k": CANARY}))]}),
    "name of a function": chunk(None, delta={"tool_calls": [call("{}", CANARY, id=CANARY)]}),
    "what a server adds to a call": chunk(
        None, delta={"tool_calls": [call("{}", extra_content={"a": [{"b": CANARY}]})]}
    ),
    "function call": chunk(None, delta={"function_call": {"name": "f", "arguments": CANARY}}),
    "id": chunk("Hi", id=f"id-{CANARY}"),
    "model": chunk("Hi", model=f"gpt ({CANARY})"),
    "fingerprint": chunk("Hi", system_fingerprint=CANARY),
    "role": chunk("Hi", delta={"role": CANARY}),
}


@pytest.mark.parametrize("event", WHOLE.values(), ids=WHOLE)
def test_a_key_in_an_answer_is_a_placeholder(
    ask: Asker, server: ScriptedServer, event: dict[str, Any]
) -> None:
    server.reply(SSE_HEAD, sse(event, chunk(None, finish_reason="stop")) + done(), close())
    seen: list[Any] = []
    answer = ask(openai_api_key=CANARY, stream_to=seen.append)
    assert "[key]" in repr(answer)
    assert SECRET not in repr(answer) + repr(seen)


def test_a_key_in_an_answer_that_is_not_streamed_is_a_placeholder(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(completion(f"It is {CANARY}!", id=CANARY, model=CANARY)))
    answer = ask(openai_api_key=CANARY)
    assert (answer.text, answer.id, answer.model) == ("It is [key]!", "[key]", "[key]")


def test_a_key_in_a_list_of_models_is_a_placeholder(server: ScriptedServer) -> None:
    server.reply(json_response({"data": [{"id": f"ft:{CANARY}", "owned_by": CANARY}]}))
    with ChatClient(server.url, openai_api_key=CANARY) as client:
        (model,) = client.list_models()
    assert (model.id, model.owned_by) == ("ft:[key]", "[key]")


def test_a_key_that_json_escapes_is_found(ask: Asker, server: ScriptedServer) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in CANARY)
    event = sse(chunk("Hi", id="KEY")).replace(b"KEY", escaped.encode())
    server.reply(SSE_HEAD, event, sse(chunk(None, finish_reason="stop")) + done(), close())
    assert ask(openai_api_key=CANARY).id == "[key]"


# In pieces


def read(events: Iterable[object], key: str = CANARY) -> tuple[list[ChatCompletionChunk], Any]:
    """Return the chunks and the completion that a parser makes of events."""
    finder = ApiKey(key, origin="https://example", source="a test").finder(in_answers=True)
    assert finder is not None
    parser = ResponseParser(redactor=AnswerRedactor(finder))
    chunks = list(parser.feed(sse(*events)))
    return [*chunks, *parser.finish()], parser.completion


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "content": lambda text: {"content": text},
    "refusal": lambda text: {"refusal": text},
    "reasoning": lambda text: {"reasoning_content": text},
    "arguments": lambda text: {"tool_calls": [{"index": 0, "function": {"arguments": text}}]},
    "arguments without an index": lambda text: {"tool_calls": [{"function": {"arguments": text}}]},
    "arguments with an id each": lambda text: {
        "tool_calls": [{"index": 0, "id": "a", "function": {"arguments": text}}]
    },
    "function call": lambda text: {"function_call": {"arguments": text}},
}


@pytest.mark.parametrize("ending", [["finish"], ["[DONE]"]], ids=str)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 21])
@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_a_key_that_comes_in_pieces_is_a_placeholder(
    field: Callable[[str], dict[str, Any]], size: int, ending: list[str]
) -> None:
    text = f"A canary, {CANARY}; {CANARY}can"
    events: list[object] = [chunk(None, delta=field(piece)) for piece in pieces(text, size)]
    last = chunk(None, finish_reason="stop") if ending == ["finish"] else "[DONE]"
    chunks, answer = read([*events, last])
    assert shown_in(answer) == "A canary, [key]; [key]can"
    assert "".join(map(shown_in, chunks)) == "A canary, [key]; [key]can"


def shown_in(part: ChatCompletion | ChatCompletionChunk) -> str:
    """Return all texts of the choices of an answer, or of a chunk of it."""
    texts = []
    for choice in msgspec.to_builtins(part.choices):
        said = choice.get("message") or choice.get("delta") or {}
        names = ("content", "refusal", "reasoning", "reasoning_content")
        texts += [said.get(name) or "" for name in names]
        calls = [*(said.get("tool_calls") or ()), {"function": said.get("function_call")}]
        texts += [(each["function"] or {}).get("arguments") or "" for each in calls]
    return "".join(texts)


def test_what_is_held_back_of_a_call_stays_in_it() -> None:
    def told(index: int, identity: str, arguments: str) -> dict[str, Any]:
        function = {"name": identity, "arguments": arguments}
        each = {"index": index, "id": identity, "function": function}
        return chunk(None, delta={"tool_calls": [each]})

    events = [told(0, "a", '"can'), told(1, "b", "{}"), told(1, "c", 'ary"c'), told(1, "d", "1")]
    chunks, answer = read([*events, chunk(None, finish_reason="tool_calls")])
    calls = [each.function.arguments for each in answer.choices[0].message.tool_calls]
    assert sorted(calls) == ['"can', "1", 'ary"c', "{}"]
    assert sorted("".join(map(shown_in, chunks))) == sorted("".join(calls))


def test_choices_that_alternate_do_not_mix() -> None:
    events = [chunk(piece, index=index) for piece in pieces(f"My {CANARY}.", 4) for index in (0, 1)]
    ends = [chunk(None, index=index, finish_reason="stop") for index in (0, 1)]
    chunks, answer = read([*events, *ends])
    assert [choice.message.content for choice in answer.choices] == ["My [key]."] * 2
    assert SECRET not in repr(chunks)
    assert "ub4d" not in repr(chunks)


@pytest.mark.parametrize("cut", range(1, len(CANARY)))
def test_a_long_beginning_of_a_key_is_a_placeholder_and_a_short_one_a_word(cut: int) -> None:
    events = [*map(chunk, ["It is ", *CANARY[:cut]]), chunk(None, finish_reason="length")]
    chunks, answer = read(events)
    told = "[key]" if cut >= len(CANARY) // 2 else CANARY[:cut]
    assert answer.text == "".join(each.text for each in chunks) == f"It is {told}"


def test_the_beginning_that_keys_of_a_vendor_share_is_a_word() -> None:
    text = "Keys begin with sk-proj-, as sk-proj-1234."
    events = [*map(chunk, pieces(text, 3)), chunk(None, finish_reason="stop")]
    chunks, answer = read(events, key="sk-proj-" + "Zx9" * 16)
    assert answer.text == "".join(each.text for each in chunks) == text


def test_the_tokens_of_a_key_are_placeholders() -> None:
    def said(token: str) -> dict[str, Any]:
        entry = {"token": token, "logprob": -1, "bytes": list(token.encode()), "top_logprobs": []}
        event = chunk(token)
        event["choices"][0]["logprobs"] = {"content": [entry]}
        return event

    events = [*map(said, ["Hi ", "canary", "-Tr0ub4dor&3", "-0123456789", "!"])]
    _, answer = read([*events, chunk(None, finish_reason="stop")])
    tokens = answer.choices[0].logprobs.content
    assert [each.token for each in tokens] == ["Hi ", "[key]", "[key]", "[key]", "!"]
    assert [each.bytes is None for each in tokens] == [False, True, True, True, False]


def test_nothing_of_an_answer_that_breaks_off_is_lost(ask: Asker, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(*map(chunk, ["Half a ", "can"])), close())
    with pytest.raises(StreamInterruptedError) as caught:
        ask(openai_api_key=CANARY, stream_to=lambda event: None)
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half a can"


def test_what_may_be_a_beginning_is_told_with_the_next_piece() -> None:
    chunks, _ = read([*map(chunk, ["A c", "at", "."]), chunk(None, finish_reason="stop")])
    assert [each.text for each in chunks] == ["A ", "cat", ".", ""]


def test_a_placeholder_of_a_local_server_stays_a_word(ask: Asker, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(chunk("Ask ollama."), chunk(None, finish_reason="stop")), close())
    assert ask(openai_api_key="ollama").text == "Ask ollama."


HOSTILE = ["c", "canary-Tr0ub4dor&3-012345678", "canary", "\\", "c\\", "canary-Tr0u\\"]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_looking_for_a_key_costs_linear_time(piece: str, size: int) -> None:
    text = (piece * 300_000)[: 1_000_000 if size > 1 else 20_000]
    events = [*map(chunk, pieces(text, size)), chunk(None, finish_reason="stop")]
    body = sse(*events)
    finder = ApiKey(CANARY, origin="https://example", source="a test").finder(in_answers=True)
    assert finder is not None
    parser = ResponseParser(redactor=AnswerRedactor(finder))
    assert cpu_seconds(lambda: list(parser.feed(body))) < 2
