"""What a chunk costs when many answers are streamed at once in one event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import worker
from .clients import ASYNC_CLIENTS
from .measure import in_rounds, median, ratio
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["report"]

_STREAMS = 64
_MOST_OF = {"floor": 1.0, "on httpx": 0.4, "openai": 1 / 15}
"""The most of what others take."""


def report(bench: Bench) -> None:
    """Print µs per chunk, of all streams together."""
    chunks, rounds = (100, 3) if bench.quick else (500, 5)
    jobs = {
        name: bench.job(
            name, worker.async_cpu, _STREAMS, chunks // client.share, process=f"async {name}"
        )
        for name, client in ASYNC_CLIENTS.items()
    }
    figures = in_rounds(jobs, rounds)
    rows = []
    for name, client in ASYNC_CLIENTS.items():
        compared = ratio(figures["chatwidget"], figures[name])
        goal = verdict(compared, _MOST_OF.get(name))
        rows.append([client.title, f"{median(figures[name]):.1f}", times(compared), goal])
    title = f"CPU per chunk, {_STREAMS} asynchronous streams at once, {chunks} chunks each"
    print_table(title, ["", "µs", "chatwidget takes", "goal"], rows)
