"""A real interrupt ends a call wherever it is: a process of its own is sent the signal."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wire.replies import (
    chunk,
    completion,
    error,
    event_stream,
    json_response,
    sse,
)
from wire.scripted_server import ScriptedServer, stall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from wire.scripted_server import Step

SCRIPT = Path(__file__).with_name("interrupted.py")
LONGEST = 2.0
"""Seconds to the end of the call; it takes some milliseconds, but for machines that are busy."""


class Asking:
    """The process, which is killed if it does not come to its end."""

    def __init__(self, twin: str, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, SCRIPT, twin, url], stdout=subprocess.PIPE, text=True
        )
        self._guard = threading.Timer(10, self._process.kill)
        self._guard.start()

    def hear(self, wanted: str) -> float:
        """Read what the process says until it says this; return when it did."""
        assert self._process.stdout is not None
        heard = []
        for line in self._process.stdout:
            word, at = line.split()
            if word == wanted:
                return float(at)
            heard.append(word)
        pytest.fail(f"It said {heard}, and not {wanted!r}.")

    def sleeps(self) -> bool:
        """Tell whether it waits for something, as far as the system tells."""
        status = Path(f"/proc/{self._process.pid}/stat")
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "S"

    def interrupt(self) -> float:
        """Send the signal as soon as the process waits; return when."""
        deadline = time.monotonic() + LONGEST
        while not self.sleeps():
            assert time.monotonic() < deadline, "It does not wait."
        now = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        return now

    def end(self) -> int:
        """Return the status with which it ends."""
        return self._process.wait(30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._guard.cancel()
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """The scripted server; which library this process has makes no difference here."""
    with ScriptedServer() as server:
        yield server


HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))
PLACES: dict[str, tuple[Step, str]] = {
    "before a retry": (json_response(error("Later."), 429, retry_after="30"), "waiting"),
    "before the headers": (stall(), "asking"),
    "before the first event": ([*event_stream()[:1], stall()], "asking"),
    "while reading": ([*event_stream(HALF)[:2], stall()], "reading"),
    "in a listener": ([*event_stream(sse(chunk("Wait")))[:2], stall()], "listening"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@pytest.mark.parametrize("twin", ["sync", "async"])
@pytest.mark.parametrize("place", PLACES)
def test_an_interrupt_ends_a_call_and_the_next_one_works_F55(
    server: ScriptedServer, place: str, twin: str
) -> None:
    script, word = PLACES[place]
    server.reply(script)
    server.otherwise(json_response(completion("Again")))
    with Asking(twin, server.url) as process:
        process.hear(word)
        server.wait_for_requests(1, timeout=10)
        sent = process.interrupt()
        process.hear("StoppedError")
        took = process.hear("interrupted") - sent
        print(f"{place}, {twin}: {took * 1000:.1f} ms")  # noqa: T201 - pytest shows it with -s
        assert took < LONGEST
        if place != "before a retry":
            assert server.connections[0].wait_closed(LONGEST)
        process.hear("Again")
        assert process.end() == 0
