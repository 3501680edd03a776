"""The same panel outside of JupyterLab: in Notebook 7, and as a dashboard of Voilà."""

from __future__ import annotations

import json
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
    notebook.run_all()
    use(lab, notebook.root.locator(".chatwidget-panel"))
    lab.screenshot("panel-notebook-7")
    assert not lab.console_errors
    assert not lab.foreign_requests


def test_the_panel_works_as_a_dashboard_of_voila(lab: Lab) -> None:
    path = write_notebook(lab)
    lab.page.goto(f"{lab.server.url}/voila/render/{path.name}")
    use(lab, lab.page.locator(".chatwidget-panel"))
    lab.screenshot("panel-voila")
    assert not lab.console_errors
    assert not lab.foreign_requests


def write_notebook(lab: Lab) -> Path:
    """A notebook that shows the panel."""
    taken = len(list(lab.server.root.glob("*.ipynb")))
    path = lab.server.root / f"elsewhere-{taken + 1}.ipynb"
    path.write_text(json.dumps(notebook_of(CELLS)), "utf-8")
    return path


def use(lab: Lab, panel: Locator) -> None:
    """Ask an example, read its answer, move a slider with the keyboard, look at the request."""
    panel.get_by_role("button", name=EXAMPLE).click(timeout=SLOW)
    expect(panel.locator(".chatwidget-content")).to_contain_text("temperature", timeout=SLOW)
    expect(panel.get_by_role("button", name="Copy this answer")).to_be_visible(timeout=SLOW)
    slider = panel.get_by_role("slider", name="temperature")
    slider.focus()
    lab.page.keyboard.press("ArrowLeft")
    panel.get_by_role("tab", name="Request").click()
    magic = panel.get_by_label("Cell magic", exact=True)
    expect(magic).to_contain_text("temperature=", timeout=SLOW)
