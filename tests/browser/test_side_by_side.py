"""Several answers to one question, side by side, of which one is chosen."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.test_chat import chat_notebook
from wire.replies import SSE_HEAD, chunk, done, sse, stream_of
from wire.scripted_server import close, pause

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from browser.lab import Lab, Notebook
    from wire.scripted_server import ScriptedServer

ANSWERS = (
    "Ask for **three names** at once.\n\n- Petrel\n- Tern\n- Gannet\n\nThe first is the shortest.",
    "Think of the sea:\n\n```python\nname = 'Halyard'\nprint(name.lower())\n```",
    "Something short and round, such as *Buoy*. It floats, it \\(b_1\\) bobs, and it",
)


def begun(*texts: str) -> bytes:
    """Write chunks of several choices, word by word in turns, as servers do."""
    words = [text.split(" ") for text in texts]
    return sse(
        *(
            chunk(f"{words[index][place]} ", index=index)
            for place in range(max(map(len, words)))
            for index in range(len(texts))
            if place < len(words[index])
        )
    )


def ended(*reasons: str) -> bytes:
    ends = (chunk(None, index=i, finish_reason=reason) for i, reason in enumerate(reasons))
    return sse(*ends) + done()


def columns(notebook: Notebook) -> Locator:
    return notebook.output(1).locator(".chatwidget-choices > .chatwidget-column")


def expect_side_by_side(columns: Locator) -> None:
    expect(columns).to_have_count(3)
    boxes = columns.evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().toJSON())"
    )
    assert len({box["top"] for box in boxes}) == 1
    for one, other in itertools.pairwise(boxes):
        assert one["right"] < other["left"]


def expect_chosen(columns: Locator, chosen: int) -> None:
    for index in range(3):
        said = expect(columns.nth(index))
        (said.to_contain_text if index == chosen else said.not_to_contain_text)("in use")


def test_the_answer_that_is_chosen_goes_into_the_next_request(
    lab: Lab, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    end = ended("stop", "stop", "length")
    server.reply(SSE_HEAD, begun(*ANSWERS), pause(go_on), end, close())
    server.reply(SSE_HEAD, stream_of("Halyard."), close())
    notebook = chat_notebook(lab, server, "%%chat --n 3\nA name?", "%%chat\nAnd now?")
    notebook.run(1)
    for said in ("the shortest.", "name.lower()", "bobs, and it"):
        notebook.wait_text(1, said)
    expect_side_by_side(columns(notebook))
    expect(columns(notebook).nth(2)).to_contain_text("Choice 3 of 3")
    lab.screenshot("side-by-side-streaming")

    go_on.set()
    notebook.wait_finished(1)
    expect_chosen(columns(notebook), 0)
    expect_side_by_side(columns(notebook))
    expect(columns(notebook).nth(2)).to_contain_text("cut off")
    columns(notebook).nth(1).get_by_role("button", name="Use choice 2").click()
    expect_chosen(columns(notebook), 1)
    expect(columns(notebook).get_by_role("button")).to_have_count(2)
    lab.screenshot("side-by-side")

    notebook.run(2)
    notebook.wait_finished(2)
    assert server.requests[0].json["n"] == 3
    asked = [message["content"] for message in server.requests[1].json["messages"]]
    assert asked == ["A name?", f"{ANSWERS[1]} ", "And now?"]
    expect(columns(notebook).get_by_role("button")).to_have_count(0)


def test_a_saved_choice_stays_and_another_is_offered_while_there_is_a_kernel(
    lab: Lab, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, begun(*ANSWERS), ended("stop", "stop", "stop"), close())
    notebook = chat_notebook(lab, server, "%%chat --n 3\nA name?", "%chat pick 3")
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.run(2)
    notebook.wait_finished(2)
    expect_chosen(columns(notebook), 2)
    notebook.save()
    (output,) = notebook.read_file()["cells"][1]["outputs"]
    assert output["metadata"]["chatwidget"]["chosen"] == 2
    assert "button" not in "".join(output["data"]["text/html"])

    lab.load()
    notebook = lab.open_file(notebook.path)
    columns(notebook).nth(0).get_by_role("button", name="Use choice 1").click()
    expect_chosen(columns(notebook), 0)

    reader = notebook.reopen()
    expect_chosen(columns(reader), 2)
    expect_side_by_side(columns(reader))
    expect(reader.output(1).get_by_role("button")).to_have_count(0)
