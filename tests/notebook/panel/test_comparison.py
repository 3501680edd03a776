"""A pinned answer stands beside the newest one, and the words that differ are marked."""

from __future__ import annotations

import random
import re
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.chat.conversation import Turn
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel.comparison import compare_turns
from chatwidget.render.markup.rendering import render
from chatwidget.render.markup.word_marks import matched_words
from cpu import cpu_seconds
from safe_html import Checked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.panel.state import ComparisonState

MARK = re.compile(r"</?mark>")
MARKED = re.compile(r"<mark>(.*?)</mark>", re.DOTALL)
FORMULA = re.compile(r"<(span|div)[^>]*chatwidget-math[^>]*>[^<]*</\1>")
WORD = re.compile(r"\w+|[^\w\s]")
PIECES = [
    "fish",
    "two",
    " ",
    "\n",
    "\n\n",
    "**",
    "*",
    "`",
    "```\n",
    "# ",
    "- ",
    "| a | b |\n|--|--|\n",
]
HOSTILE = [
    "<mark>",
    "</mark>",
    "<img src=x onerror=a()>",
    "&lt;",
    "&",
    "[a](http://b.c/chatwidget-math)",
    "\n```chatwidget-math\n",
    "é",
    "\x00",
]
FORMULAS = ["$x^2$", "$a < b$", "$$\ny\n$$", "\\(z\\)"]
answers = st.lists(st.sampled_from([*PIECES, *HOSTILE, *FORMULAS])).map("".join) | st.text()


def turn(text: str | None, **facts: Any) -> Turn:
    return Turn(prompt="?", answers=[ChatCompletionMessage(content=text)], facts=facts)


def compare(one: str, other: str) -> ComparisonState:
    return compare_turns(turn(one), turn(other))


def unmarked(column: str) -> list[str]:
    """Return the words and formulas of a column outside of its marks."""
    html = FORMULA.sub(lambda found: f"<i/>{found[0].encode().hex()}", MARKED.sub(" ", column))
    return WORD.findall(re.sub(r"<[^>]*>", " ", html))


def test_words_that_only_one_has_are_marked() -> None:
    shown = compare("The quick brown fox", "The slow brown fox jumps")
    assert shown.columns == (
        "<p>The <mark>quick</mark> brown fox</p>\n",
        "<p>The <mark>slow</mark> brown fox <mark>jumps</mark></p>\n",
    )
    assert shown.summary == "66 % of the words are the same."


def test_words_side_by_side_are_one_mark_and_the_space_around_it_is_none_of_it() -> None:
    before, _ = compare("One, two  three, four.", "One, four.").columns
    assert MARKED.findall(before) == ["two  three,"]


def test_markdown_is_rendered_and_only_its_words_are_compared() -> None:
    before, after = compare("**One** fish", "*One* fish").columns
    assert "<strong>One</strong>" in before
    assert "<em>One</em>" in after
    assert "<mark>" not in before + after


@given(answers, answers)
def test_a_column_without_its_marks_is_the_answer_as_it_is_rendered(one: str, other: str) -> None:
    for column, text in zip(compare(one, other).columns, (one, other), strict=True):
        assert MARK.sub("", column) == render(text)


@given(answers, answers)
def test_what_is_not_marked_is_the_same_in_both_columns(one: str, other: str) -> None:
    before, after = compare(one, other).columns
    assert unmarked(before) == unmarked(after)


@given(answers, answers)
def test_a_mark_holds_words_or_whole_formulas_and_no_other_tag(one: str, other: str) -> None:
    for column in compare(one, other).columns:
        assert column.count("<mark>") == column.count("</mark>") == len(MARKED.findall(column))
        for marked in MARKED.findall(column):
            assert marked.strip() == marked != ""
            assert "<" not in FORMULA.sub("", marked)


@given(answers)
def test_an_answer_is_the_same_as_itself(text: str) -> None:
    shown = compare(text, text)
    assert "<mark>" not in "".join(shown.columns)
    assert shown.summary in {
        "Both answers are the same, word for word.",
        "Neither answer has text.",
    }


@given(answers, answers)
def test_whatever_models_say_both_columns_are_safe(one: str, other: str) -> None:
    for column in compare(one, other).columns:
        Checked(MARK.sub("", column))


def test_html_in_an_answer_is_text() -> None:
    shown = compare("<img src=x onerror=alert(1)> <mark>a</mark>", "<script>alert(1)</script>")
    for column in shown.columns:
        assert "<img" not in column
        assert "<script" not in column
        Checked(MARK.sub("", column))


def test_a_link_that_is_called_like_a_formula_is_a_link() -> None:
    before, _ = compare("[one](http://x.y/chatwidget-math) fish", "fish").columns
    assert MARKED.findall(before) == ["one"]


def test_a_formula_is_one_word_and_reaches_the_typesetter_as_it_is() -> None:
    before, after = compare("So $x + y$ it is", "So $x + z$ it is").columns
    assert ">\\(x + y\\)</span></mark> it is" in before
    assert ">\\(x + z\\)</span></mark> it is" in after
    same = compare("So $x + y$", "But $x + y$").columns
    assert ">\\(x + y\\)</span></p>" in same[0]


@pytest.mark.parametrize(
    ("one", "other", "summary"),
    [
        ("", "", "Neither answer has text."),
        ("One fish", "One fish", "Both answers are the same, word for word."),
        ("One fish", "Two fish", "50 % of the words are the same."),
        ("One", "Two", "0 % of the words are the same."),
        ("One", "", "0 % of the words are the same."),
    ],
)
def test_how_much_is_the_same_is_told(one: str, other: str, summary: str) -> None:
    assert compare(one, other).summary == summary


def test_an_answer_that_is_not_there_is_compared_as_none() -> None:
    failed = Turn(prompt="?", status="failed")
    assert compare_turns(failed, turn(None)).summary == "Neither answer has text."


def test_the_titles_say_what_either_was_asked_with() -> None:
    pinned = turn("a", model="m", parameters={"temperature": 0.5}, extra_body={"top_k": 3})
    newest = turn("a", model="<b>m</b>", usage={"completion_tokens": 7})
    titles = compare_turns(pinned, newest).titles
    assert titles == ("m · temperature 0.5 · top_k 3", "<b>m</b>")  # shown as text


@pytest.mark.parametrize(
    ("pinned", "newest", "titles"),
    [
        ({"seed": 1, "top_p": 0.5}, {"seed": 1, "top_p": 1}, ("top_p 0.5", "top_p 1")),
        ({"seed": 1}, {"top_p": 1, "seed": 1}, ("m · seed 1", "m · top_p 1 · seed 1")),
        ({"seed": 1}, {"seed": 1}, ("m · seed 1", "m · seed 1")),
    ],
)
def test_the_titles_leave_out_what_both_were_asked_with(
    pinned: dict[str, float], newest: dict[str, float], titles: tuple[str, str]
) -> None:
    asked = (turn("a", model="m", parameters=parameters) for parameters in (pinned, newest))
    assert compare_turns(*asked).titles == titles


def test_long_answers_are_compared_as_far_as_it_says() -> None:
    before, after = compare("word " * 50_000, "word " * 50_000 + "end").columns
    assert "The rest is not compared." in after
    assert "end" not in after
    assert "not compared" not in compare("word", "word").columns[0]
    assert before == after


def lines_run(work: Callable[[], object]) -> int:
    """Count the lines that run, which no other work of the machine changes."""
    count = 0

    def trace(_frame: object, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def shuffled(count: int) -> list[str]:
    return random.Random(count).sample(list(map(str, range(count))), count)


WORST: dict[str, Callable[[int], tuple[Sequence[str], Sequence[str]]]] = {
    "the same": lambda n: (["a"] * n, ["a"] * n),
    "no word in common": lambda n: (list(map(str, range(n))), [f"x{i}" for i in range(n)]),
    "all in order": lambda n: (list(map(str, range(n))), list(map(str, range(n)))),
    "all reversed": lambda n: (list(map(str, range(n))), list(map(str, range(n)))[::-1]),
    "shuffled": lambda n: (list(map(str, range(n))), shuffled(n)),
    "few words": lambda n: (["a", "b"] * (n // 2), ["b", "a", "a"] * (n // 3)),
    "anchors between repetitions": lambda n: (
        [str(i) if i % 10 == 0 else "a" for i in range(n)],
        [str(i) if i % 10 == 0 else "ab"[i % 2] for i in range(n)],
    ),
}


@pytest.mark.parametrize("kind", WORST)
def test_matching_costs_as_much_per_word_however_many_there_are(kind: str) -> None:
    costs = [
        lines_run(lambda n=n: matched_words(*WORST[kind](n)))
        - lines_run(lambda n=n: WORST[kind](n))
        for n in (1_000, 2_000, 4_000)
    ]
    for less, more in pairwise(costs):
        assert more < 2.25 * less, costs  # a sort has a logarithm in it


ANSWERS: dict[str, Callable[[int], str]] = {
    "different words": lambda n: " ".join(map(str, range(n))),
    "words in another order": lambda n: " ".join(shuffled(n)),
    "one word": "word ".__mul__,
    "a few words": lambda n: " ".join(random.Random(n).choices("abc", k=n)),
    "formulas": "$x$ ".__mul__,
    "marks": "**[&#<".__mul__,
    "paragraphs": "a\n\n".__mul__,
    "code that its lexer is slow with": lambda n: "```csharp\n" + "a\n" * n + "```",
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_are_compared_at_a_linear_cost(kind: str) -> None:
    def cost(count: int) -> float:
        one, other = ANSWERS[kind](count), " ".join(map(str, range(count)))
        return min(cpu_seconds(lambda: compare(one, other)) for _ in range(2))

    assert cost(16_000) < 4 * 2.5 * (cost(4_000) + 0.02)  # what is cubic takes 64 times as long


def test_two_long_answers_are_compared_in_time() -> None:
    rng = random.Random(1)
    one, other = (
        " ".join(rng.choices(["lorem", "ipsum", "**dolor**", "`sit`", "$x$", "amet\n\n"], k=35_000))
        for _ in range(2)
    )
    assert cpu_seconds(lambda: compare(one, other)) < 15
