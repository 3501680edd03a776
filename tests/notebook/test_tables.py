"""A table shows texts, wherever they are from, and nothing in them acts."""

from __future__ import annotations

import pytest

from chatwidget.render.display.tables import Table, excerpt


def test_columns_of_text_stand_below_their_headings() -> None:
    table = Table(("#", "Name"), [("1", "a"), ("10", "bcd")], frozenset({"#"}), "That is all.")
    assert repr(table).splitlines() == [
        " #  Name",
        "──  ────",
        " 1  a",
        "10  bcd",
        "That is all.",
    ]


def test_letters_that_take_two_columns_are_counted_as_two() -> None:
    lines = repr(Table(("A", "B"), [("日本", "x"), ("abcd", "y")])).splitlines()
    assert lines[2:] == ["日本  x", "abcd  y"]


def test_html_is_escaped() -> None:
    html = Table(("<b>",), [("<script>alert(1)</script>",)], remark="<i>")._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<i>" not in html
    assert "<b>" not in html


@pytest.mark.parametrize("form", [repr, Table._repr_html_])
def test_escape_sequences_and_marks_of_direction_do_nothing(form: object) -> None:
    shown = form(Table(("A",), [("x\x1b[2J\u202ey",)]))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_long_text_is_cut_and_lines_are_joined() -> None:
    assert excerpt("a\n  b\tc", 10) == "a b c"
    assert excerpt("abcdef", 4) == "abc…"
    assert len(excerpt("x" * 10_000_000, 50)) == 50
    assert excerpt(" " * 1000 + "x", 5) == "…"
