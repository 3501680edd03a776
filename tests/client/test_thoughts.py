"""Thoughts that come in the text of an answer: between tags, or as parts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.auth.servers import find_server
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import StreamInterruptedError
from chatwidget.client.events import Data
from chatwidget.client.wire.response import ResponseParser
from chatwidget.client.wire.thoughts import ThoughtSplitter
from cpu import cpu_seconds
from wire.replies import chunk, completion, done, event_stream, json_response, sse, stream_of

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

FENCE = "```"


def split(*pieces: str) -> tuple[str, str]:
    """Return the answer and the reasoning of a text that comes in pieces."""
    splitter = ThoughtSplitter()
    for piece in pieces:
        splitter.feed(piece)
    splitter.finish()
    return "".join(splitter.content), "".join(splitter.reasoning)


TEXTS = {
    "a thought before the answer": ("<think>\nHm.\n</think>\n\nHi.", "Hi.", "Hm."),
    "blanks before it": ("\n <think>Hm.</think> Hi.", "Hi.", "Hm."),
    "an empty thought": ("<think>\n\n</think>\n\nHi.", "Hi.", ""),
    "several thoughts": ("<think>A</think>\n<think> B </think>Hi.", "Hi.", "A\n\nB"),
    "the longer tag": ("<thinking>Hm.</thinking>Hi.", "Hi.", "Hm."),
    "capitals": ("<THINK>Hm.</Think>Hi.", "Hi.", "Hm."),
    "a thought in the answer": ("Oh. <think>Hm.</think> Hi.", "Oh.  Hi.", "Hm."),
    "a thought that was cut": ("<think>Hm, that", "", "Hm, that"),
    "a thought that was cut in its end": ("<think>Hm.\n</thi", "", "Hm.\n</thi"),
    "a beginning that was cut": ("<thi", "<thi", ""),
    "the end alone": ("Hm.\nWell.\n</think>\n\nHi.", "Hi.", "Hm.\nWell."),
    "the end at first": ("</think>\n\nHi.", "Hi.", ""),
    "blanks in a thought": ("<think> a \n b </think>Hi.", "Hi.", "a \n b"),
    "a beginning in a thought": ("<think>A <think> B</think>Hi.", "Hi.", "A <think> B"),
    "a second end": ("<think>A</think>B</think>C", "B</think>C", "A"),
    "words about the tag": ("Use <think> well.", "Use <think> well.", ""),
    "inline code": ("Say `<think>a</think>`.", "Say `<think>a</think>`.", ""),
    "the end in inline code": ("It ends with `</think>`.", "It ends with `</think>`.", ""),
    "quotation marks": ('{"a": "<think>b</think>"}', '{"a": "<think>b</think>"}', ""),
    "a code block": (
        f"So:\n{FENCE}\n<think>a</think>\n{FENCE}\nYes.",
        f"So:\n{FENCE}\n<think>a</think>\n{FENCE}\nYes.",
        "",
    ),
    "after a code block": (
        f"So:\n{FENCE}xml\n<a>\n{FENCE}\n<think>b</think>Yes.",
        f"So:\n{FENCE}xml\n<a>\n{FENCE}\nYes.",
        "b",
    ),
    "other tags": ("<thin>a</thin> 1 < 2 <", "<thin>a</thin> 1 < 2 <", ""),
    "blanks alone": (" \n ", " \n ", ""),
    "blanks before an answer": ("\n  Hi.\n", "\n  Hi.\n", ""),
}


@pytest.mark.parametrize(("text", "content", "reasoning"), TEXTS.values(), ids=TEXTS)
def test_thoughts_in_a_text_are_reasoning(text: str, content: str, reasoning: str) -> None:
    assert split(text) == (content, reasoning)
    assert split(*text) == (content, reasoning)


PIECES = [
    "<think>",
    "</think>",
    "<thinking>",
    "<",
    ">",
    "think",
    "/",
    " ",
    "\n",
    "a",
    "`",
    '"',
    FENCE,
]


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.data())
def test_however_a_text_is_cut_the_same_is_reasoning(words: list[str], data: st.DataObject) -> None:
    text = "".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)))))
    cut = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(*cut) == split(text)


@pytest.mark.parametrize(
    "piece", ["<", "<think>", "</think>", "`<think>", "a", " ", '"<think> ', f"\n{FENCE}<think>"]
)
def test_a_long_text_is_split_in_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        return cpu_seconds(lambda: split("a", *[piece] * count))

    assert seconds(20_000) < 8 * max(seconds(5_000), 0.002)


THINKS = ["<th", "ink>\nHm", ".\n</think", ">\n\n", "Hi", "."]
MISTRAL = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}], "closed": True},
    {"type": "text", "text": "Hi."},
]
PARTS: dict[str, Any] = {
    "Mistral": MISTRAL,
    "Anthropic": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}, MISTRAL[1]],
    "reasoning": [
        {"type": "reasoning", "summary": [{"text": "Hm."}]},
        {"type": "text", "text": "Hi."},
    ],
    "output_text": [
        {"type": "reasoning.text", "text": "Hm."},
        {"type": "output_text", "text": "Hi."},
    ],
    "text as a value": [MISTRAL[0], {"type": "text", "text": {"value": "Hi."}}],
    "texts": [MISTRAL[0], "Hi", "."],
}


@pytest.mark.parametrize("content", PARTS.values(), ids=PARTS)
def test_text_in_parts_is_text_and_reasoning(
    ask: Asker, server: ScriptedServer, content: list[Any]
) -> None:
    server.reply(
        event_stream(
            sse(*(chunk(None, delta={"content": [each]}) for each in content))
            + sse(chunk(None, finish_reason="stop"), "[DONE]")
        )
    )
    streamed = ask(stream_to=[].append)
    server.reply(json_response(completion(content)))
    for answer in (streamed, ask()):
        message = answer.choices[0].message
        assert (message.content, message.reasoning) == ("Hi.", "Hm.")


def test_a_single_part_is_text(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion({"type": "text", "text": "Hi."})))
    assert ask().text == "Hi."


@pytest.mark.parametrize("content", [{"a": 1}, [1, 2], [{"a": 1}]], ids=repr)
def test_json_that_is_no_part_is_seen_as_it_is(
    ask: Asker, server: ScriptedServer, content: Any
) -> None:
    server.reply(json_response(completion(content)))
    assert json.loads(ask().text) == content


@pytest.mark.parametrize("name", ["thinking", "reasoning_text", "reasoning", "reasoning_content"])
def test_reasoning_has_many_names(ask: Asker, server: ScriptedServer, name: str) -> None:
    server.reply(event_stream(sse(chunk(delta={name: "Hm."}, finish_reason="stop")) + done()))
    assert ask(stream_to=[].append).choices[0].message.reasoning == "Hm."


def test_thoughts_are_told_apart_before_they_are_heard(ask: Asker, server: ScriptedServer) -> None:
    heard: list[Any] = []

    def listener(event: Any) -> None:
        if isinstance(event, Data):
            heard.extend(choice.delta for choice in event.chunk.choices)

    server.reply(event_stream(stream_of(*THINKS)))
    answer = ask(stream_to=listener)
    assert answer.text == "".join(delta.content or "" for delta in heard) == "Hi."
    assert "".join(delta.reasoning or "" for delta in heard) == "Hm."


@pytest.mark.parametrize(
    "body", [[stream_of("Hi <th", "ink")], [stream_of("Hi <th", "ink", finish=None)]]
)
def test_what_looked_like_a_tag_is_heard_at_the_end(
    ask: Asker, server: ScriptedServer, body: list[bytes]
) -> None:
    heard: list[str] = []
    server.reply(event_stream(*body))
    answer = ask(
        stream_to=lambda event: heard.append(event.chunk.text) if isinstance(event, Data) else None
    )
    assert answer.text == "".join(heard) == "Hi <think"


def test_what_is_held_back_when_an_answer_breaks_off_is_kept(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(sse(chunk("Oh. <think>Hm"))))
    with pytest.raises(StreamInterruptedError) as caught:
        ask(stream_to=[].append)
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Oh. <think>Hm"


def test_what_is_held_back_is_in_the_answer_at_any_moment() -> None:
    parser = ResponseParser()
    for held, content, reasoning in (
        ("<thi", "<thi", None),
        ("nk>Hm </", None, "Hm </"),
        ("think>", None, "Hm"),
        ("Oh <think>a", "Oh <think>a", "Hm"),
        ("</think>", "Oh ", "Hm\n\na"),
    ):
        list(parser.feed(sse(chunk(held))))
        message = parser.completion.choices[0].message
        assert (message.content, message.reasoning) == (content, reasoning)


def test_each_choice_has_thoughts_of_its_own() -> None:
    parser = ResponseParser()
    pieces = [("<think>A", 0), ("Hi </th", 1), ("</think>B", 0), ("e", 1)]
    list(parser.feed(sse(*(chunk(text, index) for text, index in pieces))))
    told = [(c.message.content, c.message.reasoning) for c in parser.completion.choices]
    assert told == [("B", "A"), ("Hi </the", None)]


@pytest.mark.parametrize("stream", [True, False])
def test_a_server_may_have_its_tags_left_alone(server: ScriptedServer, stream: bool) -> None:  # noqa: FBT001 - a row
    plain = replace(find_server(server.url), think_tags=False)
    text = "".join(THINKS)
    server.reply(event_stream(stream_of(*THINKS)) if stream else json_response(completion(text)))
    with ChatClient(plain) as client:
        answer = client.create_chat_completion("Hi", "m", stream_to=[].append if stream else None)
    assert answer.choices[0].message.content == text
    assert answer.choices[0].message.reasoning is None


def test_thoughts_do_not_go_into_an_instance(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion('<think>{"value": [1]}</think>\n{"value": [2]}')))
    assert ask(response_format=list[int]).parsed == [2]
