"""How near pooled draws come to the truth, over simulated studies of the practice model.

A study asks four temperatures ten times each, for answers of twenty tokens.
"""

from __future__ import annotations

import heapq
import math
import random
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.client.wire.types import TokenLogprob, TopLogprob
from chatwidget.practice.model import load_models
from chatwidget.practice.sampling import probabilities
from chatwidget.practice.tokenizer import END
from chatwidget.tuning.answer_density import Drawing
from chatwidget.tuning.pooled_curve import pooled_along
from chatwidget.tuning.result import Setting
from chatwidget.tuning.sweep import Draw

from .answer_tree import answer_tree
from .report import print_table, verdict

if TYPE_CHECKING:
    from chatwidget.practice.model import Continuation

    from .bench import Bench

__all__ = ["Row", "entry", "is_likely", "report", "simulated"]

QUESTION = "What does top_p do?"
ASKED = (0.7, 1.0, 1.3, 1.6)
WANTED = (0.7, 0.85, 1.0, 1.15, 1.3)
REPEATS = 10
MOST = 0.75
"""Of a setting's own error."""


class Row(NamedTuple):
    """What simulated studies say of one temperature: the errors of pooled and of own draws."""

    temperature: float
    truth: float
    errors: tuple[float, float]
    coverage: float

    @property
    def was_asked(self) -> bool:
        """Whether a study asks at this temperature."""
        return self.temperature in ASKED


def report(bench: Bench) -> None:
    """Print the error of a setting's own draws, of all of them pooled, and the coverage."""
    rows = simulated(60, 100, length=12) if bench.quick else simulated(240, 300)
    told = []
    for row in rows:
        pooled, own = row.errors
        ratio = [f"{pooled / own:.2f}", verdict(pooled / own, MOST)] if row.was_asked else ["", ""]
        told.append(
            [
                f"{row.temperature:g}",
                f"{row.truth:.3f}",
                f"{own:.3f}" if row.was_asked else "not asked",
                f"{pooled:.3f}",
                *ratio,
                f"{row.coverage:.2f}",
            ]
        )
    head = ["temperature", "truth", "own ten", "pooled", "ratio", "goal", "covered"]
    print_table("Error of a pass rate over simulated studies", head, told)


def simulated(size: int, studies: int, *, length: int = 20, smallest: float = 0.002) -> list[Row]:
    """Return how far studies are off, which draw from so many answers at each temperature."""
    bank, chance = Bank(size, length), random.Random(11)
    truth = _truth(length, smallest)
    errors: dict[float, list[float]] = {each: [] for each in WANTED}
    covered: dict[float, list[bool]] = {each: [] for each in WANTED}
    for _ in range(studies):
        draws = [
            draw
            for each in bank.draws.values()
            for draw in chance.sample(each, min(REPEATS, len(each)))
        ]
        pools = {Setting(): {"item": draws}}
        curve = pooled_along("temperature", "pass", pools, at=WANTED, are_rates=True)
        for place, point in zip(WANTED, curve, strict=True):
            low, high = point.pooled.interval or (math.nan, math.nan)
            errors[place].append((point.pooled.value - truth[place]) ** 2)
            covered[place].append(low <= truth[place] <= high)
    return [
        Row(
            place,
            true,
            (math.sqrt(fmean(errors[place])), math.sqrt(true * (1 - true) / REPEATS)),
            fmean(covered[place]),
        )
        for place, true in truth.items()
    ]


def is_likely(text: str) -> bool:
    """Whether an answer passes."""
    return "likely" in text


def entry(answer: Continuation, token: int) -> TokenLogprob:
    """Return what a server tells of a token that was drawn."""
    best = heapq.nlargest(20, range(len(answer.logits)), key=answer.logits.__getitem__)
    listed = tuple(TopLogprob(str(each), answer.logits[each]) for each in best)
    return TokenLogprob(str(token), answer.logits[token], top_logprobs=listed)


class Bank:
    """Answers of the practice model, drawn at several temperatures from one tree of contexts."""

    def __init__(self, size: int, length: int) -> None:
        self.model = load_models()["practice"]
        self.length = length
        self.chance = random.Random(7)
        self.known: dict[tuple[int, ...], Continuation] = {}
        self.kept = 8  # a context holds the whole vocabulary
        self.entries: dict[tuple[int, ...], TokenLogprob] = {}
        self.draws = {
            temperature: [self.drawn(temperature) for _ in range(size)] for temperature in ASKED
        }

    def drawn(self, temperature: float) -> Draw:
        answer, path, told = self.model.answer(QUESTION), (), []
        for _ in range(self.length):
            answer = self.known.setdefault(path, answer) if len(path) <= self.kept else answer
            shares = probabilities(answer.logits, temperature)
            token = self.chance.choices(range(len(shares)), shares)[0]
            path = (*path, token)
            told.append(self.entries.setdefault(path, entry(answer, token)))
            if token == END:
                break
            following = self.known.get(path)
            if following is None:
                following = answer.copy()
                following.accept(token)
            answer = following
        text = b"".join(map(self.model.tokenizer.bytes, path)).decode("utf-8", "replace")
        return Draw(float(is_likely(text)), told, Drawing(temperature))


def _truth(length: int, smallest: float) -> dict[float, float]:
    """Return the pass rate at each temperature, over nearly all answers that there are."""
    leaves = [*answer_tree(load_models()["practice"], QUESTION, WANTED, length, smallest)]
    found = {}
    for number, place in enumerate(WANTED):
        passed = sum(leaf.probabilities[number] for leaf in leaves if is_likely(leaf.text))
        found[place] = passed / sum(leaf.probabilities[number] for leaf in leaves)
    return found
