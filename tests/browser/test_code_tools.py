"""The code in finished answers: copied, and put into a new cell, by pointer and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.axe import findings
from browser.test_chat import chat_notebook
from wire.replies import SSE_HEAD, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from browser.lab import Lab, Notebook
    from wire.scripted_server import ScriptedServer

FIRST = "x = 1\nprint(x)"
LONG = "total = " + " + ".join(f"number_{n}" for n in range(40))
TEXT = f"Like this:\n\n```python\n{FIRST}\n```\n\n- or so:\n\n  ```python\n  {LONG}\n  ```\n\nDone."


@pytest.fixture
def notebook(lab: Lab, server: ScriptedServer) -> Notebook:
    """A notebook with an answer that has two blocks of code."""
    return answered(lab, server)


def answered(lab: Lab, server: ScriptedServer) -> Notebook:
    server.reply(SSE_HEAD, stream_of(TEXT), close())
    notebook = chat_notebook(lab, server, "%%chat\nHow?", "'the last cell'")
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "Done.")
    expect(blocks(notebook)).to_have_count(2)
    expect(notebook.output(1).locator(".chatwidget-live")).to_have_count(0)
    notebook.wait_idle()
    return notebook


def blocks(notebook: Notebook) -> Locator:
    return notebook.output(1).locator("pre.chatwidget-code")


def bars(notebook: Notebook) -> Locator:
    return notebook.output(1).locator(".chatwidget-code-bar")


def tool(notebook: Notebook, name: str) -> Locator:
    return bars(notebook).get_by_role("button", name=name)


def expect_new_cell(notebook: Notebook, source: str) -> None:
    expect(notebook.cell(2).locator(".cm-content")).to_have_text(source.replace("\n", ""))
    expect(notebook.root.locator(".jp-Cell")).to_have_count(4)


def test_the_pointer_brings_buttons_which_copy_and_make_a_cell(
    lab: Lab, notebook: Notebook
) -> None:
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    before = notebook.output(1).bounding_box()
    blocks(notebook).nth(1).hover()
    expect(bars(notebook)).to_have_count(1)
    assert notebook.output(1).bounding_box() == before
    lab.screenshot("code-tools")
    tool(notebook, "Copy this code").click()
    expect(tool(notebook, "Copy this code")).to_have_text("Copied")
    assert lab.page.evaluate("navigator.clipboard.readText()") == LONG
    blocks(notebook).nth(0).hover()
    expect(bars(notebook)).to_have_count(1)
    tool(notebook, "To a new cell").click()
    expect_new_cell(notebook, FIRST)
    notebook.cell(0).hover()
    expect(bars(notebook)).to_have_count(0)

    notebook.save()
    saved = notebook.read_file()
    assert "".join(saved["cells"][2]["source"]) == FIRST
    (output,) = saved["cells"][1]["outputs"]
    assert "button" not in "".join(output["data"]["text/html"])
    assert "chatwidget-code-bar" not in notebook.path.read_text()


def test_the_keyboard_reaches_them_also_in_a_page_that_was_loaded_anew(
    lab: Lab, notebook: Notebook
) -> None:
    notebook.save()
    lab.load()
    notebook = lab.open_file(notebook.path)
    block = blocks(notebook).nth(0)
    keyboard = lab.page.keyboard

    def equipped() -> bool:  # the models of the kernel come a little after it
        notebook.cell(0).locator(".cm-content").focus()
        block.focus()
        return bars(notebook).count() == 1

    lab.wait_until(equipped)
    keyboard.press("Tab")
    expect(tool(notebook, "Copy this code")).to_be_focused()
    keyboard.press("Enter")
    expect(tool(notebook, "Copy this code")).to_have_text("Copied")
    keyboard.press("Tab")
    expect(tool(notebook, "To a new cell")).to_be_focused()
    lab.screenshot("code-tools-by-keyboard")
    keyboard.press("Enter")
    expect_new_cell(notebook, FIRST)
    tool(notebook, "To a new cell").focus()
    keyboard.press("Tab")
    expect(blocks(notebook).nth(1)).to_be_focused()
    expect(bars(notebook)).to_have_count(1)


def test_code_goes_into_the_notebook_that_has_the_answer(
    lab: Lab, server: ScriptedServer, notebook: Notebook
) -> None:
    other = answered(lab, server)
    blocks(other).nth(0).hover()
    expect(bars(other)).to_have_count(1)
    tool(other, "To a new cell").click()
    expect_new_cell(other, FIRST)
    notebook.activate()
    expect(notebook.root.locator(".jp-Cell")).to_have_count(3)
    blocks(notebook).nth(0).hover()
    tool(notebook, "To a new cell").click()
    expect_new_cell(notebook, FIRST)


def test_axe_finds_nothing_serious_in_a_finished_answer(lab: Lab, notebook: Notebook) -> None:
    found = []
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.theme(theme)
        blocks(notebook).nth(0).focus()
        for key in ("Tab", "Shift+Tab"):  # a focus that is to be seen comes by keyboard
            lab.page.keyboard.press(key)
        blocks(notebook).nth(1).hover()
        expect(bars(notebook)).to_have_count(2)
        lab.screenshot(f"code-tools-{theme.split()[-1].lower()}")
        found += findings(lab, ".jp-RenderedHTML", theme)
    assert not found, "\n".join(found)
