"""How many answers the store keeps in a second, and how soon a finished study is back."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .measure import median
from .report import print_table, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["figures", "report"]

_MOST_PER_ROW = 1.0
"""ms; it is a thousand rows per second."""
_MOST_RESUME = 2.0


def report(bench: Bench) -> None:
    """Print ms per durable row of 6 kB, and the seconds until a finished study is back."""
    calls, rounds = (1000, 2) if bench.quick else (10_000, 3)
    measured = [bench.processes.run("store", figures, calls) for _ in range(rounds)]
    row = median(one for one, _ in measured)
    resume = median(other for _, other in measured)
    rows = [
        ["a row of 6 kB, on the disk", f"{row:.2f} ms", verdict(row, _MOST_PER_ROW)],
        [f"a finished study of {calls:,} calls", f"{resume:.2f} s", verdict(resume, _MOST_RESUME)],
    ]
    print_table("The store of answers", ["", "time", "goal"], rows)


def figures(calls: int) -> tuple[float, float]:
    """The ms for each row that is stored, and the seconds to run a study that has all answers."""
    from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
    from chatwidget.tuning import Study
    from chatwidget.tuning.store import StoredAnswer

    answer = Choice(0, ChatCompletionMessage(content="x" * 6000), "stop")
    with tempfile.TemporaryDirectory() as folder:
        questions = {
            "prompts": "{{question}}",
            "data": [{"question": f"Question {number}?"} for number in range(calls // 10)],
            "vary": {"temperature": "0:0.9:0.1"},
            "repeats": 1,
            "server": "practice",
            "store": Path(folder, "answers.sqlite"),
        }
        study = Study(**questions)
        begun = time.perf_counter()
        kept = [
            study.store.keep(request.key, 1, StoredAnswer(ChatCompletion([answer]), 1.0))
            for request in study.requests
        ]
        for future in kept:
            future.result()
        stored = time.perf_counter()
        again = Study(**questions).run()
        if not again.is_complete:
            raise AssertionError(f"{len(again)} of {calls} answers are back")
        return (stored - begun) / calls * 1000, time.perf_counter() - stored
