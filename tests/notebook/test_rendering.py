from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.text import clean
from chatwidget.render.markup.blocks import BlockSplitter
from chatwidget.render.markup.markdown import markdown_html
from chatwidget.render.markup.rendering import IncrementalRenderer, join, render
from cpu import cpu_seconds
from safe_html import Checked

if TYPE_CHECKING:
    from chatwidget.render.markup.formulas import FormulaBudget

WORDS = [
    *["\n", "\n\n", "- a", "1. ", "2. x", "* ", "text", "foo bar", "    ", "  ", "   ", "\t"],
    *["```", "```py", "~~~", "# h", "---", "***", "> ", "|a|b|", "|-|-|", "$$", r"\[", r"\]"],
    *["$x$", "`c`", "**", "_", "[l](https://e.c)", "\r", "\r\n", "\ud83d", "\ude00", "<b>", "é"],
    *["\U0001f600", "10) ", "+ q", "===", "&amp;", "\0"],
]
documents = st.lists(st.sampled_from(WORDS), max_size=60).map("".join) | st.text()
BLOCKS = [
    "A paragraph\nof two lines.",
    "# A heading",
    "- one\n- two\n\n  more of two\n- three",
    "1. one\n\n   ```py\n   x = 1\n\n   y = 2\n   ```\n2. two",
    "```python\nx = 1\n\n- y\n# z\n```",
    "> a\n> b\n>\n> - c",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "\\[\na\n- b\n\\]",
    "***",
    "Setext\n---",
    "~~~\n```\n\ntext\n~~~",
]


def in_parts(text: str, cuts: list[int]) -> list[str]:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    return [text[start:end] for start, end in itertools.pairwise(ends)]


@given(documents, st.lists(st.integers(0, 200), max_size=10), st.sampled_from(["look", "wait"]))
def test_the_split_of_the_text_changes_nothing(text: str, cuts: list[int], manner: str) -> None:
    renderer = IncrementalRenderer()
    settled = []
    for part in in_parts(text, cuts):
        renderer.feed(part)
        if manner == "look":
            settled += renderer.frame().settled
    settled += renderer.finish().settled
    assert join(settled) == render(text)


@given(documents, st.lists(st.integers(0, 200), max_size=10))
def test_every_frame_is_safe_and_complete(text: str, cuts: list[int]) -> None:
    renderer = IncrementalRenderer()
    settled = []
    for part in in_parts(text, cuts):
        renderer.feed(part)
        frame = renderer.frame()
        settled += frame.settled
        Checked(frame.tail)
        Checked(join([*settled, frame.tail]))
    for block in settled:
        Checked(block)


@given(st.lists(st.sampled_from([*BLOCKS, "    indented\n\n    code"]), max_size=8))
def test_blocks_are_rendered_as_if_together(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    assert render(text) == markdown_html(text)


@given(st.lists(st.sampled_from(BLOCKS), max_size=8))
def test_blocks_without_blank_lines_between_are_rendered_as_if_together(parts: list[str]) -> None:
    text = "\n".join(parts)
    assert render(text) == markdown_html(text)


def test_a_block_is_settled_once_and_early() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("First.\n\n- a\n- b\n\n")
    assert renderer.frame().settled == ["<p>First.</p>\n"]
    renderer.feed("S")
    assert renderer.frame().settled == ["<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"]
    assert renderer.frame().settled == []


def test_the_tail_shows_all_text_that_came() -> None:
    renderer = IncrementalRenderer()
    text = "Words and `code` and more. " * 40
    for start in range(0, len(text), 3):
        renderer.feed(text[start : start + 3])
        shown = Checked(renderer.frame().tail).text
        assert shown.replace("`", "").strip() == text[: start + 3].replace("`", "").strip()


def test_the_tail_is_rendered_anew_only_when_it_grew(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(source: str, formulas: FormulaBudget, **options: bool) -> str:
        calls.append(len(source))
        return markdown_html(source, formulas, **options)

    monkeypatch.setattr("chatwidget.render.markup.rendering.markdown_html", counted)
    renderer = IncrementalRenderer()
    for _ in range(3000):
        renderer.feed("*word* ")
        renderer.frame()
    assert sum(calls) < 8 * 21_000


@pytest.mark.parametrize(
    "begun",
    [
        "Hello **you**",
        "Hello **you",
        "# A *head",
        "> Somebody `said`",
        "- one\n- **two**",
        "1. one\n2. two",
        "Costs $5",
        "Called x_",
    ],
)
def test_plain_words_are_added_as_they_would_be_rendered(
    begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = IncrementalRenderer()
    renderer.feed(begun)
    renderer.frame()
    monkeypatch.delattr("chatwidget.render.markup.rendering.markdown_html")
    words = " and 2 more words, as long as no markup is in them."
    renderer.feed(words)
    assert renderer.frame().tail == markdown_html(begun + words, unfinished=True)


def test_a_character_cut_in_half_is_whole_again() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("a \ud83d")
    renderer.feed("\ude00 b")
    assert join(renderer.finish().settled) == "<p>a \U0001f600 b</p>\n"


def test_lone_surrogates_are_replaced() -> None:
    assert clean("a\ud83db\udc00") == "a\ufffdb\ufffd"


@pytest.mark.parametrize(
    ("line", "tag"),
    [("- item\n", "<ul>"), ("1. item\n", "<ol>"), ("| a | b |\n", "<table>"), ("x = 1\n", "<pre")],
)
def test_a_long_block_is_settled_in_parts_and_whole_in_the_end(line: str, tag: str) -> None:
    first = {"<table>": "| a | b |\n|---|---|\n", "<pre": "```python\n"}.get(tag, "")
    text = first + line * 3000
    splitter = BlockSplitter()
    assert len(splitter.feed(text)) > 1
    html = render(text)
    assert html.count(tag) == 1
    assert "chatwidget-continued" not in html
    assert Checked(html).text.count(line.strip("-|1. \n")[:1]) >= 3000


def test_long_code_is_cut_where_a_part_of_it_begins() -> None:
    function = "def f():\n    '''Say\n\n    more.'''\n    return 1\n\n\n"
    pieces = BlockSplitter().feed("```python\n" + function * 300 + "```\n")
    assert all(piece.text.startswith("def f") for piece in pieces)
    assert max(piece.size for piece in pieces) < 5_000


def test_an_empty_text_is_empty() -> None:
    assert render("") == ""
    assert render("\n \n\n") == ""


def test_a_fence_that_is_never_closed_is_code_to_the_end() -> None:
    assert Checked(render("```\na\n\n# b")).text.strip() == "a\n\n# b"


PATHOLOGICAL = [
    *["[", "*", "$", "`", "_", "<", "&", "~", "|", "!", "\\", "![", "](", "**a ", "*a _b", "$a "],
    *["> ", "- ", "  - a\n", "- a\n  ```\n", "$$\n", "\\[\n", "|a|b|\n|-|-|\n", "<a ", "`` x `"],
    *["[a](", "[](", "\\(", "1. ", "# ", "a\n", "\n", "x", "\t- a\n", "```\n", "~~~a\n", ">\n"],
]


@pytest.mark.parametrize("pattern", PATHOLOGICAL)
def test_the_cost_is_linear_in_the_length(pattern: str) -> None:
    def cost(size: int) -> float:
        text = (pattern * size)[:size]

        def run() -> None:
            renderer = IncrementalRenderer()
            for start in range(0, size, 4000):
                renderer.feed(text[start : start + 4000])
                renderer.frame()
            renderer.finish()

        return cpu_seconds(run)

    # both are longer than the largest piece: what is worse than linear is bounded by its size
    short = max(min(cost(20_000), cost(20_000)), 0.005)
    assert cost(60_000) < 3 * 2.5 * short  # more than twice what is linear, for a busy machine
