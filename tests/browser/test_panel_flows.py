"""The panel's conversation as a new user meets it: what disappointed before, each as a flow."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.panels import CLEAR, GAP, scripted_panel
from browser.test_chat import begun, ended
from browser.test_panel import reply
from wire.replies import SSE_HEAD
from wire.scripted_server import close, pause, reset

if TYPE_CHECKING:
    from browser.lab import Lab
    from browser.panels import Panel
    from wire.scripted_server import ScriptedServer

LONG = "\n\n".join(f"Paragraph {number} of many." for number in range(60))


DROP = """(node, [name, size, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([size ? new Uint8Array(size) : text], name));
    node.dispatchEvent(new DragEvent("drop", {
        dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def scroll_up(panel: Panel) -> None:
    """Go up with the wheel, far from the end."""
    box = panel.log.bounding_box()
    assert box is not None
    panel.lab.page.mouse.move(box["x"] + 50, box["y"] + 50)
    panel.lab.page.mouse.wheel(0, -500)
    panel.lab.wait_until(lambda: panel.log.evaluate(GAP) > 300)


def ask_and_follow(panel: Panel, server: ScriptedServer, text: str) -> None:
    """Ask for a long answer, and see its end while it is written, and after."""
    middle, count = threading.Event(), panel.turns.count() + 1
    server.reply(SSE_HEAD, begun(LONG), pause(middle), ended(f"\n\n{LONG}"), close())
    panel.ask(text)
    expect(panel.turns).to_have_count(count)
    expect(panel.answer()).to_contain_text("Paragraph 59")
    panel.wait_at_end()
    middle.set()
    panel.wait_answered(count)
    panel.wait_at_end()


# Following


def test_it_follows_after_a_comparison_and_after_an_attachment_that_failed(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    ask_and_follow(panel, server, "One?")
    panel.press("Pin")
    reply(server, LONG)
    panel.ask("Two?")
    comparison = panel.root.get_by_role("region", name="Pinned answer and newest answer")
    comparison.get_by_role("button", name="Close the comparison").click()
    expect(comparison).to_be_hidden()
    panel.wait_at_end()
    ask_and_follow(panel, server, "Three?")

    shelf = panel.root.get_by_role("list", name="Attachments")
    panel.field.evaluate(DROP, ["large.csv", 21 * 2**20, ""])
    expect(panel.status).to_have_text("large.csv is larger than 20 MB.")
    expect(shelf).to_be_hidden()
    ask_and_follow(panel, server, "Four?")
    expect(panel.status).to_have_text("")
    secret = f"OPENAI_API_KEY=sk-proj-{'a1B2' * 12}"
    panel.field.evaluate(DROP, ["keys.env", 0, secret])
    panel.ask("Five?")
    expect(panel.status).to_contain_text("keys.env")  # the kernel refuses it
    expect(panel.field).to_have_value("Five?")
    shelf.get_by_role("button", name="Remove keys.env").click()
    expect(panel.status).to_have_text("")
    panel.wait_at_end()
    ask_and_follow(panel, server, "Five?")


def test_what_is_sent_from_further_up_is_shown_and_the_way_to_the_end_covers_nothing(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    ask_and_follow(panel, server, "One?")
    jump = panel.root.get_by_role("button", name="To the end")
    for end, send in {
        "The second end": lambda: panel.ask("Two?"),
        "Another end": lambda: panel.turns.last.get_by_role("button", name="Again:").press("Enter"),
        "The third end": lambda: panel.ask("Three?"),
    }.items():
        scroll_up(panel)
        expect(jump).to_be_visible()
        strip, area = jump.locator("..").bounding_box(), panel.log.bounding_box()
        assert strip is not None
        assert area is not None
        assert strip["y"] >= area["y"] + area["height"] - 1  # below it, and not upon it
        assert panel.log.evaluate(CLEAR)
        assert jump.locator("..").evaluate(CLEAR)
        middle = threading.Event()
        server.reply(SSE_HEAD, begun(LONG), pause(middle), ended(f"\n\n{end}"), close())
        send()
        expect(panel.send).to_have_text("Stop")
        expect(panel.answer()).to_contain_text("Paragraph 59")
        panel.wait_at_end()
        expect(jump).to_be_hidden()
        middle.set()
        expect(panel.answer()).to_contain_text(end)
        expect(panel.send).to_have_text("Send")
        panel.wait_at_end()


# Conversations


def test_conversations_are_begun_listed_chosen_and_deleted_and_undo_brings_them_back(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    reply(server, "The first", "The second", "The third")
    panel.ask("One?")
    panel.wait_answered(1)
    prompts = panel.root.locator(".chatwidget-prompt")
    begin = panel.root.get_by_role("button", name="New conversation", exact=True)
    begin.click()
    expect(panel.turns).to_have_count(0)
    expect(panel.field).to_be_focused()
    panel.ask("Two?")
    panel.wait_answered(1)
    assert [each["content"] for each in server.requests[1].json["messages"]] == ["Two?"]

    opener = panel.root.get_by_role("button", name="all conversations")
    entries = panel.root.get_by_role("dialog", name="Conversations").get_by_role("listitem")
    opener.click()
    expect(entries).to_have_count(2)
    lab.screenshot("panel-conversations")
    entries.filter(has_text="One?").get_by_role("button").first.click()
    expect(prompts).to_have_text(["One?"])
    expect(opener).to_contain_text("One?")
    panel.ask("And then?")
    panel.wait_answered(2)

    undo = panel.root.get_by_role("button", name="Undo")
    opener.click()
    entries.filter(has_text="Two?").get_by_role("button", name="Delete").click()
    expect(entries).to_have_count(1)
    expect(panel.sentence).to_contain_text("Deleted the conversation")
    undo.click()
    opener.click()
    expect(entries).to_have_count(2)
    entries.filter(has_text="One?").get_by_role("button", name="Delete").click()
    expect(prompts).to_have_text(["Two?"])
    undo.click()
    expect(prompts).to_have_text(["One?", "And then?"])
    expect(undo).to_be_hidden()

    for _ in range(2):  # what was brought back can be deleted again
        panel.press("Delete", turn=0)
        expect(panel.turns).to_have_count(0)
        expect(panel.sentence).to_contain_text("Deleted")
        undo.click()
        expect(prompts).to_have_text(["One?", "And then?"])
    assert len(server.requests) == 3
    assert lab.console_errors == []


def test_keys_in_the_box_of_an_edit_do_what_those_of_the_composer_do(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    reply(server, "The first", "The second", "The third", "The fourth")
    panel.ask("One?")
    panel.wait_answered(1)
    editor = panel.turns.get_by_role("textbox", name="Edit the question")
    keyboard = lab.page.keyboard
    edit = panel.turns.get_by_role("button", name="Edit")
    prompt, body = panel.turns.locator(".chatwidget-prompt"), panel.answer()
    beside, below = edit.bounding_box(), body.bounding_box()
    around = prompt.bounding_box()
    assert beside is not None
    assert below is not None
    assert around is not None
    assert beside["y"] + beside["height"] <= below["y"] + 1  # at the question, above its answer
    assert around["y"] <= beside["y"] + beside["height"] / 2 <= around["y"] + around["height"]

    edit.click()
    expect(editor).to_be_focused()
    keyboard.press("End")
    keyboard.press("Shift+Enter")
    keyboard.type("Two?")
    expect(editor).to_have_value("One?\nTwo?")
    keyboard.press("Escape")
    expect(editor).to_have_count(0)
    expect(prompt).to_have_text("One?")
    expect(edit).to_be_focused()
    edit.click()
    editor.fill("Two?")
    keyboard.press("Enter")
    expect(body).to_contain_text("The second")
    expect(editor).to_have_count(0)

    panel.root.get_by_label("Enter sends").uncheck()
    panel.turns.get_by_role("button", name="Edit").click()
    keyboard.press("End")
    keyboard.press("Enter")
    keyboard.type("Three?")
    expect(editor).to_have_value("Two?\nThree?")
    keyboard.press("Control+Enter")
    expect(panel.answer()).to_contain_text("The third")
    contents = [each.json["messages"][-1]["content"] for each in server.requests]
    assert contents == ["One?", "Two?", "Two?\nThree?"]


# Sentences


def test_a_sentence_goes_when_its_cause_is_mended(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    panel.notebook.execute(
        "from chatwidget.chat.shell_session import current_session\ncurrent_session().model = ''"
    )
    for _ in range(2):
        panel.ask("Hi")
        expect(panel.status).to_contain_text("No model is chosen")
        panel.root.get_by_role("button", name="choose the model").click()
        model = panel.root.get_by_role("combobox", name="Model")
        model.fill("another")
        model.press("Enter")
        expect(panel.status).to_have_text("")
        expect(panel.field).to_have_value("Hi")
        panel.notebook.execute("current_session().model = ''")
    panel.notebook.execute("current_session().model = 'scripted'")

    server.otherwise(reset())
    panel.field.press("Enter")
    expect(panel.turns.last).to_contain_text("The answer failed")
    expect(panel.sentence).not_to_have_text("")
    lab.screenshot("panel-failed")
    reply(server, "Back again")
    panel.ask("Are you there?")
    panel.wait_answered(2)
    expect(panel.answer()).to_contain_text("Back again")
    expect(panel.sentence).to_have_text("")
    expect(panel.status).to_have_text("")
