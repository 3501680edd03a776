"""Interrupts, and answers in the background, in a real kernel."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

import pytest

from kernels import running_kernel
from wire.replies import SSE_HEAD, chunk, done, error, event_stream, json_response, sse, stream_of
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kernels import Cell, Kernel
    from wire.scripted_server import ScriptedServer

LISTENER = """
import time
def hear(event):
    if getattr(event, "chunk", None) and event.chunk.text:
        print("heard", event.chunk.text, flush=True)
        time.sleep({seconds})
"""
BUSY = """
import pathlib, time
print("busy", flush=True)
while not pathlib.Path({flag!r}).exists():
    time.sleep(0.01)
print("free")
"""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        assert kernel.run("%load_ext chatwidget").status == "ok"
        yield kernel


@pytest.fixture
def kernel(process: Kernel, server: ScriptedServer) -> Kernel:
    """A kernel whose questions go to the scripted server, in a conversation of their own."""
    process.widgets.clear()
    process.run(f"%chat stop\n%chat new\n%chat use {server.url}\n%chat model scripted")
    return process


def begun(*pieces: str) -> bytes:
    return sse(*map(chunk, pieces))


def ended(*pieces: str) -> bytes:
    return sse(*map(chunk, pieces), chunk(None, finish_reason="stop")) + done()


def shows(kernel: Kernel, words: str) -> Callable[[], bool]:
    """Whether a live view says or shows something."""
    return lambda: any(words in str(state) for state in kernel.widgets.values())


def before_headers(kernel: Kernel, server: ScriptedServer) -> Cell:
    server.reply(stall())
    cell = kernel.start("%%chat\nHi")
    server.wait_for_requests(1)
    return cell


def while_reading(kernel: Kernel, server: ScriptedServer) -> Cell:
    server.reply(SSE_HEAD, begun("Hello"), stall())
    return listening(kernel, seconds=0)


def in_a_sink(kernel: Kernel, server: ScriptedServer) -> Cell:
    server.reply(SSE_HEAD, begun("Hello"), stall())
    return listening(kernel, seconds=600)


def before_another_try(kernel: Kernel, server: ScriptedServer) -> Cell:
    server.reply(json_response(error("Too many"), 429, retry_after="30", connection="close"))
    cell = kernel.start("%%chat\nHi")
    kernel.wait(shows(kernel, "Trying again"))
    return cell


def listening(kernel: Kernel, seconds: float) -> Cell:
    """Ask a question, and return when a sink of the user's has heard of the answer."""
    kernel.run(LISTENER.format(seconds=seconds))
    cell = kernel.start("%%chat --stream-to hear\nHi")
    kernel.wait(lambda: "heard Hello" in cell.stdout)
    return cell


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        (before_headers, "Stopped."),
        (while_reading, "Hello"),
        (in_a_sink, "Hello"),
        (before_another_try, "Stopped."),
    ],
)
def test_an_interrupt_is_out_at_once_and_keeps_what_is_there_F55(
    kernel: Kernel,
    server: ScriptedServer,
    moment: Callable[[Kernel, ScriptedServer], Cell],
    left: str,
) -> None:
    cell = moment(kernel, server)
    server.reply(event_stream(stream_of("Next")))
    connection = server.connections[0]

    interrupted = time.monotonic()
    kernel.manager.interrupt_kernel()
    kernel.wait(lambda: cell.status)
    out = time.monotonic() - interrupted
    kernel.wait(lambda: cell.is_over and connection.closed_at < math.inf)
    closed = connection.closed_at - interrupted
    print(f"out after {out:.3f} s, closed after {closed:.3f} s")  # noqa: T201 - for pytest -rP

    assert max(out, closed) < 2.0
    assert cell.errors == ["KeyboardInterrupt"]
    assert left in cell.text
    following = kernel.run("%%chat\nAgain")
    assert (following.status, following.text) == ("ok", "Next")
    assert len(server.requests[-1].json["messages"]) == 1


def test_a_background_answer_streams_into_its_own_cell_while_another_runs(
    kernel: Kernel, server: ScriptedServer, tmp_path: Path
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, begun("Hello "), pause(go_on), ended("there"), close())
    asking = kernel.run("%%chat --background --out reply\nHi")
    kernel.wait(shows(kernel, "Hello"))

    flag = tmp_path / "flag"
    busy = kernel.start(BUSY.format(flag=str(flag)))
    kernel.wait(lambda: "busy" in busy.stdout)
    go_on.set()
    kernel.wait(lambda: asking.text == "Hello there")
    assert busy.status is None
    flag.touch()
    kernel.wait(lambda: busy.is_over)

    assert (busy.status, busy.stdout, busy.displays) == ("ok", "busy\nfree\n", [])
    assert [set(each) for each in asking.displays] == [{"text/html", "text/markdown", "text/plain"}]
    assert kernel.run("print(reply.text)").stdout == "Hello there\n"
    server.reply(event_stream(stream_of("Next")))
    kernel.run("%%chat\nAgain")
    assert len(server.requests[-1].json["messages"]) == 3


def test_what_a_background_listener_prints_stays_in_its_cell(
    kernel: Kernel, server: ScriptedServer, tmp_path: Path
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, begun("One"), pause(go_on), ended("Two"), close())
    kernel.run(LISTENER.format(seconds=0))
    asking = kernel.run("%%chat --background --stream-to hear\nHi")
    kernel.wait(lambda: "heard One" in asking.stdout)
    flag = tmp_path / "flag"
    busy = kernel.start(BUSY.format(flag=str(flag)))
    kernel.wait(lambda: "busy" in busy.stdout)
    go_on.set()
    kernel.wait(lambda: "heard Two" in asking.stdout)
    flag.touch()
    kernel.wait(lambda: busy.is_over)
    assert "heard" not in busy.stdout


def test_the_stop_button_stops_the_answer_and_not_the_kernel(
    kernel: Kernel, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, begun("Hello"), stall())
    asking = kernel.run("%%chat --background\nHi")
    kernel.wait(shows(kernel, "Hello"))
    kernel.click_stop()
    kernel.wait(lambda: "Stopped." in asking.displays[0].get("text/markdown", ""))
    assert asking.text == "Hello"
    assert server.connections[0].wait_closed(1.0)
    assert kernel.run("print('alive')").stdout == "alive\n"
    kernel.run("%chat wait")


def test_an_interrupt_does_not_reach_the_background(kernel: Kernel, server: ScriptedServer) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, begun("Hello "), pause(go_on), ended("there"), close())
    asking = kernel.run("%%chat --background\nHi")
    waiting = kernel.start("print('waiting', flush=True)\n%chat wait")
    kernel.wait(lambda: "waiting" in waiting.stdout)
    kernel.manager.interrupt_kernel()
    kernel.wait(lambda: waiting.is_over)
    assert waiting.errors == ["KeyboardInterrupt"]
    go_on.set()
    kernel.wait(lambda: asking.text == "Hello there")


def test_a_failure_in_the_background_is_told_in_its_cell_and_by_wait(
    kernel: Kernel, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(pause(go_on), json_response(error("The server's own words"), 404))
    asking = kernel.run("%%chat --background\nHi")
    assert asking.status == "ok"
    go_on.set()
    kernel.wait(lambda: "The server's own words" in asking.text)
    assert "NotFoundError" in asking.text
    assert "%chat models" in asking.text
    assert "chatwidget-failure" in asking.displays[0]["text/html"]
    assert kernel.run("%chat wait").errors == ["NotFoundError"]
    assert kernel.run("%chat wait").status == "ok"
    server.reply(event_stream(stream_of("Next")))
    assert kernel.run("%%chat\nAgain").text == "Next"
    assert len(server.requests[-1].json["messages"]) == 1


def test_running_a_cell_again_stops_its_answer_in_the_background_F61(
    kernel: Kernel, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, begun("Old"), stall())
    server.reply(event_stream(stream_of("New")))
    kernel.run("%%chat --background\nHi", cell_id="one")
    kernel.wait(shows(kernel, "Old"))
    asking = kernel.run("%%chat --background\nHi", cell_id="one")
    assert server.connections[0].wait_closed(1.0)
    kernel.wait(lambda: asking.text == "New")
    assert len(server.requests[1].json["messages"]) == 1
    assert kernel.run("%chat wait").status == "ok"


def test_a_kernel_shuts_down_while_an_answer_runs_F64(
    server: ScriptedServer, tmp_path: Path
) -> None:
    with running_kernel(tmp_path) as kernel:
        kernel.run(f"%load_ext chatwidget\n%chat use {server.url}\n%chat model scripted")
        server.reply(SSE_HEAD, begun("Hello"), stall())
        kernel.run("%%chat --background\nHi")
        kernel.wait(shows(kernel, "Hello"))
        began = time.monotonic()
        kernel.manager.shutdown_kernel()  # asks, and kills after 5 s
        assert time.monotonic() - began < 4.0
    assert server.connections[-1].wait_closed(1.0)


def test_what_a_panel_needs_is_loaded_while_the_kernel_is_idle(tmp_path: Path) -> None:
    look = "import sys; print('chatwidget.panel.panel' in sys.modules)"
    with running_kernel(tmp_path) as kernel:
        loading = kernel.run(f"%load_ext chatwidget\n{look}")
        assert loading.stdout == "False\n"
        kernel.wait(lambda: kernel.run(look).stdout == "True\n")
