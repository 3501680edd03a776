"""The panel for those who do not see it, use no pointer, or need it narrow or still."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.lab import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator

    from browser.lab import Lab

SLOW = TIMEOUT * 1000
EXAMPLE = "What is a good temperature for brainstorming?"

AREAS = """
() => {
    const focused = document.activeElement;
    const areas = {
        server: ".chatwidget-field",
        presets: ".chatwidget-presets",
        sliders: "[role=slider]",
        tabs: "[role=tab]",
        conversation: ".chatwidget-turns",
        composer: ".chatwidget-composer",
    };
    return Object.keys(areas).find(area => focused.closest(areas[area])) ?? "";
}
"""
TOO_WIDE = """
panel => {
    const { right, left } = panel.getBoundingClientRect();
    const scrolls = node => node !== panel
        && (["auto", "scroll"].includes(getComputedStyle(node).overflowX)
            && node.matches("pre, .chatwidget-content *") || scrolls(node.parentElement));
    const isOutside = node => {
        const box = node.getBoundingClientRect();
        return box.width && (box.right > right + 1 || box.left < left - 1);
    };
    const hides = node => node.scrollWidth > node.clientWidth + 1
        && getComputedStyle(node).overflowX === "auto";
    return [...panel.querySelectorAll("*")]
        .filter(node => node.checkVisibility() && !scrolls(node))
        .filter(node => isOutside(node) || hides(node))
        .map(node => `${node.localName}.${node.className}: ${node.textContent.slice(0, 40)}`);
}
"""


def test_axe_finds_nothing_serious_in_the_panel(lab: Lab) -> None:
    panel = open_panel(lab)
    found = serious(lab, "empty")
    panel.get_by_role("button", name=EXAMPLE).click()
    answered(panel)
    found += serious(lab, "answered")
    panel.get_by_role("button", name="Pin this answer").click()
    expect(panel.get_by_role("region", name="Pinned answer and newest answer")).to_be_visible()
    for fold in panel.locator(".jupyter-widget-Collapse-header").all()[1:]:
        fold.click()
    expect(panel.get_by_label("Other fields, as JSON")).to_be_attached(timeout=SLOW)
    found += serious(lab, "compared, all groups open")
    lab.theme("JupyterLab Dark")
    found += serious(lab, "dark")
    assert not nameless(panel)
    panel.get_by_role("tab", name="Request").click()
    found += serious(lab, "request, dark")
    lab.theme("JupyterLab Light")
    found += serious(lab, "request")
    assert not found, "\n".join(found)
    assert not nameless(panel)


def test_the_panel_is_used_with_the_keyboard_alone(lab: Lab) -> None:
    panel = open_panel(lab)
    keyboard = lab.page.keyboard
    slider = panel.get_by_role("slider", name="temperature")
    slider.press("ArrowLeft")  # while the notebook has a shortcut of its own on this key
    expect(slider).to_have_attribute("aria-valuetext", "0.95")
    panel.get_by_role("combobox", name="Server").focus()
    assert walk(lab) == ["server", "presets", "sliders", "tabs", "conversation", "composer"]

    keyboard.type("Which temperature is good for brainstorming?")
    keyboard.press("Enter")
    answered(panel)
    log = panel.get_by_role("log", name="Conversation")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_contain_text("temperature")
    expect(log.locator("[aria-busy=true]")).to_have_count(0)

    fold = panel.get_by_role("button", name="Length")
    fold.focus()
    keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    limit = panel.get_by_role("spinbutton", name="max_completion_tokens")
    expect(limit).to_be_visible(timeout=SLOW)
    keyboard.press("Space")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(limit).to_be_hidden()

    slider.press("ArrowLeft")
    expect(panel.get_by_role("checkbox", name="temperature")).to_be_checked(timeout=SLOW)
    panel.get_by_role("tab", name="Chat").focus()
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    magic = panel.get_by_label("Cell magic", exact=True)
    expect(magic).to_contain_text("temperature=0.9", timeout=SLOW)


def test_the_panel_is_narrow_still_and_in_contrast_where_it_has_to_be(lab: Lab) -> None:
    panel = open_panel(lab)
    ask(panel, "ما هي درجة الحرارة المناسبة للعصف الذهني؟")
    prompt = panel.locator(".chatwidget-prompt").first
    assert prompt.evaluate("node => getComputedStyle(node).direction") == "rtl"
    ask(panel, "Show me a code example, please")
    lab.page.emulate_media(reduced_motion="reduce")
    moving = "panel => panel.getAnimations({ subtree: true }).length"
    assert panel.evaluate(moving) == 0

    panel.evaluate("panel => { panel.style.width = '320px'; }")
    assert not panel.evaluate(TOO_WIDE)
    lab.screenshot("panel-320")
    panel.get_by_role("tab", name="Chat").focus()
    assert walk(lab) == ["tabs", "conversation", "composer"]
    panel.get_by_role("checkbox", name="Enter sends").focus()
    lab.page.keyboard.press("Tab")
    assert lab.page.evaluate(AREAS) == "server"
    panel.evaluate("panel => { panel.style.width = ''; }")
    for scheme in ("light", "dark"):
        lab.page.emulate_media(forced_colors="active", color_scheme=scheme)
        lab.screenshot(f"panel-forced-colors-{scheme}")
    lab.page.emulate_media(forced_colors="none", color_scheme="light")


def open_panel(lab: Lab) -> Locator:
    """Show the panel of a fresh kernel."""
    notebook = lab.open_notebook(
        ["%load_ext chatwidget\n%chat panel"], {"CHATWIDGET_PRACTICE_PACE": "0"}
    )
    notebook.run(0)
    panel = notebook.root.locator(".chatwidget-panel")
    expect(panel.get_by_role("slider", name="temperature")).to_be_visible(timeout=SLOW)
    expect(panel.get_by_role("button", name=EXAMPLE)).to_be_visible(timeout=SLOW)
    return panel


def ask(panel: Locator, prompt: str) -> None:
    """Ask in the composer, and wait for the answer."""
    before = panel.locator(".chatwidget-actions").count()
    field = panel.get_by_label("Your question")
    field.fill(prompt)
    field.press("Enter")
    expect(panel.locator(".chatwidget-turn .chatwidget-actions")).to_have_count(
        before + 1, timeout=SLOW
    )


def answered(panel: Locator) -> None:
    """Wait until the first answer is there as a whole."""
    expect(panel.get_by_role("button", name="Copy this answer")).to_be_visible(timeout=SLOW)


def serious(lab: Lab, state: str) -> list[str]:
    """What axe finds in the panel, without what it calls minor or moderate."""
    violations = Axe().run(lab.page, context=".chatwidget-panel").response["violations"]
    return [
        f"{state}: {each['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def nameless(panel: Locator) -> list[str]:
    """The controls of the panel that a screen reader has no name for."""
    roles = "button|checkbox|combobox|listbox|slider|spinbutton|tab|textbox"
    return re.findall(rf"^\s*- (?:{roles})(?! \")\b.*$", panel.aria_snapshot(), re.MULTILINE)


def walk(lab: Lab) -> list[str]:
    """The areas of the panel in the order in which Tab goes through them, to the composer."""
    return list(dict.fromkeys(filter(None, areas(lab))))


def areas(lab: Lab) -> Iterator[str]:
    """Where the focus is, Tab after Tab."""
    field = lab.page.get_by_label("Your question")
    for _ in range(100):
        yield str(lab.page.evaluate(AREAS))
        if field.evaluate("node => node === document.activeElement"):
            return
        lab.page.keyboard.press("Tab")
    raise AssertionError("the composer is not reached")
