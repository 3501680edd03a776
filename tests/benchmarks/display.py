"""What it costs to show an answer in JupyterLab while it streams, and how late it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .measure import median
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bench import Bench
    from .watch import Seen

__all__ = ["report"]

_PER_SECOND = 100
_NOTHING, _PEERS, _OURS = "nothing", "whole Markdown", "chatwidget"
_TITLES = {
    _NOTHING: "nothing shown",
    _PEERS: "`display(Markdown(whole))` per token",
    _OURS: "chatwidget",
}


@dataclass(frozen=True)
class _Figures:
    """What was seen of each way and size, round by round."""

    seen: dict[tuple[str, int], list[Seen]]

    def of(self, way: str, count: int, figure: Callable[[Seen], float]) -> float:
        """The median of the rounds."""
        return median(map(figure, self.seen[way, count]))

    def beyond(self, count: int, figure: Callable[[Seen], float], way: str = _OURS) -> float:
        """The median of what a way costs beyond nothing in the same round."""
        pairs = zip(self.seen[way, count], self.seen[_NOTHING, count], strict=True)
        return median(figure(one) - figure(other) for one, other in pairs)


def report(bench: Bench) -> None:
    """Print the figures of each way, and chatwidget's beside their goals."""
    if not (find_spec("playwright") and find_spec("jupyterlab")):
        print("\nThe section display needs JupyterLab, Playwright and a Chromium.")
        return
    short, long = (1_000, 2_000) if bench.quick else (2_000, 10_000)
    runs = [(_NOTHING, short), (_PEERS, short), (_OURS, short), (_NOTHING, long), (_OURS, long)]
    figures = _watched(runs, rounds=1 if bench.quick else 3)
    rows = [_row(figures, way, count) for way, count in runs]
    title = f"Showing an answer in JupyterLab, {_PER_SECOND} tokens/s, medians"
    print_table(title, ["", "tokens", *_COLUMNS], rows)
    print("\nBytes are those of the websocket, for each byte of the answer; a delay is the time")
    print("from a token to its paint; long tasks are those of more than 50 ms, all together.")
    head = [f"{_TITLES[_OURS]}, {long:,} tokens", "", "goal", f"of {_TITLES[_PEERS]}, {short:,}"]
    rows = _goals(figures, short, long, judge=not bench.quick)
    print_table("The same beside the goals", head, rows)


def _watched(runs: list[tuple[str, int]], rounds: int) -> _Figures:
    from tests.browser.chromium import running_chromium
    from tests.browser.jupyter import running_jupyterlab
    from tests.browser.lab import Lab

    from .watch import watch

    seen: dict[tuple[str, int], list[Seen]] = {run: [] for run in runs}
    with TemporaryDirectory() as folder:
        lab_folder, browser_folder = Path(folder) / "lab", Path(folder) / "browser"
        lab_folder.mkdir()
        with (
            running_jupyterlab(lab_folder) as server,
            running_chromium(browser_folder) as browser,
        ):
            lab = Lab(browser.new_page(), server, Path(folder))
            for _ in range(rounds):
                for way, count in runs:
                    seen[way, count].append(watch(lab, way, count, _PER_SECOND))
    return _Figures(seen)


def _p50(seen: Seen) -> float:
    return seen.delay(0.5)


def _p95(seen: Seen) -> float:
    return seen.delay(0.95)


def _all_long_tasks(seen: Seen) -> float:
    return seen.long_tasks + seen.long_tasks_at_end


def _bytes(seen: Seen) -> float:
    return seen.bytes_per_byte


def _kernel(seen: Seen) -> float:
    return seen.kernel_cpu


def _page(seen: Seen) -> float:
    return seen.page_cpu


_COLUMNS: dict[str, tuple[Callable[[Seen], float], str]] = {
    "bytes/byte": (_bytes, ".1f"),
    "kernel µs/token": (_kernel, ".0f"),
    "page s": (_page, ".1f"),
    "long tasks ms": (lambda seen: seen.long_tasks, ".0f"),
    "at the end": (lambda seen: seen.long_tasks_at_end, ".0f"),
    "delay ms p50": (_p50, ",.0f"),
    "p95": (_p95, ",.0f"),
}
"""The columns of the table: the figure, and how it is written."""


def _row(figures: _Figures, way: str, count: int) -> list[str]:
    found = [format(figures.of(way, count, figure), form) for figure, form in _COLUMNS.values()]
    return [_TITLES[way], f"{count:,}", *(text.replace("nan", "") for text in found)]


def _goals(figures: _Figures, short: int, long: int, *, judge: bool) -> list[list[str]]:
    def ours(figure: Callable[[Seen], float]) -> float:
        return figures.of(_OURS, long, figure)

    def of_peers(figure: Callable[[Seen], float]) -> str:
        return times(figures.of(_OURS, short, figure) / figures.of(_PEERS, short, figure))

    growth = ours(_bytes) / figures.of(_OURS, short, _bytes)
    kernel = max(figures.beyond(count, _kernel) for count in (short, long))
    rows = [
        ("bytes per byte", f"{ours(_bytes):.1f}", ours(_bytes), 35, of_peers(_bytes)),
        (f"the same, of that at {short:,}", f"{growth:.2f} x", growth, 1.1, ""),
        ("kernel µs/token beyond nothing", f"{kernel:.0f}", kernel, 150, of_peers(_kernel)),
        ("page s beyond nothing", "", figures.beyond(long, _page), 13, of_peers(_page)),
        ("delay, p50, ms", f"{ours(_p50):.0f}", ours(_p50), 60, of_peers(_p50)),
        ("delay, p95, ms", f"{ours(_p95):.0f}", ours(_p95), 110, of_peers(_p95)),
        ("long tasks, ms", "", ours(_all_long_tasks), 200, ""),
    ]
    return [
        [what, text or f"{figure:.1f}", verdict(figure, most if judge else None), compared]
        for what, text, figure, most, compared in rows
    ]
