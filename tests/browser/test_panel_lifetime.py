"""How long the panel lives, and what it costs: pages, several panels, many turns."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.conftest import ARTIFACTS
from browser.lab import Lab
from browser.panels import CLEAR, Panel, practice_panel, scripted_panel
from browser.test_chat import begun, ended
from browser.test_panel import MANY_TURNS, reply
from wire.replies import SSE_HEAD
from wire.scripted_server import close, pause

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from browser.jupyter import JupyterServer
    from wire.scripted_server import ScriptedServer

SESSION = "from chatwidget.chat.shell_session import current_session\nit = current_session()"


# Several panels


def test_the_panel_goes_to_the_cell_that_shows_it_last(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server, "%chat panel")
    notebook = panel.notebook
    shown = notebook.root.locator(".chatwidget-panel")
    reply(server, "The first", "The second", "The third")
    panel.ask("One?")
    panel.wait_answered(1)
    for count, (here, there) in enumerate(((2, 1), (1, 2)), start=2):
        notebook.run(here)
        notebook.wait_finished(here)
        panel = Panel(notebook, here).wait()
        expect(shown).to_have_count(1)
        expect(notebook.output(there)).to_have_text("The panel was moved to another cell.")
        expect(panel.turns).to_have_count(count - 1)
        panel.ask("And?")
        panel.wait_answered(count)
    assert len(server.requests) == 3
    notebook.save()
    saved = [str(cell["outputs"]) for cell in notebook.read_file()["cells"]]
    assert "The first" in saved[1]
    assert "The first" not in saved[2]
    assert lab.console_errors == []


NO_TIMER = """import threading, time
while any(isinstance(each, threading.Timer) for each in threading.enumerate()):
    time.sleep(0.01)"""


def test_three_panels_ask_once_and_closed_ones_never(lab: Lab, server: ScriptedServer) -> None:
    show = "from chatwidget import ChatPanel\n{0} = ChatPanel()\n{0}"
    panel = scripted_panel(lab, server, *map(show.format, ("two", "three")))
    notebook = panel.notebook
    for index in (2, 3):
        notebook.run(index)
        notebook.wait_finished(index)
    panels = [Panel(notebook, index).wait() for index in (1, 2, 3)]
    reply(server, "The first")
    panels[0].ask("One?")
    for each in panels:
        each.wait_answered(1)
    panels[2].rerun.check()
    for each in panels:
        expect(each.rerun).to_be_checked()
    for count, (moved, key) in enumerate(zip(panels, ("Home", "End", "ArrowLeft"), strict=True), 2):
        reply(server, f"Answer {count}")
        moved.slider("temperature").press(key)
        for each in panels:
            expect(each.answer()).to_contain_text(f"Answer {count}")
            expect(each.box("temperature")).to_have_value(moved.box("temperature").input_value())
        notebook.execute(NO_TIMER)
        assert len(server.requests) == count

    notebook.execute(f"{SESSION}\ntwo.close(); three.close()")
    expect(notebook.root.locator(".chatwidget-panel")).to_have_count(1)
    reply(server, "The last")
    panels[0].slider("temperature").press("ArrowLeft")
    expect(panels[0].answer()).to_contain_text("The last")
    notebook.execute("it.panel.close()")
    expect(notebook.root.locator(".chatwidget-panel")).to_have_count(0)
    notebook.execute("it.settings.temperature = 0.123")
    notebook.execute(NO_TIMER)
    assert len(server.requests) == 5


# What nobody looks at costs nothing

PIECE = "Some words of an answer that goes on for a long while. " * 40
PIECES = 100
SIZE = PIECES * len(PIECE)
ARRIVED = f"""{SESSION}
import time
while it.controller.partial is None or len(str(it.controller.partial)) < {SIZE}:
    time.sleep(0.01)"""


@pytest.mark.parametrize("is_seen", [True, False], ids=["seen", "cleared"])
def test_a_panel_whose_output_is_cleared_is_sent_nothing(
    lab: Lab, server: ScriptedServer, *, is_seen: bool
) -> None:
    middle, end = threading.Event(), threading.Event()
    panel = scripted_panel(lab, server)
    notebook = panel.notebook
    server.reply(
        SSE_HEAD,
        begun("Hello"),
        pause(middle),
        *[begun(PIECE)] * PIECES,
        pause(end),
        ended(),
        close(),
    )
    panel.ask("One?")
    expect(panel.answer()).to_contain_text("Hello")
    if not is_seen:
        notebook.cell(1).locator(".jp-InputPrompt").click()
        lab.command("notebook:clear-cell-output")
        expect(panel.root).to_have_count(0)
        panel.says("it.panel.model.is_watched", value=False)
    before = lab.traffic.received
    middle.set()
    notebook.execute(ARRIVED)
    received = lab.traffic.received - before
    end.set()
    if is_seen:
        panel.wait_answered(1)
        assert lab.traffic.received - before > SIZE
    else:
        assert received < SIZE / 20, received
        notebook.run(1)
        notebook.wait_finished(1)
        panel = Panel(notebook, 1).wait()
        panel.wait_answered(1)
        expect(panel.answer()).to_contain_text(f"Hello{PIECE[:50]}")
        reply(server, "The second")
        panel.ask("Two?")
        panel.wait_answered(2)
    assert lab.console_errors == []


WATCHED = """
async (id) => {
    const { kernels } = window.jupyterapp.serviceManager;
    const kernel = kernels.connectTo({ model: { id, name: "python3" } });
    const code = "from chatwidget.chat.shell_session import current_session";
    const user_expressions = { value: "current_session().panel.model.is_watched" };
    const reply = await kernel.requestExecute({ code, silent: true, user_expressions }).done;
    kernel.dispose();
    return reply.content.user_expressions.value.data["text/plain"];
}
"""


def test_a_page_that_was_closed_is_sent_nothing_and_the_next_one_shows_everything(
    lab: Lab, server: ScriptedServer, jupyterlab: JupyterServer, browser: BrowserContext
) -> None:
    middle = threading.Event()
    panel = scripted_panel(lab, server)
    notebook = panel.notebook
    reply(server, "The first")
    server.reply(SSE_HEAD, begun("Hello **there** "), pause(middle), ended("and more"), close())
    panel.ask("One?")
    panel.wait_answered(1)
    panel.ask("Two?")
    expect(panel.answer()).to_contain_text("Hello there")
    notebook.save()
    kernel = notebook.tab.evaluate("panel => panel.sessionContext.session.kernel.id")
    other = Lab(browser.new_page(), jupyterlab, ARTIFACTS)
    try:
        other.load()
        assert other.page.evaluate(WATCHED, kernel) == "True"
        lab.page.close(run_before_unload=True)
        other.wait_until(lambda: other.page.evaluate(WATCHED, kernel) == "False")
        middle.set()
        panel = Panel(other.open_file(notebook.path), 1).wait()
        panel.wait_answered(2)
        expect(panel.answer(0)).to_contain_text("The first")
        expect(panel.answer(1)).to_contain_text("Hello there and more")
        reply(server, "The third")
        panel.ask("Three?")
        panel.wait_answered(3)
        assert other.console_errors == []
    finally:
        other.close()


def test_a_page_that_is_loaded_anew_in_mid_answer_asks_the_next_question(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    notebook = panel.notebook
    panel.set("temperature", "0.4")
    for count in (1, 3):
        middle, end = threading.Event(), threading.Event()
        there, more = begun("Hello **there** "), begun("and more")
        server.reply(SSE_HEAD, there, pause(middle), more, pause(end), ended(" of it"), close())
        panel.ask("One?")
        expect(panel.turns).to_have_count(count)
        expect(panel.answer()).to_contain_text("Hello there")
        notebook.save()
        lab.load()
        notebook = lab.open_file(notebook.path)
        panel = Panel(notebook, 1).wait()
        expect(panel.answer()).to_contain_text("Hello there")
        expect(panel.send).to_have_text("Stop")
        middle.set()
        expect(panel.answer()).to_contain_text("Hello there and more")
        expect(panel.send).to_have_text("Stop")
        end.set()
        panel.wait_answered(count)
        expect(panel.answer()).to_contain_text("Hello there and more of it")
        reply(server, "The next")
        panel.ask("Two?")
        panel.wait_answered(count + 1)
        expect(panel.answer()).to_contain_text("The next")
        expect(panel.box("temperature")).to_have_value("0.4")
    assert lab.console_errors == []


# Many turns, few widgets

IN_LAYOUT = """roll => [...roll.querySelectorAll(".chatwidget-turn")]
    .filter((turn) => turn.checkVisibility({ contentVisibilityAuto: true })).length"""
"""How many turns take part in the layout of the page."""


def test_two_hundred_turns_are_opened_asked_about_and_scrolled(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    notebook = panel.notebook
    notebook.execute(MANY_TURNS.replace("range(40)", "range(200)"))
    notebook.execute("session.change(lambda _: many)")
    notebook.run(1)
    notebook.wait_finished(1)
    panel = Panel(notebook, 1).wait()
    expect(panel.turns).to_have_count(200)
    panel.wait_at_end()
    expect(panel.answer()).to_be_in_viewport()
    for count, key, place in ((201, "End", -1), (202, "Home", 0)):
        panel.log.press(key)
        expect(panel.turns.nth(place)).to_be_in_viewport()
        reply(server, f"The answer of {count}")
        before = lab.traffic.received
        panel.ask(f"Question {count}?")
        panel.wait_answered(count)
        expect(panel.answer()).to_contain_text(f"The answer of {count}")
        panel.notebook.wait_idle()
        assert lab.traffic.received - before < 30_000  # no other turn comes again
        assert panel.log.evaluate(IN_LAYOUT) < 50
        expect(panel.answer()).to_be_in_viewport()
        panel.wait_at_end()
        panel.log.press("Home")
        expect(panel.turns.first).to_be_in_viewport()
        expect(panel.answer(0)).to_contain_text("Answer 0")
        jump = panel.root.get_by_role("button", name="To the end")
        expect(jump).to_be_visible()
        assert jump.evaluate(CLEAR)
        lab.screenshot("panel-200")
        jump.click()
        panel.wait_at_end()
    assert lab.console_errors == []


COMMS = "panel => panel.sessionContext.session.kernel._comms.size"


def test_a_panel_makes_few_widgets_and_groups_that_are_closed_none(lab: Lab) -> None:
    panel = practice_panel(lab, "%chat panel")
    notebook = panel.notebook

    def models() -> int:
        return int(notebook.evaluate("import ipywidgets.widgets.widget as w", "len(w._instances)"))

    def comms() -> Any:
        return notebook.tab.evaluate(COMMS)

    expect(panel.slider("frequency_penalty")).to_be_visible()
    opened = models()
    assert 4 <= opened <= 60
    assert comms() <= 60
    for _ in range(2):
        panel.open_group("Service")
        expect(panel.row("store")).to_be_visible()
        assert models() > opened
        panel.open_group("Service")
        expect(panel.row("store")).to_have_count(0)
        assert models() == opened
    notebook.run(2)
    notebook.wait_finished(2)
    Panel(notebook, 2).wait()
    assert models() == opened
