"""Curves: a value with its interval at each place where a study has answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.conclusion import value_text
from chatwidget.tuning.measures import MEASURES
from chatwidget.tuning.summary import mean_value, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.measures import Measure
    from chatwidget.tuning.result import Setting
    from chatwidget.tuning.scoring import ScoreKind
    from chatwidget.tuning.summary import Value

__all__ = ["SCORE_THEM", "Curve", "Wanted", "curves", "values_of"]

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
        others = {name: each for name, each in setting.values.items() if name != x}
        label = ", ".join(f"{name} {value_text(each)}" for name, each in others.items())
        curve = found.setdefault(label, Curve(label))
        if value.number is not None:
            curve.places.append(setting.values.get(x))
            curve.values.append(value)
    return [curve for curve in found.values() if curve.places]


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
    measure = _measure(wanted, kind) if isinstance(wanted, str) else wanted
    return {setting: mean_value(_measured(group, measure)) for setting, group in groups.items()}


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


def _measured(group: Group, measure: Measure) -> list[list[float]]:
    """Return the numbers of each item; what has none is left out."""
    items: dict[str, list[float]] = {}
    for result in group.results:
        number = measure(result)
        if isinstance(number, int | float) and math.isfinite(number):
            items.setdefault(result.item, []).append(float(number))
    return [*items.values()]
