"""The results of a study in JupyterLab."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .axe import findings

if TYPE_CHECKING:
    from .lab import Lab

THEMES = ("JupyterLab Light", "JupyterLab Dark")
STUDY = """
from chatwidget.tuning import Study
study = Study("$5 and $10?", vary={"temperature": [0, 1.2]}, fixed={"max_tokens": 9},
              repeats=6, server="practice")
study.run(passes=lambda completion: True)
"""
TIED = "These answers do not tell apart temperature 0 and 1.2: they are tied."


def test_a_table_of_results_is_drawn_in_both_themes_and_stays(lab: Lab) -> None:
    notebook = lab.open_notebook([STUDY])
    notebook.run(0)
    notebook.wait_finished(0)
    notebook.wait_text(0, TIED)
    table = notebook.output(0).locator(".chatwidget-study table")
    bar = table.locator("td span").first
    for theme in THEMES:
        lab.theme(theme)
        assert "100 % [61, 100]" in table.inner_text()
        box = bar.bounding_box()
        assert box is not None
        assert box["width"] > 80
        assert box["height"] > 5
        assert "linear-gradient" in bar.evaluate("node => getComputedStyle(node).backgroundImage")
        assert findings(lab, ".chatwidget-study", theme) == []
        lab.screenshot(f"study {theme}")
    notebook.save()
    again = notebook.reopen()
    expect(again.output(0).locator(".chatwidget-study")).to_contain_text(TIED)


def test_a_notebook_of_somebody_else_shows_the_numbers(lab: Lab) -> None:
    notebook = lab.open_notebook([STUDY])
    notebook.run(0)
    notebook.wait_finished(0)
    notebook.save()
    found = notebook.read_file()
    # the signature is that of the file before; JupyterLab takes styles out of what has none
    found["cells"][0]["outputs"][0]["data"]["text/html"] += "<!-- somebody else's -->"
    path = lab.server.root / "theirs.ipynb"
    path.write_text(json.dumps(found), "utf-8")
    theirs = lab.open_file(path, kernel=False)
    table = theirs.output(0).locator("table")
    expect(table).to_contain_text("100 % [61, 100]")
    assert table.locator("tr").count() == 3
    lab.screenshot("study of somebody else")
