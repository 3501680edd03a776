"""The Tune tab: from a question to a curve in three clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.axe import findings
from browser.panels import CUT, practice_panel

if TYPE_CHECKING:
    from browser.lab import Lab


CURRENT = "chatwidget.current_session().settings.temperature"


def test_a_question_becomes_a_curve_in_three_clicks_and_a_value_is_used(lab: Lab) -> None:
    panel = practice_panel(lab)
    node = panel.root
    node.get_by_label("Your question").fill("What is temperature?")
    node.get_by_role("tab", name="Tune").click()
    expect(node.get_by_label("Question", exact=True)).to_have_value("What is temperature?")
    expect(node.get_by_role("status").filter(has_text="Asks 20 of 20 calls")).to_be_visible()
    node.get_by_role("button", name="Run what is not stored yet").click()
    expect(node.get_by_role("img", name="words along temperature")).to_be_visible()
    expect(node.get_by_role("status").filter(has_text="Asks 0 of 20 calls")).to_be_visible()
    expect(node.locator(".chatwidget-tune-table tbody tr")).to_have_count(4)
    node.get_by_role("button", name="Draw the true curve").click()
    expect(node.locator(".chatwidget-curve-truth")).to_be_visible()
    expect(node).to_contain_text("Dashed: the truth")
    lab.screenshot("tune")
    node.get_by_role("button", name="Use temperature 0.5 from now on").click()
    expect(node.get_by_label("temperature", exact=True).first).to_be_visible()
    expect(node.locator(".chatwidget-settings")).to_contain_text("temperature")
    assert panel.notebook.evaluate("import chatwidget", CURRENT) == "0.5"
    assert findings(lab, ".chatwidget-panel", "tune") == []
    lab.theme("JupyterLab Dark")
    lab.resize(720)
    lab.screenshot("tune-dark-narrow")
    assert node.evaluate(CUT) == []
    assert findings(lab, ".chatwidget-panel", "tune") == []


def test_the_range_is_chosen_and_the_study_run_by_keys(lab: Lab) -> None:
    node = practice_panel(lab).root
    node.get_by_role("tab", name="Tune").click()
    node.get_by_label("Question", exact=True).fill("What is a token?")
    to = node.get_by_label("To", exact=True)
    to.focus()
    for _ in range(5):
        lab.page.keyboard.press("ArrowLeft")
    line = node.get_by_role("region", name="The study as a cell")
    expect(line).to_contain_text("What is a token?")
    expect(line).not_to_contain_text("1.5")
    node.get_by_label("Repeats").fill("1")
    node.get_by_label("Values").fill("2")
    node.get_by_label("Measure").get_by_role("combobox").select_option("contains")
    node.get_by_label("The text that an answer is to contain").fill("token")
    node.get_by_role("button", name="Run what is not stored yet").press("Enter")
    expect(node.locator(".chatwidget-tune-table tbody tr")).to_have_count(2)
    lab.page.keyboard.press("Tab")
