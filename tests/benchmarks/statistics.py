"""How long it takes until a study of 1,000 answers is summarized and drawn as a table."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.tuning import Result, Results, Study

from .measure import in_rounds, median
from .report import print_table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bench import Bench

__all__ = ["MOST", "SHAPES", "report", "summarized", "thousand"]

MOST = 50
"""Milliseconds."""

SHAPES = {
    "10 settings, 1 prompt, 100 repeats": (10, 1, 100),
    "10 settings, 10 prompts, 10 repeats": (10, 10, 10),
    "10 settings, 100 prompts, 1 repeat": (10, 100, 1),
    "40 settings, 5 prompts, 5 repeats": (40, 5, 5),
}
SCORES: dict[str, Callable[[ChatCompletion], object]] = {
    "passes": lambda completion: len(completion.text) % 3 > 0,
    "numbers": lambda completion: len(completion.text),
}


def report(bench: Bench) -> None:
    """Print milliseconds for each shape of a study and kind of score."""
    rounds = 3 if bench.quick else 9
    cases = {(shape, kind): thousand(*SHAPES[shape]) for shape in SHAPES for kind in SCORES}
    jobs = {case: _job(cases[case], SCORES[case[1]]) for case in cases}
    figures = in_rounds(jobs, rounds)
    rows = [
        [*case, f"{median(figures[case]):.0f}", verdict(median(figures[case]), MOST)]
        for case in cases
    ]
    head = ["1,000 answers", "scores", "ms", "goal"]
    print_table("CPU until a study is summarized and drawn", head, rows)


def thousand(settings: int, prompts: int, repeats: int) -> Results:
    """Return a study of 1,000 answers of different lengths."""
    study = Study(
        [f"Question {number}?" for number in range(prompts)],
        vary={"temperature": [number / 40 for number in range(settings)]},
        repeats=repeats,
        server="practice",
    )
    chance = random.Random(1)
    results = [
        Result(
            setting=request.setting,
            prompt=request.prompt,
            item=request.item,
            draw=draw,
            server="practice",
            completion=_completion("word " * chance.randint(1, 30)),
        )
        for request in study.requests
        for draw in range(1, repeats + 1)
    ]
    return Results(study.definition, len(study), results)


def summarized(results: Results, scorer: Callable[[ChatCompletion], object]) -> float:
    """Return how many milliseconds of CPU a study takes from its answers to its table."""
    began = time.process_time()
    results.scored(scorer)._repr_mimebundle_()
    return 1000 * (time.process_time() - began)


def _job(results: Results, scorer: Callable[[ChatCompletion], object]) -> Callable[[], float]:
    return lambda: summarized(results, scorer)


def _completion(text: str) -> ChatCompletion:
    return ChatCompletion([Choice(0, ChatCompletionMessage(content=text), "stop")], model="m")
