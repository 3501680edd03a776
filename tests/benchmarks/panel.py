"""What the panel costs: its copy, opening it, an answer that streams into it, and tuning in it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from . import many_turns
from .feed import PANELS
from .measure import median
from .panel_kernel import copied, opened
from .report import print_table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Locator

    from browser.lab import Lab, Notebook

    from .bench import Bench
    from .watch import Seen

__all__ = ["MOST_GROWTH", "MOST_MILLISECONDS", "MOST_MODELS", "report", "running_lab", "tuned"]

_PER_SECOND = 100
_EMPTY, _FULL = PANELS
_SLOW = 60_000

MOST_MODELS = 60
MOST_MILLISECONDS = 400
MOST_GROWTH = 1.1
"""Goals: widget models of a panel, the time to open one, and what a turn's copy costs of that of a
turn of a short conversation."""

_COPIED = (10, 50, 100, 200)
"""How many turns the conversations have whose copies are compared."""

_COLUMNS = ("bytes/byte", "delay ms p50", "p95", "long tasks ms", "at the end", "page s")

_IDLE = 3_000
"""Milliseconds that somebody takes from the cell that loads the extension to the next one."""

_KEY_TO_PANEL = """
cell => {
    const parts = ["[role=slider]", ".chatwidget-empty", ".chatwidget-composer"];
    const isThere = () => parts.every(part => cell.querySelector(`.chatwidget-panel ${part}`));
    const channel = new MessageChannel();
    window.opened = new Promise(resolve => {
        let pressed = 0;
        cell.addEventListener("keydown", () => { pressed ||= performance.now(); }, true);
        channel.port1.onmessage = () => resolve(performance.now() - pressed);
        const observer = new MutationObserver(() => {
            if (pressed && isThere()) {
                observer.disconnect();
                requestAnimationFrame(() => channel.port2.postMessage(null));
            }
        });
        observer.observe(cell, { childList: true, subtree: true });
    });
}
"""

_RELEASED_TO_PAINTED = """
panel => {
    const before = new Set(panel.querySelectorAll(".chatwidget-turn"));
    const isThere = () => [...panel.querySelectorAll(".chatwidget-turn")].some(turn =>
        !before.has(turn) && turn.querySelector(".chatwidget-content")?.textContent.trim());
    window.tuned = new Promise(resolve => {
        let released = 0;
        panel.addEventListener("keydown", () => { released ||= performance.now(); }, true);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now() - released);
        const observer = new MutationObserver(() => {
            if (released && isThere()) {
                observer.disconnect();
                requestAnimationFrame(() => channel.port2.postMessage(null));
            }
        });
        observer.observe(panel, { childList: true, subtree: true });
    });
}
"""


@dataclass(frozen=True)
class _Used:
    """What it takes to use a panel.

    Attributes
    ----------
    at_once, first, second
        From the key that runs the cell to a panel that can be used, in ms: the first time in a
        page, at once after the extension was loaded; the same after a look at the next cell, when
        imports are done; and once more, when the panel moves to another cell.
    tuned
        From the release of a slider to the first word of the new answer on the screen, in ms; the
        practice model answers at once.
    """

    at_once: float
    first: float
    second: float
    tuned: float


def report(bench: Bench) -> None:
    """Print the figures beside their goals, where there are any."""
    _report_kernel(bench)
    if not (find_spec("playwright") and find_spec("jupyterlab")):
        print("\nThe section panel needs JupyterLab, Playwright and a Chromium.")
        return
    short, long = (500, 1_000) if bench.quick else (2_000, 10_000)
    rounds = 1 if bench.quick else 3
    with running_lab() as lab:
        seen, used = _measured(lab, [(_EMPTY, short), (_EMPTY, long), (_FULL, long)], rounds)
        many_turns.report(lab, rounds)
    print_table(
        f"Streaming into the panel, {_PER_SECOND} tokens/s, medians",
        ["earlier messages", "tokens", *_COLUMNS],
        [_row(way, count, figures) for (way, count), figures in seen.items()],
    )
    full, empty = (_page_cpu(seen[way, long]) for way in (_FULL, _EMPTY))
    bytes_ = [median(each.bytes_per_byte for each in seen[_EMPTY, n]) for n in (short, long)]
    growth, crowd = bytes_[1] / bytes_[0], full / empty
    limits = (None, None, None) if bench.quick else (35, 1.1, 1.2)
    print_table(
        "The panel beside its goals",
        ["", "", "goal"],
        [
            [f"bytes per byte, {long:,} tokens", f"{bytes_[1]:.1f}", verdict(bytes_[1], limits[0])],
            [f"the same, of that at {short:,}", f"{growth:.2f} x", verdict(growth, limits[1])],
            ["page s with 200 messages, of none", f"{crowd:.2f} x", verdict(crowd, limits[2])],
            ["to open the panel in a new page, ms", *_opening(each.first for each in used)],
            [
                "the same at once after %load_ext, ms",
                f"{median(each.at_once for each in used):.0f}",
                "",
            ],
            ["to open it in another cell, ms", *_opening(each.second for each in used)],
            ["slider released to first word, ms", f"{median(each.tuned for each in used):.0f}", ""],
        ],
    )


def _report_kernel(bench: Bench) -> None:
    """Print what it costs the kernel, for which no page is needed."""
    run, counts = bench.processes.run, _COPIED[:2] if bench.quick else _COPIED
    bytes_ = {count: run("panel", copied, count) for count in counts}
    growth = bytes_[counts[-1]] / bytes_[counts[0]]
    used = [run("panel", opened, turns) for turns in (0, counts[-1])]
    models = max(each.models for each in used)
    print_table(
        "The panel in its kernel, beside its goals",
        ["", "", "goal"],
        [
            *([f"bytes of copy per byte, {n} turns", f"{it:.1f}", ""] for n, it in bytes_.items()),
            [
                f"the same, {counts[-1]} turns of {counts[0]}",
                f"{growth:.2f} x",
                verdict(growth, MOST_GROWTH),
            ],
            ["widget models", f"{models}", verdict(models, MOST_MODELS)],
            *(
                [f"to make and show it, {turns} turns, ms", *_opening([each.milliseconds])]
                for turns, each in zip((0, counts[-1]), used, strict=True)
            ),
        ],
    )


def _opening(times: Iterable[float]) -> list[str]:
    milliseconds = median(times)
    return [f"{milliseconds:.0f}", verdict(milliseconds, MOST_MILLISECONDS)]


@contextmanager
def running_lab() -> Iterator[Lab]:
    """Run JupyterLab with a page of Chromium."""
    from tests.browser.chromium import running_chromium
    from tests.browser.jupyter import running_jupyterlab
    from tests.browser.lab import Lab

    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        (folder / "lab").mkdir()
        server = stack.enter_context(running_jupyterlab(folder / "lab"))
        browser = stack.enter_context(running_chromium(folder / "browser"))
        yield Lab(browser.new_page(), server, folder)


def _measured(
    lab: Lab, runs: list[tuple[str, int]], rounds: int
) -> tuple[dict[tuple[str, int], list[Seen]], list[_Used]]:
    from .watch import watch

    seen: dict[tuple[str, int], list[Seen]] = {run: [] for run in runs}
    used = []
    for _ in range(rounds):
        used.append(_use(lab))
        for way, count in runs:
            seen[way, count].append(watch(lab, way, count, _PER_SECOND))
    return seen, used


def _row(way: str, count: int, seen: list[Seen]) -> list[str]:
    return [
        f"{2 * PANELS[way]}",
        f"{count:,}",
        f"{median(each.bytes_per_byte for each in seen):.1f}",
        f"{median(each.delay(0.5) for each in seen):,.0f}",
        f"{median(each.delay(0.95) for each in seen):,.0f}",
        f"{median(each.long_tasks for each in seen):.0f}",
        f"{median(each.long_tasks_at_end for each in seen):.0f}",
        f"{_page_cpu(seen):.1f}",
    ]


def _page_cpu(seen: list[Seen]) -> float:
    return median(each.page_cpu for each in seen)


def _use(lab: Lab) -> _Used:
    """Open the panel in two fresh pages, in the second one twice, and tune in it."""
    at_once = _opened(_fresh(lab), 1)
    lab.shutdown_kernels()
    notebook = _fresh(lab)
    lab.page.wait_for_timeout(_IDLE)
    used = _Used(at_once, _opened(notebook, 1), _opened(notebook, 2), tuned(_panel(notebook, 2)))
    lab.shutdown_kernels()
    return used


def _fresh(lab: Lab) -> Notebook:
    """Open a notebook with a heading in a fresh page, and load the extension."""
    lab.load()
    notebook = lab.open_notebook(
        ["%load_ext chatwidget", "%chat panel", "%chat panel"],
        {"CHATWIDGET_PRACTICE_PACE": "0"},
        heading="A panel",
    )
    notebook.run(0)
    notebook.wait_finished(0)
    return notebook


def _panel(notebook: Notebook, index: int) -> Locator:
    return notebook.output(index).locator(".chatwidget-panel")


def _opened(notebook: Notebook, index: int) -> float:
    cell = notebook.cell(index)
    cell.evaluate(_KEY_TO_PANEL)
    notebook.run(index)
    milliseconds: float = cell.evaluate("() => window.opened")
    return milliseconds


def tuned(panel: Locator) -> float:
    """Ask, release a slider, and return the time until the new answer begins, in ms."""
    field = panel.get_by_label("Your question")
    field.fill("What is a good temperature for brainstorming?")
    field.press("Enter")
    panel.get_by_role("button", name="Copy this answer").first.wait_for(timeout=_SLOW)
    panel.get_by_label("Re-run on release").check()
    panel.evaluate(_RELEASED_TO_PAINTED)
    panel.get_by_role("slider", name="temperature").press("ArrowLeft")
    milliseconds: float = panel.evaluate("() => window.tuned")
    return milliseconds
