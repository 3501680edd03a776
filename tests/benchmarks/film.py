"""How long films take: of the practice model, of a real one on this machine, and a frame's drag."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .measure import median
from .report import print_table, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["MOST_FRAME", "Filmed", "dragged", "filmed", "report"]

QUESTION = "What does the temperature do?"
MOST_FRAME = 16
"""Milliseconds."""

_GOALS = {("practice", 40): 150, ("practice", 115): 600, ("local", 40): 8000}
"""Milliseconds."""

_SCRIPT = Path(__file__).parents[1] / "frontend" / "film.bench.mjs"


class Filmed(NamedTuple):
    """What a film took, and what it has."""

    seconds: float
    answers: int
    requests: int


def report(bench: Bench) -> None:
    """Print the milliseconds of films with their goals, and those of a frame."""
    rows = []
    for (server, tokens), goal in _GOALS.items():
        seeds = 1 if server == "local" and bench.quick else 3 if bench.quick else 5
        films = bench.processes.run(f"film {server}", filmed, server, tokens, seeds)
        if not films:
            continue
        spent = median(1000 * film.seconds for film in films)
        answers, requests = (f"{median(each):.0f}" for each in [*zip(*films, strict=True)][1:])
        rows.append([server, f"{tokens}", answers, requests, f"{spent:.0f}", verdict(spent, goal)])
    head = ["films of the temperature, 0 to 1.5", "tokens", "answers", "requests", "ms", "goal"]
    print_table("Films", head, rows)
    frames = dragged(20 if bench.quick else 120)
    told = [
        [name, f"{median(each):.1f}", verdict(median(each), MOST_FRAME)]
        for name, each in frames.items()
    ]
    head = ["40 answers of 115 words, another one in each frame", "ms", "goal"]
    print_table("Computing of the page when the slider of a film moves", head, told)


def filmed(server: str, tokens: int, seeds: int) -> list[Filmed]:
    """Return what the films of some seeds took; none where there is no such model."""
    import chatwidget
    from chatwidget.local.catalog import has_default_model
    from chatwidget.local.process import stop_all
    from chatwidget.tuning.film.questions import FilmProgress

    if server == "local" and not has_default_model():
        return []
    chatwidget.film(QUESTION, high=0.1, server=server, max_tokens=2)  # what is done but once
    films = []
    for seed in range(1, seeds + 1):
        heard = [FilmProgress(0, 0, 0.0)]
        began = time.perf_counter()
        film = chatwidget.film(
            QUESTION, server=server, max_tokens=tokens, seed=seed, show=heard.append
        )
        films.append(Filmed(time.perf_counter() - began, len(film), heard[-1].asked))
    stop_all()
    return films


def dragged(rounds: int) -> dict[str, list[float]]:
    """Return milliseconds of each frame while a slider moves, by how many handles there are."""
    node = shutil.which("node") or "node"
    command = [node, str(_SCRIPT), str(rounds)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    times: dict[str, list[float]] = json.loads(run.stdout)
    return times
