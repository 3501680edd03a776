"""Pictures and sources of an answer: seen in every form, while nothing loads and nothing runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.client.timing import Timing
from chatwidget.client.wire.decode import decode_chunk
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.panel.turn_state import finished_turn
from chatwidget.persistence.markdown_writer import to_markdown
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.parts import GrowingAnswer
from safe_html import Checked
from wire.replies import chunk

PIXEL = "data:image/png;base64,iVBORw0KGgo="
URL = "https://a.example/page?a=(b)"
SAFE_URL = "https://a.example/page?a=%28b%29"
HOSTILE = "[x](javascript:alert(1)) <img src=x onerror=alert(1)> $\\href{x}{y}$ `"
HELD: dict[str, Any] = {
    "images": [
        {"type": "image_url", "image_url": {"url": url}}
        for url in (PIXEL, "https://b.example/b.png")
    ],
    "annotations": [{"type": "url_citation", "url_citation": {"title": HOSTILE, "url": URL}}],
    "citations": ["javascript:alert(1)", '"><script>alert(1)</script>'],
}


@pytest.fixture
def message() -> ChatCompletionMessage:
    return ChatCompletionMessage(content="Look.", **HELD)


def output(message: ChatCompletionMessage) -> FinalOutput:
    return FinalOutput(ChatCompletion(choices=[Choice(message=message)]), Timing(1.0))


def test_the_output_shows_pictures_and_links_and_loads_nothing(
    message: ChatCompletionMessage,
) -> None:
    checked = Checked(output(message).html())
    assert checked.pictures == [PIXEL]
    assert checked.links == [SAFE_URL, "https://b.example/b.png"]
    assert "[x](javascript:alert(1))".replace("[", "(").replace("]", ")") in checked.text


def test_markdown_and_text_name_them(message: ChatCompletionMessage) -> None:
    written = output(message).markdown()
    assert "data:" not in written
    assert f"]({SAFE_URL})" in written
    assert "(1 picture)" in written
    assert "[3] " in output(message).text()
    assert URL in output(message).text()


def test_an_answer_of_a_picture_alone_is_not_empty() -> None:
    told = output(ChatCompletionMessage(images=HELD["images"][:1]))
    assert PIXEL in told.html()
    assert "empty" not in told.text()


def test_the_panel_and_an_exported_conversation_show_them(message: ChatCompletionMessage) -> None:
    turn = Turn(id="a", prompt="Hi", answers=[message])
    shown = {change.part.kind: change.settled for change in finished_turn(turn).parts}
    assert Checked("".join(shown["pictures"])).pictures == [PIXEL]
    assert Checked("".join(shown["sources"])).links[0] == SAFE_URL
    assert SAFE_URL in to_markdown("main", Conversation({"a": turn}, "a"))


def test_they_are_seen_as_they_come() -> None:

    growing = GrowingAnswer()
    growing.feed(
        decode_chunk(json.dumps(chunk("Look.", delta={"images": HELD["images"]})).encode())
    )
    kinds = {key.kind: frame for key, frame in growing.frames()}
    assert Checked(kinds["pictures"].tail).pictures == [PIXEL]
    growing.feed(decode_chunk(json.dumps(chunk(None, citations=[URL])).encode()))
    kinds = {key.kind: frame for key, frame in growing.frames()}
    assert Checked(kinds["sources"].tail).links == [SAFE_URL, "https://b.example/b.png"]
    assert growing.frames() == []
