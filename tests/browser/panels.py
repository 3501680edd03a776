"""The panel as a person uses it, in a page of Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from browser.lab import Lab, Notebook
    from wire.scripted_server import ScriptedServer

__all__ = ["CLEAR", "COVER", "CUT", "GAP", "Panel", "practice_panel", "scripted_panel"]

GAP = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
"""How far an element that scrolls is from its end."""

CLEAR = """node => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const parts = [0.1, 0.3, 0.5, 0.7, 0.9];
    return parts.every((x) => parts.every((y) =>
        node.contains(document.elementFromPoint(left + x * width, top + y * height))));
}"""
"""Whether nothing else lies on an element, at any of many points of it."""

COVER = """root => {
    for (const part of root.querySelectorAll(".chatwidget-part")) {
        for (const place of ["fixed; inset: 0", "absolute; inset: -999px", "relative; top: 40px"]) {
            const cover = document.createElement("div");
            cover.style = `position: ${place}; z-index: 99999; height: 300px; background: red`;
            part.append(cover);
        }
    }
}"""
"""Let what a model wrote try to cover all of the page, as if no sanitizer had looked at it."""


CUT = """panel => {
    const { right, left } = panel.getBoundingClientRect();
    const isMeant = (node) => getComputedStyle(node).textOverflow === "ellipsis"
        || ["auto", "scroll"].includes(getComputedStyle(node).overflowX)
            && node.matches("pre, .chatwidget-content *");
    const mayBe = (node) => node !== panel && (isMeant(node) || mayBe(node.parentElement));
    const isBeyond = (box) => box.width > 1 && (box.right > right + 1 || box.left < left - 1);
    const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    const cut = [];
    while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode;
        const range = new Range();
        range.selectNodeContents(texts.currentNode);
        const isSeen = parentElement.checkVisibility({ visibilityProperty: true });
        if (isSeen && !mayBe(parentElement) && [...range.getClientRects()].some(isBeyond)) {
            cut.push(data.slice(0, 40));
        }
    }
    return cut;
}"""
"""The texts that are cut off at the sides of a panel, and neither scrolled nor ended with dots."""


class Panel:
    """The panel in a cell of a notebook."""

    def __init__(self, notebook: Notebook, index: int) -> None:
        self.notebook = notebook
        self.lab: Lab = notebook.lab
        self.root = notebook.cell(index).locator(".chatwidget-panel")
        self.field = self.root.get_by_label("Your question")
        self.send = self.root.locator(".chatwidget-send")
        self.turns = self.root.locator(".chatwidget-turn")
        self.log = self.root.get_by_role("log", name="Conversation")
        self.status = self.root.locator(".chatwidget-composer [role=status]")
        self.sentence = self.root.locator(".chatwidget-notice-line [role=status]")
        self.place = self.root.locator(".chatwidget-place")
        self.marks = self.root.locator(
            ".chatwidget-parameter-mark:not(.chatwidget-parameter-mark-ghost)"
        )
        self.rerun = self.root.get_by_label("Re-run on release")

    def wait(self) -> Panel:
        """Wait until it is there."""
        expect(self.field).to_be_visible()
        expect(self.root.locator(".chatwidget-turns")).to_be_visible()
        return self

    def ask(self, text: str) -> None:
        """Type a question and press Enter; do not wait for the answer."""
        self.field.fill(text)
        self.field.press("Enter")

    def answer(self, index: int = -1) -> Locator:
        """The answer of a turn, the last one by default."""
        return self.turns.nth(index).locator(".chatwidget-turn-body")

    def wait_answered(self, count: int) -> None:
        """Wait until there are so many turns, and the last one has ended."""
        expect(self.turns).to_have_count(count)
        expect(self.turns.last.locator(".chatwidget-actions").last).to_be_visible()

    def wait_at_end(self) -> None:
        """Wait until the end of the conversation is seen."""
        self.lab.wait_until(lambda: self.log.evaluate(GAP) < 5)
        expect(self.turns.last).to_be_in_viewport()

    def press(self, name: str, turn: int = -1) -> None:
        """Press the button of a turn whose name begins so."""
        self.turns.nth(turn).get_by_role("button", name=name).first.click()

    def row(self, parameter: str) -> Locator:
        """The row of a parameter."""
        return self.root.locator(f".chatwidget-parameter[data-parameter={parameter}]")

    def box(self, parameter: str) -> Locator:
        """The number box of a parameter."""
        return self.row(parameter).get_by_role("spinbutton", name=parameter)

    def slider(self, parameter: str) -> Locator:
        """The handle of a parameter's slider."""
        return self.row(parameter).get_by_role("slider")

    def switch(self, parameter: str) -> Locator:
        """The switch that says whether a parameter is sent."""
        return self.row(parameter).get_by_role("switch")

    def open_group(self, title: str) -> None:
        """Open a group of parameters."""
        self.root.locator(".chatwidget-group > summary", has_text=title).click()

    def show(self, tab: str) -> None:
        """Show another tab."""
        self.root.get_by_role("tab", name=tab).click()

    def set(self, parameter: str, value: str) -> None:
        """Write a value into the box of a parameter, and leave it."""
        self.box(parameter).fill(value)
        self.box(parameter).press("Tab")

    def says(self, expression: str, value: object) -> None:
        """Wait until the kernel finds that an expression on the session has a value."""
        name = "current_session()"
        code = f"from chatwidget.chat.shell_session import current_session\nit = {name}\n"

        def holds() -> bool:
            reply = self.notebook.evaluate(code, expression)
            return reply == repr(value)

        self.lab.wait_until(holds)


def practice_panel(lab: Lab, *cells: str) -> Panel:
    """Open a notebook with a panel on the practice model; the first other cell is the third."""
    notebook = lab.open_notebook(
        ["%load_ext chatwidget\n%chat use practice", "%chat panel", *cells],
        {"CHATWIDGET_PRACTICE_PACE": "0"},
    )
    return _shown(notebook)


def scripted_panel(lab: Lab, server: ScriptedServer, *cells: str, subshells: bool = True) -> Panel:
    """Open a notebook with a panel on the scripted server; the first other cell is the third.

    Without subshells, as with older kernels, messages of widgets wait for the cell that runs.
    """
    notebook = lab.open_notebook([server.setup, "%chat panel", *cells])
    if not subshells:
        notebook.disable_subshells()
    return _shown(notebook)


def _shown(notebook: Notebook) -> Panel:
    for index in (0, 1):
        notebook.run(index)
        notebook.wait_finished(index)
    return Panel(notebook, 1).wait()
