"""The rounds of a pace: the answers between two decisions, and what they show of a limit. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

__all__ = ["Answer", "Mark", "Round"]

_USED = 0.8
"""The part of a limit that has to be in use, else nothing is known of a larger one."""
_GAIN = 1.1
"""How much more twice as many at once have to bring."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, as far as a concurrency limit learns from it.

    Attributes
    ----------
    seconds
        From the request to its end.
    tokens
        How many were generated; 1 where nobody knows.
    first_token
        The seconds until it began, or None.
    """

    seconds: float
    tokens: float = 1.0
    first_token: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What a limit brought: tokens per second, and the wait for the first one."""

    limit: float
    throughput: float
    first_token: float | None

    def gained(self, before: Mark) -> bool:
        """Tell whether it brought more."""
        return self.throughput >= _GAIN * before.throughput

    def lost(self, before: Mark) -> bool:
        """Tell whether it brought less."""
        return self.throughput * _GAIN <= before.throughput

    def waits_longer(self, before: Mark) -> bool:
        """Tell whether the first token took twice as long."""
        if self.first_token is None or before.first_token is None:
            return False
        return self.first_token >= 2 * before.first_token


@dataclass(slots=True)
class Round:
    """The answers between two decisions.

    Attributes
    ----------
    first
        The number of its first request; those before were sent under another limit.
    since
        When its first answer had ended.
    """

    first: int
    limit: float
    since: float = 0.0
    peak: int = 0
    is_clean: bool = True
    answers: int = 0
    tokens: float = 0.0
    first_tokens: list[float] = field(default_factory=list)

    def add(self, number: int, answer: Answer, now: float) -> None:
        """Add an answer, which may be to a request of the round before."""
        if self.answers:
            self.tokens += answer.tokens
        if number < self.first:
            return
        if not self.answers:
            self.since = now  # from here on, as many are under way as the limit allows
        self.answers += 1
        if answer.first_token is not None:
            self.first_tokens.append(answer.first_token)

    def is_complete(self, *, fewest: int) -> bool:
        """Tell whether there are answers for a decision, beside the first one."""
        return self.answers > max(fewest, int(self.limit)) or (self.answers == 1 > self.limit)

    @property
    def is_used(self) -> bool:
        """Whether there were enough requests to tell something of the limit."""
        return self.peak >= _USED * max(1, int(self.limit))

    def mark(self, now: float) -> Mark:
        """Return what the round shows."""
        wait = statistics.median(self.first_tokens) if self.first_tokens else None
        return Mark(self.limit, self.tokens / max(now - self.since, 1e-9), wait)
