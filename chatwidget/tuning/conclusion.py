"""The conclusion of a study in a sentence, which calls a tie a tie, and notes beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.text import counted, printable
from chatwidget.tuning.summary import MOST_RANKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.tuning.result import Setting
    from chatwidget.tuning.summary import Row, Summary

__all__ = ["conclusion", "named", "value_text"]

_MOST_NAMED = 6
_FEW = 3
_LONGEST = 40


def conclusion(summary: Summary) -> str:
    """Return what a study shows, as one sentence."""
    rows = summary.rows
    if not any(row.answers for row in rows):
        return "There are no answers yet."
    if summary.kind == "none":
        return "Nothing says which answers are good; results.scored(function) takes what does."
    if summary.kind == "kind":
        return _of_kinds(summary)
    if len(rows) == 1:
        return _of_one(rows[0])
    return _of_ranks(summary) if all(row.band for row in rows) else _of_no_ranks(rows)


def named(names: Sequence[str], settings: Sequence[Setting]) -> str:
    """Return settings as one says them: ``temperature 0, 0.4 and 1.2``."""
    if len(names) == 1:
        values = [value_text(setting.values.get(names[0])) for setting in settings]
        return f"{printable(names[0])} {_listed(values)}"
    return _listed([_pairs(setting) for setting in settings])


def value_text(value: Any) -> str:
    """Return a varied value in short; None is a parameter that is not sent."""
    if value is None:
        return "not sent"
    text = f"{value:g}" if isinstance(value, float) else printable(str(value))
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _of_no_ranks(rows: Sequence[Row]) -> str:
    if len(rows) > MOST_RANKED:
        return f"{len(rows):,} settings are too many to be ranked; results.compare compares two."
    return "Settings are ranked when all answers are there."


def _of_ranks(summary: Summary) -> str:
    rows = summary.rows
    leaders = [place for place, row in enumerate(rows) if row.band and row.band.best == 1]
    if len(leaders) == len(rows):
        if len(summary.names) > 1 and len(rows) > _FEW:
            return f"These answers do not tell the {len(rows)} settings apart: they are tied."
        return f"These answers do not tell apart {_named(summary, leaders)}: they are tied."
    first = _named(summary, leaders)
    ties = f"{first} are tied" if len(leaders) > 1 else f"{first} is the best"
    return f"{ties}; {_of_losers(summary, leaders)}."


def _of_losers(summary: Summary, leaders: list[int]) -> str:
    """Return which settings are worse; if they are tied with some of the best, then than which."""
    losers = [place for place in range(len(summary.rows)) if place not in leaders]
    clearly = [place for place in losers if {*leaders} <= {*_better(summary.rows[place])}]
    said = [_worse(summary, clearly, "")] if clearly else []
    for place in losers:
        if place not in clearly:
            than = [each for each in _better(summary.rows[place]) if each in leaders]
            said.append(_worse(summary, [place], f" than {_values(summary, than)}" if than else ""))
    return ", ".join(said)


def _worse(summary: Summary, places: list[int], than: str) -> str:
    return f"{_values(summary, places)} {'is' if len(places) == 1 else 'are'} worse{than}"


def _better(row: Row) -> tuple[int, ...]:
    return row.band.better if row.band else ()


def _named(summary: Summary, places: Sequence[int]) -> str:
    return named(summary.names, [summary.rows[place].setting for place in places])


def _values(summary: Summary, places: Sequence[int]) -> str:
    """Return settings without the name that all of them share."""
    said = _named(summary, places)
    only = f"{printable(summary.names[0])} " if len(summary.names) == 1 else ""
    return said.removeprefix(only)


def _of_one(row: Row) -> str:
    value = row.value
    if value.number is None:
        return "No answer has a score."
    if value.passed is not None and value.interval is not None:
        low, high = (round(100 * end) for end in value.interval)
        return (
            f"{value.passed} of {counted(value.scored, 'answer')} passed: the pass rate lies "
            f"between {low} and {high} %, with 95 % confidence."
        )
    return f"The mean score of {counted(value.scored, 'answer')} is {value.number:.3g}."


def _of_kinds(summary: Summary) -> str:
    shares = [row.most[1] if row.most else 0.0 for row in summary.rows]
    highest = max(shares)
    places = [place for place, share in enumerate(shares) if share == highest]
    said = "" if len(summary.rows) == 1 else f" at {_named(summary, places)}"
    return f"Most answers agree{said}, where {round(100 * highest)} % are of one kind."


def _pairs(setting: Setting) -> str:
    pairs = (f"{printable(name)} {value_text(value)}" for name, value in setting.values.items())
    return " with ".join(pairs) or "the setting"


def _listed(texts: Sequence[str]) -> str:
    if len(texts) > _MOST_NAMED:
        texts = [*texts[: _MOST_NAMED - 1], f"{len(texts) - _MOST_NAMED + 1} more"]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]])) if texts else ""
