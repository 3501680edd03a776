"""A study as a grid: cells that fill while it runs, and what can be done with them afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.axe import findings

if TYPE_CHECKING:
    from browser.lab import Lab

SETUP = "%load_ext chatwidget\n%chat use practice"
STUDY = (
    "%%chat -t 0:1.5:0.3 --top-p 0.5,1 --repeats 4 --max-tokens 30 --out results\n"
    "What does top_p do?"
)
PACE = {"CHATWIDGET_PRACTICE_PACE": "0.02"}
SESSION = "from chatwidget.chat.shell_session import current_session"
SHOWN = "from chatwidget.lab import grid\ngrid(results)"
NOTE = "<img src=x onerror=alert(1)> ñ"
RESULTS = """
from chatwidget.tuning import stored_studies
again = next(iter(stored_studies().values())).results()
"""
THEMES = ("JupyterLab Dark", "JupyterLab Light")


def test_cells_fill_while_a_study_runs_and_stay_in_the_notebook(lab: Lab) -> None:
    notebook = lab.open_notebook([SETUP, STUDY, "'the last cell'"], PACE)
    notebook.run_all()
    output = notebook.output(1)
    cells = output.locator(".chatwidget-grid-cell")
    expect(cells).to_have_count(12)
    expect(output.locator("progress")).to_be_visible()
    expect(output.locator(".chatwidget-grid-writing").first).to_be_visible()
    lab.screenshot("grid-streaming")
    expect(output.locator(".chatwidget-study")).to_be_visible()
    expect(output.locator(".chatwidget-grid-columnheader")).to_have_count(7)
    expect(cells.first).to_contain_text("the same")
    found = []
    for theme in THEMES:
        lab.theme(theme)
        lab.screenshot(f"grid-{theme.split()[-1].lower()}")
        found += findings(lab, ".chatwidget-grid", theme)
    assert not found, "\n".join(found)
    notebook.save()
    again = notebook.reopen()
    expect(again.output(1).locator(".chatwidget-grid-cell")).to_have_count(0)
    again.output(1).locator("summary").click()
    expect(again.output(1).locator(".chatwidget-grid-static")).to_contain_text(
        "the next is new with"
    )
    lab.screenshot("grid-reopened")


def test_a_grid_is_used_by_the_keyboard(lab: Lab) -> None:
    notebook = lab.open_notebook([SETUP, STUDY, "'the last cell'"])
    notebook.run_all()
    notebook.wait_finished(2)
    output = notebook.output(1)
    cells = output.locator(".chatwidget-grid-cell")
    expect(output.locator(".chatwidget-study")).to_be_visible()
    expect(cells).to_have_count(12)
    cells.first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        lab.page.keyboard.press(key)
    place = output.locator(":focus .chatwidget-grid-place")
    expect(place).to_contain_text("1/")
    lab.page.keyboard.press("Shift+ArrowRight")
    expect(place).to_contain_text("2/")
    lab.page.keyboard.press("Enter")
    detail = output.locator(".chatwidget-grid-detail")
    expect(detail).to_contain_text("2 of")
    expect(detail).to_contain_text("tokens · ")
    detail.get_by_role("button", name="Pin this answer").click()
    expect(detail.get_by_role("button", name="Pin this answer")).to_have_text("Unpin")
    detail.get_by_role("button", name="Another answer").click()
    expect(detail.locator("mark").first).to_be_visible()
    lab.screenshot("grid-pinned")
    lab.resize(620, 900)
    lab.screenshot("grid-narrow")
    detail.get_by_role("button", name="Use this setting").click()
    expect(output.get_by_role("status")).to_contain_text("temperature=1.2")
    detail.get_by_role("button", name="Sample here").click()
    expect(output.get_by_role("status")).to_contain_text("5 answers more")
    expect(output.locator(".chatwidget-grid-pinned .chatwidget-grid-said")).to_contain_text("9")
    lab.page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    output.get_by_label("Sort").select_option("different")
    expect(cells.first).to_contain_text("temperature 1.2 · top_p 1 · pinned")
    output.get_by_label("Show").fill("temperature 0.3")
    expect(cells).to_have_count(2)
    assert notebook.evaluate(SESSION, "current_session().settings.temperature") == "1.2"


def test_a_person_judges_answers_by_the_keyboard_and_what_they_say_is_kept(lab: Lab) -> None:
    notebook = lab.open_notebook([SETUP, STUDY, SHOWN, "'the last cell'"])
    notebook.run(0)
    notebook.run(1)
    notebook.wait_finished(1)
    output = notebook.output(1)
    cells = output.locator(".chatwidget-grid-cell")
    expect(cells).to_have_count(12)
    cells.nth(2).focus()
    lab.page.keyboard.press("+")
    expect(cells.nth(2)).to_have_attribute("aria-label", re.compile(r"thumb up$"))
    lab.page.keyboard.press("n")
    note = output.get_by_role("textbox", name="Note")
    expect(note).to_be_focused()
    lab.page.keyboard.type(f"+ {NOTE} n-")
    lab.page.keyboard.press("Shift+Tab")
    expect(cells.nth(2)).to_have_attribute("aria-label", re.compile("thumb up, with a note$"))
    up, down = (output.get_by_role("button", name=f"Thumb {side}") for side in ("up", "down"))
    expect(up).to_have_attribute("aria-pressed", "true")
    lab.screenshot("grid-judged")
    assert not findings(lab, ".chatwidget-grid", "judged")
    lab.page.keyboard.press("-")
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(up).to_have_attribute("aria-pressed", "false")
    notebook.run(2)
    notebook.wait_finished(2)
    again = notebook.output(2)
    shown = again.locator(".chatwidget-grid-cell").nth(2)
    expect(shown).to_have_attribute("aria-label", re.compile("thumb down, with a note$"))
    shown.click()
    expect(again.get_by_role("textbox", name="Note")).to_have_value(f"+ {NOTE} n-")
    assert again.locator("img").count() == 0
    thumbs = "[each['thumb'] for each in again.to_records() if each['note']]"
    assert set(notebook.evaluate(RESULTS, thumbs)) <= set("[0, ]")


def test_after_a_restart_of_the_kernel_a_grid_says_how_to_go_on(lab: Lab) -> None:
    notebook = lab.open_notebook([SETUP, STUDY])
    notebook.run(0)
    notebook.run(1)
    notebook.wait_finished(1)
    output = notebook.output(1)
    cells = output.locator(".chatwidget-grid-cell")
    expect(cells).to_have_count(12)
    notebook.restart_kernel()
    expect(output.get_by_role("status")).to_contain_text("The kernel restarted: run this cell")
    cells.first.click()
    detail = output.locator(".chatwidget-grid-detail")
    expect(detail).to_contain_text("top_p")
    expect(detail.get_by_role("button")).to_have_count(1)
    notebook.run_all()
    notebook.wait_finished(1)
    expect(cells.first).to_contain_text("the same")
    expect(output.get_by_role("status")).to_have_text("")
