"""What a streamed chunk costs in each client, for each kind of answer."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from .bench import OURS
from .cases import CASES
from .clients import importable
from .measure import in_rounds, median, ratio
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["report"]

_GOALS = {
    "plain": {"floor": 1.3, "openai": 1 / 8, "helper": 1 / 14},
    "coalesced": {"openai": 1 / 20},
    "logprobs": {"floor": 1.4},
    "tools": {"floor": 1.4},
    "choices": {"floor": 1.4},
}
"""The most that chatwidget may cost, as a share of what another client costs."""

_MOST = {("logprobs", "helper"): 500}
"""The most chunks worth waiting for: openai's helper takes ever longer with logprobs."""


def report(bench: Bench) -> None:
    """Print µs per chunk, and the ratios that have goals."""
    clients, chunks = importable(), 2000 if bench.quick else 5000
    pairs = list(itertools.product(CASES, clients))
    sizes = {
        (case, name): min(chunks // clients[name].share, _MOST.get((case, name), chunks))
        for case, name in pairs
    }
    jobs = {(case, name): bench.cpu(name, case, sizes[case, name]) for case, name in pairs}
    figures = in_rounds(jobs, 2 if bench.quick else 5)

    head = ["", *(client.title for client in clients.values())]
    rows = [
        [CASES[case].title, *(f"{median(figures[case, name]):.1f}" for name in clients)]
        for case in CASES
    ]
    print_table(f"CPU per chunk, {chunks:,} chunks, µs", head, rows)
    slow = [f"{client.title} 1/{client.share}" for client in clients.values() if client.share > 1]
    print(f"\nSlow clients stream a share of it: {', '.join(slow)}; its helper 500 logprobs.")

    others = [name for name in clients if name not in OURS]
    for ours in (name for name in clients if name in OURS):
        head = [clients[ours].title, *(f"of {clients[name].title}" for name in others)]
        rows = [
            [CASES[case].title, *(_compared(figures, case, ours, name) for name in others)]
            for case in CASES
        ]
        print_table(f"CPU per chunk of {clients[ours].title}, compared", head, rows)


def _compared(figures: dict[tuple[str, str], list[float]], case: str, ours: str, other: str) -> str:
    compared = ratio(figures[case, ours], figures[case, other])
    return f"{times(compared)} {verdict(compared, _GOALS[case].get(other))}".strip()
