from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatwidget.notebook.plain import inert_markdown, printable
from chatwidget.notebook.rendering import render
from safe_html import Checked

PIECES = [
    *["`", "``", "```\n", "<script>", "<b ", "](", "](https://a.b)", "](javascript:x)", "![", "["],
    *["]: javascript:x", "\\", "|", "\n", "\n\n", "    ", "- ", "> ", "text", "!", "&lt;", "~~~\n"],
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("\x1b]8;;https://evil.example\x1b\\x", "]8;;https://evil.example\\x"),
        ("a\x08b\x7f\x9b", "ab"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("user\u202etxt.exe", "user<U+202E>txt.exe"),
        ("\u2066x\u2069", "<U+2066>x<U+2069>"),
        ("\ud800", "\ufffd"),
    ],
)
def test_a_terminal_gets_text_that_moves_no_cursor(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_ordinary_markdown_stays_as_it_is() -> None:
    text = (
        "# Title\n\nText with `<div>` and [a link](https://a.b/c).\n\n"
        "```html\n<script>\n```\n\n- item\n"
    )
    assert inert_markdown(text).split() == text.split()


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("<script>x</script>", "&lt;script>x&lt;/script>"),
        ("![alt](https://a.b/c.png)", "[alt](https://a.b/c.png)"),
        ("!!![alt](https://a.b/c.png)", "[alt](https://a.b/c.png)"),
        ("[x](javascript:y)", r"[x]\(javascript:y)"),
        ("[x]( JAVASCRIPT:y)", r"[x]\( JAVASCRIPT:y)"),
        ("[x]: javascript:y", r"[x]\: javascript:y"),
        ("`a` <b> `c`", "`a` &lt;b> `c`"),
        ("a ` b <i>\nc ` d", "a ` b &lt;i>\nc ` d"),
        ("| ` | <script> | ` |", "| ` | &lt;script> | ` |"),
        (r"\`<script>\`", r"\`&lt;script>\`"),
    ],
)
def test_what_could_run_or_load_is_text(text: str, inert: str) -> None:
    assert inert_markdown(text).strip() == inert


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text())
def test_no_parser_finds_html_images_or_other_links(text: str) -> None:
    html = MarkdownIt("commonmark").enable("table").render(inert_markdown(text))
    # everything that its own renderer writes is inert, unless the text smuggles something in
    assert not re.search(r"<(?:script|b|img|!--)[\s>]", html)
    assert not re.search(r'(?:href|src)="(?!https?://|mailto:)', html)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_inert_markdown_is_as_safe_to_render_as_any(text: str) -> None:
    Checked(render(inert_markdown(text)))
