"""Whether a chunk of a long answer costs what one of a short answer does."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from .bench import OURS
from .cases import CASES
from .clients import CLIENTS
from .measure import in_rounds, median, ratio
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["report"]

_MOST = 1.1


def report(bench: Bench) -> None:
    """Print µs per chunk of a short and of a long answer."""
    short, rounds = (1000, 2) if bench.quick else (5000, 3)
    sizes, series = (short, 10 * short), list(itertools.product(("plain", "logprobs"), _CLIENTS))
    jobs = {(*each, size): bench.cpu(each[1], each[0], size) for each in series for size in sizes}
    figures = in_rounds(jobs, rounds)

    rows = []
    for case, name in series:
        shorter, longer = (figures[case, name, size] for size in sizes)
        grown = ratio(longer, shorter)
        found = [f"{median(shorter):.1f}", f"{median(longer):.1f}", times(grown)]
        goal = verdict(grown, _MOST if name in OURS else None)
        rows.append([CASES[case].title, CLIENTS[name].title, *found, goal])
    head = ["", "", *(f"µs at {size:,}" for size in sizes), "growth", "goal"]
    print_table("CPU per chunk as the answer grows", head, rows)


_CLIENTS = ("floor", "chatwidget")
