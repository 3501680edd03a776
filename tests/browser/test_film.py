"""A film in a cell: dragged, compared, explained at an edge, dealt again, and saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.axe import findings
from browser.panels import CUT, practice_panel
from browser.views import FITS, practice_notebook, seen_in_each_theme

if TYPE_CHECKING:
    from browser.lab import Lab, Notebook

ASK = "%%chat --seed 2 -t 0 --max-tokens 40\nWhat does the temperature do?"
FILM = "%chat film"


@pytest.fixture
def notebook(lab: Lab) -> Notebook:
    notebook = practice_notebook(lab, ASK, FILM)
    expect(notebook.output(2).locator(".chatwidget-film-live")).to_be_visible()
    notebook.wait_idle()
    return notebook


def test_the_answer_changes_along_the_slider_and_nothing_is_sent(
    lab: Lab, notebook: Notebook
) -> None:
    output = notebook.output(2)
    slider = output.get_by_role("slider", name="temperature")
    answer = output.locator(".chatwidget-film-answer").first
    before, sent = answer.inner_text(), lab.traffic.sent
    lab.screenshot("film")
    slider.fill("1.5")
    expect(answer).not_to_have_text(before)
    expect(output.get_by_role("status")).to_contain_text("temperature 1.500 · answer")
    slider.press("Home")
    expect(answer).to_have_text(before)
    output.get_by_role("checkbox", name="Compare with").check()
    expect(output.locator(".chatwidget-film-new").first).to_be_visible()
    lab.screenshot("film-compared")
    output.get_by_role("button", name="Change › after").click()
    expect(output.locator(".chatwidget-film-edge")).to_contain_text("becomes")
    expect(output.locator(".chatwidget-film-edge svg")).to_be_visible()
    output.locator(".chatwidget-film-strip").first.click()
    lab.screenshot("film-edge")
    assert lab.traffic.sent == sent


def test_other_noises_are_dealt_and_stacked(lab: Lab, notebook: Notebook) -> None:
    output = notebook.output(2)
    output.get_by_role("button", name="Deal again").click()
    expect(output.get_by_role("status")).to_contain_text("seed 3")
    output.get_by_role("button", name="Twenty films").click()
    expect(output.locator(".chatwidget-film-stack .chatwidget-film-strip")).to_have_count(20)
    expect(output.locator(".chatwidget-film-stack")).to_contain_text("half of them by temperature")
    lab.screenshot("film-stack")
    seen_in_each_theme(lab, ".chatwidget-film", "film")
    lab.resize(560, 900)
    lab.screenshot("film-narrow")
    assert output.locator(".chatwidget-film-live").evaluate(FITS)


def test_what_is_saved_is_static_and_stays(lab: Lab, notebook: Notebook) -> None:
    notebook.save()
    saved = notebook.path.read_text("utf-8")
    assert "different answers" in saved
    assert "chatwidget-film-live" not in saved
    lab.load()
    notebook = lab.open_file(notebook.path, kernel=False)
    expect(notebook.output(2).locator(".chatwidget-film")).to_contain_text("steady, plain")
    lab.screenshot("film-reopened")


def test_the_panel_films_the_answer_that_came_by_keyboard(lab: Lab) -> None:
    panel = practice_panel(lab)
    panel.ask("What does the temperature do?")
    panel.wait_answered(1)
    panel.show("Tokens")
    page = panel.root.get_by_role("region", name="Film")
    expect(page.get_by_role("status").first).to_contain_text("Nothing is asked")
    page.get_by_role("button", name="Film: every answer along a slider").press("Enter")
    slider = page.get_by_role("slider", name="temperature")
    expect(slider).to_be_visible()
    answer = page.locator(".chatwidget-film-answer").first
    slider.press("Home")
    before, sent = answer.inner_text(), lab.traffic.sent
    slider.press("End")
    expect(answer).not_to_have_text(before)
    assert lab.traffic.sent == sent
    lab.screenshot("film-panel")
    page.get_by_role("button", name="Deal again").press("Enter")
    expect(page).to_contain_text("noise of seed 1")
    found = findings(lab, ".chatwidget-film-page", "light")
    assert not found, "\n".join(found)
    panel.root.evaluate("node => { node.style.width = '340px'; }")
    lab.screenshot("film-panel-narrow")
    assert not panel.root.evaluate(CUT)
