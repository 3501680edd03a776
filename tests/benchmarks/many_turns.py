"""What the turns above it cost an answer that grows in the panel, and what opening them costs.

The panel runs on the practice model, and is opened in a second cell, when its parts are loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .measure import in_rounds, median, ratio
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Locator

    from browser.lab import Lab, Notebook

__all__ = ["report"]

_FEW, _MANY = 8, 200
"""How many turns the panels have that are compared."""

_MOST_STYLES = 1.5
"""Goal: what the page takes to find the styles of an answer below many turns, of below few."""

_SLOW = 60_000
_CALM = 1_000
"""In ms: how long the page may take, and how long it is left alone after it."""

_ROUNDS = 5

_SETUP = """
from tests.benchmarks.panel_feed import conversation
from chatwidget.chat.shell_session import current_session
current_session().change(lambda _: conversation({turns}))
"""

_WATCH = """() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
        list.getEntries().forEach(({ duration }) => window.longTasks.push(duration));
    }).observe({ type: "longtask" });
}"""

_GROW = """body => {
    const end = body.appendChild(document.createElement("div"));
    end.className = "chatwidget-tail";
    for (let count = 0; count < 50; count++) {
        end.innerHTML = `<p>The <b>words</b> of an answer, number ${count}</p>`;
        getComputedStyle(end).color;
    }
    end.remove();
}"""
"""Let an answer grow, and the page find its styles each time."""


@dataclass(frozen=True)
class _Cost:
    """What a panel with so many turns costs its page.

    Attributes
    ----------
    styles
        CPU time of the styles of an answer that grows below them, in ms for 50 changes.
    opening
        CPU time of the page's main thread from the key that runs the cell, in ms.
    longest
        The longest task of the page meanwhile, in ms.
    """

    styles: float
    opening: float
    longest: float


def report(lab: Lab, rounds: int) -> None:
    """Print what panels of few and of many turns cost their pages."""
    seen = in_rounds({turns: partial(_opened, lab, turns) for turns in (_FEW, _MANY)}, rounds)
    rows = []
    for name, title in _TITLES.items():
        few, many = ([getattr(each, name) for each in seen[turns]] for turns in (_FEW, _MANY))
        grown = ratio(many, few)
        goal = verdict(grown, _MOST_STYLES if name == "styles" else None)
        rows.append([title, f"{median(few):.1f}", f"{median(many):.1f}", times(grown), goal])
    heads = (f"{turns} turns" for turns in (_FEW, _MANY))
    print_table("Many turns in a panel, ms", ["", *heads, "growth", "goal"], rows)


_TITLES = {
    "styles": "styles of an answer that grows",
    "opening": "page CPU to open it in another cell",
    "longest": "its longest task",
}


def _opened(lab: Lab, turns: int) -> _Cost:
    """Open a panel that has so many turns in a fresh page, and let an answer grow in it."""
    lab.load()
    notebook = lab.open_notebook(
        ["%load_ext chatwidget\n%chat use practice", "%chat panel", "%chat panel"]
    )
    for index in (0, 1):
        notebook.run(index)
        notebook.wait_finished(index)
    notebook.execute(_SETUP.format(turns=turns))
    last = _last_turn(notebook, 1, turns)
    last.wait_for(timeout=_SLOW)
    session = lab.page.context.new_cdp_session(lab.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    lab.page.wait_for_timeout(_CALM)
    body = last.locator(".chatwidget-turn-body")
    styles = median(_spent(session, body) for _ in range(_ROUNDS))
    opening, longest = _opening(notebook, session)
    _last_turn(notebook, 2, turns).wait_for(timeout=_SLOW)
    lab.shutdown_kernels()
    return _Cost(styles, opening, longest)


def _last_turn(notebook: Notebook, index: int, turns: int) -> Locator:
    return notebook.output(index).get_by_role("article", name=f"Turn {turns}", exact=True)


def _opening(notebook: Notebook, session: CDPSession) -> tuple[float, float]:
    """Run the cell, and leave the page alone: whoever asks it for something costs it time."""
    page = notebook.lab.page
    notebook.cell(2).locator(".jp-InputPrompt").click()
    page.wait_for_timeout(_CALM)
    page.evaluate(_WATCH)
    before = _milliseconds(session, "TaskDuration")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(4 * _CALM)
    cost = _milliseconds(session, "TaskDuration") - before
    return cost, max(page.evaluate("window.longTasks"), default=0)


def _spent(session: CDPSession, body: Locator) -> float:
    before = _milliseconds(session, "RecalcStyleDuration")
    body.evaluate(_GROW)
    return _milliseconds(session, "RecalcStyleDuration") - before


def _milliseconds(session: CDPSession, name: str) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1e3 * float(next(each["value"] for each in metrics if each["name"] == name))
