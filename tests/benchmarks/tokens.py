"""How long the page computes when a slider moves below the tokens of an answer."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .measure import median
from .report import print_table, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["MOST", "moved", "report"]

MOST = 16
"""Milliseconds: one frame."""

_SCRIPT = Path(__file__).parents[1] / "frontend" / "tokens.bench.mjs"


def report(bench: Bench) -> None:
    """Print milliseconds for each set of sliders."""
    times = moved(20 if bench.quick else 120)
    rows = [
        [name, f"{median(each):.1f}", f"{_late(each):.1f}", verdict(median(each), MOST)]
        for name, each in times.items()
    ]
    head = ["1,000 tokens, 20 alternatives", "ms", "p95", "goal"]
    print_table("Computing of the page when a slider moves", head, rows)


def moved(rounds: int) -> dict[str, list[float]]:
    """Return milliseconds of each round, by what is moved."""
    node = shutil.which("node") or "node"
    command = [node, str(_SCRIPT), str(rounds)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    times: dict[str, list[float]] = json.loads(run.stdout)
    return times


def _late(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]
