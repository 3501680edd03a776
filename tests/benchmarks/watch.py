"""A page of JupyterLab, watched while an answer streams into it."""

from __future__ import annotations

import itertools
import json
import math
import operator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .feed import PANELS
from .long_answer import marks, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import CDPSession, Locator

    from browser.lab import Lab, Notebook

__all__ = ["Seen", "cpu_of", "watch"]

_WARM_UP = 200
"""Tokens that come first, to load what is needed."""

_PATIENCE = 300
"""Seconds that the page may be behind."""

_CALM = 2_000
"""Milliseconds for what the page does after the end."""

_WATCH = r"""
output => {
    const watched = { marks: [], long: [] };
    const channel = new MessageChannel();
    let last = -1, found = -1, asked = false;

    // Text counts as painted at the first moment after the frame that draws it.
    channel.port1.onmessage = () => {
        asked = false;
        for (const now = Date.now(); last < found; last++) {
            watched.marks.push(now);
        }
    };
    const lastMark = () => {
        const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
        while (walker.lastChild()) {}
        let text = "", mark = null;
        do {
            text = (walker.currentNode.data ?? "") + text;
            mark = text.match(/^.*⟦(\d+)⟧/s);
        } while (!mark && walker.previousNode());
        return mark ? parseInt(mark[1]) : -1;
    };
    const look = () => {
        found = Math.max(found, lastMark());
        channel.port2.postMessage(null);
    };
    const observer = new MutationObserver(() => {
        if (!asked) {
            asked = true;
            requestAnimationFrame(look);
        }
    });
    observer.observe(output, { childList: true, subtree: true, characterData: true });
    new PerformanceObserver(list => {
        for (const { startTime, duration } of list.getEntries()) {
            watched.long.push([performance.timeOrigin + startTime, duration]);
        }
    }).observe({ type: "longtask" });
    window.watched = watched;
}
"""


@dataclass(frozen=True)
class Seen:
    """What it took to show an answer.

    Attributes
    ----------
    bytes_per_byte
        Bytes that came over the websocket, for each byte of the answer.
    kernel_cpu
        CPU time of the kernel, in µs per token.
    page_cpu
        CPU time of the page's main thread, in s.
    delays
        The times from the token of each mark to its paint, in ms, the shortest first.
    long_tasks, long_tasks_at_end
        The page's tasks of more than 50 ms, all together, in ms: up to the last token, and after.
    """

    bytes_per_byte: float
    kernel_cpu: float
    page_cpu: float
    delays: list[float]
    long_tasks: float
    long_tasks_at_end: float

    def delay(self, share: float) -> float:
        """The delay that this share of the marks does not exceed; NaN if there is none."""
        return self.delays[round(share * (len(self.delays) - 1))] if self.delays else math.nan


def watch(lab: Lab, way: str, count: int, per_second: float) -> Seen:
    """Stream an answer into a fresh notebook of a fresh page."""
    lab.load()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        notebook = lab.open_notebook(
            [_cell(way, _WARM_UP, 400, report), _cell(way, count, per_second, report)]
        )
        _run(notebook, 0, report)
        report.unlink()
        if way != "nothing":  # the host's typesetter has come, too
            expect(notebook.output(0).locator("mjx-container").first).to_be_attached(timeout=60_000)
        _place(notebook, way).evaluate(_WATCH)
        lab.page.evaluate("() => new Promise(resolve => requestIdleCallback(() => resolve()))")
        session = lab.page.context.new_cdp_session(lab.page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        received, cpu = lab.traffic.received, cpu_of(session)
        _run(notebook, 1, report)
        expected = len(marks(count)) if way != "nothing" else 0
        lab.page.wait_for_function(
            "expected => window.watched.marks.length >= expected",
            arg=expected,
            timeout=_PATIENCE * 1000,
        )
        lab.page.wait_for_timeout(_CALM)
        received, cpu = lab.traffic.received - received, cpu_of(session) - cpu
        told = json.loads(report.read_text("utf-8"))
    watched = lab.page.evaluate("window.watched")
    lab.shutdown_kernels()
    late = [began >= told["ended"] * 1e3 for began, _ in watched["long"]]
    durations = [duration for _, duration in watched["long"]]
    return Seen(
        bytes_per_byte=received / len("".join(tokens(count)).encode()),
        kernel_cpu=told["cpu"] / count * 1e6,
        page_cpu=cpu,
        delays=sorted(_delays(watched["marks"], told["came"], count)),
        long_tasks=sum(itertools.compress(durations, map(operator.not_, late))),
        long_tasks_at_end=sum(itertools.compress(durations, late)),
    )


def _cell(way: str, count: int, per_second: float, report: Path) -> str:
    call = f"feed({way!r}, {count}, {per_second}, {str(report)!r})"
    return f"from tests.benchmarks.feed import feed\n{call}"


def _place(notebook: Notebook, way: str) -> Locator:
    """Where the answer comes: a panel was opened before."""
    return notebook.output(0).locator(".chatwidget-turns") if way in PANELS else notebook.output(1)


def _run(notebook: Notebook, index: int, report: Path) -> None:
    """Run a cell to its end, and leave the page alone meanwhile."""
    notebook.run(index)
    notebook.lab.wait_until(report.exists, _PATIENCE)
    notebook.wait_finished(index)


def cpu_of(session: CDPSession) -> float:
    """The CPU time of the page's main thread since the session enabled its metrics."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    seconds: float = next(each["value"] for each in metrics if each["name"] == "TaskDuration")
    return seconds


def _delays(painted: list[float], came: list[float], count: int) -> Iterator[float]:
    for at, token in zip(painted, marks(count), strict=False):
        yield at - came[token] * 1e3
