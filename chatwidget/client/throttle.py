"""The throttle of a growing text: how often it is shown, so that the cost stays linear."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Throttle"]


class Throttle:
    """Throttle of a growing text: says when it is due to be shown again.

    It is due at most every `interval` seconds, and only after it grew by `growth`. If each showing
    costs as much as the whole text is long, then growth by a fraction bounds the sum: with 4 %,
    all showings together cost about 26 times the final one, however long the text becomes.

    Parameters
    ----------
    interval
        Seconds between two showings.
    growth
        The fraction by which the text must have grown since it was last shown; 0 asks for none.
    clock
        Returns the time in seconds; for tests.
    """

    def __init__(
        self,
        interval: float = 0.1,
        growth: float = 0.04,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = interval
        self._growth = growth
        self._clock = clock
        self._next_time = float("-inf")
        self._next_size = 0.0

    def due(self, size: int) -> bool:
        """Tell whether a text of this size is to be shown now; a yes counts as shown.

        The first one is due at once. The last one is the caller's to show, due or not.
        """
        if size < self._next_size:
            return False
        now = self._clock()
        if now < self._next_time:
            return False
        self._next_time = now + self._interval
        self._next_size = size * (1 + self._growth)
        return True
