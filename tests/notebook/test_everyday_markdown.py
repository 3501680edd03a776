"""Markdown as people and models write it every day, in text as it is shown and written anew."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from chatwidget.render.markup.markdown import markdown_html
from chatwidget.render.markup.markdown_writer import inert_markdown
from chatwidget.render.markup.rendering import IncrementalRenderer, join, render
from cpu import cpu_seconds
from safe_html import Checked


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("See https://a.b/c.", "https://a.b/c", "https://a.b/c"),
        ("(as http://a.b/w_(x) says)", "http://a.b/w_(x)", "http://a.b/w_(x)"),
        ("at www.a.b/c?d=1&e=2, and", "http://www.a.b/c?d=1&e=2", "www.a.b/c?d=1&e=2"),
        ("**https://a.b/snake_case_name**", "https://a.b/snake_case_name", None),
        ("请看https://a.b/c。谢谢", "https://a.b/c", None),
        ("- item http://localhost:8888/lab", "http://localhost:8888/lab", None),
        ("| a |\n|---|\n| https://a.b/c |", "https://a.b/c", None),
        ("# https://a.b", "https://a.b", None),
        ("Write to ann.b@c.example.org!", "mailto:ann.b@c.example.org", "ann.b@c.example.org"),
    ],
)
def test_a_bare_address_is_a_link(text: str, address: str, shown: str | None) -> None:
    html = render(text)
    assert Checked(html).links == [address]
    assert f">{(shown or address).replace('&', '&amp;')}</a>" in html
    assert [*map(unquote, Checked(render(inert_markdown(text))).links)] == [address]


@pytest.mark.parametrize(
    "text",
    [
        "`https://a.b`",
        "```\nhttps://a.b\n```",
        "javascript:https://a.b and xhttps://a.b",
        "https:// and http://... and www.",
        "git@github.com:a/b.git and @name and a@b",
        "file:///etc/passwd ftp://a.b //a.b",
        r"\(https://a.b\)",
    ],
)
def test_what_is_no_address_of_the_web_or_of_mail_is_text(text: str) -> None:
    assert Checked(render(text)).links == []


def test_an_address_in_a_link_makes_no_second_link() -> None:
    assert Checked(render("[see https://a.b](https://c.d)")).links == ["https://c.d"]


def test_no_unseen_character_becomes_part_of_an_address() -> None:
    for unseen in "\u200b\u202e\u2066\xa0\u3000":
        assert Checked(render(f"https://a.b{unseen}c")).links == ["https://a.b"]


def test_a_bare_address_is_no_link_while_it_arrives() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("See https://exam")
    assert Checked(renderer.frame().tail).links == []
    renderer.feed("ple.org.\n\nNext")
    assert Checked(join(renderer.frame().settled)).links == ["https://example.org"]


@pytest.mark.parametrize("tag", ["<br>", "<br/>", "<BR />", " <br> "])
def test_a_break_in_a_cell_of_a_table_is_a_break(tag: str) -> None:
    text = f"| a | b |\n|---|---|\n| x{tag}y | z |"
    assert [re.sub(r"\s", "", cell) for cell in cells(render(text))[1]] == ["x<br>y", "z"]
    assert inert_markdown(text).count("<br>") == 1
    assert render(inert_markdown(text)).count("<br>") == 1


def test_a_break_in_a_paragraph_is_one_and_in_code_it_is_text() -> None:
    assert "a<br>\nb" in render("a<br>b")
    assert "\\\n" in inert_markdown("a<br>b")
    assert "<br>" not in render("`<br>` <br onload=x> <brx>")


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ("これは**「重要」**です", "「重要」"),
        ("**重要：**内容", "重要："),
        ("这是**“重点”**的", "“重点”"),
        ('**"강조"**입니다', '"강조"'),
        ("中文**`code`**中文", "<code>code</code>"),
        ("前**(a)**後", "(a)"),
    ],
)
def test_bold_beside_wide_punctuation_is_bold(text: str, bold: str) -> None:
    assert f"<strong>{bold}</strong>" in render(text)


def test_marks_beside_wide_letters_are_marks_for_all_readers() -> None:
    from markdown_it import MarkdownIt

    for text in ("これは**「重要」**です", "**重要：**内容", "前~~「x」~~後", "前*（x）*後"):
        others = MarkdownIt("commonmark").enable("strikethrough").render(inert_markdown(text))
        assert others == render(text)


def test_marks_beside_latin_letters_mean_what_commonmark_says() -> None:
    assert "<strong>" not in render('a**"b"**c')
    assert "<em>" not in render("snake_case_name")
    assert "<strong>" not in render("2 ** 3 ** 4")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("$P(A|B)$ | 0.2", ["P(A|B)", "0.2"]),
        (r"\(|x|\) | $\{a|b\}$", ["|x|", r"\{a|b\}"]),
        ("$$|x|$$ and $y$ | z", ["|x|", "z"]),
        ("$HOME|$PATH", ["$HOME", "$PATH"]),
        ("$5 | $6", ["$5", "$6"]),
        ("`$a` | `b$`", ["$a", "b$"]),
        (r"US\$a | b\$", ["US$a", "b$"]),
    ],
)
def test_a_bar_in_a_formula_parts_no_cell(row: str, expected: list[str]) -> None:
    html = render(f"| one | two |\n|---|---|\n| {row} |")
    first, second = (Checked(cell).text for cell in cells(html)[1])
    assert expected[0] in first
    assert expected[1] in second


def test_bars_in_tables_within_lists_and_outside_of_tables_are_kept() -> None:
    assert "P(A|B)" in cells(render("- x\n\n  | a | b |\n  |---|---|\n  | $P(A|B)$ | 1 |"))[1][0]
    for text in ("$|x|$ and a | b", "```\n$|x|$\n```", "`$a|b$`", "    $|x|$"):
        assert "|" in Checked(render(text)).text
        assert "\ufdd0" not in render(text)


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "- שלום\n- עולם", "# مرحبا", "| ا | b |\n|-|-|"])
def test_a_block_of_a_script_from_right_to_left_finds_its_direction(text: str) -> None:
    assert re.match(r"<[^>]* dir=\"auto\">", render(text))


def test_each_block_has_its_own_direction_and_others_have_none() -> None:
    html = render("Hello\n\nمرحبا\n\n```\nمرحبا\n```\n\n- a\n- b")
    assert html.count("dir=") == 1
    assert '<p dir="auto">مرحبا</p>' in html


def test_a_long_list_from_right_to_left_is_whole() -> None:
    text = "".join(f"- مرحبا {number}\n" for number in range(2000))
    assert render(text).count("<ul") == 1


@pytest.mark.parametrize("mark", ["-", "*", "1."])
def test_an_item_of_a_task_list_has_its_box(mark: str) -> None:
    text = f"{mark} [ ] open\n{mark} [x] **done**\n{mark} [X] `code`"
    html = render(text)
    assert Checked(html).text.split() == ["☐", "open", "☑", "done", "☑", "code"]
    assert html.count("chatwidget-task") == 3
    assert [*re.findall(r"\[[ x]\]", inert_markdown(text))] == ["[ ]", "[x]", "[x]"]
    assert render(inert_markdown(text)) == html


@pytest.mark.parametrize(
    "text", ["[ ] no list", "- a [ ] b", "- [ ]", "- [y] a", r"- \[ ] a", "- [x](https://a.b)"]
)
def test_what_is_no_task_has_no_box(text: str) -> None:
    assert not {"☐", "☑"} & set(render(text))


@pytest.mark.parametrize(
    "pattern",
    [
        *["https://a.b/(c ", "https://", "))))", "www.", "a@", "a.b@c.d", "**「a」**は", "~~「"],
        *[
            "| $a|b$ |\n",
            "$|",
            "<br>",
            "<br ",
            "\\begin{align}\n",
            "\\begin{cases}x",
            "- [ ] a\n",
            "ا ",
        ],
    ],
)
def test_the_cost_is_linear_in_the_length(pattern: str) -> None:
    def cost(size: int) -> float:
        text = (pattern * size)[:size]
        return cpu_seconds(lambda: markdown_html(text))

    short = max(min(cost(10_000), cost(10_000)), 0.005)
    assert cost(30_000) < 3 * 3 * short  # three times what is linear, for a busy machine
