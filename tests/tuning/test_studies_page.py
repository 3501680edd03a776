"""The page for those who program with studies is true: its examples run."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt

PAGE = Path(__file__).parents[2] / "docs" / "studies.md"


def test_the_examples_of_the_page_run() -> None:
    blocks = [
        token for token in MarkdownIt().parse(PAGE.read_text("utf-8")) if token.type == "fence"
    ]
    names: dict[str, object] = {}
    ran = 0
    for block in blocks:
        if "scheduler-address" not in block.content:
            exec(compile(block.content, str(PAGE), "exec"), names)
            ran += 1
    assert ran == 2
    assert names["results"].is_complete
