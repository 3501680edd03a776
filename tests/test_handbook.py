"""The handbook is true: its examples run, and its pages have the form that its readers need."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from IPython.utils.capture import capture_output
from markdown_it import MarkdownIt

from wire.replies import completion, json_response

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from wire.scripted_server import ScriptedServer

PAGES = {
    page.name.removesuffix(".md"): page.read_text("utf-8")
    for page in files("chatwidget.handbook").iterdir()
    if page.name.endswith(".md")
}
SOMEBODYS = re.compile(r"my-(local-)?model|http://localhost:11434/v1")
NOT_FOR_PRACTICE = re.compile("extra_body|openai_api_key")
SETUP = """
from chatwidget import *
messages = [{"role": "user", "content": "What is top_p?"}]
"""


def examples(page: str) -> list[str]:
    """The code blocks that are cells of a notebook."""
    blocks = [token for token in MarkdownIt().parse(page) if token.type == "fence"]
    return [block.content for block in blocks if block.info in ("", "python")]


@pytest.mark.filterwarnings("ignore::chatwidget.PracticeModelWarning")
@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_examples_of_a_page_run(
    page: str, shell: InteractiveShell, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.otherwise(json_response(completion()))
    monkeypatch.setenv("LAB_KEY", "sk-of-the-lab")
    shell.run_cell("%load_ext chatwidget").raise_error()
    shell.run_cell(SETUP).raise_error()
    for example in examples(PAGES[page]):
        with capture_output(), monkeypatch.context() as only_here:
            if NOT_FOR_PRACTICE.search(example):
                only_here.setenv("OPENAI_BASE_URL", server.url)
            result = shell.run_cell(SOMEBODYS.sub("practice", example))
        result.raise_error()


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_has_a_title_and_sections_that_begin_with_an_answer(page: str) -> None:
    title, *sections = re.split(r"^## ", PAGES[page], flags=re.MULTILINE)
    assert title.startswith("# ")
    assert sections
    for section in sections:
        heading, answer = section.split("\n\n")[:2]
        assert answer[0].isalpha() or answer[0] in "`$"
        assert not answer.startswith(("It ", "This ", "They ", "#")), heading


def test_there_is_enough_to_read() -> None:
    assert sum(len(text.split()) for text in PAGES.values()) > 8_000
