"""A heat map of a study: a value at each pair of the values of two names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.tuning.result import Setting
    from chatwidget.tuning.summary import Value

__all__ = ["HeatMap", "heat_map"]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The values of a heat map.

    Attributes
    ----------
    x, y, value
        The two names, and what is told of the answers.
    across, up
        Their values, in order.
    rows
        For each value of y those along x; None where nobody asked.
    """

    x: str
    y: str
    value: str
    across: list[Any]
    up: list[Any]
    rows: list[list[Value | None]]


def heat_map(
    values: Mapping[Setting, Value],
    value: str,
    x: str | None,
    y: str | None,
    where: Mapping[str, Any],
) -> HeatMap:
    """Return the values at each pair of two names' values.

    Parameters
    ----------
    values, value
        The values, and what they are.
    x, y
        The names; by default the first that vary.
    where
        The values of all other names.

    Raises
    ------
    ConfigurationError
        If a name does not vary, or something else does.
    """
    varied = dict.fromkeys(name for setting in values for name in setting.values)
    names = [name for name in varied if name not in where]
    x = x or next((name for name in names if name != y), "")
    y = y or next((name for name in names if name != x), "")
    _check(x, y, names)
    values = {
        setting: found
        for setting, found in values.items()
        if all(setting.values.get(name) == wanted for name, wanted in where.items())
    }
    if not values:
        raise ConfigurationError(f"There is no setting with {dict(where)}.")
    across, up = (_ordered(setting.values.get(name) for setting in values) for name in (x, y))
    found = {
        (str(setting.values.get(x)), str(setting.values.get(y))): each
        for setting, each in values.items()
    }
    rows = [[found.get((str(one), str(other))) for one in across] for other in up]
    return HeatMap(x, y, value, across, up, rows)


def _check(x: str, y: str, names: Sequence[str]) -> None:
    for name in (x, y):
        if name not in names:
            raise ConfigurationError(
                f"A heat map needs two names that vary; {name or 'a second one'} does not."
            )
    if x == y:
        raise ConfigurationError(f"A heat map needs two names that vary; {x} is one.")
    others = [name for name in names if name not in (x, y)]
    if others:
        raise ConfigurationError(
            f"A heat map has two names, and {', '.join(others)} varies, too.",
            hint=f"Give its value: where={{'{others[0]}': …}}.",
        )


def _ordered(values: Any) -> list[Any]:
    """Return values once: numbers by their size, others as they come."""
    found = [*{str(value): value for value in values}.values()]
    are_numbers = all(isinstance(each, int | float) for each in found)
    return sorted(found) if are_numbers else found
