"""Power: what a number of repeats can show, before anything is paid for."""

from __future__ import annotations

import math
from statistics import NormalDist

__all__ = ["detectable_difference", "repeats_needed", "what_repeats_show"]

_USUAL_RATE = 0.9
_PRECISION = 1e-9
_TARGETS = (0.2, 0.1, 0.05, 0.02, 0.01)


def repeats_needed(
    rate: float, other: float, power: float = 0.8, confidence: float = 0.95
) -> int | None:
    """Sample size for each of two settings whose pass rates are to be told apart.

    None if the rates are the same.

    References
    ----------
    J. L. Fleiss, B. Levin, M. C. Paik, "Statistical methods for rates and proportions", 3rd ed.
    (2003), 4.14, without the correction for continuity.
    """
    if rate == other:
        return None
    return math.ceil(_answers(rate, other, power, confidence) - _PRECISION)


def detectable_difference(
    n: int, rate: float = _USUAL_RATE, power: float = 0.8, confidence: float = 0.95
) -> float | None:
    """Smallest difference below a pass rate that n answers to each of two settings can show.

    None if they are too few to tell the rate from 0.
    """
    if n < 1 or rate <= 0 or _answers(rate, 0.0, power, confidence) > n:
        return None
    low, high = 0.0, rate
    while high - low > _PRECISION:
        middle = (low + high) / 2
        if _answers(rate, rate - middle, power, confidence) > n:
            low = middle
        else:
            high = middle
    return high


def what_repeats_show(repeats: int, items: int = 1, rate: float = _USUAL_RATE) -> str:
    """Sentence on which difference some repeats can show, and how many would show a smaller one.

    Two settings are compared, the better of which passes with `rate`, four times out of five.
    """
    found = detectable_difference(repeats * items, rate)
    if found is None:
        said = f"{_repeats(repeats)} cannot tell pass rates apart"
    else:
        said = f"{_repeats(repeats)} can tell apart pass rates that differ by {_points(found)}"
    target = next((each for each in _TARGETS if found is None or each < found - 0.005), None)
    if target is None or target >= rate:
        return f"{said}."
    more = math.ceil((repeats_needed(rate, rate - target) or 0) / items)
    return f"{said}; {more:,} would show {round(100 * target)}."


def _answers(rate: float, other: float, power: float, confidence: float) -> float:
    normal = NormalDist()
    both = (rate + other) / 2
    same = normal.inv_cdf((1 + confidence) / 2) * math.sqrt(2 * both * (1 - both))
    apart = math.sqrt(rate * (1 - rate) + other * (1 - other))
    total = same + normal.inv_cdf(power) * apart
    return (total / (rate - other)) ** 2 if rate != other else math.inf


def _repeats(number: int) -> str:
    return "1 repeat" if number == 1 else f"{number:,} repeats"


def _points(difference: float) -> str:
    points = math.ceil(100 * difference - 1e-6)
    return "1 point" if points == 1 else f"{points} points"
