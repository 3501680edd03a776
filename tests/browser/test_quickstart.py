"""The first notebook that a user opens."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.lab import Lab

ANSWERS = ".chatwidget-answer:not(.chatwidget-panel *, .chatwidget-panel-copy)"
QUICKSTART = Path(__file__).parents[2] / "notebooks" / "01-quickstart.ipynb"


def test_the_quickstart_runs_and_asks_nothing_of_the_network(lab: Lab) -> None:
    path = Path(shutil.copy(QUICKSTART, lab.server.root))
    lab.resize(1280, 3600)
    notebook = lab.open_file(path, environment={"CHATWIDGET_PRACTICE_PACE": "0"})
    notebook.run_all()
    last = notebook.root.locator(".jp-CodeCell").last
    lab.page.wait_for_function(
        "cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').innerText)",
        arg=last.element_handle(),
    )
    notebook.root.locator(".chatwidget-panel .chatwidget-composer").wait_for()
    expect(notebook.root.locator(ANSWERS)).to_have_count(4)
    assert notebook.root.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0
    lab.screenshot("quickstart-light")
    lab.theme("JupyterLab Dark")
    lab.screenshot("quickstart-dark")
    lab.resize(620, 3600)
    lab.screenshot("quickstart-narrow")
    assert (lab.console_errors, lab.foreign_requests, lab.dialogs) == ([], [], [])
