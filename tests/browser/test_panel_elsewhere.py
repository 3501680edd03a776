"""The same panel outside of JupyterLab: in Notebook 7, and as a dashboard of Voilà."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.conftest import ARTIFACTS
from browser.lab import TIMEOUT, Lab, Notebook, notebook_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Locator

    from browser.jupyter import JupyterServer

CELLS = [
    "import os; os.environ['CHATWIDGET_PRACTICE_PACE'] = '0'\n%load_ext chatwidget",
    "from chatwidget import ChatPanel\nChatPanel()",
]
NOTEBOOK_TRIPS = re.compile(
    r"reading 'schema'\)\n.*/static/notebook/notebook_core|403 .*/static/notebook/\w+\.woff2\)"
)
"""Notebook 7.6.5 looks for a setting of an extension that is switched off here, to no harm.

From an environment in a hidden folder, such as .venv, its server refuses it a font of its own.
"""

VOILA_ASKS_FOR = re.compile(
    r"https://cdn\.jsdelivr\.net/npm/@fortawesome/|https://cdnjs\.cloudflare\.com/ajax/libs/mathjax/"
)
"""What the page of Voilà itself looks for elsewhere; all works without it."""

EXAMPLE = "What is a good temperature for brainstorming?"
SLOW = TIMEOUT * 1000


@pytest.fixture
def lab(jupyterlab: JupyterServer, browser: BrowserContext) -> Iterator[Lab]:
    """A page with nothing in it yet: the server of JupyterLab serves its relatives, too."""
    lab = Lab(browser.new_page(), jupyterlab, ARTIFACTS)
    yield lab
    lab.close()


def test_the_panel_works_in_notebook_7(lab: Lab) -> None:
    path = write_notebook(lab)
    lab.page.goto(f"{lab.server.url}/notebooks/{path.name}")
    lab.page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext")
    shown = lab.page.evaluate_handle("window.jupyterapp.shell.currentWidget")
    notebook = Notebook(lab, path, shown)
    notebook.wait_idle()
    for index in range(len(CELLS)):  # as a person does, which leaves the notebook its own keys
        notebook.run(index)
        notebook.wait_finished(index)
    use(notebook.root.locator(".chatwidget-panel"))
    lab.screenshot("panel-notebook-7")
    assert not [each for each in lab.console_errors if not NOTEBOOK_TRIPS.search(each)]
    assert not lab.foreign_requests


def test_the_panel_works_as_a_dashboard_of_voila(lab: Lab) -> None:
    path = write_notebook(lab)
    lab.page.goto(f"{lab.server.url}/voila/render/{path.name}")
    use(lab.page.locator(".chatwidget-panel"))
    lab.screenshot("panel-voila")
    assert not [each for each in lab.console_errors if not VOILA_ASKS_FOR.search(each)]
    assert not [each for each in lab.foreign_requests if not VOILA_ASKS_FOR.match(each)]


def write_notebook(lab: Lab) -> Path:
    """A notebook that shows the panel."""
    taken = len(list(lab.server.root.glob("*.ipynb")))
    path = lab.server.root / f"elsewhere-{taken + 1}.ipynb"
    path.write_text(json.dumps(notebook_of(CELLS)), "utf-8")
    return path


def use(panel: Locator) -> None:
    """Ask, read the answer, move sliders with the keyboard, look at the request, ask once more."""
    panel.get_by_role("button", name=EXAMPLE).click(timeout=SLOW)
    expect(panel.locator(".chatwidget-content")).to_contain_text("temperature", timeout=SLOW)
    expect(panel.get_by_role("button", name="Copy this answer")).to_be_visible(timeout=SLOW)
    expect(panel.get_by_role("slider")).to_have_count(4)
    for name, default in (("temperature", "1"), ("top_p", "1"), ("presence_penalty", "0")):
        slider = panel.get_by_role("slider", name=name)
        expect(slider).to_be_visible()
        expect(slider).to_have_attribute("aria-valuetext", default)
    panel.get_by_role("slider", name="temperature").press("ArrowLeft")
    box = panel.get_by_role("spinbutton", name="temperature")
    expect(box).to_have_value("0.95")  # as the kernel has it
    panel.get_by_role("tab", name="Request").click()
    magic = panel.get_by_label("Cell magic", exact=True)
    expect(magic).to_contain_text("temperature=0.95", timeout=SLOW)
    panel.get_by_role("tab", name="Chat").click()
    field = panel.get_by_label("Your question")
    field.fill("What is a token?")
    field.press("Enter")
    expect(panel.get_by_role("button", name="Copy this answer")).to_have_count(2, timeout=SLOW)
    expect(panel.locator(".chatwidget-facts").last).to_contain_text("temperature 0.95")
