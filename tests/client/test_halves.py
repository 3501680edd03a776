"""Habit 11: characters that a server cut in two reach no listener in halves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.events import Data
from chatwidget.client.wire.response import ResponseParser
from chatwidget.client.wire.surrogates import join_surrogates
from wire.replies import chunk, event_stream, sse, stream_of

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

WAVE = "\N{WAVING HAND SIGN}"


def units(text: str) -> list[str]:
    """Cut a text as JavaScript does, by units of UTF-16."""
    raw = text.encode("utf-16-le")
    return [raw[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2)]


def pieces(body: bytes) -> tuple[list[str], ResponseParser]:
    """Return the texts of an answer's chunks."""
    parser = ResponseParser()
    texts = [each.text for each in parser.feed(body)]
    texts += [each.text for each in parser.finish()]
    return texts, parser


def test_halves_are_joined_before_they_are_heard(ask: Asker, server: ScriptedServer) -> None:
    heard: list[str] = []

    def listener(event: Any) -> None:
        if isinstance(event, Data):
            heard.append(event.chunk.text)

    server.reply(event_stream(stream_of(*units(f"a{WAVE}b{WAVE}{WAVE}"))))
    answer = ask(stream_to=listener)
    assert answer.text == "".join(heard) == f"a{WAVE}b{WAVE}{WAVE}"
    for text in heard:
        text.encode()


def test_each_choice_holds_its_own_half() -> None:
    high, low = units(WAVE)
    parser = ResponseParser()
    events = [chunk(high), chunk(high, 1), chunk(low, 1), chunk(low)]
    events += [chunk(None, finish_reason="stop"), chunk(None, 1, finish_reason="stop")]
    seen = [(e.choices[0].index, e.choices[0].delta) for e in parser.feed(sse(*events))]
    assert [(index, delta.content) for index, delta in seen if delta][:4] == [
        (0, ""),
        (1, ""),
        (1, WAVE),
        (0, WAVE),
    ]
    assert [choice.message.content for choice in parser.completion.choices] == [WAVE, WAVE]


@pytest.mark.parametrize("field", ["content", "refusal", "reasoning_content", "reasoning"])
def test_every_text_is_mended(field: str) -> None:
    high, low = units(WAVE)
    body = sse(*(chunk(None, delta={field: each}) for each in (high, low)))
    parser = ResponseParser()
    seen = [getattr(each.choices[0].delta, field) for each in parser.feed(body)]
    assert seen == ["", WAVE]


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        (["\ud83d", "x"], "\ufffdx"),
        (["x", "\udc4b", "y"], "x\ufffdy"),
        (["\udc4b\ud83d", "\udc4b"], f"\ufffd{WAVE}"),
        (["\ud83d", "\ud83d", "\udc4b"], f"\ufffd{WAVE}"),
    ],
)
def test_a_half_that_stays_alone_is_replaced(cut: list[str], whole: str) -> None:
    texts, parser = pieces(stream_of(*cut))
    assert "".join(texts) == parser.completion.text == whole


def test_a_half_in_the_last_piece_is_replaced() -> None:
    texts, parser = pieces(sse(chunk("a"), chunk("\ud83d", finish_reason="stop")))
    assert texts == ["a", "\ufffd"]
    assert parser.completion.text == "a\ufffd"


def test_the_last_half_comes_with_the_finish() -> None:
    high, low = units(WAVE)
    texts, _ = pieces(sse(chunk(high), chunk(low, finish_reason="stop")))
    assert texts == ["", WAVE]


def test_a_chunk_without_a_delta_is_left_alone() -> None:
    cut = chunk("\ud83d")
    bare = chunk(None, finish_reason="stop")
    bare["choices"][0]["delta"] = None
    texts, parser = pieces(sse(cut, bare))
    assert texts == ["", ""]
    assert parser.completion.finish_reason == "stop"


def test_escaped_whole_characters_are_no_halves() -> None:
    body = f"data: {json.dumps(chunk(WAVE))}\n\n".encode()
    assert b"\\ud83d\\udc4b" in body
    assert pieces(body + b"data: [DONE]\n\n")[0] == [WAVE]


def test_a_text_without_halves_is_itself() -> None:
    assert join_surrogates(f"\ufeff{WAVE}a") == f"\ufeff{WAVE}a"
    assert join_surrogates("\ufeff\ud83d") == "\ufeff\ufffd"
