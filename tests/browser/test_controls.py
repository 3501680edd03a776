"""The controls of parameters on their own: in a cell, in boxes, linked, without any panel."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.axe import findings
from browser.conftest import ARTIFACTS
from browser.lab import TIMEOUT, Lab, Notebook, notebook_of
from browser.test_panel_elsewhere import NOTEBOOK_TRIPS, VOILA_ASKS_FOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Locator

    from browser.jupyter import JupyterServer

SLOW = TIMEOUT * 1000
SETUP = """\
%load_ext chatwidget
%chat use practice
import chatwidget
import ipywidgets as widgets
from chatwidget.chat.shell_session import current_session
session = current_session()"""
ALL = """\
box = chatwidget.controls(*chatwidget.PARAMETERS)
box"""
SPEED = {"CHATWIDGET_PRACTICE_PACE": "0"}

TOO_WIDE = """
box => {
    const { left, right } = box.getBoundingClientRect();
    const isOutside = ({ left: l, right: r, width }) => width && (l < left - 1 || r > right + 1);
    return [...box.querySelectorAll(".chatwidget-parameter *")]
        .filter(node => node.checkVisibility() && isOutside(node.getBoundingClientRect()))
        .filter(node => !node.closest(".noUi-base, .chatwidget-parameter-said"))
        .map(node => `${node.localName}.${node.className}`);
}
"""
CENTER = "node => { const box = node.getBoundingClientRect(); return box.left + box.width / 2; }"
BROKEN = """
root => [root, ...root.querySelectorAll("*")]
    .filter(node => !["none", "normal"].includes(getComputedStyle(node, "::before").content))
    .filter(node => getComputedStyle(node, "::before").display !== "none")
    .filter(node => node.matches(".jupyter-widgets-disconnected"))
    .length
"""
FOCUSED = """
() => {
    const node = document.activeElement;
    return node.closest(".chatwidget-parameter") && node.getAttribute("role") || node.localName;
}
"""


class Controls:
    """The controls in the output of a cell."""

    def __init__(self, notebook: Notebook, index: int = 1) -> None:
        self.notebook = notebook
        self.lab = notebook.lab
        self.root = notebook.output(index)

    def row(self, parameter: str, place: int = 0) -> Locator:
        """The row of a parameter."""
        return self.root.locator(f"[data-parameter={parameter}]").nth(place)

    def slider(self, parameter: str, place: int = 0) -> Locator:
        """The handle of its slider."""
        return self.row(parameter, place).get_by_role("slider", name=parameter)

    def box(self, parameter: str, place: int = 0) -> Locator:
        """The box for an exact number."""
        return self.row(parameter, place).get_by_role("spinbutton", name=parameter)

    def switch(self, parameter: str) -> Locator:
        """The switch that says whether it is sent."""
        return self.row(parameter).get_by_role("switch")

    def note(self, parameter: str) -> Locator:
        """What is said of it."""
        return self.row(parameter).locator(".chatwidget-parameter-note")

    def press(self, parameter: str, name: str) -> None:
        """Press a button of a row."""
        self.row(parameter).get_by_role("button", name=name).first.click()

    def sends(self, **parameters: object) -> None:
        """Wait until the session sends these parameters and no others."""
        self.until(f"session.settings.sent() == {parameters!r}")

    def until(self, condition: str) -> None:
        """Wait until a condition holds in the kernel."""
        self.lab.wait_until(lambda: self.notebook.evaluate("", condition) == "True")


def open_controls(lab: Lab, *cells: str) -> Controls:
    """Open a notebook whose second cell shows controls; the first other cell is the third."""
    notebook = lab.open_notebook([SETUP, *cells], SPEED)
    for index in (0, 1):
        notebook.run(index)
        notebook.wait_finished(index)
    controls = Controls(notebook)
    expect(controls.root.locator(".chatwidget-parameter").first).to_be_visible()
    return controls


def test_a_slider_is_moved_by_keyboard_and_a_number_is_written_exactly(lab: Lab) -> None:
    controls = open_controls(lab, "chatwidget.controls()")
    slider, box = controls.slider("temperature"), controls.box("temperature")
    expect(slider).to_have_attribute("aria-valuetext", "1")
    expect(box).to_have_value("")
    expect(box).to_have_attribute("placeholder", "1")
    expect(controls.switch("temperature")).not_to_be_checked()

    for _ in range(2):
        slider.press("ArrowLeft")  # while the notebook has a shortcut of its own on this key
    controls.sends(temperature=0.9)
    expect(box).to_have_value("0.9")
    expect(controls.switch("temperature")).to_be_checked()
    box.fill("0.123")
    box.press("Enter")
    controls.sends(temperature=0.123)

    box.fill("17")
    box.press("Enter")
    said = "temperature takes a number from 0 to 2; got 17."
    expect(controls.note("temperature")).to_have_text(said)
    expect(box).to_have_value("17")
    controls.sends(temperature=0.123)
    box.fill("0")
    box.press("Tab")
    controls.sends(temperature=0)
    expect(controls.note("temperature")).to_be_hidden()

    controls.press("temperature", "Reset")
    controls.sends()
    expect(box).to_have_value("")
    expect(slider).to_have_attribute("aria-valuetext", "1")
    slider.press("b")  # a shortcut of the notebook, which makes a cell
    assert controls.notebook.prompt(1).inner_text() == "[2]:"
    assert controls.notebook.root.locator(".jp-Cell").count() == 2
    assert not lab.console_errors


def test_code_moves_the_slider_and_a_flag_leaves_a_ghost(lab: Lab) -> None:
    cells = ["%chat set temperature=0.7", "%%chat -t 0.2 --max-tokens 7\nWhat is a token?"]
    controls = open_controls(lab, "chatwidget.controls('temperature', 'max_tokens')", *cells)
    notebook = controls.notebook
    notebook.run(2)
    expect(controls.slider("temperature")).to_have_attribute("aria-valuetext", "0.7")
    expect(controls.box("temperature")).to_have_value("0.7")
    notebook.run(3)
    notebook.wait_finished(3)
    ghost = controls.row("temperature").get_by_role("button", name="0.2: the last cell")
    expect(ghost).to_have_attribute("title", re.compile("a flag holds for its cell"))
    controls.sends(temperature=0.7)
    expect(controls.slider("temperature")).to_have_attribute("aria-valuetext", "0.7")
    place = ghost.evaluate(CENTER)
    ghost.click()
    controls.sends(temperature=0.2)
    expect(controls.slider("temperature")).to_have_attribute("aria-valuetext", "0.2")
    assert abs(controls.slider("temperature").evaluate(CENTER) - place) < 2
    expect(ghost).to_have_count(0)
    without_a_track = controls.row("max_tokens").get_by_role("button", name="7: the last cell")
    expect(without_a_track).to_have_text("7 in the last cell")
    without_a_track.click()
    controls.sends(temperature=0.2, max_tokens=7)
    expect(without_a_track).to_be_hidden()
    assert not lab.console_errors


def test_a_mark_brings_an_answer_back(lab: Lab) -> None:
    ask = """\
for value in (0, 0.5):
    session.settings.temperature = value
    session.controller.ask("What is a token?", beside=session.conversation.head)
    session.controller.wait();"""
    controls = open_controls(lab, "chatwidget.controls('temperature')", ask)
    controls.notebook.run(2)
    controls.notebook.wait_finished(2)
    marks = controls.row("temperature").get_by_role("button", name="temperature 0")
    expect(marks).to_have_count(2)
    expect(marks.last).to_have_attribute("aria-pressed", "true")
    handle = controls.slider("temperature")
    assert abs(handle.evaluate(CENTER) - marks.last.evaluate(CENTER)) < 2
    handle.focus()
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowLeft")
    expect(marks.first).to_be_focused()
    lab.page.keyboard.press("Enter")
    controls.sends(temperature=0)
    expect(marks.first).to_have_attribute("aria-pressed", "true")
    expect(handle).to_have_attribute("aria-valuetext", "0")
    assert not lab.console_errors


def test_controls_are_in_step_with_each_other_and_with_linked_sliders(lab: Lab) -> None:
    cell = """\
one, two = session.control("temperature"), session.control("temperature")
mine = widgets.FloatSlider(max=2, step=0.05, description="mine", continuous_update=False)
yours = widgets.FloatSlider(max=2, step=0.05, description="yours", continuous_update=False)
widgets.link((one.slider, "value"), (mine, "value"))
widgets.jslink((one.slider, "value"), (yours, "value"))
tab = widgets.Tab([widgets.HBox([one, two])], titles=["Mine"])
widgets.VBox([tab, mine, yours])"""
    controls = open_controls(lab, cell)
    linked = controls.root.get_by_role("slider")
    expect(linked).to_have_count(4)

    def all_at(value: str) -> None:
        for place in range(4):
            expect(linked.nth(place)).to_have_attribute("aria-valuetext", value)

    all_at("1")
    controls.sends()
    linked.nth(2).press("ArrowLeft")  # the one that Python links
    controls.sends(temperature=0.95)
    all_at("0.95")
    linked.nth(3).press("ArrowLeft")  # the one that the page links
    controls.sends(temperature=0.9)
    all_at("0.9")
    controls.slider("temperature", 1).press("Home")
    controls.sends(temperature=0)
    all_at("0")
    controls.notebook.execute("two.close()")
    expect(controls.root.locator(".chatwidget-parameter")).to_have_count(1)
    controls.notebook.execute("session.settings.temperature = 1.5")
    expect(controls.box("temperature")).to_have_value("1.5")
    controls.slider("temperature").press("ArrowRight")
    controls.sends(temperature=1.55)
    assert not lab.console_errors


def test_a_page_that_is_loaded_anew_shows_the_controls_as_they_are(lab: Lab) -> None:
    controls = open_controls(lab, "chatwidget.controls('temperature', 'stop', 'metadata')")
    controls.slider("temperature").press("ArrowLeft")
    controls.press("metadata", "Write JSON")
    lab.page.keyboard.type('{"a": ')
    lab.page.keyboard.press("Tab")
    expect(controls.note("metadata")).to_contain_text("This is no JSON yet")
    controls.notebook.save()
    lab.load()
    controls = Controls(lab.open_file(controls.notebook.path))
    expect(controls.box("temperature")).to_have_value("0.95", timeout=SLOW)
    expect(controls.slider("temperature")).to_have_attribute("aria-valuetext", "0.95")
    expect(controls.row("metadata").get_by_role("textbox")).to_have_value('{"a": ')
    controls.slider("temperature").press("ArrowLeft")
    controls.sends(temperature=0.9)


def test_after_a_restart_the_controls_are_still_and_say_so(lab: Lab) -> None:
    controls = open_controls(lab, "chatwidget.controls('temperature')")
    controls.notebook.restart_kernel()
    sentence = "The kernel restarted: run this cell again."
    expect(controls.row("temperature").get_by_text(sentence)).to_be_visible(timeout=SLOW)
    assert controls.slider("temperature").evaluate("node => !!node.closest('[inert]')")
    assert controls.root.evaluate(BROKEN) == 0
    lab.screenshot("controls-restarted")


def test_functions_of_the_notebook_become_tools(lab: Lab) -> None:
    code = 'def add(a: int) -> int:\n    "Add one."\n    return a + 1'
    controls = open_controls(lab, "chatwidget.controls('tools')", code)
    expect(controls.row("tools")).to_contain_text("No functions yet: define one with a docstring")
    controls.notebook.run(2)
    controls.notebook.wait_finished(2)
    controls.press("tools", "Look for functions again")
    controls.row("tools").get_by_role("checkbox", name="add").check()
    controls.until("session.settings.tools == [add]")
    controls.press("tools", "Reset")
    controls.sends()
    expect(controls.row("tools").get_by_role("checkbox", name="add")).not_to_be_checked()
    assert not lab.console_errors


def test_texts_and_biases_are_added_and_removed(lab: Lab) -> None:
    controls = open_controls(lab, "chatwidget.controls('stop', 'logit_bias')")
    line = controls.row("stop").get_by_role("textbox")
    controls.switch("stop").click()
    expect(line).to_be_focused()
    for text in ("END", "\\n\\n"):
        line.fill(text)
        line.press("Enter")
        expect(line).to_have_value("")
    controls.sends(stop=["END", "\n\n"])
    controls.press("stop", "Remove END")
    controls.sends(stop=["\n\n"])
    controls.press("stop", "Remove")
    controls.sends()

    token = controls.row("logit_bias").get_by_role("textbox")
    token.fill("several words here")
    token.press("Enter")
    expect(controls.note("logit_bias")).to_contain_text("a bias is given to one")
    expect(token).to_have_value("several words here")
    token.fill("42")
    token.press("Enter")
    controls.sends(logit_bias={"42": 5})
    expect(token).to_have_value("")
    controls.press("logit_bias", "Remove")
    controls.sends()
    assert not lab.console_errors


def test_every_other_kind_of_input_is_used(lab: Lab) -> None:
    controls = open_controls(lab, ALL)
    controls.press("response_format", "JSON schema")
    schema = controls.row("response_format").get_by_role("textbox")
    schema.fill('{"name": "mine", "schema": {}}')
    schema.press("Control+Enter")
    wanted = {"type": "json_schema", "json_schema": {"name": "mine", "schema": {}}}
    controls.sends(response_format=wanted)
    controls.press("response_format", "Text")
    controls.sends(response_format={"type": "text"})
    expect(schema).to_be_hidden()
    controls.press("response_format", "Reset")

    controls.press("logprobs", "on")
    controls.press("reasoning_effort", "low")
    controls.row("user").get_by_role("textbox").fill("me")
    controls.row("modalities").get_by_role("checkbox", name="text").check()
    controls.box("max_tokens").fill("12")
    controls.box("max_tokens").press("Enter")
    controls.sends(
        max_tokens=12, logprobs=True, modalities=["text"], reasoning_effort="low", user="me"
    )
    controls.press("seed", "Throw the die")
    expect(controls.box("seed")).to_have_value(re.compile(r"^\d+$"))
    assert not lab.console_errors


def test_help_opens_in_the_row(lab: Lab) -> None:
    controls = open_controls(lab, "chatwidget.controls('presence_penalty')")
    controls.press("presence_penalty", "What presence_penalty does")
    row = controls.row("presence_penalty")
    for said in ("Positive values push away from every token", "Takes a number from -2 to 2."):
        expect(row.get_by_text(said)).to_be_visible()
    controls.press("presence_penalty", "Handbook: Penalties and logit bias")
    page = row.locator(".chatwidget-parameter-page")
    expect(page).to_contain_text("The presence penalty", timeout=SLOW)
    assert page.evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    lab.screenshot("controls-help")


def test_axe_finds_nothing_and_all_is_reached_by_keyboard(lab: Lab) -> None:
    flag = "%%chat -t 0.2 -n 2\nWhat is a token?"
    controls = open_controls(lab, ALL, flag)
    lab.resize(1100, 2200)
    controls.notebook.run(2)
    controls.notebook.wait_finished(2)
    controls.press("metadata", "Write JSON")
    controls.press("temperature", "What temperature does")
    controls.press("temperature", "Handbook")
    expect(controls.row("temperature").locator(".chatwidget-parameter-page > *")).not_to_have_count(
        0
    )
    controls.press("temperature", "Handbook")
    found = serious(lab, "light")
    values = "{'stop': 'END', 'logit_bias': {'42': 5}, 'user': 'me', 'reasoning_effort': 'low'}"
    controls.notebook.execute(f"session.settings.update({values})")
    controls.notebook.execute("session.settings.temperature = 0.5")
    expect(controls.switch("user")).to_be_checked()
    found += serious(lab, "sent, light")
    lab.screenshot("controls-light")
    lab.theme("JupyterLab Dark")
    found += serious(lab, "dark")
    lab.screenshot("controls-dark")
    lab.theme("JupyterLab Light")
    assert not found, "\n".join(found)

    controls.switch("temperature").focus()
    walked = []
    for _ in range(7):
        walked.append(str(lab.page.evaluate(FOCUSED)))
        lab.page.keyboard.press("Tab")
    # the number, reset, help, the slider, its ghost, and the next row
    assert walked == ["switch", "input", "button", "button", "slider", "button", "button"]

    controls.notebook.execute("box.layout.width = '250px'")
    assert not controls.root.locator(".jupyter-widgets.widget-vbox").evaluate(TOO_WIDE)
    lab.screenshot("controls-narrow")
    for scheme in ("light", "dark"):
        lab.page.emulate_media(forced_colors="active", color_scheme=scheme)
        lab.screenshot(f"controls-forced-colors-{scheme}")
    lab.page.emulate_media(forced_colors="none", color_scheme="light")


def serious(lab: Lab, state: str) -> list[str]:
    """What axe finds in the controls."""
    return findings(lab, ".chatwidget-parameter", state, minor=True)


@pytest.fixture
def bare_lab(jupyterlab: JupyterServer, browser: BrowserContext) -> Iterator[Lab]:
    """A page with nothing in it yet: the server of JupyterLab serves its relatives, too."""
    lab = Lab(browser.new_page(), jupyterlab, ARTIFACTS)
    yield lab
    lab.close()


ELSEWHERE = [
    SETUP.replace("%chat use practice\n", ""),
    "chatwidget.controls('temperature', 'stop')",
]


def write_notebook(lab: Lab) -> str:
    """Write a notebook that shows controls, and return its name."""
    taken = len(list(lab.server.root.glob("*.ipynb")))
    path = lab.server.root / f"controls-{taken + 1}.ipynb"
    path.write_text(json.dumps(notebook_of(ELSEWHERE)), "utf-8")
    return path.name


def use(root: Locator) -> None:
    """Move a slider and write a stop sequence; what comes back is the kernel's."""
    slider = root.get_by_role("slider", name="temperature")
    slider.press("ArrowLeft", timeout=SLOW)
    expect(root.get_by_role("spinbutton", name="temperature")).to_have_value("0.95", timeout=SLOW)
    line = root.get_by_role("textbox", name="Add a stop sequence")
    line.fill("END")
    line.press("Enter")
    expect(root.get_by_role("button", name="Remove END")).to_be_visible(timeout=SLOW)


def test_the_controls_work_in_notebook_7(bare_lab: Lab) -> None:
    lab = bare_lab
    path = lab.server.root / write_notebook(lab)
    lab.page.goto(f"{lab.server.url}/notebooks/{path.name}")
    lab.page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext")
    shown = lab.page.evaluate_handle("window.jupyterapp.shell.currentWidget")
    notebook = Notebook(lab, path, shown)
    notebook.wait_idle()
    for index in (0, 1):
        notebook.run(index)
        notebook.wait_finished(index)
    use(notebook.root)
    lab.screenshot("controls-notebook-7")
    assert not [each for each in lab.console_errors if not NOTEBOOK_TRIPS.search(each)]


def test_the_controls_work_as_a_dashboard_of_voila(bare_lab: Lab) -> None:
    lab = bare_lab
    lab.page.goto(f"{lab.server.url}/voila/render/{write_notebook(lab)}")
    use(lab.page.locator("body"))
    lab.screenshot("controls-voila")
    assert not [each for each in lab.console_errors if not VOILA_ASKS_FOR.search(each)]
