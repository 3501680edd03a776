"""Notes on a study: what its numbers mean, what is missing from them, and what would help."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from chatwidget.client.text import counted, printable
from chatwidget.tuning.statistics.means import FEWEST
from chatwidget.tuning.statistics.power import what_repeats_show
from chatwidget.tuning.statistics.variance import items_or_repeats
from chatwidget.tuning.summary import MOST_RANKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.result import Failure, Result
    from chatwidget.tuning.scoring import Scores
    from chatwidget.tuning.summary import Summary

__all__ = ["notes"]


def notes(
    summary: Summary,
    scores: Scores,
    groups: Sequence[Group],
    results: Sequence[Result],
    failures: Sequence[Failure],
) -> list[str]:
    """Return the notes on a study, each a sentence or two."""
    missing = _missing(scores, results, failures)
    return [*_left_out(summary), *_meaning(summary, groups), *_advice(summary, groups), *missing]


def _meaning(summary: Summary, groups: Sequence[Group]) -> Iterator[str]:
    if summary.kind not in ("pass", "number"):
        return
    are_sample = summary.kind == "number" and min(map(_items, groups)) >= FEWEST
    about = "prompts like these" if are_sample else "these prompts"
    yield f"Brackets hold the true value with 95 % confidence, for {about}."
    if len(summary.rows) > 1 and all(row.band for row in summary.rows):
        yield "Settings that the answers cannot tell apart are tied, and share their ranks."
    if not summary.is_closed:
        yield "Answers may still come: so brackets are wider, and hold however often one looks."


def _items(group: Group) -> int:
    return len(group.numbers)


def _left_out(summary: Summary) -> Iterator[str]:
    if len(summary.rows) > MOST_RANKED:
        yield (
            f"The table shows the {MOST_RANKED} settings with the highest values, of "
            f"{len(summary.rows):,}; results.means() has all."
        )


def _advice(summary: Summary, groups: Sequence[Group]) -> Iterator[str]:
    items = [group.numbers for group in groups]
    count = max(map(_items, groups), default=0)
    if summary.kind == "pass" and any(row.band and row.band.tied for row in summary.rows):
        repeats = median(row.value.scored for row in summary.rows) / max(count, 1)
        yield what_repeats_show(max(round(repeats), 1), max(count, 1))
    is_repeated = any(len(numbers) > 1 for each in items for numbers in each.values())
    if summary.kind == "number" and count > 1 and is_repeated:
        longest = max(items, key=lambda each: sum(map(len, each.values())))
        yield items_or_repeats([*longest.values()])


def _missing(
    scores: Scores, results: Sequence[Result], failures: Sequence[Failure]
) -> Iterator[str]:
    if failures:
        first = printable(f"{failures[0].kind}: {failures[0].message}")
        yield f"{counted(len(failures), 'call')} failed and do not count, the first with {first}"
    if scores.kind != "none" and scores.missing:
        yield f"{counted(scores.missing, 'answer')} without a score do not count."
    if scores.problem:
        yield f"The function that scores failed, first with {scores.problem}"
    cut = sum(result.finish_reason == "length" for result in results)
    if cut:
        yield f"{counted(cut, 'answer')} ended at the limit of tokens."
