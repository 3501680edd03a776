from __future__ import annotations

import pytest

from chatwidget.client.text import printable


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
