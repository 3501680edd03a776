"""The panel whose kernel restarted, is gone, or cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.panels import Panel, scripted_panel
from browser.test_chat import begun
from browser.test_controls import BROKEN
from browser.test_panel import reply
from wire.replies import SSE_HEAD
from wire.scripted_server import stall

if TYPE_CHECKING:
    from browser.lab import Lab
    from wire.scripted_server import ScriptedServer

RESTART = "panel => panel.sessionContext.session.kernel.restart()"
SHUTDOWN = "panel => panel.sessionContext.session.kernel.shutdown()"
WRITES = """log => [...log.querySelectorAll(".chatwidget-turn *")].filter((node) =>
    !["none", "normal"].includes(getComputedStyle(node, "::after").content)).length"""
"""How many places look as if something were being written there."""

RESTARTED = "The kernel restarted: run this cell again; %chat restore brings the conversation back."
GONE = "The kernel is gone: start it and run this cell again"
AWAY = "The kernel cannot be reached. What you wrote stays here."


def all_but_reading_is_off(panel: Panel, sentence: str) -> None:
    """The panel says one sentence, keeps the text, and lets nothing be done but reading."""
    expect(panel.root.locator(".chatwidget-kernel")).to_contain_text(sentence)
    assert panel.root.inner_text().count("The kernel ") == 1
    assert panel.notebook.output(1).evaluate(BROKEN) == 0
    expect(panel.field).to_have_value("A draft")
    panel.field.press("Enter")
    expect(panel.send).to_have_text("Send")
    expect(panel.send).to_be_disabled()
    expect(panel.field).to_have_value("A draft")
    expect(panel.turns.first).to_contain_text("The first")
    for off in (panel.slider("temperature"), panel.root.get_by_role("button", name="Presets")):
        assert off.evaluate("node => node.closest('[inert]') !== null")
    expect(panel.turns.first.get_by_role("button", name="Again")).to_be_disabled()
    expect(panel.turns.first.get_by_role("button", name="Copy this answer")).to_be_enabled()
    assert panel.root.locator(".chatwidget-dots").filter(visible=True).count() == 0
    assert panel.log.evaluate(WRITES) == 0


@pytest.mark.parametrize("meanwhile", ["idle", "answering"])
def test_after_a_restart_one_sentence_says_how_to_go_on_and_all_comes_back(
    lab: Lab, server: ScriptedServer, meanwhile: str
) -> None:
    panel = scripted_panel(lab, server, "%chat restore")
    notebook = panel.notebook
    reply(server, "The first")
    panel.ask("One?")
    panel.wait_answered(1)
    lab.wait_until(lambda: notebook.save() or "The first" in str(notebook.read_file()))
    if meanwhile == "answering":
        server.reply(SSE_HEAD, begun("Half of it"), stall())
        panel.ask("Two?")
        expect(panel.answer()).to_contain_text("Half of it")
    panel.field.fill("A draft")
    notebook.tab.evaluate(RESTART)
    notebook.wait_idle()
    all_but_reading_is_off(panel, RESTARTED)
    lab.screenshot(f"panel-restarted-{meanwhile}")
    for index in (0, 1, 2):
        notebook.run(index)
        notebook.wait_finished(index)
        notebook.save()  # as JupyterLab does by itself, at any moment
    panel = Panel(notebook, 1).wait()
    expect(panel.turns).to_have_count(1)
    expect(panel.answer()).to_contain_text("The first")
    expect(panel.root.locator(".chatwidget-kernel")).to_be_hidden()
    for count in (2, 3):
        reply(server, f"Answer {count}")
        panel.ask("And now?")
        panel.wait_answered(count)
    sent = [each["content"] for each in server.requests[-1].json["messages"]]
    assert sent[:3] == ["One?", "The first", "And now?"]
    panel.set("temperature", "0.4")
    panel.says("it.settings.temperature", 0.4)


def test_a_kernel_that_is_gone_or_out_of_reach_is_said_once(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    reply(server, "The first", "The second")
    panel.ask("One?")
    panel.wait_answered(1)
    panel.field.fill("A draft")
    kernel = "panel => panel.sessionContext.session.kernel"
    # a link that stays broken: by itself it would be made again at once
    panel.notebook.tab.evaluate(
        f"panel => ({kernel})(panel)._updateConnectionStatus('disconnected')"
    )
    all_but_reading_is_off(panel, AWAY)
    lab.screenshot("panel-away")
    panel.notebook.tab.evaluate("panel => panel.sessionContext.session.kernel.reconnect()")
    expect(panel.root.locator(".chatwidget-kernel")).to_be_hidden()
    panel.field.press("Enter")
    panel.wait_answered(2)
    panel.field.fill("A draft")
    panel.notebook.tab.evaluate(SHUTDOWN)
    all_but_reading_is_off(panel, GONE)
    lab.screenshot("panel-gone")
