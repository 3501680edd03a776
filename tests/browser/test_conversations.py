"""What is typed is completed, and what was asked survives a restart, in a real JupyterLab."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.lab import Lab

QUICKLY = {"CHATWIDGET_PRACTICE_PACE": "0"}

CHECK = """
from chatwidget.chat.shell_session import current_session
path = current_session().conversations["main"].path()
assert [turn.cell_id for turn in path] == ["cell-1", "cell-2"], path
assert len(current_session().conversations["main"].turns) == 4
"""


def offer(lab: Lab, word: str) -> None:
    """Press Tab until a word is offered: JupyterLab waits a second for a kernel that is busy."""
    offered = lab.page.locator(".jp-Completer .jp-Completer-item", has_text=word)
    for _ in range(20):
        lab.page.keyboard.press("Tab")
        with suppress(AssertionError):
            expect(offered).to_be_visible(timeout=3_000)
            return
    expect(offered).to_be_visible()


def test_tab_completes_flags_commands_and_variables(lab: Lab) -> None:
    notebook = lab.open_notebook(["%load_ext chatwidget\nword = 1", ""], QUICKLY)
    notebook.run(0)
    notebook.wait_finished(0)
    notebook.wait_idle()
    completer = lab.page.locator(".jp-Completer")
    editor = notebook.cell(1).locator(".cm-content")
    editor.click()
    for typed, chosen in (
        ("%%chat --temp", "%%chat --temperature"),
        ("%%chat --model practice-", "%%chat --model practice-2gram"),
        ("%chat und", "%chat undo"),
    ):
        lab.page.keyboard.press("Control+A")
        lab.page.keyboard.type(typed)
        offer(lab, chosen.split()[-1])
        lab.page.keyboard.press("Enter")
        expect(editor).to_have_text(chosen)
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.type("%%chat --format ")
    offer(lab, "markdown")
    offered = completer.locator(".jp-Completer-item", has_text="value")
    expect(offered).to_have_text(
        [re.compile(each) for each in ("markdown", "text", "code", "json", "table")]
    )
    lab.page.keyboard.press("Escape")
    assert lab.console_errors == []


def test_conversations_come_back_after_a_restart(lab: Lab) -> None:
    notebook = lab.open_notebook(
        [
            "%load_ext chatwidget",
            "%%chat\nWhat is the temperature?",
            "%chat ask What is a presence penalty?",
            "%%chat -c plans -n 2 --max-tokens 20 -t 1 --seed 1\nWhat is top_p?",
            "%load_ext chatwidget\n%chat restore",
            "%chat history",
            "%chat conversations",
        ],
        QUICKLY,
    )
    for index in range(4):
        notebook.run(index)
        notebook.wait_finished(index)
    notebook.wait_idle()
    notebook.save()
    notebook.restart_kernel()
    for index in (4, 5, 6):
        notebook.run(index)
        notebook.wait_finished(index)
    assert "Read main with 2 turns" in notebook.output_text(4)
    assert "Read plans with 1 turn" in notebook.output_text(4)
    assert "Questions belong to main now." in notebook.output_text(4)
    notebook.wait_text(5, "What is a presence penalty?")
    notebook.wait_text(6, "What is top_p?")
    notebook.run(1)  # a cell that runs again replaces the turn that was read for it
    notebook.wait_finished(1)
    notebook.run(2)
    notebook.wait_finished(2)
    notebook.wait_idle()
    notebook.execute(CHECK)
    assert lab.console_errors == []
