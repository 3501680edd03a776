"""How long it takes until the first callback, and whether the connection is used again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import worker
from .bench import OURS
from .clients import importable
from .measure import in_rounds, median, ratio
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["report"]

_MOST = 1.3
_CALLS = 10


def report(bench: Bench) -> None:
    """Print the time from call to callback, and the new connections per request."""
    clients, rounds = importable(), 8 if bench.quick else 20
    opened: dict[str, list[int]] = {name: [] for name in clients}

    def first_chunk(name: str) -> float:
        before = bench.server.connections
        waits = bench.job(name, worker.first_chunk, _CALLS)()
        opened[name].append(bench.server.connections - before)
        return median(waits)

    figures = in_rounds({name: partial(first_chunk, name) for name in clients}, rounds)
    rows = []
    for name, client in clients.items():
        later = ratio(figures[name], figures["floor"])
        new = sum(opened[name][1:]) / (_CALLS * rounds)
        goals = [verdict(later, _MOST), verdict(new, 0)] if name in OURS else ["", ""]
        row = [client.title, f"{median(figures[name]):,.0f}", times(later), goals[0]]
        rows.append([*row, f"{new:.2f}", goals[1]])
    head = ["", "µs, p50", "of the floor", "goal", "new connections per request", "goal"]
    print_table("From the call to the first callback on an idle connection", head, rows)
