"""What a study of many settings costs its page, while all of them stream at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .measure import median
from .panel import running_lab
from .report import print_table, verdict

if TYPE_CHECKING:
    from browser.lab import Lab

    from .bench import Bench

__all__ = ["report"]

_CELLS = 100
_PER_SECOND = 20
_WARM_UP = 5
"""How many cells stream, how many tokens a second come in each, and how many come first, to load
what is needed."""

_MOST_BYTES = 40
_MOST_MILLISECONDS = 50
"""Goals: bytes to the page for each byte of the answers, and the longest task of the page."""

_PATIENCE = 300
_CALM = 2_000

_WATCH = """() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) {
            window.longTasks.push([performance.timeOrigin + startTime, duration]);
        }
    }).observe({ type: "longtask" });
}"""


@dataclass(frozen=True)
class _Seen:
    """What it took to show a study.

    Attributes
    ----------
    bytes_per_byte
        Bytes that came over the websocket, for each byte of the answers.
    longest, at_end
        The longest task of the page, in ms: while they stream, and when the results take over.
    page_cpu, kernel_cpu
        CPU time of the page's main thread and of the kernel, in s.
    """

    bytes_per_byte: float
    longest: float
    at_end: float
    page_cpu: float
    kernel_cpu: float


def report(bench: Bench) -> None:
    """Print the figures beside their goals."""
    if not (find_spec("playwright") and find_spec("jupyterlab")):
        print("\nThe section grid needs JupyterLab, Playwright and a Chromium.")
        return
    count, rounds = (60, 1) if bench.quick else (200, 3)
    with running_lab() as lab:
        seen = [_watched(lab, count) for _ in range(rounds)]
    bytes_, longest, at_end, page, kernel = (
        median(getattr(each, name) for each in seen) for name in _Seen.__dataclass_fields__
    )
    print_table(
        f"{_CELLS} cells stream at once, {count} tokens each, {_PER_SECOND} tokens/s, medians",
        ["", "", "goal"],
        [
            ["bytes to the page per byte", f"{bytes_:.1f}", verdict(bytes_, _MOST_BYTES)],
            ["longest task, ms", f"{longest:.0f}", verdict(longest, _MOST_MILLISECONDS)],
            ["longest task at the end, ms", f"{at_end:.0f}", ""],
            ["page s", f"{page:.1f}", ""],
            ["kernel s", f"{kernel:.1f}", ""],
        ],
    )


def _watched(lab: Lab, count: int) -> _Seen:
    """Show a study in a fresh page, and leave the page alone meanwhile."""
    from playwright.sync_api import expect

    from .watch import cpu_of

    lab.load()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        notebook = lab.open_notebook([_cell(count, report), _cell(_WARM_UP, report)])
        notebook.run(1)
        lab.wait_until(report.exists, _PATIENCE)
        notebook.wait_finished(1)
        report.unlink()
        lab.page.evaluate("() => new Promise(resolve => requestIdleCallback(() => resolve()))")
        session = lab.page.context.new_cdp_session(lab.page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        notebook.cell(0).locator(".jp-InputPrompt").click()
        lab.page.wait_for_timeout(_CALM)
        lab.page.evaluate(_WATCH)
        received, cpu = lab.traffic.received, cpu_of(session)
        lab.page.keyboard.press("Control+Enter")
        expect(notebook.output(0).locator(".chatwidget-grid-writing").first).to_be_in_viewport(
            timeout=60_000
        )
        while not report.exists():
            lab.page.wait_for_timeout(_CALM)
        lab.page.wait_for_timeout(_CALM)
        received, cpu = lab.traffic.received - received, cpu_of(session) - cpu
        told = json.loads(report.read_text("utf-8"))
    long = lab.page.evaluate("window.longTasks")
    lab.shutdown_kernels()
    return _Seen(
        received / told["bytes"],
        max((duration for began, duration in long if began < told["ended"] * 1e3), default=0),
        max((duration for began, duration in long if began >= told["ended"] * 1e3), default=0),
        cpu,
        told["cpu"],
    )


def _cell(count: int, report: Path) -> str:
    call = f"feed_grid({_CELLS}, {count}, {_PER_SECOND}, {str(report)!r})"
    return f"from tests.benchmarks.grid_feed import feed_grid\n{call}"
