"""A pinned answer stands beside the newest one, and the words that differ are marked."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from chatwidget.chat.conversation import Turn
from chatwidget.chat.text import clean
from chatwidget.client.types import ChatCompletionMessage
from chatwidget.panel.compare import Comparison, word_diff

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

MARKS = re.compile(r"</?(?:ins|del)>")


def test_words_that_only_one_has_are_marked() -> None:
    before, after = word_diff("The quick brown fox", "The slow brown fox jumps")
    assert before == "The <del>quick </del>brown fox"
    assert after == "The <ins>slow </ins>brown fox <ins>jumps</ins>"


@given(st.text(), st.text())
def test_both_texts_are_whole_and_safe(one: str, other: str) -> None:
    for shown, text in zip(word_diff(one, other), (one, other), strict=True):
        plain = MARKS.sub("", shown)
        assert "<" not in plain
        assert unescape(plain) == clean(text)


def test_html_in_an_answer_is_text() -> None:
    shown = "".join(word_diff("<img src=x onerror=alert(1)>", "<script>alert(1)</script>"))
    assert "<img" not in shown
    assert "<script" not in shown


def test_long_texts_are_compared_as_far_as_it_says() -> None:
    before, after = word_diff("word " * 5_000, "word " * 5_000 + "end")
    assert before.endswith("the rest is not compared.")
    assert "end" not in after


def turn(text: str, name: str) -> Turn:
    facts = {"model": "<b>m</b>", "parameters": {"temperature": 0.5}}
    answers = [ChatCompletionMessage(content=text)]
    return Turn(id=name, prompt="?", answers=answers, facts=facts)


def test_it_follows_the_newest_answer_until_it_is_closed(session: ChatSession) -> None:
    comparison = Comparison(session)
    assert comparison.layout.display == "none"
    first = turn("One fish", "a")
    session.change(lambda it: it.with_turn(first))
    comparison.pin(first)
    assert comparison.layout.display is None
    session.change(lambda it: it.with_turn(turn("Two fish", "b")))
    head, html = comparison.children
    assert "<del>One </del>fish" in html.value
    assert "<ins>Two </ins>fish" in html.value
    assert "<b>" not in html.value
    assert "temperature 0.5" in html.value
    head.children[1].click()
    assert comparison.layout.display == "none"
