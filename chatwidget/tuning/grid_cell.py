"""The cell of a grid: what was asked in one way, its repeats collapsed into kinds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatwidget.tuning.statistics.unseen import Unseen, good_turing

if TYPE_CHECKING:
    from collections.abc import Hashable

    from chatwidget.tuning.groups import Compared
    from chatwidget.tuning.result import Result
    from chatwidget.tuning.scoring import Score

__all__ = ["GridCell", "Kind"]


@dataclass
class Kind:
    """Answers that are alike, by the first of them."""

    results: list[Result] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many answers are alike."""
        return len(self.results)

    @property
    def text(self) -> str:
        """The text of the first of them."""
        return self.results[0].text

    @property
    def thumb(self) -> bool | None:
        """The thumb that some of them have; None without one."""
        return next((each.thumb for each in self.results if each.thumb is not None), None)

    @property
    def is_partly_judged(self) -> bool:
        """Whether others of them have another thumb, or none, as those that came later."""
        return len({each.thumb for each in self.results}) > 1

    @property
    def note(self) -> str:
        """The first note on them."""
        return next((each.note for each in self.results if each.note), "")


@dataclass
class GridCell:
    """A cell of a grid: what was asked in one way, and its answers.

    Attributes
    ----------
    request
        What was asked: its setting, prompt and item.
    label
        What of that varies, in words.
    kinds
        Its answers, those that are alike together, in the order in which they first came.
    scores
        The numbers among the scores of its answers.
    failed
        How many of its calls failed.
    """

    request: Compared
    label: str
    kinds: dict[Hashable, Kind] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def answers(self) -> int:
        """How many answers there are."""
        return sum(kind.count for kind in self.kinds.values())

    @property
    def ranked(self) -> list[tuple[int, Kind]]:
        """The kinds with their places among all, the most frequent first."""
        return sorted(enumerate(self.kinds.values()), key=lambda each: -each[1].count)

    @property
    def agreement(self) -> float:
        """The share of the most frequent kind."""
        most = max((kind.count for kind in self.kinds.values()), default=0)
        return most / max(self.answers, 1)

    @property
    def score(self) -> float | None:
        """The mean of the scores."""
        return sum(self.scores) / len(self.scores) if self.scores else None

    @property
    def unseen(self) -> Unseen:
        """How likely the next answer is of a new kind."""
        return good_turing(n for n, kind in enumerate(self.kinds.values()) for _ in kind.results)

    @property
    def sentence(self) -> str:
        """How far its answers agree, in words."""
        answers, kinds = self.answers, len(self.kinds)
        most = round(self.agreement * answers)
        if answers <= 1:
            return "1 answer" if answers else ""
        if kinds == 1:
            return f"all {answers} the same"
        return f"all {answers} different" if most == 1 else f"{most} of {answers} the same"

    def add(self, result: Result, kind: Hashable, score: Score = None) -> None:
        """Take an answer, of a kind, with its score."""
        self.kinds.setdefault(kind, Kind()).results.append(result)
        if score is not None and not isinstance(score, str):
            self.scores.append(float(score))

    def has(self, text: str) -> bool:
        """Tell whether a text stands in its label, an answer or a note, in any case."""
        wanted = text.casefold()
        kinds = self.kinds.values()
        texts = [self.label, *(each.text for each in kinds), *(each.note for each in kinds)]
        return any(wanted in each.casefold() for each in texts)
