"""The panel as a person uses it, in a real JupyterLab: a flow for each thing that it promises."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.panels import Panel, practice_panel, scripted_panel
from browser.test_chat import HOSTILE, begun, ended
from notebook.calling import answering, calling
from wire.replies import SSE_HEAD, chunk, done, error, json_response, sse, stream_of
from wire.scripted_server import close, pause, reset, stall

if TYPE_CHECKING:
    from pathlib import Path

    from browser.lab import Lab
    from wire.scripted_server import ScriptedServer

CODE = "Try this:\n\n```python\nprint('never run')\n```\n\nThat is all."


def reply(server: ScriptedServer, *texts: str) -> None:
    for text in texts:
        server.reply(SSE_HEAD, stream_of(text), close())


# 1. Settings, 5. one object


def test_a_control_and_the_magic_change_one_and_the_same_setting(lab: Lab) -> None:
    panel = practice_panel(lab, "%chat set temperature=0.3")
    notebook, temperature = panel.notebook, panel.row("temperature")
    expect(panel.switch("temperature")).not_to_be_checked()
    notebook.run(2)
    expect(panel.box("temperature")).to_have_value("0.3")
    expect(panel.switch("temperature")).to_be_checked()

    handle = panel.slider("temperature")
    handle.hover()
    lab.page.mouse.down()
    track = temperature.locator(".noUi-base").bounding_box()
    assert track is not None
    lab.page.mouse.move(track["x"] + track["width"] * 0.75, track["y"] + 4, steps=4)
    panel.says("it.settings.temperature", 0.3)  # until it is let go
    lab.page.mouse.up()
    expect(panel.box("temperature")).to_have_value(re.compile(r"1\.[456]\d?"))

    panel.set("temperature", "1.2")
    expect(handle).to_have_attribute("aria-valuetext", re.compile(r"1\.20?$"))
    handle.focus()
    lab.page.keyboard.press("ArrowRight")
    expect(panel.box("temperature")).to_have_value("1.25")
    lab.page.keyboard.press("ArrowDown")
    expect(panel.box("temperature")).to_have_value("1.2")
    expect(handle).to_be_focused()

    temperature.get_by_role("button", name="Reset").click()
    expect(panel.switch("temperature")).not_to_be_checked()
    panel.says("it.settings.sent()", {})
    assert lab.console_errors == []


def test_a_flag_holds_for_its_cell_and_leaves_a_mark_at_the_slider(lab: Lab) -> None:
    panel = practice_panel(lab, "%chat set temperature=0.3", "%%chat --temperature 0.6\nHi")
    for index in (2, 3):
        panel.notebook.run(index)
        panel.notebook.wait_finished(index)
    ghost = panel.row("temperature").get_by_role("button", name="the last cell was asked with this")
    expect(ghost).to_be_visible()
    expect(panel.box("temperature")).to_have_value("0.3")
    panel.says("it.settings.temperature", 0.3)
    expect(panel.turns.last.locator(".chatwidget-facts")).to_contain_text("temperature 0.6")
    expect(panel.notebook.output(3)).to_contain_text("temperature 0.6")


def test_a_refused_parameter_is_struck_out_with_the_reason_of_the_server(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    said = "Unsupported parameter: 'top_p' is not supported with this model."
    server.reply(json_response(error(said, param="top_p", code="unsupported_parameter"), 400))
    reply(server, "Hello there")
    panel.set("top_p", "0.5")
    panel.ask("Hi")
    panel.wait_answered(1)
    outcome = f"does not take it, so it is left out: {said}"
    expect(panel.row("top_p")).to_contain_text(outcome)
    expect(panel.row("top_p").locator("code")).to_have_css("text-decoration-line", "line-through")
    expect(panel.row("top_p")).to_have_attribute("data-status", "unsupported")


def test_groups_and_help_open_and_close(lab: Lab) -> None:
    panel = practice_panel(lab)
    expect(panel.row("seed")).to_have_count(0)
    for title in ("Sampling", "Length", "Output", "Reasoning", "Tools", "Service"):
        panel.open_group(title)
    for name in ("seed", "max_tokens", "logprobs", "verbosity", "tools", "store"):
        expect(panel.row(name)).to_be_visible()
    panel.open_group("Service")
    expect(panel.row("store")).to_have_count(0)

    row = panel.row("temperature")
    row.get_by_role("button", name="What temperature does").click()
    expect(row.get_by_text("Low values keep to the likeliest words")).to_be_visible()
    expect(row.get_by_text("Takes a number from 0 to 2.")).to_be_visible()
    row.get_by_role("button", name="Handbook").click()
    expect(row.locator(".chatwidget-parameter-page")).to_contain_text("top_p")
    lab.screenshot("panel-help")
    row.get_by_role("button", name="What temperature does").click()
    expect(row.get_by_text("Takes a number from 0 to 2.")).to_be_hidden()

    toggle = panel.root.get_by_role("button", name="Settings", exact=True)
    toggle.click()
    expect(panel.row("temperature")).to_be_hidden()
    toggle.click()
    expect(panel.row("temperature")).to_be_visible()


def test_a_parameter_is_found_by_typing_and_keeps_its_place(lab: Lab) -> None:
    panel = practice_panel(lab)
    find = panel.root.get_by_role("combobox", name="Find a parameter")
    find.fill("likeliest tok")
    options = panel.root.get_by_role("option")
    expect(options.filter(has_text="top_logprobs")).to_be_visible()
    find.fill("seed")
    find.press("ArrowDown")
    find.press("Enter")
    expect(panel.row("seed")).to_be_in_viewport()
    panel.set("seed", "7")
    panel.says("it.settings.sent()", {"seed": 7})
    sent = panel.root.get_by_role("group", name="Sent parameters")
    expect(sent).to_contain_text("seed")


def test_presets_are_saved_loaded_and_deleted_and_each_can_be_undone(lab: Lab) -> None:
    panel = practice_panel(lab)
    panel.set("temperature", "0.7")
    menu = panel.root.get_by_role("dialog", name="Presets")

    def choose(name: str, role: str = "button") -> None:
        if not menu.is_visible():
            panel.root.get_by_role("button", name="Presets").click()
        menu.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    panel.root.get_by_role("button", name="Presets").click()
    menu.get_by_label("Name of the preset").fill("mine")
    menu.get_by_role("button", name="Save these settings").click()
    expect(panel.sentence).to_contain_text("Saved as mine.")
    choose("Neutral")
    panel.says("it.settings.sent()", {})
    choose("mine")
    panel.says("it.settings.sent()", {"temperature": 0.7})
    undo = panel.root.get_by_role("button", name="Undo")
    undo.click()
    panel.says("it.settings.sent()", {})
    choose("Delete the preset")
    expect(menu.get_by_role("button", name="mine")).to_have_count(0)
    undo.click()
    choose("mine")
    panel.says("it.settings.sent()", {"temperature": 0.7})


def test_the_request_tab_says_what_is_sent_and_takes_it_back(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    reply(server, "Hello there")
    panel.set("temperature", "0.4")
    panel.ask("Hi")
    panel.wait_answered(1)
    panel.field.fill("And now?")
    panel.show("Request")
    texts = {
        name: panel.root.get_by_role("region", name=name, exact=True)
        for name in ("Cell magic", "Python", "Official client", "curl", "Messages")
    }
    expect(texts["Cell magic"]).to_contain_text("--temperature=0.4\nAnd now?")
    expect(texts["Python"]).to_contain_text("temperature=0.4")
    expect(texts["Official client"]).to_contain_text("client.chat.completions.create(")
    expect(texts["curl"]).to_contain_text("chat/completions")
    for name in ("Python", "Official client", "curl", "Messages"):
        for said in ("Hi", "Hello there", "And now?"):
            expect(texts[name]).to_contain_text(said)
    pasted = panel.root.get_by_label("A request to read settings from")
    use = panel.root.get_by_role("button", name="Use these settings")
    for text, sent in (
        ("%%chat -t 1.5 --top-p 0.25", {"temperature": 1.5, "top_p": 0.25}),
        ('{"model": "scripted", "messages": [], "temperature": 0.5}', {"temperature": 0.5}),
        (
            """curl https://api.example.com/v1/chat/completions \\
              -H 'Authorization: Bearer sk-canary' -d '{"model": "scripted", "top_p": 0.5}'""",
            {"top_p": 0.5},
        ),
        (
            "client.chat.completions.create(model='scripted', messages=m, seed=3)",
            {"seed": 3},
        ),
    ):
        pasted.fill(text)
        use.click()
        panel.says("it.settings.sent()", sent)
    expect(panel.root).not_to_contain_text("sk-canary")
    lab.screenshot("panel-request")
    pasted.fill("what is this?")
    use.click()
    expect(panel.root.locator(".chatwidget-paste [role=status]")).to_contain_text("%%chat")
    expect(pasted).to_have_value("what is this?")
    panel.says("it.settings.sent()", {"seed": 3})
    box = use.bounding_box()
    assert box is not None
    assert box["height"] > 15


# 2. The conversation


def test_an_answer_streams_in_and_is_safe(lab: Lab, server: ScriptedServer) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, begun("Hello ", "**there**"), pause(go_on), ended(HOSTILE), close())
    panel = scripted_panel(lab, server)
    panel.ask("Hi <img src=x onerror=alert(1)>")
    expect(panel.answer()).to_contain_text("Hello there")
    expect(panel.send).to_have_text("Stop")
    expect(panel.turns).to_have_attribute("class", re.compile("chatwidget-running"))
    go_on.set()
    expect(panel.answer()).to_contain_text("The end.")
    panel.wait_answered(1)
    expect(panel.turns.locator(".chatwidget-prompt")).to_have_text(
        "Hi <img src=x onerror=alert(1)>"
    )
    expect(panel.turns.locator(".chatwidget-facts")).to_contain_text("scripted")
    assert panel.turns.locator("img, script, iframe, style").count() == 0
    assert (lab.dialogs, lab.foreign_requests, lab.console_errors) == ([], [], [])


def test_escape_and_the_button_stop_and_what_came_stays(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    for count, stop in enumerate((panel.send.click, lambda: panel.field.press("Escape")), start=1):
        server.reply(SSE_HEAD, begun("Hello ", "there"), stall())
        panel.ask("Hi")
        expect(panel.turns).to_have_count(count)
        expect(panel.answer()).to_contain_text("Hello there")
        stop()
        panel.wait_answered(count)
        assert server.connections[-1].wait_closed(2)
        expect(panel.turns.last).to_contain_text("Stopped: what is here stays")
        expect(panel.answer()).to_contain_text("Hello there")
        expect(panel.send).to_have_text("Send")


def test_a_double_click_on_send_sends_and_does_not_stop(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    server.reply(SSE_HEAD, begun("Hello"), stall())
    panel.field.fill("Hi")
    panel.send.dblclick(delay=100)
    expect(panel.answer()).to_contain_text("Hello")
    expect(panel.send).to_have_text("Stop")
    panel.send.click()
    panel.wait_answered(1)


def test_escape_stops_what_the_kernel_has_hardly_heard_of(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    server.reply(SSE_HEAD, begun("Hello"), stall())
    panel.ask("Hi")
    panel.field.press("Escape")
    panel.wait_answered(1)
    expect(panel.turns.last).to_contain_text("Stopped")
    expect(panel.send).to_have_text("Send")


def test_a_question_is_edited_asked_again_and_deleted(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    reply(server, "The first", "The second", "The third")
    panel.set("temperature", "0.4")
    panel.ask("One?")
    panel.wait_answered(1)
    panel.press("Again:")
    expect(panel.answer()).to_contain_text("The second")
    expect(panel.place).to_have_text("2/2")

    panel.press("Edit")
    editor = panel.turns.get_by_role("textbox", name="Edit the question")
    expect(editor).to_have_value("One?")
    editor.fill("Two?")
    editor.press("Control+Enter")
    expect(panel.answer()).to_contain_text("The third")
    expect(panel.place).to_have_text("3/3")
    assert [each.json["messages"][-1]["content"] for each in server.requests] == [
        "One?",
        "One?",
        "Two?",
    ]
    panel.press("Earlier version")
    expect(panel.answer()).to_contain_text("The second")
    expect(panel.place).to_have_text("2/3")
    panel.press("Earlier version")
    expect(panel.answer()).to_contain_text("The first")
    panel.press("Later version")
    expect(panel.answer()).to_contain_text("The second")

    panel.turns.locator(".chatwidget-why summary").click()
    expect(panel.turns.locator(".chatwidget-why")).to_contain_text("temperature = 0.4")
    panel.set("temperature", "1.9")
    panel.press("Use settings")
    expect(panel.box("temperature")).to_have_value("0.4")
    panel.press("Delete")
    expect(panel.place).to_have_text("2/2")
    panel.press("Delete")
    expect(panel.place).to_have_count(0)
    panel.press("Delete")
    expect(panel.root.locator(".chatwidget-empty")).to_be_visible()
    assert len(server.requests) == 3


def test_code_goes_to_the_clipboard_and_to_one_new_cell_that_is_not_run(
    lab: Lab, server: ScriptedServer
) -> None:
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel = scripted_panel(lab, server, "x = 'the last cell'")
    server.reply(SSE_HEAD, stream_of(CODE), close())
    panel.ask("Code?")
    panel.wait_answered(1)
    panel.press("Copy this code")
    expect(panel.turns.get_by_role("button", name="Copy this code")).to_have_text("Copied")
    assert lab.page.evaluate("navigator.clipboard.readText()") == "print('never run')"
    cells = panel.notebook.root.locator(".jp-Cell")
    expect(cells).to_have_count(3)
    panel.press("To a new cell")
    expect(cells).to_have_count(4)
    expect(panel.notebook.cell(2).locator(".cm-content")).to_contain_text("print('never run')")
    expect(panel.notebook.prompt(2)).to_have_text("[ ]:")
    expect(panel.notebook.cell(3).locator(".cm-content")).to_contain_text("the last cell")


def test_it_stays_at_the_end_until_the_person_scrolls_up(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    steps = [threading.Event() for _ in range(2)]
    long = "".join(f"Paragraph {number}.\n\n" for number in range(60))
    server.reply(
        SSE_HEAD, begun(long), pause(steps[0]), begun(long), pause(steps[1]), ended("Fin"), close()
    )
    panel.ask("Long?")
    turns = panel.root.locator(".chatwidget-turns")
    gap = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
    expect(panel.answer()).to_contain_text("Paragraph 59")
    lab.wait_until(lambda: turns.evaluate(gap) < 5)
    box = turns.bounding_box()
    assert box is not None
    lab.page.mouse.move(box["x"] + 50, box["y"] + 50)
    lab.page.mouse.wheel(0, -40)
    jump = panel.root.get_by_role("button", name="To the end")
    expect(jump).to_be_visible()
    lab.page.mouse.wheel(0, -300)
    lab.wait_until(lambda: turns.evaluate(gap) > 300)
    steps[0].set()
    expect(panel.answer().locator("p", has_text="Paragraph 59")).to_have_count(2)
    assert turns.evaluate(gap) > 300
    jump.click()
    lab.wait_until(lambda: turns.evaluate(gap) < 5)
    steps[1].set()
    panel.wait_answered(1)
    lab.wait_until(lambda: turns.evaluate(gap) < 5)
    expect(jump).to_be_hidden()


MANY_TURNS = """
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.shell_session import current_session

session, many = current_session(), Conversation()
for number in range(40):
    answers = [ChatCompletionMessage(content=f"Answer {number}")]
    many = many.with_turn(
        Turn(id=f"t{number}", parent=many.head, prompt=f"Question {number}", answers=answers)
    )
"""


def test_a_long_conversation_stands_in_its_order_when_turns_come_and_go(lab: Lab) -> None:
    panel = practice_panel(lab)
    panel.notebook.execute(MANY_TURNS)
    prompts = panel.root.locator(".chatwidget-prompt")
    for count in (40, 18, 33, 16, 40):
        panel.notebook.execute(f"session.change(lambda _: many.until('t{count - 1}'))")
        expect(prompts).to_have_text([f"Question {number}" for number in range(count)])
    expect(panel.answer()).to_be_in_viewport()
    panel.notebook.execute("session.change(lambda _: Conversation())")
    expect(panel.turns).to_have_count(0)
    expect(panel.root.locator(".chatwidget-empty")).to_be_visible()


def test_an_empty_conversation_offers_examples(lab: Lab) -> None:
    panel = practice_panel(lab)
    examples = panel.root.locator(".chatwidget-empty button")
    expect(examples).to_have_count(3)
    text = examples.first.inner_text()
    examples.first.click()
    panel.wait_answered(1)
    expect(panel.turns.locator(".chatwidget-prompt")).to_have_text(text)
    expect(panel.root.locator(".chatwidget-empty")).to_be_hidden()


def test_several_answers_stand_side_by_side_and_one_is_used(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server, "%chat set n=2")
    panel.notebook.run(2)
    two = sse(chunk("Petrel."), chunk("Halyard.", index=1))
    ends = sse(*(chunk(None, index=index, finish_reason="stop") for index in (0, 1)))
    server.reply(SSE_HEAD, two, ends + done(), close())
    reply(server, "Yes indeed")
    panel.says("it.settings.n", 2)
    panel.ask("A name?")
    panel.wait_answered(1)
    columns = panel.turns.locator(".chatwidget-column")
    expect(columns).to_have_count(2)
    expect(columns.nth(0)).to_contain_text("in use")
    columns.nth(1).get_by_role("button", name="Use this one").click()
    expect(columns.nth(1)).to_contain_text("in use")
    expect(columns.nth(0)).not_to_contain_text("in use")
    lab.screenshot("panel-choices")
    panel.notebook.execute("current_session().settings.n = None")
    panel.ask("Sure?")
    panel.wait_answered(2)
    assert [each["content"] for each in server.requests[1].json["messages"]] == [
        "A name?",
        "Halyard.",
        "Sure?",
    ]


def test_a_call_of_a_tool_runs_when_it_is_approved(lab: Lab, server: ScriptedServer) -> None:
    function = "def add(a: int, b: int) -> int:\n    'Add.'\n    return a + b"
    panel = scripted_panel(lab, server, function)
    panel.notebook.run(2)
    panel.notebook.wait_finished(2)
    panel.notebook.evaluate(
        "from chatwidget.chat.shell_session import current_session", "current_session()"
    )
    panel.notebook.execute("current_session().settings.tools = [add]")
    for decision, said in (("Deny", "did not allow"), ("Approve", "→ 42")):
        server.reply(*calling(("add", {"a": 19, "b": 23})))
        server.reply(*answering("So it is."))
        panel.ask("19 and 23?")
        group = panel.turns.last.get_by_role("group", name="May add run?")
        expect(group).to_be_visible()
        expect(panel.answer()).to_contain_text('"a": 19')
        lab.screenshot("panel-tool")
        group.get_by_role("button", name=decision).click()
        expect(panel.turns.last).to_contain_text("So it is.")
        expect(panel.answer().locator("summary")).to_contain_text(said)
        expect(group).to_have_count(0)


# 3. The composer


def test_keys_in_the_field_do_what_they_say_and_nothing_else(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server, "x = 1")
    reply(server, "One two", "One two", "One two")
    field, keyboard = panel.field, lab.page.keyboard
    prompt = panel.notebook.prompt(1).inner_text()
    height = field.evaluate("node => node.clientHeight")
    field.click()
    keyboard.type("dd")
    keyboard.press("Shift+Enter")
    keyboard.type("a")
    keyboard.press("Shift+Enter")
    keyboard.type("b")
    expect(field).to_have_value("dd\na\nb")
    assert field.evaluate("node => node.clientHeight") > height
    keyboard.press("Enter")
    panel.wait_answered(1)
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    keyboard.press("ArrowUp")
    expect(field).to_have_value("dd\na\nb")
    keyboard.press("Control+Enter")
    panel.wait_answered(2)
    panel.root.get_by_label("Enter sends").uncheck()
    field.click()
    keyboard.type("one")
    keyboard.press("Enter")
    keyboard.type("two")
    expect(field).to_have_value("one\ntwo")
    keyboard.press("Control+Enter")
    panel.wait_answered(3)
    keyboard.press("Escape")
    expect(field).to_be_focused()
    contents = [each.json["messages"][-1]["content"] for each in server.requests]
    assert contents == ["dd\na\nb", "dd\na\nb", "one\ntwo"]
    assert panel.notebook.root.locator(".jp-Cell").count() == 3
    assert panel.notebook.prompt(1).inner_text() == prompt


def test_keys_on_other_parts_of_the_panel_do_not_reach_the_notebook(lab: Lab) -> None:
    panel = practice_panel(lab, "x = 1")
    prompt = panel.notebook.prompt(1).inner_text()
    panel.switch("temperature").focus()
    for key in ("a", "b", "d", "d", "x", "m", "Shift+Enter"):
        lab.page.keyboard.press(key)
    panel.root.locator(".chatwidget-turns").focus()
    for key in ("a", "d", "d", "ArrowDown"):
        lab.page.keyboard.press(key)
    expect(panel.row("temperature")).to_be_visible()
    assert panel.notebook.root.locator(".jp-Cell").count() == 3
    assert panel.notebook.prompt(1).inner_text() == prompt


PASTE = """(node, kind) => {
    const bytes = Uint8Array.from(atob(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    ), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    const file = kind === "paste"
        ? new File([bytes], "dot.png", { type: "image/png" })
        : new File(["x,y"], "table.csv", { type: "text/csv" });
    data.items.add(file);
    const options = { bubbles: true, cancelable: true };
    node.dispatchEvent(kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, ...options })
        : new DragEvent("drop", { dataTransfer: data, ...options }));
}"""


def test_an_image_is_pasted_and_a_file_is_dropped(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    reply(server, "A dot")
    panel.field.evaluate(PASTE, "paste")
    panel.field.evaluate(PASTE, "drop")
    tags = panel.root.locator(".chatwidget-composer .chatwidget-tag")
    expect(tags).to_have_text([re.compile("dot.png"), re.compile("table.csv")])
    panel.ask("What is this?")
    panel.wait_answered(1)
    text, image, file = server.requests[0].json["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert "x,y" in file["text"]
    expect(tags).to_have_count(0)
    expect(panel.turns.locator("img.chatwidget-picture")).to_have_count(1)
    expect(panel.turns).to_contain_text("table.csv")
    assert lab.foreign_requests == []


def test_what_cannot_be_asked_stays_in_the_field(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    panel.notebook.evaluate(
        "from chatwidget.chat.shell_session import current_session\ncurrent_session().model = ''",
        "1",
    )
    panel.ask("Hi")
    expect(panel.status).to_contain_text("No model is chosen")
    expect(panel.field).to_have_value("Hi")
    panel.notebook.execute("current_session().model = 'scripted'")
    reply(server, "Hello there")
    panel.field.press("Enter")
    panel.wait_answered(1)
    server.otherwise(reset())
    panel.ask("Are you there?")
    expect(panel.turns).to_have_count(2)
    expect(panel.turns.last).to_contain_text("The answer failed", timeout=20_000)
    expect(panel.turns.last.locator(".chatwidget-prompt")).to_have_text("Are you there?")


# 4. Live tuning


def test_a_released_control_asks_again_and_a_tick_brings_the_answer_back(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server)
    reply(server, "Zero point five", "One point five", "Something else")
    panel.set("temperature", "0.5")
    panel.ask("Hi")
    panel.wait_answered(1)
    panel.press("Pin")
    panel.rerun.check()
    limit = panel.root.get_by_label("Requests a minute")
    budget = limit.locator("..")
    expect(budget).to_have_text(re.compile(r"at most\s+a minute$"))
    panel.set("temperature", "1.5")
    expect(panel.answer()).to_contain_text("One point five")
    expect(budget).to_have_text(re.compile(r"at most\s+a minute · 1 used$"))
    expect(panel.marks).to_have_count(2)
    comparison = panel.root.get_by_role("region", name="Pinned answer and newest answer")
    expect(comparison.locator("mark")).to_have_text(["Zero", "One"])
    lab.screenshot("panel-tuning")
    comparison.get_by_role("button", name="Close the comparison").click()
    panel.marks.first.click()
    expect(panel.answer()).to_contain_text("Zero point five")
    expect(panel.box("temperature")).to_have_value("0.5")
    assert len(server.requests) == 2
    panel.set("temperature", "1.5")
    expect(panel.answer()).to_contain_text("One point five")
    assert len(server.requests) == 2

    expect(budget).to_contain_text("1 used")  # what is brought back is not asked for
    limit.fill("1")
    limit.press("Tab")
    panel.set("temperature", "0.9")
    expect(panel.sentence).to_contain_text("The limit of 1 re-runs a minute is reached")
    assert len(server.requests) == 2
    expect(panel.turns.last).to_be_in_viewport()


# 6. It never blocks, and never lies

BUSY = """import pathlib, time
print("begin")
while not pathlib.Path({flag!r}).exists():
    time.sleep(0.01)
print("end")"""


def test_it_answers_and_stops_while_a_cell_runs(
    lab: Lab, server: ScriptedServer, tmp_path: Path
) -> None:
    flag, middle = tmp_path / "flag", threading.Event()
    panel = scripted_panel(lab, server, BUSY.format(flag=str(flag)))
    server.reply(SSE_HEAD, begun("Hello "), pause(middle), ended("there"), close())
    server.reply(SSE_HEAD, begun("And "), stall())
    panel.ask("Hi")
    expect(panel.answer()).to_contain_text("Hello")
    panel.notebook.run(2)
    panel.notebook.wait_text(2, "begin")
    middle.set()
    panel.wait_answered(1)
    expect(panel.answer()).to_contain_text("Hello there")
    panel.ask("And now?")  # a subshell of the kernel takes it
    expect(panel.answer()).to_contain_text("And")
    panel.send.click()
    panel.wait_answered(2)
    expect(panel.turns.last).to_contain_text("Stopped")
    assert panel.notebook.prompt(2).inner_text() == "[*]:"
    flag.touch()
    panel.notebook.wait_finished(2)
    assert panel.notebook.output_text(2) == "begin\nend"


def test_where_a_cell_blocks_the_kernel_it_says_so_and_sends_later(
    lab: Lab, server: ScriptedServer, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    busy = BUSY.format(flag=str(flag))
    panel = scripted_panel(lab, server, busy, subshells=False)
    reply(server, "Later then")
    panel.notebook.run(2)
    panel.notebook.wait_text(2, "begin")
    panel.ask("And later?")
    expect(panel.status).to_contain_text("The kernel is busy with a cell")
    expect(panel.field).to_have_value("And later?")
    lab.screenshot("panel-busy")
    assert server.requests == []
    flag.touch()
    panel.wait_answered(1)
    expect(panel.answer()).to_contain_text("Later then")
    expect(panel.field).to_have_value("")
    expect(panel.status).to_have_text("")


def test_a_page_that_is_loaded_anew_shows_the_conversation_as_the_kernel_has_it(
    lab: Lab, server: ScriptedServer
) -> None:
    middle = threading.Event()
    panel = scripted_panel(lab, server)
    reply(server, "The first")
    server.reply(SSE_HEAD, begun("Hello **there** "), pause(middle), ended("and more"), close())
    panel.ask("One?")
    panel.wait_answered(1)
    panel.ask("Two?")
    expect(panel.answer()).to_contain_text("Hello there")
    panel.field.fill("A draft")
    panel.notebook.save()
    expect(panel.field).to_have_value("A draft")
    panel.says("it.panel.model.builder.draft", "A draft")
    path = panel.notebook.path
    lab.load()
    notebook = lab.open_file(path)
    panel = Panel(notebook, 1).wait()
    expect(panel.turns).to_have_count(2)
    expect(panel.answer(0)).to_contain_text("The first")
    expect(panel.answer(1)).to_contain_text("Hello there")
    expect(panel.send).to_have_text("Stop")
    expect(panel.field).to_have_value("A draft")
    middle.set()
    panel.wait_answered(2)
    expect(panel.answer(1)).to_contain_text("Hello there and more")
    expect(notebook.output(1).locator(".chatwidget-panel-copy").first).to_be_hidden()


def test_a_notebook_without_a_kernel_shows_the_copy(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    server.reply(SSE_HEAD, stream_of(f"**Hello** {HOSTILE}"), close())
    panel.ask("Hi")
    panel.wait_answered(1)
    copies = panel.notebook.output(1).locator(".chatwidget-panel-copy")
    expect(copies.filter(visible=True)).to_have_count(0)
    lab.wait_until(lambda: "".join(copies.all_text_contents()).strip() == "")  # costs nothing

    def is_saved() -> bool:
        panel.notebook.save()
        return "The end." in str(panel.notebook.read_file()["cells"][1]["outputs"])

    lab.wait_until(is_saved)
    notebook = panel.notebook.reopen()
    expect(notebook.output(1).locator(".chatwidget-panel-copy").first).to_be_visible()
    expect(notebook.output(1).locator(".chatwidget-panel-copy strong")).to_have_text("Hello")
    said = notebook.output_text(1)
    assert not [each for each in ("widget", "in the kernel", "ChatPanel(") if each in said], said
    lab.screenshot("panel-copy")
    assert (lab.dialogs, lab.foreign_requests) == ([], [])
