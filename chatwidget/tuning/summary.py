"""The summary of a study: each setting's value with its interval, and which settings are tied."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.tuning.measures import tokens
from chatwidget.tuning.statistics.difference import Test, mean_test, pass_test
from chatwidget.tuning.statistics.means import mean
from chatwidget.tuning.statistics.proportion import Interval, confidence_sequence, wilson
from chatwidget.tuning.statistics.ranking import RankBand, rank_bands
from chatwidget.tuning.statistics.unseen import Unseen, good_turing

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.result import Result, Setting
    from chatwidget.tuning.scoring import ScoreKind

__all__ = [
    "MOST_RANKED",
    "Row",
    "Summary",
    "Value",
    "mean_value",
    "share_value",
    "summarize",
    "value_of",
]

MOST_RANKED = 100
"""Each setting is compared with each, and so more of them are not ranked."""

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Value:
    """A pass rate or a mean score, and where the true one lies with 95 % confidence.

    Attributes
    ----------
    number
        None without scores.
    interval
        None where there are too few numbers.
    passed
        How many answers passed; None if that is not what the scores say.
    scored
        How many answers have a score.
    """

    number: float | None = None
    interval: Interval | None = None
    passed: int | None = None
    scored: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What a study says of one setting.

    Attributes
    ----------
    setting
        The values that are compared.
    value
        Its pass rate or its mean score.
    band
        Its ranks; None where nothing is ranked.
    answers, failed
        How many answers it has, and how many calls failed.
    unseen
        How many kinds of answers there are, and how likely the next one is new.
    most
        The most frequent kind of answer and its share; None without answers.
    tokens
        How many tokens an answer has on average, if the server says so.
    """

    setting: Setting
    value: Value
    band: RankBand | None
    answers: int
    failed: int
    unseen: Unseen
    most: tuple[Hashable, float] | None
    tokens: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a study says.

    Attributes
    ----------
    names
        The names whose values are compared.
    kind
        What the scores are.
    is_closed
        Whether all planned answers are there. If not, intervals and ranks hold at every look.
    rows
        A row for each setting.
    """

    names: tuple[str, ...]
    kind: ScoreKind
    is_closed: bool
    rows: tuple[Row, ...]


def summarize(
    groups: Mapping[Setting, Group], kind: ScoreKind, *, is_closed: bool = True
) -> Summary:
    """Summarize a study: the answers of each setting, by the kind of score that they have.

    Failures do not count as answers.
    """
    bands = _bands([*groups.values()], kind, is_closed=is_closed)
    rows = [
        Row(
            setting,
            value_of(each, kind, is_closed=is_closed),
            band,
            len(each.results),
            each.failed,
            good_turing(each.kinds),
            _most(each.kinds),
            _tokens(each.results),
        )
        for (setting, each), band in zip(groups.items(), bands, strict=True)
    ]
    names = dict.fromkeys(name for setting in groups for name in setting.values)
    return Summary(tuple(names), kind, is_closed, tuple(rows))


def value_of(group: Group, kind: ScoreKind, *, is_closed: bool) -> Value:
    """Return the pass rate or the mean score of a setting, with its interval."""
    if kind == "pass":
        counts = group.counts.values()
        passed, n = sum(each.passed for each in counts), sum(each.n for each in counts)
        return share_value(passed, n, is_closed=is_closed)
    if kind == "number":
        return mean_value([*group.numbers.values()])
    return Value(scored=sum(score is not None for score in group.scores))


def share_value(passed: int, n: int, *, is_closed: bool) -> Value:
    """Return the share of answers that pass, with its interval."""
    interval = (wilson if is_closed else confidence_sequence)(passed, n)
    return Value(passed / n if n else None, interval, passed, n)


def mean_value(items: Sequence[Sequence[float]]) -> Value:
    """Return the mean of the numbers of some items, with its interval."""
    found = mean(items)
    number = None if math.isnan(found.value) else found.value
    return Value(number, found.interval, None, found.n)


def _bands(
    groups: Sequence[Group], kind: ScoreKind, *, is_closed: bool
) -> Sequence[RankBand | None]:
    """Return ranks: by tests if the study is closed, and by sequences if it is looked at before."""
    if len(groups) > MOST_RANKED:
        return [None] * len(groups)
    if kind == "pass" and is_closed:
        return rank_bands([group.counts for group in groups], pass_test)
    if kind == "pass":
        return rank_bands(_sequences(groups), _apart)
    if kind == "number" and is_closed:
        return rank_bands([group.numbers for group in groups], mean_test)
    return [None] * len(groups)


def _sequences(groups: Sequence[Group]) -> list[Interval]:
    """Return confidence sequences that hold together, each with its share of the error."""
    confidence = 1 - (1 - _CONFIDENCE) / max(len(groups), 1)
    totals = [[*group.counts.values()] for group in groups]
    return [
        confidence_sequence(sum(n.passed for n in each), sum(n.n for n in each), confidence)
        for each in totals
    ]


def _apart(one: Interval, other: Interval) -> Test:
    """Return whether one sequence lies wholly above another; its error is spent already."""
    if one.low > other.high:
        return Test(1.0, 0.0)
    return Test(-1.0, 0.0) if other.low > one.high else Test(0.0, 1.0)


def _most(kinds: Sequence[Hashable]) -> tuple[Hashable, float] | None:
    if not kinds:
        return None
    ((kind, count),) = Counter(kinds).most_common(1)
    return kind, count / len(kinds)


def _tokens(results: Sequence[Result]) -> float | None:
    counted = [count for count in map(tokens, results) if count is not None]
    return sum(counted) / len(counted) if counted else None
