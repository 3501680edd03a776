"""Curves: a value with its interval at each place where a study has answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.conclusion import value_text
from chatwidget.tuning.measures import MEASURES, THUMB
from chatwidget.tuning.summary import mean_value, share_value, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.measures import Measure
    from chatwidget.tuning.result import Setting
    from chatwidget.tuning.scoring import ScoreKind
    from chatwidget.tuning.summary import Value

__all__ = [
    "SCORE_THEM",
    "SHARES",
    "Curve",
    "Wanted",
    "curves",
    "is_rate",
    "label_of",
    "numbers_of",
    "title_of",
    "values_of",
]

SHARES = ("pass", THUMB)
"""What is a share of the answers, from 0 to 1."""

Wanted: TypeAlias = "str | Measure"

SCORE_THEM = "Score them by a function: results.scored(lambda completion: …)."

_SCORE = {"pass": ("pass", "score"), "number": ("score",), "kind": (), "none": ()}


@dataclass(slots=True)
class Curve:
    """The values of the settings that differ by one name alone.

    Attributes
    ----------
    label
        The other values, in words; empty if nothing else varies.
    places
        The values of the one name.
    values
        What there is at each of them.
    """

    label: str
    places: list[Any] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)


def curves(names: Sequence[str], x: str, values: Mapping[Setting, Value]) -> list[Curve]:
    """Return the curves along one name, one for each combination of the others.

    Raises
    ------
    ConfigurationError
        If it does not vary.
    """
    if not names:
        raise ConfigurationError("Nothing varies in this study, and so there is nothing to draw.")
    if x not in names:
        raise ConfigurationError(f"{x} does not vary; {', '.join(names)} does.")
    found: dict[str, Curve] = {}
    for setting, value in values.items():
        label = label_of(setting, x)
        curve = found.setdefault(label, Curve(label))
        if value.number is not None:
            curve.places.append(setting.values.get(x))
            curve.values.append(value)
    return [curve for curve in found.values() if curve.places]


def label_of(setting: Setting, x: str) -> str:
    """Return what a curve along one name is called: the other values, in words."""
    others = {name: each for name, each in setting.values.items() if name != x}
    return ", ".join(f"{name} {value_text(each)}" for name, each in others.items())


def title_of(y: str) -> str:
    """Return what a value is called on an axis."""
    return {"pass": "pass rate", THUMB: "thumbs up"}.get(y, y.replace("_", " "))


def values_of(
    groups: Mapping[Setting, Group], wanted: Wanted, kind: ScoreKind, *, is_closed: bool
) -> dict[Setting, Value]:
    """Return a value of each setting: its score, or the mean of a measure.

    Raises
    ------
    ConfigurationError
        If there is no such value.
    """
    if isinstance(wanted, str) and wanted in _SCORE[kind]:
        return {
            setting: value_of(group, kind, is_closed=is_closed) for setting, group in groups.items()
        }
    numbers = {setting: numbers_of(group, wanted, kind) for setting, group in groups.items()}
    if wanted == THUMB:
        return {setting: _thumbs(each, is_closed=is_closed) for setting, each in numbers.items()}
    return {
        setting: mean_value(_by_item(group, numbers[setting])) for setting, group in groups.items()
    }


def is_rate(wanted: Wanted, kind: ScoreKind) -> bool:
    """Whether a value is the share of answers that pass, by their scores or by thumbs."""
    return wanted == THUMB or (kind == "pass" and wanted in _SCORE[kind])


def numbers_of(group: Group, wanted: Wanted, kind: ScoreKind) -> list[float | None]:
    """Return the number of each answer of a setting: its score, or a measure; None without one.

    Raises
    ------
    ConfigurationError
        If there is no such value.
    """
    if isinstance(wanted, str) and wanted in _SCORE[kind]:
        return [_number(score) for score in group.scores]
    measure = _measure(wanted, kind) if isinstance(wanted, str) else wanted
    return [_number(measure(result)) for result in group.results]


def _measure(name: str, kind: ScoreKind) -> Measure:
    if name in MEASURES and name != "finish_reason":
        return MEASURES[name]
    if name in ("pass", "score"):
        raise ConfigurationError(
            f"The answers have no {name} that could be drawn.",
            hint=SCORE_THEM,
        )
    known = [*_SCORE[kind], *(each for each in MEASURES if each != "finish_reason")]
    raise ConfigurationError(
        f"There is no measure {name}.",
        hint=did_you_mean(name, known, f"There are {', '.join(known)}."),
    )


def _thumbs(numbers: Sequence[float | None], *, is_closed: bool) -> Value:
    """Return the share of thumbs that are up; while answers have none, another may come."""
    given = [number for number in numbers if number is not None]
    is_whole = is_closed and len(given) == len(numbers)
    return share_value(int(sum(given)), len(given), is_closed=is_whole)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _by_item(group: Group, numbers: Sequence[float | None]) -> list[list[float]]:
    """Return the numbers of each item; answers without one are left out."""
    items: dict[str, list[float]] = {}
    for result, number in zip(group.results, numbers, strict=True):
        if number is not None:
            items.setdefault(result.item, []).append(number)
    return [*items.values()]
