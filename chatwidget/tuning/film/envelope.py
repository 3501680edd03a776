"""The upper envelope of lines: which of them is the highest, from value to value."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Line", "Stretch", "upper_envelope"]

Token = TypeVar("Token", bound=Hashable)


_MOST_STEPS = 8


@dataclass(slots=True)  # not frozen: making one is three times as fast, and there are thousands
class Line(Generic[Token]):
    """The score of a token along a parameter: ``level + slope * value``."""

    token: Token
    level: float
    slope: float

    def at(self, value: float) -> float:
        """Return the score at a value of the parameter."""
        return self.level + self.slope * value


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Token]):
    """A line that is the highest for values above `low`, up to `high`."""

    line: Line[Token]
    low: float
    high: float


def upper_envelope(lines: Sequence[Line[Token]], low: float, high: float) -> list[Stretch[Token]]:
    """Return the highest line for each value from low to high; of equal ones the first.

    What is not above the first line at the end, is not above it anywhere.
    Between two values where the same line is the highest, no other one is.
    Between two where different ones are, none is but where both are below it at their crossing.
    """
    first = _highest(lines, low)
    rivals = [line for line in lines if line is first or line.at(high) > first.at(high)]
    last = _highest(rivals, high)
    stretches = [Stretch(first, low, low)]
    ahead = [(last, high)]
    while ahead:
        start, (goal, end) = stretches[-1], ahead[-1]
        if start.line is goal:
            stretches[-1] = Stretch(goal, start.low, end)
            ahead.pop()
            continue
        crossing = _crossing(start.line, goal, start.high, end)
        above = _highest(rivals, crossing)
        if above.at(crossing) > max(start.line.at(crossing), goal.at(crossing)):
            ahead.append((above, crossing))
        else:
            stretches[-1] = Stretch(start.line, start.low, crossing)
            stretches.append(Stretch(goal, crossing, crossing))
    return stretches


def _highest(lines: Sequence[Line[Token]], value: float) -> Line[Token]:
    return max(lines, key=lambda line: line.level + line.slope * value)


def _crossing(first: Line[Token], other: Line[Token], low: float, high: float) -> float:
    """Return where one line passes the other."""
    if first.slope == other.slope:
        return high
    crossing = (first.level - other.level) / (other.slope - first.slope)
    for _ in range(_MOST_STEPS):  # the crossing itself belongs to the first, when it is calculated
        if other.at(crossing) < first.at(crossing):
            break
        crossing = math.nextafter(crossing, -math.inf)
    return min(max(crossing, low), high)
