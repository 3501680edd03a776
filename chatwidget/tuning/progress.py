"""The progress of a study: what is stored, running, done, failed and waiting, and how fast."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Progress", "Tally"]

_RATE_OF = 200
"""The rate is that of so many last answers."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes
    ----------
    calls
        How many calls the study has.
    stored
        How many were answered before, or by another run meanwhile.
    done, failed
        How many this run has asked, with an answer that is stored and without one.
    running
        How many are under way.
    waiting
        How many have not been sent yet, or wait to be sent again.
    skipped
        How many are not asked any more, because it is clear what they would show.
    tokens, dollars
        What the answers of this run took, as far as it is known.
    seconds
        How long the run has taken.
    rate
        How many calls end in a second now.
    ended
        Why it ended, as one sentence; empty while it goes on, and if all was asked.
    """

    calls: int
    stored: int = 0
    done: int = 0
    failed: int = 0
    running: int = 0
    waiting: int = 0
    skipped: int = 0
    tokens: int = 0
    dollars: float = 0.0
    seconds: float = 0.0
    rate: float = 0.0
    ended: str = ""

    @property
    def remaining(self) -> float | None:
        """The seconds that it takes still, if it goes on like this; None if nobody knows."""
        left = self.running + self.waiting
        return left / self.rate if self.rate else None if left else 0.0

    def __str__(self) -> str:
        counts = {
            "from the store": self.stored,
            "running": self.running,
            "waiting": self.waiting,
            "failed": self.failed,
            "skipped": self.skipped,
        }
        told = [f"{self.stored + self.done:,} of {self.calls:,} answered"]
        told += [f"{count:,} {name}" for name, count in counts.items() if count]
        if self.rate and self.running + self.waiting:
            told.append(f"{self.rate:.3g} per second, {self.remaining:,.0f} s left")
        return " · ".join([*told, *filter(None, [self.ended])])


class Tally:
    """Counts what becomes of the calls of a run; threads may look on.

    Parameters
    ----------
    calls, stored
        As in `Progress`.
    clock
        Returns the time in seconds; for tests.
    """

    def __init__(
        self, calls: int, stored: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._begun = clock()
        self._over: float | None = None
        self._ends: deque[float] = deque([self._begun], maxlen=_RATE_OF)
        self._state = Progress(calls, stored, waiting=calls - stored)

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        now = self._over if self._over is not None else self._clock()
        ends = [*self._ends]
        rate = (len(ends) - 1) / max(now - ends[0], 1e-9) if len(ends) > 1 else 0.0
        return replace(self._state, seconds=now - self._begun, rate=rate)

    def sent(self) -> None:
        """Count a call that is sent, or sent again."""
        self._add(running=1, waiting=-1)

    def held(self) -> None:
        """Count a call that was sent and waits to be sent again."""
        self._add(running=-1, waiting=1)

    def answered(self, tokens: int, dollars: float) -> None:
        """Count an answer that is stored."""
        self._ends.append(self._clock())
        self._add(done=1, running=-1, tokens=tokens, dollars=dollars)

    def failed(self) -> None:
        """Count a call that failed."""
        self._ends.append(self._clock())
        self._add(failed=1, running=-1)

    def skipped(self) -> None:
        """Count a call that is not asked any more."""
        self._add(skipped=1, waiting=-1)

    def found(self) -> None:
        """Count a call that another run has answered meanwhile."""
        self._add(stored=1, waiting=-1)

    def end(self, why: str) -> None:
        """Stop the clock; what was under way waits."""
        self._over = self._clock()
        self._add(waiting=self._state.running, running=-self._state.running)
        self._state = replace(self._state, ended=why)

    def _add(self, **counts: float) -> None:
        state = self._state
        self._state = replace(
            state, **{name: getattr(state, name) + n for name, n in counts.items()}
        )
