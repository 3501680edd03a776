"""The four clocks of an answer: to connect, to the first event, between content, and in all.

A limit for each read is none for the answer: a server that sends a comment every ten seconds, or
one byte, keeps such a limit happy for ever. So only content moves the third clock on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING

from chatwidget.client.errors import APITimeoutError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clocks", "Deadlines"]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds; ``math.inf`` is for ever.

    Attributes
    ----------
    connect
        For a connection, a secure one included.
    first_event
        From the request, when there is a connection for it, to the first event of the answer.
    idle
        From one piece of content to the next.
    total
        For the whole answer, all tries and the waits between them included.

    Raises
    ------
    ConfigurationError
        If one of them is not above zero.
    """

    connect: float = 10.0
    first_event: float = 300.0
    idle: float = 120.0
    total: float = 3600.0

    def __post_init__(self) -> None:
        for name in ("connect", "first_event", "idle", "total"):
            seconds = getattr(self, name)
            is_number = isinstance(seconds, Real) and not isinstance(seconds, bool)
            if not is_number or not seconds > 0:
                raise ConfigurationError(
                    f"The limit {name} is a number of seconds above 0; got {seconds!r}.",
                    hint="math.inf waits for ever.",
                )

    @classmethod
    def of(cls, timeout: float | Deadlines) -> Deadlines:
        """Return deadlines; a number limits the whole answer."""
        return timeout if isinstance(timeout, Deadlines) else cls(total=timeout)


class Clocks:
    """The clocks of one answer, which run from now on.

    They stand while what has arrived is taken in: that time is not the server's.

    Parameters
    ----------
    deadlines
        Their limits.
    clock
        Returns the time in seconds; for tests.

    Attributes
    ----------
    paused
        Whether the clocks stand: something has arrived.
    """

    def __init__(self, deadlines: Deadlines, clock: Callable[[], float] = time.monotonic) -> None:
        self.deadlines = deadlines
        self._clock = clock
        self._end = clock() + deadlines.total
        self.begin()

    @property
    def remaining(self) -> float:
        """The seconds that are left of the whole answer, at least 0."""
        return max(0.0, self._end - self._clock())

    @property
    def first_event(self) -> float:
        """The seconds in which an answer must begin now, a little more than 0."""
        return min(self.deadlines.first_event, max(self.remaining, 0.001))

    def begin(self) -> None:
        """Start the clock of the first event: a request is sent, perhaps not the first."""
        self.paused = False
        self._has_begun = False
        self._is_ending = False
        self._next = self._clock() + self.deadlines.first_event

    def resume(self, *, content: bool) -> bool:
        """Resume the clocks, and tell whether none has run out.

        Content, and nothing else, moves the idle clock on.
        """
        now = self._clock()
        self.paused = False
        if content:
            self._has_begun = True
            self._is_ending = False
            self._next = now + self.deadlines.idle
        return now < self._next and now < self._end

    def end_within(self, seconds: float) -> None:
        """Wait no longer than this for more: nothing is missing."""
        self._is_ending = True
        self._next = min(self._next, self._clock() + seconds)

    @property
    def has_ended(self) -> bool:
        """Whether nothing was missing, and nothing more has come."""
        return self._is_ending and not self.paused and self._clock() >= self._next

    def time_left(self) -> float:
        """Return the seconds in which none of the clocks can run out."""
        now = self._clock()
        if not self.paused:
            return max(0.0, min(self._next, self._end) - now)
        if self._end <= now:
            return self.deadlines.idle
        return min(self.deadlines.idle, self._end - now)

    def late(self, host: str) -> APITimeoutError | None:
        """Return the error of a server whose time is up; None if it is not."""
        late = self.expired()
        if late is None:
            return None
        return APITimeoutError(f"{host} is too slow: {late}.", hint="Give a longer timeout=.")

    def expired(self) -> str | None:
        """Say which clock has run out, in words for the user; None if none has."""
        now = self._clock()
        if self.paused:
            return None
        if now >= self._end:
            return f"the answer was not complete within {self.deadlines.total:g} s"
        if now < self._next:
            return None
        if self._is_ending:
            return "the connection stayed open after the end of the answer"
        if self._has_begun:
            return f"nothing more of the answer came for {self.deadlines.idle:g} s"
        return (
            f"no answer began within {self.deadlines.first_event:g} s "
            "(a proxy that holds streams back looks the same)"
        )
