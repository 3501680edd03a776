"""Calls of tools as a person sees and decides them, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.panels import CLEAR, COVER
from notebook.calling import answering, calling

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from browser.lab import Lab, Notebook
    from wire.scripted_server import ScriptedServer

FUNCTIONS = '''
ran = []

def add_numbers(a: int, b: int, note: str = "") -> int:
    """Add two numbers."""
    ran.append((a, b))
    return a + b
'''
HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_call_runs_when_it_is_approved_and_not_when_it_is_refused(
    lab: Lab, server: ScriptedServer
) -> None:
    arguments = {"a": 19, "b": 23, "note": HOSTILE}
    server.reply(*calling(("add_numbers", arguments), text="Let me **add** them."))
    server.reply(*answering("They make 42."))
    server.reply(*calling(("add_numbers", arguments)))
    server.reply(*answering("Then I do not know."))
    notebook = tool_notebook(lab, server)

    notebook.run(1)
    question = notebook.output(1).locator(".jp-Stdin")
    expect(question).to_contain_text("Run add_numbers?")
    expect(notebook.output(1).get_by_role("button", name="Always")).to_be_visible()
    shown = notebook.output(1).locator(".chatwidget-pending")
    expect(shown).to_contain_text(HOSTILE)
    expect(notebook.output(1).locator(".chatwidget-status")).to_contain_text("May add_numbers run?")
    assert len(server.requests) == 1
    lab.screenshot("tool-asks")
    answer(notebook, 1, "y")
    notebook.wait_text(1, "They make 42.")
    notebook.wait_finished(1)
    expect(notebook.output(1).locator(".chatwidget-tools")).to_contain_text(HOSTILE)
    summary = notebook.output(1).locator("summary")
    expect(summary).to_have_text("Result → 42")
    summary.click()
    lab.screenshot("tool-answered")
    assert (lab.dialogs, lab.foreign_requests) == ([], [])

    notebook.run(1)
    notebook.output(1).get_by_role("button", name="No").click()
    notebook.wait_text(1, "Then I do not know.")
    notebook.wait_finished(1)
    notebook.wait_text(1, "The user did not allow this call.")
    notebook.run(2)
    notebook.wait_text(2, "[(19, 23)]")

    notebook.save()
    saved = notebook.read_file()["cells"][1]["outputs"]
    (output,) = [each for each in saved if each["output_type"] == "display_data"]
    assert output["metadata"]["chatwidget"]["steps"][1]["role"] == "tool"


def test_buttons_in_a_cell_leave_no_line_of_input(lab: Lab, server: ScriptedServer) -> None:
    calls = [("add_numbers", {"a": number, "b": number}) for number in range(1, 4)]
    server.reply(*calling(*calls))
    server.reply(*answering("Done."))
    notebook = tool_notebook(lab, server)
    notebook.run(1)
    output = notebook.output(1)
    for number, name in enumerate(("Yes", "No"), start=1):
        expect(output.locator(".chatwidget-pending")).to_contain_text(f'"b": {number}')
        output.get_by_role("button", name=name, exact=True).click()
    expect(output.locator(".chatwidget-pending")).to_contain_text('"b": 3')
    expect(fields(notebook, 1)).to_be_focused()
    lab.page.keyboard.type("perhaps")
    lab.page.keyboard.press("Enter")
    notebook.wait_text(1, "perhaps")
    output.get_by_role("button", name="Always", exact=True).click()
    notebook.wait_text(1, "Done.")
    notebook.wait_finished(1)
    expect(output.locator(".jp-Stdin")).to_have_count(0)
    lab.screenshot("tools-answered-by-buttons")
    notebook.run(2)
    notebook.wait_text(2, "[(1, 1), (3, 3)]")
    notebook.save()
    first, *typed = notebook.read_file()["cells"][1]["outputs"]
    assert first["output_type"] == "display_data"
    # what a person has typed stays, as with any other question of a kernel
    (line,) = typed
    assert (line["name"], "".join(line["text"]).split()[-1]) == ("stdin", "perhaps")


def test_a_question_that_waits_for_a_person_is_stopped_at_once(
    lab: Lab, server: ScriptedServer
) -> None:
    server.reply(*calling(("add_numbers", {"a": 1, "b": 2})))
    notebook = tool_notebook(lab, server)
    notebook.run(1)
    expect(notebook.output(1).locator(".jp-Stdin-input")).to_be_visible()
    notebook.interrupt()
    notebook.wait_finished(1)
    notebook.wait_text(1, "Stopped.")
    notebook.run(2)
    notebook.wait_text(2, "[]")


def test_a_call_of_the_background_runs_when_its_button_is_pressed(
    lab: Lab, server: ScriptedServer
) -> None:
    server.reply(*calling(("add_numbers", {"a": 19, "b": 23})))
    server.reply(*answering("They make 42."))
    notebook = tool_notebook(lab, server, "--background")
    notebook.run(1)
    notebook.wait_finished(1)
    button = notebook.output(1).get_by_role("button", name="Yes")
    expect(button).to_be_visible()
    expect(notebook.output(1).locator(".chatwidget-pending")).to_contain_text('"b": 23')
    lab.screenshot("tool-asks-in-the-background")
    notebook.run(2)
    notebook.wait_text(2, "[]")
    button.click()
    notebook.wait_text(1, "They make 42.")
    notebook.run(2)
    notebook.wait_text(2, "[(19, 23)]")


LETTERS = "No" + "\N{COMBINING RING ABOVE}\N{COMBINING RING BELOW}" * 80
HOSTILE_TEXT = rf"""
$$\hspace{{-900px}}
\begin{{matrix}} \Huge\text{{No No}} \\[-300px] x \\[600px] y \\[-300px] z \end{{matrix}}$$

{LETTERS}
"""
"""What is typeset far from where it stands, and letters that pile up."""


@pytest.mark.parametrize("flags", ["", "--background"])
def test_nothing_that_a_model_writes_lies_on_the_buttons_of_a_question(
    lab: Lab, server: ScriptedServer, flags: str
) -> None:
    server.reply(*answering(HOSTILE_TEXT))
    server.reply(*calling(("add_numbers", {"a": 19, "b": 23}), text=HOSTILE_TEXT))
    server.reply(*answering("They make 42."))
    setup = f"{server.setup}\n{FUNCTIONS}"
    question = f"%%chat --tool add_numbers {flags}\n19 and 23?"
    notebook = lab.open_notebook([setup, "%%chat\nHi", question])
    notebook.run(0)
    notebook.wait_finished(0)
    notebook.run(1)
    notebook.wait_finished(1)
    expect(notebook.output(1).locator("mjx-container")).to_have_count(1)
    notebook.run(2)
    output = notebook.output(2)
    group = output.get_by_role("group", name="May the function run?")
    expect(group.get_by_role("button", name="Always")).to_be_visible()
    expect(output.locator("mjx-container")).to_have_count(1)
    notebook.root.evaluate(COVER)
    for name in ("Yes", "No", "Always"):
        each = group.get_by_role("button", name=name)
        each.scroll_into_view_if_needed()
        assert each.evaluate(CLEAR)
    if not flags:
        assert fields(notebook, 2).evaluate(CLEAR)
    lab.screenshot(f"tool-asks-beside-hostile-text{flags}")
    group.get_by_role("button", name="Yes").click()
    notebook.wait_text(2, "They make 42.")


def test_a_double_click_decides_on_one_call(lab: Lab, server: ScriptedServer) -> None:
    server.reply(*calling(("add_numbers", {"a": 1, "b": 2}), ("add_numbers", {"a": 3, "b": 4})))
    server.reply(*answering("Done."))
    notebook = tool_notebook(lab, server, "--background")
    notebook.run(1)
    output = notebook.output(1)
    output.get_by_role("button", name="Yes").dblclick()
    expect(output.locator(".chatwidget-pending")).to_contain_text('"a": 3')
    output.get_by_role("button", name="No").click()
    notebook.wait_text(1, "Done.")
    notebook.run(2)
    notebook.wait_text(2, "[(1, 2)]")


def tool_notebook(lab: Lab, server: ScriptedServer, flags: str = "") -> Notebook:
    """Open a notebook with a function, a question that may call it, and what was called."""
    setup = f"{server.setup}\n{FUNCTIONS}"
    notebook = lab.open_notebook([setup, f"%%chat --tool add_numbers {flags}\n19 and 23?", "ran"])
    notebook.run(0)
    notebook.wait_finished(0)
    return notebook


def fields(notebook: Notebook, index: int) -> Locator:
    """The field that waits for a line; one that was answered is out of sight for a moment."""
    return notebook.output(index).locator(":not(.jp-OutputArea-stdin-hiding) > .jp-Stdin input")


def answer(notebook: Notebook, index: int, text: str) -> None:
    """Type into the field that a cell shows."""
    field = fields(notebook, index)
    expect(field).to_be_focused()
    notebook.lab.page.keyboard.type(text)
    notebook.lab.page.keyboard.press("Enter")
    expect(field).to_have_count(0)
