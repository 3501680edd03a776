"""%%chat as a person sees it, in a real JupyterLab."""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.panels import Panel
from wire.replies import SSE_HEAD, chunk, done, sse, stream_of
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from browser.lab import Lab, Notebook
    from wire.scripted_server import ScriptedServer

HOSTILE = """<script>alert('script')</script>
<img src=x onerror="alert('onerror')">
<svg onload="alert('svg')"></svg>

[a link](javascript:alert('link')) and [another](data:text/html,<script>alert(1)</script>)

![a picture](http://192.0.2.1/picture.png)

<iframe src="http://192.0.2.1/frame"></iframe>

<style>body { display: none }</style>

The end.
"""


def chat_notebook(lab: Lab, server: ScriptedServer, *cells: str) -> Notebook:
    """Open a notebook whose questions go to the scripted server."""
    notebook = lab.open_notebook([server.setup, *cells])
    notebook.run(0)
    notebook.wait_finished(0)
    return notebook


def begun(*pieces: str) -> bytes:
    return sse(*map(chunk, pieces))


def ended(*pieces: str) -> bytes:
    return sse(*map(chunk, pieces), chunk(None, finish_reason="stop")) + done()


def test_an_answer_streams_in(lab: Lab, server: ScriptedServer) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, begun("Hello ", "**there**"), pause(go_on), ended(" and more"), close())
    notebook = chat_notebook(lab, server, "%%chat\nHi")
    notebook.run(1)
    notebook.wait_text(1, "Hello there")
    assert "and more" not in notebook.output_text(1)
    assert notebook.prompt(1).inner_text() == "[*]:"
    lab.screenshot("streaming")
    go_on.set()
    notebook.wait_finished(1)
    notebook.wait_text(1, "Hello there and more")
    assert notebook.output(1).locator("strong").inner_text() == "there"


def test_the_finished_cell_holds_one_clean_output(lab: Lab, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, stream_of("Hello **there**", usage={"completion_tokens": 7}), close())
    notebook = chat_notebook(lab, server, "%%chat -t 0\nHi")
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "7 tokens")
    notebook.save()
    saved = notebook.read_file()
    (output,) = saved["cells"][1]["outputs"]
    assert "<style" not in "".join(output["data"]["text/html"])
    expect(notebook.output(1).locator(".chatwidget-footer")).to_have_css("display", "flex")
    assert set(output["data"]) == {"text/html", "text/markdown", "text/plain"}
    assert "".join(output["data"]["text/plain"]) == "Hello **there**"
    assert output["metadata"]["chatwidget"]["parameters"]["temperature"] == 0


def test_a_saved_answer_is_shown_without_a_kernel(lab: Lab, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, stream_of("Hello **there**\n\n```python\nx = 1\n```"), close())
    notebook = chat_notebook(lab, server, "%%chat\nHi")
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "Hello there")
    notebook.save()
    reader = notebook.reopen()
    reader.wait_text(1, "Hello there")
    assert reader.output(1).locator("strong").inner_text() == "there"
    assert reader.output(1).locator("code").inner_text().strip() == "x = 1"


def test_what_commands_show_has_its_style_before_the_first_answer(
    lab: Lab, server: ScriptedServer
) -> None:
    notebook = chat_notebook(lab, server, "%chat conversations")
    notebook.run(1)
    notebook.wait_finished(1)
    expect(notebook.output(1).locator("th").first).to_have_css("text-align", "start")


@pytest.mark.parametrize("way", ["toolbar", "button"])
def test_stop_keeps_the_answer_and_closes_the_connection(
    lab: Lab, server: ScriptedServer, way: str
) -> None:
    server.reply(SSE_HEAD, begun("Hello ", "there"), stall())
    server.reply(SSE_HEAD, stream_of("Next"), close())
    notebook = chat_notebook(lab, server, "%%chat\nHi", "%%chat\nAgain")
    notebook.run(1)
    notebook.wait_text(1, "Hello there")
    if way == "toolbar":
        notebook.interrupt()
    else:
        notebook.output(1).get_by_role("button", name="Stop").click()
    assert server.connections[-1].wait_closed(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "Stopped.")
    assert "Hello there" in notebook.output_text(1)
    lab.screenshot(f"stopped-by-{way}")
    notebook.run(2)
    notebook.wait_finished(2)
    notebook.wait_text(2, "Next")
    assert len(server.requests[-1].json["messages"]) == 1


def test_run_all_stops_at_a_stopped_answer(lab: Lab, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, begun("Hello"), stall())
    notebook = chat_notebook(lab, server, "%%chat\nHi", "print('not', 'reached')")
    notebook.run_all()
    notebook.wait_text(1, "Hello")
    notebook.interrupt()
    notebook.wait_text(1, "Stopped.")
    notebook.wait_finished(1)
    expect(notebook.prompt(2)).to_have_text("[ ]:")
    assert notebook.output_text(2) == ""


def test_what_a_model_writes_never_runs_and_loads_nothing(lab: Lab, server: ScriptedServer) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, begun(HOSTILE), pause(go_on), ended(), close())
    notebook = chat_notebook(lab, server, "%%chat\nHi")
    notebook.run(1)
    notebook.wait_text(1, "The end.")
    expect_harmless(lab, notebook)
    go_on.set()
    notebook.wait_finished(1)
    notebook.wait_text(1, "The end.")
    expect_harmless(lab, notebook)
    lab.screenshot("hostile")
    notebook.save()
    expect_harmless(lab, notebook.reopen())


def expect_harmless(lab: Lab, notebook: Notebook) -> None:
    notebook.wait_text(1, "The end.")
    output = notebook.output(1)
    assert "<script>alert('script')</script>" in output.inner_text()
    active = output.locator("script, img, iframe, svg:not([data-icon])")  # the icons are the lab's
    assert active.evaluate_all("nodes => nodes.map(node => node.outerHTML)") == []
    for link in output.locator("a").all():
        assert re.match(r"https?://|mailto:", link.get_attribute("href") or "")
    assert (lab.dialogs, lab.foreign_requests) == ([], [])
    expect(lab.page.locator("#main")).to_be_visible()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%chat -t 3\nHi", "temperature takes a number from 0 to 2; got 3."),
        ("%%chat --temprature 1\nHi", "Did you mean --temperature?"),
        ("%chat use olama", "Did you mean ollama?"),
    ],
)
def test_bad_input_is_one_short_message(
    lab: Lab, server: ScriptedServer, cell: str, said: str
) -> None:
    notebook = chat_notebook(lab, server, cell)
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, said)
    assert len(notebook.output_text(1).splitlines()) <= 3
    notebook.save()
    (output,) = notebook.read_file()["cells"][1]["outputs"]
    assert output["output_type"] == "error"


def test_a_slider_of_the_panel_changes_the_request(lab: Lab, server: ScriptedServer) -> None:
    for _ in range(3):
        server.reply(SSE_HEAD, stream_of("Hi"), close())
    notebook = chat_notebook(lab, server, "%chat panel", "%%chat\nHi")
    notebook.run(1)
    notebook.wait_finished(1)
    panel = Panel(notebook, 1).wait()
    notebook.run(2)
    notebook.wait_finished(2)
    panel.slider("temperature").press("ArrowRight")
    expect(panel.switch("temperature")).to_be_checked()
    notebook.run(2)
    notebook.wait_finished(2)
    panel.switch("temperature").uncheck()
    expect(panel.row("temperature")).to_have_attribute("data-sent", "false")
    notebook.run(2)
    notebook.wait_finished(2)

    temperatures = [request.json.get("temperature") for request in server.requests]
    assert temperatures == [None, 1.05, None]


def test_set_moves_the_slider(lab: Lab, server: ScriptedServer) -> None:
    notebook = chat_notebook(lab, server, "%chat panel", "%chat set temperature=0.25")
    notebook.run(1)
    notebook.wait_finished(1)
    panel = Panel(notebook, 1).wait()
    notebook.run(2)
    notebook.wait_finished(2)
    expect(panel.slider("temperature")).to_have_attribute("aria-valuetext", "0.25")
    expect(panel.switch("temperature")).to_be_checked()


def test_nothing_of_a_key_is_saved(lab: Lab, server: ScriptedServer) -> None:
    canary = "sk-canary-0123456789abcdef"
    server.reply(
        b"HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n"
        + json.dumps({"error": {"message": f"Wrong key {canary}"}}).encode(),
        close(),
    )
    notebook = chat_notebook(lab, server, "%%chat\nHi")
    notebook.execute(
        "from chatwidget.chat.shell_session import current_session\n"
        f"current_session().client.use_key({canary!r})"
    )
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "Wrong key <key")
    notebook.save()
    assert server.requests[0].headers["authorization"] == f"Bearer {canary}"
    assert canary not in notebook.path.read_text()
