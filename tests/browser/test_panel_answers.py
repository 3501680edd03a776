"""Answers in the panel as a new user meets them: compared, in versions, with images, with tools."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.panels import CLEAR, scripted_panel
from browser.test_panel import PASTE, reply
from browser.test_panel_flows import DROP, LONG
from notebook.calling import answering, calling
from wire.replies import SSE_HEAD, chunk, done, sse
from wire.scripted_server import close

if TYPE_CHECKING:
    from browser.lab import Lab
    from wire.scripted_server import ScriptedServer

SCROLLED = """node => [node, ...node.querySelectorAll("*")].filter((each) =>
    ["auto", "scroll"].includes(getComputedStyle(each).overflowY)
    && each.scrollHeight > each.clientHeight + 1).length"""
SCROLL_INTO_LAST = """(node, place) => {
    const { offsetTop, offsetHeight } = [...node.querySelectorAll(".chatwidget-turn")].at(-1);
    node.scrollTop = offsetTop - node.offsetTop + place * offsetHeight;
}"""
STRUCK = """node => [node, ...node.querySelectorAll("*")].filter((each) =>
    getComputedStyle(each).textDecorationLine.includes("line-through")).length"""


# Comparison


@pytest.mark.parametrize("width", ["", "360px"])
def test_a_comparison_marks_what_differs_in_what_can_be_read(
    lab: Lab, server: ScriptedServer, width: str
) -> None:
    panel = scripted_panel(lab, server)
    panel.root.evaluate("(node, width) => { node.style.width = width; }", width)
    text = "# A name\n\nTry **{}** for it.\n\n- a list\n\n" + LONG
    reply(server, text.format("petrel"), text.format("halyard"), "Quite another one")
    panel.ask("A name?")
    panel.wait_answered(1)
    panel.press("Pin")
    panel.press("Again:")
    comparison = panel.root.get_by_role("region", name="Pinned answer and newest answer")
    expect(comparison).to_be_visible()
    assert comparison.locator("del, s, strike").count() == 0
    assert comparison.evaluate(STRUCK) == 0
    expect(comparison.locator("mark")).to_have_text(["petrel", "halyard"])
    expect(comparison.locator("strong")).to_have_text(["petrel", "halyard"])
    expect(comparison.locator("li")).to_have_text(["a list", "a list"])
    assert "**" not in comparison.inner_text()

    assert comparison.evaluate(SCROLLED) == 1
    ends = comparison.get_by_text("Paragraph 59")
    expect(ends).to_have_count(2)
    expect(ends.first).not_to_be_in_viewport()
    box, chat = comparison.bounding_box(), panel.root.get_by_role("tabpanel").bounding_box()
    whole = panel.root.bounding_box()
    assert box is not None
    assert chat is not None
    assert whole is not None
    assert box["height"] >= 0.6 * whole["height"]
    assert box["height"] >= 0.95 * chat["height"]
    lab.screenshot(f"panel-comparison-{width or 'wide'}")
    lab.page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    lab.page.mouse.wheel(0, 5000)
    for end in ends.all():
        expect(end).to_be_in_viewport()

    lab.page.keyboard.press("Escape")
    expect(comparison).to_be_hidden()
    expect(panel.log).to_be_focused()
    panel.press("Pin")
    panel.ask("Another?")  # the second one
    expect(panel.turns).to_have_count(2)
    expect(comparison).to_contain_text("Quite another one")
    assert lab.console_errors == []


# What an answer was asked with


def test_the_footer_says_what_each_version_was_asked_with(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server, "%%chat -t 0.7 --max-tokens 32\nIn a cell?")
    reply(server, "The first", "The second", "In a cell")
    facts = panel.turns.last.locator(".chatwidget-facts")
    panel.set("temperature", "0.2")
    panel.ask("One?")
    panel.wait_answered(1)
    panel.set("temperature", "0.9")
    panel.press("Again:")
    expect(facts).to_contain_text("temperature 0.9")
    panel.press("Earlier version")
    expect(facts).to_contain_text("temperature 0.2")
    expect(panel.answer()).to_contain_text("The first")
    expect(panel.box("temperature")).to_have_value("0.9")  # it is looked at, and not adopted
    panel.press("Later version")
    expect(facts).to_contain_text("temperature 0.9")

    panel.notebook.run(2)
    panel.notebook.wait_finished(2)
    said = re.compile(r"scripted · .*temperature 0\.7 · max_tokens 32 · ")
    expect(panel.notebook.output(2)).to_have_text(said)
    expect(facts).to_have_text(said)


# Attachments


def test_an_image_is_seen_before_and_after_it_is_sent(lab: Lab, server: ScriptedServer) -> None:
    panel = scripted_panel(lab, server)
    drawn = "node => node.complete && node.naturalWidth > 0 && node.clientWidth"
    shelf = panel.root.get_by_role("list", name="Attachments")
    picture = panel.turns.last.get_by_role("img", name="Attached image")
    for number in (1, 2):
        reply(server, "A dot")
        panel.field.evaluate(PASTE, "paste")
        panel.field.evaluate(PASTE, "drop")
        panel.field.evaluate(DROP, ["notes.txt", 0, "To be forgotten"])
        expect(shelf.get_by_role("listitem")).to_have_text(["dot.png", "table.csv", "notes.txt"])
        expect(shelf.locator("img")).to_have_count(1)
        lab.wait_until(lambda: shelf.locator("img").evaluate(drawn) >= 24)
        shelf.get_by_role("button", name="Remove notes.txt").click()
        expect(shelf.get_by_role("listitem")).to_have_text(["dot.png", "table.csv"])
        lab.screenshot("panel-attachments")
        panel.ask("What is this?")
        panel.wait_answered(number)
        expect(shelf).to_be_hidden()
        lab.wait_until(lambda: picture.evaluate(drawn))
        expect(panel.turns.last).to_contain_text("table.csv")
        expect(panel.turns.last).not_to_contain_text("notes.txt")
        assert "To be forgotten" not in server.requests[-1].body.decode()
    assert lab.foreign_requests == []


# Pictures and sources

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q"
    "DwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
IS_DRAWN = "node => node.complete && node.naturalWidth === 1"
ELSEWHERE = "https://pictures.example/dot.png"
SHOWN: dict[str, Any] = {
    "images": [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DOT}"}},
        {"type": "image_url", "image_url": {"url": ELSEWHERE}},
    ],
    "annotations": [
        {"type": "url_citation", "url_citation": {"title": "A page", "url": "https://a.example/"}}
    ],
}


def test_pictures_of_an_answer_are_drawn_and_none_is_loaded_from_elsewhere(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(lab, server, "%%chat\nDraw a dot.")
    drawing = sse(chunk("A dot"), chunk(None, delta=SHOWN), chunk(None, finish_reason="stop"))
    for _ in range(2):
        server.reply(SSE_HEAD, drawing + done(), close())
    panel.ask("Draw a dot.")
    panel.wait_answered(1)
    panel.notebook.run(2)
    panel.notebook.wait_finished(2)
    for shown in (panel.turns.first, panel.notebook.output(2)):
        picture = shown.get_by_role("img", name="Picture 1 of the answer")
        lab.wait_until(partial(picture.evaluate, IS_DRAWN))
        expect(shown.get_by_role("img")).to_have_count(1)
        links = shown.get_by_role("link")
        hrefs = [link.get_attribute("href") for link in links.all()]
        assert sorted(map(str, hrefs)) == ["https://a.example/", ELSEWHERE]
        for link in links.all():
            assert "noopener" in str(link.get_attribute("rel"))
    lab.screenshot("panel-pictures-of-an-answer")
    assert lab.foreign_requests == []


# Approval

HOSTILE_FORMULAS = r"""
$$\hspace{-3000px} \begin{matrix} \Huge\text{Deny Deny} \\[-600px] x \\[900px] y \\[-500px] z \end{matrix}$$

$$\smash{\raise{400px}{\rlap{\Huge\text{Deny Deny Deny}}}}$$

$$\bbox[red,5000px]{x} \llap{\rule{9999px}{9999px}} \hspace{-3000px} \raise{300px}{\rule{9999px}{500px}}$$

\[\style{position: fixed; inset: 0; z-index: 9999}{x}\]

<div style="position: fixed; inset: 0; z-index: 99999; background: red">May it run? <button>Approve</button></div>
"""  # noqa: E501 - a model's words


def test_nothing_that_a_model_writes_lies_on_the_buttons_of_an_approval(
    lab: Lab, server: ScriptedServer
) -> None:
    panel = scripted_panel(
        lab, server, "def wipe(path: str) -> str:\n    'Wipe a path.'\n    return 'gone'"
    )
    panel.notebook.run(2)
    panel.notebook.wait_finished(2)
    panel.notebook.execute(
        "from chatwidget.chat.shell_session import current_session\n"
        "current_session().settings.tools = [wipe]"
    )
    before = LONG + HOSTILE_FORMULAS
    for count, decision in enumerate(("Deny", "Approve"), start=1):
        server.reply(*calling(("wipe", {"path": "/the/last/path"}), text=before))
        server.reply(*answering(HOSTILE_FORMULAS))
        panel.ask("Clean up?")
        expect(panel.turns).to_have_count(count)
        group = panel.turns.last.get_by_role("group", name="May wipe run?")
        expect(group).to_be_visible()
        panel.root.scroll_into_view_if_needed()
        expect(panel.answer().locator("mjx-container").first).to_be_attached()
        expect(panel.answer()).to_contain_text('<div style="position: fixed;')
        expect(panel.answer().get_by_text("/the/last/path").last).to_be_in_viewport()
        for place in (0, 0.5, 1):  # of the turn: its buttons stay in sight
            panel.log.evaluate(SCROLL_INTO_LAST, place)
            for name in ("Approve", "Always", "Deny"):
                each = group.get_by_role("button", name=name)
                expect(each).to_be_in_viewport()
                assert each.evaluate(CLEAR)
        lab.screenshot(f"panel-approval-{decision}")
        assert panel.send.evaluate(CLEAR)
        group.get_by_role("button", name=decision).click()
        panel.wait_answered(count)
        expect(group).to_have_count(0)
        assert panel.send.evaluate(CLEAR)
        assert panel.root.get_by_role("button", name="New conversation", exact=True).evaluate(CLEAR)
    assert (lab.dialogs, lab.foreign_requests) == ([], [])
