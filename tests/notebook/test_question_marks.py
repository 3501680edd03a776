"""A line of %chat may end in a question mark; every other question mark keeps its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.inputtransformer2 import TransformerManager

if TYPE_CHECKING:
    from notebook.conftest import Cells


@pytest.mark.parametrize(
    "line",
    [
        "what is pandas?",
        "what's pandas?",
        'he said "hi?',
        'what is """?',
        "what is ( pandas?",
        "hello :) ok?",
        "[1, {2?",
        "007 $ € `x` a??",
        "why {braces}?",
        "f'{x?",
        "a # b?",
    ],
)
def test_a_question_reaches_the_magic_as_it_stands(cells: Cells, line: str) -> None:
    transformed = cells.shell.transform_cell(f"%chat ask {line}\n")
    assert transformed == f"get_ipython().run_line_magic('chat', {f'ask {line}'!r})\n"


def test_it_may_stand_among_other_lines(cells: Cells) -> None:
    cell = "for x in (1,\n 2):\n    %chat ask it's what?\ny = [\n3]\n"
    call = """get_ipython().run_line_magic('chat', "ask it's what?")"""
    assert cells.shell.transform_cell(cell) == f"for x in (1,\n 2):\n    {call}\ny = [\n3]\n"


@pytest.mark.parametrize(
    "cell",
    [
        "%chat?\n",
        "%chat??\n",
        "%%chat?\n",
        "%chatty foo?\n",
        "%time foo?\n",
        "foo?\n",
        "foo.bar??\n",
        'text = """\n%chat ask what is pandas?\n"""\n',
        "%%chat -t 0\n%chat ask what?\n",
        "x = 5 %chat\n",
    ],
)
def test_everything_else_is_read_as_without_us(cells: Cells, cell: str) -> None:
    assert cells.shell.transform_cell(cell) == TransformerManager().transform_cell(cell)


def test_a_question_is_asked_and_nothing_is_looked_up(cells: Cells) -> None:
    shown = cells.run("%chat ask What is a presence penalty?")
    assert cells.error is None
    assert "penalty" in shown
    assert "not found" not in shown


def test_unloading_leaves_nothing_behind(cells: Cells) -> None:
    cells.run("%reload_ext chatwidget")
    cells.run("%unload_ext chatwidget")
    assert cells.shell.transform_cell("%chat ask x?\n") == TransformerManager().transform_cell(
        "%chat ask x?\n"
    )


@pytest.mark.parametrize("line", ["%%chat?", "%chat?"])
def test_help_is_shown_for_a_question_mark_alone(cells: Cells, line: str) -> None:
    shown = cells.run(line)
    assert ("--temperature" if line == "%%chat?" else "%chat undo") in shown
