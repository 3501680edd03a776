"""The code of an answer as a new cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.events import Finish
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.magic.new_cell import NewCell

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def put(shell: InteractiveShell, *blocks: str) -> tuple[str | None, str]:
    """The new cell, and the note, for an answer with these blocks of code."""
    inputs: list[tuple[str, bool]] = []
    shell.set_next_input = lambda text, replace: inputs.append((text, replace))
    text = "\n\n".join(["So:", *(f"```{block}\n```" for block in blocks)])
    choice: Any = Choice(message=ChatCompletionMessage(content=text), finish_reason="stop")
    cell = NewCell(shell)
    cell.on_event(Finish(ChatCompletion(choices=[choice])))
    assert all(not replace for _, replace in inputs)
    assert len(inputs) <= 1
    return (inputs[0][0] if inputs else None), cell.note


def test_python_goes_there_as_it_is(shell: InteractiveShell) -> None:
    assert put(shell, "python\n%pip install x\nif a:\n    b()") == (
        "%pip install x\nif a:\n    b()",
        "",
    )


def test_several_blocks_are_joined(shell: InteractiveShell) -> None:
    assert put(shell, "python\na", "Py\n\nb\n") == ("a\n\nb", "")


def test_code_without_a_language_counts_if_there_is_no_python(shell: InteractiveShell) -> None:
    assert put(shell, "\na") == ("a", "")
    assert put(shell, "\n12", "python\na") == (
        "a",
        "The code in an unknown language is not in the new cell.",
    )


def test_beside_python_other_languages_are_left_out(shell: InteractiveShell) -> None:
    assert put(shell, "bash\nls", "python\na", "bash\npwd") == (
        "a",
        "The code in bash is not in the new cell.",
    )


def test_another_language_gets_its_cell_magic(shell: InteractiveShell) -> None:
    assert put(shell, "shell\nls", "rust\nx", "shell\npwd") == (
        "%%bash\nls\n\npwd",
        "The code in rust is not in the new cell.",
    )


@pytest.mark.parametrize("language", ["rust", "sql", "chat", "writefile", "system"])
def test_a_language_that_no_known_magic_runs_makes_no_cell(
    shell: InteractiveShell, language: str
) -> None:
    assert put(shell, f"{language}\nx") == (
        None,
        f"No cell here can run {language}, so there is no new cell.",
    )


def test_sql_has_a_cell_where_its_magic_is_loaded(shell: InteractiveShell) -> None:
    shell.register_magic_function(lambda line, cell: None, "cell", "sql")
    assert put(shell, "sql\nselect 1") == ("%%sql\nselect 1", "")


def test_an_answer_without_code_makes_no_cell(shell: InteractiveShell) -> None:
    assert put(shell) == (None, "The answer holds no code, so there is no new cell.")
