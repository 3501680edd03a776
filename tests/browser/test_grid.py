"""A study as a grid: cells that fill while it runs, and what can be done with them afterwards."""

from __future__ import annotations

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
