"""The concurrency limit: how many requests are under way at once, found by asking. Pure.

Additive increase, multiplicative decrease, as TCP does it: the limit doubles after each clean round
until the server refuses or nothing is gained, and then grows by a twentieth; an episode of refusals
cuts it once. A server that never refuses is known by its output: where twice as many requests
bring less than a tenth more tokens per second, the limit stays.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

__all__ = ["Answer", "ConcurrencyLimit"]

_GROWTH = 1.05
_CUT = 0.8
_USED = 0.8
_GAIN = 1.1
_PROBE_AFTER = 20
_LONGEST_SPACING = 10.0


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
class _Mark:
    """What a limit brought: tokens per second, and the wait for the first one."""

    limit: float
    throughput: float
    first_token: float | None

    def gained(self, before: _Mark) -> bool:
        return self.throughput >= _GAIN * before.throughput

    def waits_longer(self, before: _Mark) -> bool:
        if self.first_token is None or before.first_token is None:
            return False
        return self.first_token >= 2 * before.first_token


@dataclass(slots=True)
class _Round:
    """The answers between two decisions.

    Attributes
    ----------
    first
        The number of its first request; those before were sent under another limit.
    since
        When it began.
    """

    first: int
    since: float
    limit: float
    peak: int = 0
    is_clean: bool = True
    answers: int = 0
    tokens: float = 0.0
    first_tokens: list[float] = field(default_factory=list)

    def add(self, number: int, answer: Answer) -> None:
        self.tokens += answer.tokens
        if number >= self.first:
            self.answers += 1
            if answer.first_token is not None:
                self.first_tokens.append(answer.first_token)

    @property
    def is_complete(self) -> bool:
        return self.answers >= max(1, int(self.limit))

    @property
    def is_used(self) -> bool:
        return self.peak >= _USED * max(1, int(self.limit))

    def mark(self, now: float) -> _Mark:
        wait = statistics.median(self.first_tokens) if self.first_tokens else None
        return _Mark(self.limit, self.tokens / max(now - self.since, 1e-9), wait)


class ConcurrencyLimit:
    """A concurrency limit that learns; requests are numbered in the order in which they are sent.

    Attributes
    ----------
    value
        How many at once. Less than one is a pause after each: a half is one answer's time.
    typical_seconds
        How long an answer takes.

    Parameters
    ----------
    start, most
        How many at once in the first round, and ever.
    """

    def __init__(self, start: float = 4.0, most: float = 1024.0) -> None:
        self.value = min(start, most)
        self.typical_seconds = 1.0
        self._most = most
        self._sent = self._answered = 0
        self._ceiling = most
        self._is_doubling = True
        self._was_clean = True
        self._rounds_of_rest = 0
        self._best: _Mark | None = None
        self._episode_ends = 0
        self._cools_until = float("-inf")
        self._round = _Round(0, 0.0, self.value)

    @property
    def spacing(self) -> float:
        """The seconds between two requests, where even one at a time is too many."""
        return self.typical_seconds / self.value if self.value < 1 else 0.0

    def begin(self, now: float, in_flight: int) -> int:
        """Return the number of a request that is sent now; `in_flight` counts it."""
        number = self._sent
        self._sent += 1
        if in_flight == 1 and not self._round.answers:
            self._round.since = now
        self._round.peak = max(self._round.peak, in_flight)
        return number

    def succeed(self, number: int, answer: Answer, now: float) -> str | None:
        """Learn from an answer; return what became of the limit in a word, or None."""
        self._learn_typical(answer.seconds)
        self._round.add(number, answer)
        if not self._round.is_complete:
            return None
        ended, self._round = self._round, _Round(self._sent, now, self.value)
        if not ended.is_clean:
            return None
        self._was_clean = True
        word = self._decide(ended.mark(now)) if ended.is_used else None
        self._round.limit = self.value
        return word

    def refuse(self, number: int, now: float) -> str | None:
        """Learn from a refusal because of the rate: an episode of them cuts the limit once."""
        self._round.is_clean = False
        if number < self._episode_ends or now < self._cools_until:
            return None
        if self._was_clean:
            self._ceiling = self.value
        self._was_clean = self._is_doubling = False
        self._best, self._rounds_of_rest = None, 0
        least = min(1.0, self.typical_seconds / _LONGEST_SPACING)
        self.value = max(_CUT * self.value, least)
        self._episode_ends = self._sent
        self._cools_until = now + self.typical_seconds
        self._round = _Round(self._sent, now, self.value)
        return "cut"

    def hold(self) -> None:
        """Learn from a failure of the server: this round is no reason to grow."""
        self._round.is_clean = False

    def _learn_typical(self, seconds: float) -> None:
        """Follow how long answers take: the mean of the first few, then a moving one."""
        self._answered += 1
        self.typical_seconds += (seconds - self.typical_seconds) / min(self._answered, 20)

    def _decide(self, mark: _Mark) -> str | None:
        """Grow, stay or shrink after a clean round in which the limit was used."""
        if self._rounds_of_rest:
            self._rounds_of_rest -= 1
            if self._rounds_of_rest:
                return None
            self._best, self._is_doubling = mark, True
        if self._best is None:
            self._best = mark
        elif mark.limit >= 2 * self._best.limit:
            if not mark.gained(self._best):
                return self._rest(mark, self._best)
            self._best = mark
        return self._grow()

    def _rest(self, mark: _Mark, before: _Mark) -> str:
        """Stay where twice as many brought nothing, or go back if each waits longer for it."""
        self._is_doubling = False
        self._rounds_of_rest = _PROBE_AFTER
        if not mark.waits_longer(before):
            return "settled"
        self.value = before.limit
        return "shrunk"

    def _grow(self) -> str | None:
        """Double at first, and up to where it was safe; from there on grow by a twentieth."""
        before, safe = self.value, _CUT * self._ceiling
        if self._is_doubling:
            self.value *= 2
        else:
            self.value = min(2 * before, safe) if before < safe else before * _GROWTH
        self.value = min(self.value, self._most)
        return "grown" if self.value > before else None
