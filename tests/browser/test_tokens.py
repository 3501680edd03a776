"""The tokens of an answer in a cell: coloured, walked through, and moved by sliders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.axe import findings
from browser.panels import CUT, practice_panel
from browser.views import FITS, practice_notebook, seen_in_each_theme

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from browser.lab import Lab, Notebook

ASK = "%%chat --tokens -t 1.3 --seed 5 --max-tokens 90\nHow do penalties change an answer?"
TWICE = "%%chat --tokens -n 2 --seed 5 --max-tokens 20\nWhat does top_p do?"
SCROLL = "node => { for (let each = node; each; each = each.parentElement) each.scrollTop += 5; }"


@pytest.fixture
def notebook(lab: Lab) -> Notebook:
    notebook = practice_notebook(lab, ASK, TWICE)
    expect(notebook.output(1).locator(".chatwidget-tokens-live")).to_be_visible()
    expect(notebook.output(2).locator(".chatwidget-tokens-live")).to_have_count(2)
    notebook.wait_idle()
    return notebook


def slide(output: Locator, name: str, value: str) -> None:
    """Move a slider."""
    output.get_by_role("slider", name=name).fill(value)


def test_tokens_are_walked_through_and_tell_what_else_there_was(
    lab: Lab, notebook: Notebook
) -> None:
    output = notebook.output(1)
    tokens = output.get_by_role("option")
    tip = output.get_by_role("tooltip")
    tokens.nth(5).hover()
    expect(tip).to_contain_text("<others>")
    lab.screenshot("tokens-hover")
    tip.hover()
    expect(tip).to_be_visible()
    output.locator(".chatwidget-footer").hover()
    expect(tip).to_be_hidden()
    output.locator(".chatwidget-tokens-least button").first.click()
    expect(tip).to_be_visible()
    lab.page.keyboard.press("Home")
    expect(tokens.first).to_be_focused()
    lab.page.keyboard.press("ArrowRight")
    expect(tokens.nth(1)).to_be_focused()
    expect(tokens.nth(1)).to_have_attribute("aria-selected", "true")
    lab.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(tokens.nth(1)).to_be_focused()
    assert (
        lab.page.evaluate("document.querySelectorAll('[role=option][tabindex=\"0\"]').length") == 3
    )


def test_sliders_recompute_in_the_page_and_send_nothing(lab: Lab, notebook: Notebook) -> None:
    output = notebook.output(1)
    strip = output.locator(".chatwidget-tokens-strip")
    before, sent = strip.text_content() or "", lab.traffic.sent
    slide(output, "temperature", "0.3")
    expect(strip).not_to_have_text(before)
    slide(output, "top_p", "0.5")
    expect(output.locator(".chatwidget-token-cut").first).to_be_visible()
    lab.screenshot("tokens-moved")
    output.get_by_role("button", name="As the model thinks").click()
    expect(strip).to_have_text(before)
    expect(output.get_by_role("slider", name="temperature")).to_have_value("1")
    output.get_by_role("button", name="As asked").click()
    expect(output.get_by_role("slider", name="temperature")).to_have_value("1.3")
    assert lab.traffic.sent == sent


def test_tokens_are_seen_in_each_theme_and_width(lab: Lab, notebook: Notebook) -> None:
    least = notebook.output(1).locator(".chatwidget-tokens-least button").first
    seen_in_each_theme(lab, ".chatwidget-tokens", "tokens", least.click)
    lab.resize(560, 900)
    lab.screenshot("tokens-narrow")
    assert notebook.output(1).locator(".chatwidget-tokens-live").evaluate(FITS)


def test_what_is_saved_is_static_and_stays(lab: Lab, notebook: Notebook) -> None:
    expect(notebook.output(2).locator(".chatwidget-tokens-live")).to_have_count(2)
    notebook.save()
    saved = notebook.path.read_text("utf-8")
    assert "Confidence by sentence" in saved
    assert "chatwidget-tokens-live" not in saved
    output = notebook.reopen().output(1)
    expect(output.locator(".chatwidget-tokens")).to_contain_text("Confidence by sentence")
    expect(output.locator(".chatwidget-tokens span[title]").first).to_be_visible()
    lab.screenshot("tokens-reopened")


def test_a_tab_of_the_panel_shows_the_tokens_of_the_newest_answer(lab: Lab) -> None:
    panel = practice_panel(lab)
    panel.show("Tokens")
    page = panel.root.get_by_role("tabpanel", name="Tokens")
    expect(page).to_contain_text("Switch them on")
    page.get_by_label("Ask for token probabilities").check()
    panel.show("Chat")
    panel.ask("What does the temperature do?")
    panel.wait_answered(1)
    panel.show("Tokens")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(page).to_contain_text("The probabilities are raw")
    page.get_by_role("slider", name="temperature").fill("1.5")
    page.locator(".chatwidget-tokens-least button").first.press("Enter")
    tip = page.get_by_role("group", name="Alternatives")
    expect(tip).to_contain_text("now")
    page.locator(".chatwidget-token").first.evaluate(SCROLL)
    expect(tip).to_be_visible()
    lab.screenshot("tokens-panel")
    lab.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    panel.root.evaluate("node => { node.style.width = '340px'; }")
    lab.screenshot("tokens-panel-narrow")
    assert not panel.root.evaluate(CUT)


def test_an_answer_goes_on_from_another_token_by_pointer_and_by_keyboard(lab: Lab) -> None:
    panel = practice_panel(lab)
    panel.show("Tokens")
    page = panel.root.get_by_role("tabpanel", name="Tokens")
    page.get_by_label("Ask for token probabilities").check()
    panel.show("Chat")
    panel.ask("What does the temperature do?")
    panel.wait_answered(1)
    panel.show("Tokens")
    tokens = page.locator(".chatwidget-token")
    tip = page.get_by_role("group", name="Alternatives")
    tokens.nth(3).hover()
    before = tokens.nth(3).text_content() or ""
    expect(tip).to_be_visible()
    lab.screenshot("tokens-fork")
    tip.get_by_role("button").first.click()
    expect(tip).to_be_hidden()
    expect(tokens.nth(3)).not_to_have_text(before)
    picker = page.get_by_label("Answer", exact=True)
    expect(picker.get_by_role("option")).to_have_count(2)
    expect(panel.root).to_contain_text("goes on from there, as another version")
    tokens.first.focus()
    first = tokens.first.text_content() or ""
    lab.page.keyboard.press("Enter")
    expect(tip.get_by_role("button").first).to_be_focused()
    lab.page.keyboard.press("ArrowDown")
    expect(tip.get_by_role("button").nth(1)).to_be_focused()
    lab.page.keyboard.press("Escape")
    expect(tokens.first).to_be_focused()
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("Enter")
    expect(tokens.first).not_to_have_text(first)
    picker.select_option(index=2)
    expect(tokens.nth(3)).to_have_text(before)
    assert not findings(lab, ".chatwidget-tokens-page", "fork")
    panel.show("Chat")
    expect(panel.root.get_by_text("3/3")).to_be_visible()
    lab.screenshot("tokens-versions")
