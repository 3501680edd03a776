from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.practice.handbook import is_prose, read_handbook, sections, segments

if TYPE_CHECKING:
    from pathlib import Path


def test_sections_stand_under_their_page_and_heading() -> None:
    found = list(sections("# Page\n\nIntro.\n\n## One?\n\nFirst.\n\n## Two?\n\nSecond.\n"))
    assert [(s.page, s.heading, s.text) for s in found] == [
        ("Page", "Page", "Intro."),
        ("Page", "One?", "First."),
        ("Page", "Two?", "Second."),
    ]


def test_a_heading_without_text_is_no_section() -> None:
    assert list(sections("# Page\n\n## Empty\n\n## Full\n\nText.")) == list(
        sections("# Page\n\n## Full\n\nText.")
    )


def test_lines_of_a_paragraph_are_joined() -> None:
    (section,) = sections("# P\n\nOne.\nTwo.\n\nThree.")
    assert section.text == "One. Two.\n\nThree."


@pytest.mark.parametrize(
    "block",
    [
        "```python\n# no heading\nx = 1\n\n## none either\n```",
        "- one\n- two\n- three",
        "1. one\n2. two",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "$$\na = b\n+ c\n$$",
        "> quoted\n> twice",
    ],
)
def test_code_lists_tables_and_formulas_keep_their_lines(block: str) -> None:
    (section,) = sections(f"# P\n\nBefore.\n\n{block}\n\nAfter.")
    assert section.text == f"Before.\n\n{block}\n\nAfter."


def test_a_list_item_of_two_lines_becomes_one_line() -> None:
    (section,) = sections("# P\n\n- One.\n  Two.\n- Three.")
    assert section.text == "- One. Two.\n- Three."


def test_segments_are_sentences_and_whole_blocks() -> None:
    assert segments("One. Two!\n\n```\na\n\nb. C\n```\n\nThree.") == [
        "One.",
        " Two!",
        "\n\n```\na\n\nb. C\n```",
        "\n\nThree.",
    ]


def test_only_sentences_are_prose() -> None:
    assert is_prose(" A sentence with `code` and $x$.")
    assert not is_prose("\n\n```\ncode\n```")
    assert not is_prose("\n\n- item")


def test_pages_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# B\n\nb", "utf-8")
    (tmp_path / "a.md").write_text("# A\n\na", "utf-8")
    (tmp_path / "notes.txt").write_text("# No page", "utf-8")
    assert [section.page for section in read_handbook(tmp_path)] == ["A", "B"]


def test_a_missing_handbook_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="reinstall"):
        read_handbook(tmp_path)


def test_segments_of_the_real_handbook_join_to_its_text() -> None:
    for section in read_handbook():
        assert "".join(segments(section.text)) == section.text
