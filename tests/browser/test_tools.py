"""Calls of tools as a person sees and decides them, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from notebook.calling import answering, calling

if TYPE_CHECKING:
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
    summary = notebook.output(1).locator("summary")
    expect(summary).to_have_text("Tool call add_numbers → 42")
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
    setup = f"%load_ext chatwidget\n%chat use {server.url}\n%chat model scripted\n{FUNCTIONS}"
    notebook = lab.open_notebook([setup, f"%%chat --tool add_numbers {flags}\n19 and 23?", "ran"])
    notebook.run(0)
    notebook.wait_finished(0)
    return notebook


def answer(notebook: Notebook, index: int, text: str) -> None:
    """Type into the field that a cell shows."""
    field = notebook.output(index).locator(".jp-Stdin-input:enabled")
    expect(field).to_be_focused()
    notebook.lab.page.keyboard.type(text)
    notebook.lab.page.keyboard.press("Enter")
    expect(field).to_have_count(0)
