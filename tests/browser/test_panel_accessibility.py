"""The panel for those who do not see it, use no pointer, or need it narrow or still."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.axe import findings
from browser.lab import TIMEOUT
from browser.panels import CUT, practice_panel, scripted_panel
from browser.test_chat import begun, ended
from browser.test_panel import MANY_TURNS
from wire.replies import SSE_HEAD
from wire.scripted_server import close, pause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator

    from browser.lab import Lab
    from wire.scripted_server import ScriptedServer

SLOW = TIMEOUT * 1000
EXAMPLE = "What is a good temperature for brainstorming?"

AREAS = """
() => {
    const focused = document.activeElement;
    const areas = {
        toggle: ".chatwidget-toggle",
        model: ".chatwidget-who",
        conversations: ".chatwidget-conversations",
        tabs: "[role=tab]",
        presets: ".chatwidget-presets",
        finder: "[role=combobox]",
        sliders: "[role=slider]",
        conversation: "[role=log]",
        composer: ".chatwidget-composer",
    };
    return Object.keys(areas).find(area => focused.closest(areas[area])) ?? "";
}
"""
HEADER = ["toggle", "model", "conversations", "tabs", "presets"]
WINDOWS = {
    "choose the model and its server": "Model and server",
    "all conversations": "Conversations",
    "Presets": "Presets",
}
"""The buttons of the header, and what they open."""

MOVES = {"chatwidget-breathe", "chatwidget-drawer", "chatwidget-found"}
"""The animations of the panel."""

WATCH_MOVES = """panel => {
    panel.moves = [];
    panel.addEventListener("animationstart", (event) => panel.moves.push(event.animationName));
}"""

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
    panel.get_by_role("button", name="Again:").click()
    comparison = panel.get_by_role("region", name="Pinned answer and newest answer")
    expect(comparison).to_be_visible(timeout=SLOW)
    for fold in panel.locator(".chatwidget-group > summary").all():
        fold.click()
    expect(panel.get_by_label("Other fields, as JSON")).to_be_visible()
    expect(panel.get_by_role("switch", name="store")).to_be_visible(timeout=SLOW)
    found += serious(lab, "compared, all groups open")
    lab.theme("JupyterLab Dark")
    found += serious(lab, "compared, dark")
    assert not nameless(panel)
    comparison.press("Escape")
    found += serious(lab, "answered, dark")
    panel.get_by_role("tab", name="Request").click()
    expect(panel.get_by_role("region", name="curl")).to_contain_text("curl")
    found += serious(lab, "request, dark")
    lab.theme("JupyterLab Light")
    found += serious(lab, "request")
    assert not found, "\n".join(found)
    assert not nameless(panel)


def test_axe_finds_nothing_serious_in_what_opens(lab: Lab) -> None:
    panel = open_panel(lab)
    found = []
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        lab.theme(theme)
        for width in ("", "340px"):
            panel.evaluate("(panel, width) => { panel.style.width = width; }", width)
            state = f"{theme}, {width or 'wide'}"
            for opener, window in WINDOWS.items():
                panel.get_by_role("button", name=opener).click()
                dialog = panel.get_by_role("dialog", name=window)
                expect(dialog).to_be_visible()
                found += serious(lab, f"{window}, {state}")
                assert not nameless(panel)
                lab.page.keyboard.press("Escape")
                expect(dialog).to_be_hidden()
            settings = panel.get_by_role("button", name="Settings", exact=True)
            if width:
                settings.click()
            find = panel.get_by_role("combobox", name="Find a parameter")
            find.fill("token")
            expect(panel.get_by_role("option").first).to_be_visible()
            found += serious(lab, f"finder, {state}")
            find.fill("")
            if width:
                lab.screenshot(f"panel-drawer-{theme}")
                settings.click()
            panel.get_by_role("button", name="choose the model").click()
            server = panel.get_by_role("textbox", name="Server")
            server.fill("http://127.0.0.1:9/v1")
            server.press("Enter")
            expect(panel.get_by_text("The connection to 127.0.0.1:9 failed")).to_be_visible()
            found += serious(lab, f"a server that is not there, {state}")
            panel.get_by_role("button", name="practice", exact=True).click()
            lab.page.keyboard.press("Escape")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_serious_in_a_long_conversation(lab: Lab) -> None:
    panel = practice_panel(lab)
    panel.notebook.execute(MANY_TURNS)
    panel.notebook.execute("session.change(lambda _: many)")
    expect(panel.turns).to_have_count(40)
    panel.press("Delete", turn=-1)
    expect(panel.root.get_by_role("button", name="Undo")).to_be_visible()
    found = serious(lab, "39 turns and a notice")
    panel.press("Edit", turn=-1)
    found += serious(lab, "an edit box")
    panel.root.get_by_role("button", name="Cancel").click()
    lab.theme("JupyterLab Dark")
    panel.root.evaluate("panel => { panel.style.width = '340px'; }")
    found += serious(lab, "39 turns, dark and narrow")
    lab.screenshot("panel-long-dark-narrow")
    panel.root.evaluate("panel => { panel.style.width = ''; }")
    lab.theme("JupyterLab Light")
    panel.notebook.restart_kernel()
    expect(
        panel.root.get_by_text("The kernel restarted: run this cell again; %chat restore")
    ).to_be_visible()
    found += serious(lab, "restarted")
    assert not found, "\n".join(found)


def test_the_panel_is_used_with_the_keyboard_alone(lab: Lab) -> None:
    panel = open_panel(lab)
    keyboard = lab.page.keyboard
    slider = panel.get_by_role("slider", name="temperature")
    slider.press("ArrowLeft")  # while the notebook has a shortcut of its own on this key
    expect(slider).to_have_attribute("aria-valuetext", "0.95")
    panel.get_by_role("button", name="Settings", exact=True).focus()
    assert walk(lab) == [*HEADER, "finder", "sliders", "conversation", "composer"]

    keyboard.type("Which temperature is good for brainstorming?")
    keyboard.press("Enter")
    answered(panel)
    log = panel.get_by_role("log", name="Conversation")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.locator(".chatwidget-content")).to_contain_text("temperature")
    expect(log.locator("[aria-busy=true]")).to_have_count(0)

    fold = panel.locator(".chatwidget-group > summary", has_text="Length")
    fold.focus()
    keyboard.press("Enter")
    limit = panel.get_by_role("spinbutton", name="max_completion_tokens")
    expect(limit).to_be_visible(timeout=SLOW)
    expect(fold).to_be_focused()
    keyboard.press("Space")
    expect(limit).to_be_hidden()

    slider.press("ArrowLeft")
    expect(panel.get_by_role("switch", name="temperature")).to_be_checked(timeout=SLOW)
    expect(slider).to_be_focused()
    panel.get_by_role("tab", name="Chat").focus()
    keyboard.press("ArrowRight")
    magic = panel.get_by_role("region", name="Cell magic", exact=True)
    expect(magic).to_contain_text("temperature=0.9", timeout=SLOW)
    keyboard.press("Tab")
    keyboard.press("Shift+Tab")
    keyboard.press("Home")
    expect(log).to_be_visible()


def test_what_opens_is_used_with_the_keyboard_alone(lab: Lab) -> None:
    panel = open_panel(lab)
    keyboard = lab.page.keyboard
    for opener, window in WINDOWS.items():
        button = panel.get_by_role("button", name=opener)
        dialog = panel.get_by_role("dialog", name=window)
        button.press("Enter")
        expect(button).to_have_attribute("aria-expanded", "true")
        assert dialog.evaluate("node => node.contains(document.activeElement)")
        keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(button).to_be_focused()

    panel.get_by_role("button", name="choose the model").press("Enter")
    keyboard.type("practice-2")
    expect(panel.get_by_role("option", name="practice-2gram")).to_be_visible()
    keyboard.press("Enter")
    expect(panel.locator(".chatwidget-model")).to_have_text("practice-2gram")
    find = panel.get_by_role("combobox", name="Find a parameter")
    find.focus()
    keyboard.type("seed")
    expect(panel.get_by_role("option", name="seed")).to_be_visible()
    keyboard.press("Enter")
    expect(panel.get_by_role("switch", name="seed")).to_be_visible()
    within = "() => document.activeElement.closest('[data-parameter]')?.dataset.parameter"
    lab.page.wait_for_function(f"({within})() === 'seed'")
    chip = panel.get_by_role("group", name="Sent parameters").get_by_role("button")
    panel.get_by_role("slider", name="temperature").press("ArrowRight")
    chip.press("Enter")
    lab.page.wait_for_function(f"({within})() === 'temperature'")


def test_the_panel_is_narrow_and_in_contrast_where_it_has_to_be(lab: Lab) -> None:
    panel = open_panel(lab)
    ask(panel, "ما هي درجة الحرارة المناسبة للعصف الذهني؟")
    prompt = panel.locator(".chatwidget-prompt").first
    assert prompt.evaluate("node => getComputedStyle(node).direction") == "rtl"
    ask(panel, "Show me a code example, please")
    panel.evaluate("panel => { panel.style.width = '320px'; }")
    toggle = panel.get_by_role("button", name="Settings", exact=True)
    expect(toggle).to_have_attribute("aria-expanded", "false")
    assert not panel.evaluate(TOO_WIDE) + panel.evaluate(CUT)
    lab.screenshot("panel-320")
    toggle.focus()
    assert walk(lab) == [*HEADER, "conversation", "composer"]
    toggle.press("Enter")
    expect(panel.get_by_role("slider", name="temperature")).to_be_visible()
    assert not panel.evaluate(TOO_WIDE) + panel.evaluate(CUT)
    lab.screenshot("panel-320-settings")
    lab.page.keyboard.press("Tab")
    assert lab.page.evaluate(AREAS) == "finder"
    lab.page.keyboard.press("Escape")
    expect(panel.get_by_role("slider", name="temperature")).to_be_hidden()
    expect(toggle).to_be_focused()
    panel.evaluate("panel => { panel.style.width = ''; }")
    for scheme in ("light", "dark"):
        lab.page.emulate_media(forced_colors="active", color_scheme=scheme)
        lab.screenshot(f"panel-forced-colors-{scheme}")
        assert framed(panel.get_by_role("tab", name="Chat"))
        assert framed(prompt)
        assert framed(panel.get_by_role("button", name="Send"))
    lab.page.emulate_media(forced_colors="none", color_scheme="light")


def test_nothing_moves_where_motion_is_to_be_reduced(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    panel.root.evaluate("panel => { panel.style.width = '320px'; }")
    toggle = panel.root.get_by_role("button", name="Settings", exact=True)
    expect(toggle).to_have_attribute("aria-expanded", "false")
    panel.root.evaluate(WATCH_MOVES)
    for count, motion in enumerate(("no-preference", "reduce"), start=1):
        lab.page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
        begin, end = threading.Event(), threading.Event()
        server.reply(SSE_HEAD, pause(begin), begun("Hello"), pause(end), ended(), close())
        panel.ask("Hi")
        expect(panel.turns).to_have_count(count)
        expect(panel.turns.last.locator(".chatwidget-dots")).to_be_visible()
        expect(panel.turns.last.locator(".chatwidget-answer-body:empty")).to_have_count(1)
        begin.set()
        expect(panel.answer()).to_contain_text("Hello")
        toggle.press("Enter")
        find = panel.root.get_by_role("combobox", name="Find a parameter")
        find.fill("seed")
        find.press("Enter")
        expect(panel.row("seed")).to_be_in_viewport()
        toggle.click()
        expect(panel.row("seed")).to_be_hidden()
        end.set()
        panel.wait_answered(count)
        moves = panel.root.evaluate("panel => panel.moves.splice(0)")
        assert set(moves) == (MOVES if motion == "no-preference" else set())


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
    return findings(lab, ".chatwidget-panel", state)


def framed(node: Locator) -> bool:
    """Whether a line says where something is."""
    border = "node => getComputedStyle(node).borderBottomStyle !== 'none'"
    return bool(node.evaluate(border))


def nameless(panel: Locator) -> list[str]:
    """The controls of the panel that a screen reader has no name for."""
    roles = "button|checkbox|combobox|dialog|listbox|slider|spinbutton|switch|tab|textbox"
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
