"""What a long answer takes beside its text, while it is streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import worker
from .clients import CLIENTS
from .report import print_table, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["report"]

_MOST = 25 / 100_000
"""MB for each chunk."""


def report(bench: Bench) -> None:
    """Print the peak of memory."""
    chunks = 20_000 if bench.quick else 100_000
    measured = bench.job("chatwidget", worker.peak_memory, chunks, process="memory")()
    rows = [[CLIENTS["chatwidget"].title, f"{measured:.1f}", verdict(measured, _MOST * chunks)]]
    print_table(f"Peak memory of {chunks:,} chunks beyond their text", ["", "MB", "goal"], rows)
