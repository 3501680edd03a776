"""Answers in the background, and dry runs, as a person sees them in a real JupyterLab."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from browser.test_chat import begun, chat_notebook, ended
from wire.replies import SSE_HEAD, error, json_response, stream_of
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from pathlib import Path

    from browser.lab import Lab
    from wire.scripted_server import ScriptedServer

BUSY = """import pathlib, time
print("begin")
while not pathlib.Path({flag!r}).exists():
    time.sleep(0.01)
print("end")"""


def test_an_answer_streams_in_the_background_while_another_cell_runs(
    lab: Lab, server: ScriptedServer, tmp_path: Path
) -> None:
    middle, end = threading.Event(), threading.Event()
    rest = [begun("**there** "), pause(end), ended("."), close()]
    server.reply(SSE_HEAD, begun("Hello "), pause(middle), *rest)
    flag = tmp_path / "flag"
    busy = BUSY.format(flag=str(flag))
    notebook = chat_notebook(lab, server, "%%chat --background\nHi", busy)
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "Hello")
    notebook.run(2)
    notebook.wait_text(2, "begin")
    middle.set()
    notebook.wait_text(1, "Hello there")
    assert notebook.prompt(2).inner_text() == "[*]:"
    lab.screenshot("background")
    end.set()
    notebook.wait_text(1, "Hello there .")
    notebook.wait_text(1, "scripted")
    flag.touch()
    notebook.wait_finished(2)
    assert notebook.output_text(2) == "begin\nend"

    notebook.save()
    saved = notebook.read_file()
    (output,) = saved["cells"][1]["outputs"]
    assert set(output["data"]) == {"text/html", "text/markdown", "text/plain"}
    assert "".join(output["data"]["text/plain"]) == "Hello **there** ."
    assert output["metadata"]["chatwidget"]["status"] == "complete"
    assert [each["output_type"] for each in saved["cells"][2]["outputs"]] == ["stream"]
    assert lab.console_errors == []


def test_the_stop_button_stops_the_background_and_nothing_else(
    lab: Lab, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, begun("Hello there"), stall())
    server.reply(SSE_HEAD, stream_of("Next"), close())
    notebook = chat_notebook(lab, server, "x = 1\n", "%%chat --background\nHi", "%%chat\nAgain")
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.run(2)
    notebook.wait_text(2, "Hello there")
    notebook.output(2).get_by_role("button", name="Stop").click()
    notebook.wait_text(2, "Stopped.")
    assert server.connections[-1].wait_closed(1)
    assert "Hello there" in notebook.output_text(2)
    notebook.run(3)
    notebook.wait_finished(3)
    notebook.wait_text(3, "Next")
    assert len(server.requests[-1].json["messages"]) == 1
    notebook.save()
    (output,) = notebook.read_file()["cells"][2]["outputs"]
    assert output["metadata"]["chatwidget"]["status"] == "stopped"


def test_a_failure_in_the_background_is_marked_in_its_cell(
    lab: Lab, server: ScriptedServer
) -> None:
    server.reply(json_response(error("There is no model scripted."), 404))
    notebook = chat_notebook(lab, server, "%%chat --background\nHi")
    notebook.run(1)
    notebook.wait_text(1, "NotFoundError: The server answered 404: There is no model scripted.")
    notebook.wait_text(1, "%chat models")
    lab.screenshot("background-failed")
