"""The panel's settings and its Request tab as a new user meets them, wide and narrow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.panels import CUT, practice_panel, scripted_panel
from browser.test_panel import reply

if TYPE_CHECKING:
    from browser.lab import Lab
    from browser.panels import Panel
    from wire.scripted_server import ScriptedServer

WIDTHS = pytest.mark.parametrize("width", ["", "340px"], ids=["wide", "narrow"])
TEXTS = ("Cell magic", "Python", "Official client", "curl", "Messages")
GROUPS = {
    "Sampling": "seed",
    "Length": "max_tokens",
    "Output": "logprobs",
    "Reasoning": "verbosity",
    "Tools": "tools",
    "Service": "store",
}
"""The groups, each with one of its parameters."""

SIDEWAYS = """panel => [panel, ...panel.querySelectorAll("*")]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }))
    .filter((node) => node.clientWidth && node.scrollWidth > node.clientWidth + 1)
    .filter((node) => node.matches(".chatwidget-panel, [role=tabpanel], [role=log], section")
        || ["auto", "scroll"].includes(getComputedStyle(node).overflowX) && !node.matches("pre"))
    .map((node) => `${node.localName}.${node.className}`)"""
"""The parts of a panel that are wider than their room, or can be scrolled sideways."""

SEEN = """nodes => nodes.flatMap((node) => [node.innerText,
    ...[...node.querySelectorAll("input, textarea")].filter((field) => field.checkVisibility())
        .flatMap((field) => [field.value, field.placeholder])])"""
"""All that is read in some nodes."""


def beyond(panel: Panel) -> list[str]:
    """What does not fit into the width of the panel."""
    return [*panel.root.evaluate(SIDEWAYS), *panel.root.evaluate(CUT)]


def narrow(panel: Panel, width: str) -> None:
    panel.root.evaluate("(node, width) => { node.style.width = width; }", width)


def open_settings(panel: Panel) -> None:
    if not panel.row("temperature").is_visible():
        panel.root.get_by_role("button", name="Settings", exact=True).click()
    expect(panel.row("temperature")).to_be_visible()


def open_groups(panel: Panel) -> None:
    for title, name in GROUPS.items():
        panel.open_group(title)
        expect(panel.row(name)).to_be_visible()


@WIDTHS
def test_all_of_the_request_tab_is_seen_after_a_question(
    lab: Lab, server: ScriptedServer, width: str
) -> None:
    panel = scripted_panel(lab, server)
    narrow(panel, width)
    long = "a_word_that_goes_on_" * 20
    reply(server, f"Hello there {long}\n\n```\n{long}\n```", "And so on")
    for count, asked in enumerate((long, "And now?"), start=1):
        panel.show("Chat")
        panel.ask(asked)
        panel.wait_answered(count)
        assert beyond(panel) == []
        panel.show("Request")
        sections = [panel.root.get_by_role("region", name=each, exact=True) for each in TEXTS]
        use = panel.root.get_by_role("button", name="Use these settings")
        said = panel.root.locator(".chatwidget-paste [role=status]")
        pasted = panel.root.get_by_label("A request to read settings from")
        expect(sections[0]).to_contain_text("%%chat")
        for text, answer in (("what?", "%%chat"), ("%%chat --seed 3", "seed")):
            pasted.fill(text)
            use.click()
            expect(said).to_contain_text(answer)
            for each in (*sections, use, said, pasted):
                each.scroll_into_view_if_needed()
                expect(each).to_be_in_viewport()
                box = each.bounding_box()
                assert box is not None
                assert box["height"] > 15
        assert beyond(panel) == []
    open_settings(panel)
    open_groups(panel)
    assert beyond(panel) == []
    lab.screenshot(f"panel-settings-{width or 'wide'}")


def test_what_is_not_sent_shows_its_default_after_a_reset(lab: Lab) -> None:
    panel = practice_panel(lab)
    panel.open_group("Length")
    places = (
        ("temperature", "0.3", "1"),
        ("presence_penalty", "0.5", "0"),
        ("max_tokens", "7", "no limit"),
    )
    for _ in range(2):
        for name, value, default in places:
            panel.set(name, value)
            expect(panel.switch(name)).to_be_checked()
            panel.row(name).get_by_role("button", name="Reset").click()
            expect(panel.switch(name)).not_to_be_checked()
            expect(panel.box(name)).to_have_value("")
            expect(panel.box(name)).to_have_attribute("placeholder", default)
            said = panel.row(name).get_by_title(f"{name} is not sent; default: {default}")
            expect(said).to_be_visible()
            for slider in panel.slider(name).all():
                expect(slider).to_have_attribute("aria-valuetext", default)
                expect(slider).to_have_accessible_description(f"not sent; the default is {default}")
    panel.set("temperature", "0.3")
    expect(panel.slider("temperature")).to_have_accessible_description("sent")
    panel.switch("temperature").click()
    expect(panel.box("temperature")).to_have_value("")
    panel.says("it.settings.sent()", {})
    expect(panel.root.get_by_role("group", name="Sent parameters")).to_have_text(
        "No parameter is sent."
    )


def test_the_budget_stands_at_the_sliders_and_presets_only_in_their_menu(lab: Lab) -> None:
    panel = practice_panel(lab)
    limit = panel.root.get_by_label("Requests a minute")
    settings = panel.root.get_by_role("region", name="Settings")
    expect(settings.get_by_label("Requests a minute")).to_be_visible()
    expect(limit).to_have_value("20")
    expect(limit.locator("..")).to_have_text(re.compile(r"^at most\s+a minute$"))
    slider, box = panel.slider("frequency_penalty").bounding_box(), limit.bounding_box()
    group = settings.locator("details").first.bounding_box()
    assert slider is not None
    assert box is not None
    assert group is not None
    assert slider["y"] < box["y"] < group["y"]
    assert abs(box["y"] - slider["y"]) < 150
    assert not re.search(r"\b0 (?:sent|used)", panel.root.inner_text())
    limit.fill("7")
    limit.press("Tab")
    panel.says("it.controller.rerun.per_minute", 7)

    menu = panel.root.get_by_role("dialog", name="Presets")
    expect(menu).to_be_hidden()
    expect(panel.root.get_by_text("Neutral")).to_be_hidden()
    panel.root.get_by_role("button", name="Presets").click()
    expect(menu.get_by_role("button", name="Neutral")).to_be_visible()
    lab.screenshot("panel-presets")


def test_every_control_says_what_it_is_for_and_none_is_an_empty_box(lab: Lab) -> None:
    panel = practice_panel(lab)
    open_groups(panel)
    rows = panel.root.locator(".chatwidget-parameter")
    assert not [text for text in rows.evaluate_all(SEEN) if re.search(r"\{\s*\}|\[\s*\]", text)]
    for name, said in {
        "stop": "Add a stop sequence",
        "modalities": "text",
        "audio": "Write JSON",
        "prediction": "Write JSON",
        "tools": "No functions yet: define one with a docstring",
        "max_tokens": "the older name, and the only one on most local servers",
        "max_completion_tokens": "the newer name",
    }.items():
        row = panel.row(name)
        row.scroll_into_view_if_needed()
        seen = row.inner_text() + " ".join(
            row.locator("input, textarea").evaluate_all("all => all.map((it) => it.placeholder)")
        )
        assert said in seen, f"{name}: {seen}"
    lab.screenshot("panel-groups")


def test_in_a_narrow_window_the_first_click_on_settings_opens_them(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    lab.resize(600)
    toggle = panel.root.get_by_role("button", name="Settings", exact=True)
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(panel.row("temperature")).to_be_hidden()
    inside = "node => node.contains(document.activeElement)"
    settings = panel.root.get_by_role("region", name="Settings")
    for close in ("Escape", "click"):
        toggle.click()
        expect(panel.row("temperature")).to_be_visible()
        expect(panel.slider("temperature")).to_be_in_viewport()
        assert settings.evaluate(inside)
        lab.screenshot("panel-600")
        if close == "Escape":
            lab.page.keyboard.press("Escape")
        else:
            toggle.click()
        expect(panel.row("temperature")).to_be_hidden()
        expect(toggle).to_be_focused()
    assert beyond(panel) == []

    toggle.click()  # what is asked next is seen
    panel.set("temperature", "0.4")
    panel.root.get_by_role("tab", name="Chat").click()
    expect(panel.row("temperature")).to_be_hidden()
    reply(server, "Hello there")
    panel.ask("Hi")
    panel.wait_answered(1)
    expect(panel.answer()).to_be_in_viewport()
    assert server.requests[0].json["temperature"] == 0.4
    lab.resize(1280)
    expect(panel.row("temperature")).to_be_visible()
