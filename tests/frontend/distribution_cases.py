"""Numbers that the arithmetic of the kernel and that of the page have to agree on.

``PYTHONPATH=tests python -m frontend.distribution_cases`` writes them down anew.
"""

from __future__ import annotations

import json
import math
from itertools import product
from pathlib import Path
from typing import Any

from chatwidget.tuning.distributions import Known, processed

__all__ = ["CASES", "cases"]

CASES = Path(__file__).with_name("distributions.json")

_LISTS: list[tuple[list[float], float | None, int]] = [
    ([0.6, 0.2, 0.1], None, 1_000),  # a list that leaves 0.1 over
    ([0.3, 0.2, 0.05, 0.001], 0.05, 50_000),  # the chosen one is below the list
    ([0.5, 0.3, 0.2], None, 3),  # all there is
    ([0.75], 1.0, 262_144),  # no list
    ([0.02, 0.02, 0.01], None, 400),  # nearly all of it is unseen
    ([1.0], None, 10),
]
# No sum of shares is a top_p: which side of it is met, depends on the last digit.
_SETTINGS = [(1, 1), (0, 1), (0.3, 1), (1.7, 1), (1, 0.47), (1, 0.93), (0.7, 0.9), (1.4, 0.2)]
_SHIFTS: list[tuple[list[float], list[list[float]]]] = [
    ([], []),
    ([-0.5], [[-1.5, 2]]),
    ([-2, -0.5], [[-0.5, 1], [0.7, 3]]),
]


def cases() -> list[dict[str, Any]]:
    """Return all cases, with what the kernel makes of them."""
    return [_case(*each) for each in product(_LISTS, _SETTINGS, _SHIFTS)]


def _case(
    listed: tuple[list[float], float | None, int],
    settings: tuple[float, float],
    shifted: tuple[list[float], list[list[float]]],
) -> dict[str, Any]:
    shares, floor, vocabulary = listed
    logprobs = [math.log(share) for share in shares]
    least = min(logprobs) if floor is None else math.log(floor)
    shifts = shifted[0][: len(shares)]
    added: dict[object, float] = dict(enumerate(shifts))
    for number, (shift, times) in enumerate(shifted[1]):
        added |= {f"other {number} {each}": shift for each in range(int(times))}
    known: Known[object] = Known(dict(enumerate(logprobs)), least, vocabulary)
    temperature, top_p = settings
    made = processed(known, temperature=temperature, top_p=top_p, shifted=added)
    return {
        "known": {"logprobs": logprobs, "floor": least, "vocabulary": vocabulary},
        "settings": {"temperature": temperature, "topP": top_p},
        "shifts": shifts,
        "unlisted": shifted[1],
        "low": [made.tokens[place].low for place in range(len(shares))],
        "high": [made.tokens[place].high for place in range(len(shares))],
        "unseen": [made.unseen.low, made.unseen.high],
    }


if __name__ == "__main__":
    CASES.write_text(json.dumps(cases(), indent=1) + "\n", "utf-8")
