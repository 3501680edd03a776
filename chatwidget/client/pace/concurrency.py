"""The concurrency limit: how many requests are under way at once, found by asking. Pure.

Additive increase, multiplicative decrease, as TCP does it: the limit doubles after each clean round
until the server refuses or nothing is gained, and then grows by a twentieth; an episode of refusals
cuts it once. A server that never refuses is known by its output: where twice as many requests
bring less than a tenth more tokens per second, the limit stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.pace.rounds import Round

if TYPE_CHECKING:
    from chatwidget.client.pace.rounds import Answer, Mark

__all__ = ["ConcurrencyLimit"]

_GROWTH = 1.05
_CUT = 0.8
_ROUNDS_OF_REST = 20
"""After so many rounds, a limit that came to rest is doubled on trial: others may have gone."""
_BURST = 2.0
"""How much faster than its answers end a limit is filled, until a server refuses."""
_NEAR, _ANSWERS_NEAR = 0.9, 40
"""How near to where it was refused a limit grows slowly, and how many answers it waits for then."""
_FAR = 1.5
"""How far beyond that place it was no limit of the server, but a burst."""
_LONGEST_COOLDOWN = 1.0
_LONGEST_SPACING = 60.0


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
        self._is_refused = False
        self._is_doubling = True
        self._is_probing = False
        self._was_clean = False
        self._rounds_of_rest = 0
        self._best: Mark | None = None
        self._episode_ends = 0
        self._cools_until = float("-inf")
        self._round = Round(0, self.value)

    @property
    def in_flight(self) -> int:
        """How many may be under way."""
        return max(1, int(self.value))

    @property
    def spacing(self) -> float:
        """The seconds between two requests: a burst is refused by a server that would take each."""
        if self._is_refused:
            return self.typical_seconds / self.value
        return self.typical_seconds / self.value / _BURST if self._answered else 0.0

    def begin(self, in_flight: int) -> int:
        """Return the number of a request that is sent; `in_flight` counts it."""
        number = self._sent
        self._sent += 1
        self._round.peak = max(self._round.peak, in_flight)
        return number

    def succeed(self, number: int, answer: Answer, now: float) -> str | None:
        """Learn from an answer; return what became of the limit in a word, or None."""
        self._learn_typical(answer.seconds)
        self._round.add(number, answer, now)
        if not self._round.is_complete(fewest=self._fewest_answers):
            return None
        first = self._sent if self._is_doubling else 0
        ended, self._round = self._round, Round(first, self.value)
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
        self._is_refused, self._was_clean, self._is_doubling = True, False, False
        self._best, self._rounds_of_rest = None, 0
        least = min(1.0, self.typical_seconds / _LONGEST_SPACING)
        self.value = max(_CUT * self.value, least)
        self._episode_ends = self._sent
        self._cools_until = now + min(self.typical_seconds, _LONGEST_COOLDOWN)
        self._round = Round(self._sent, self.value)
        return "cut"

    def hold(self) -> None:
        """Learn from a failure of the server: this round is no reason to grow."""
        self._round.is_clean = False

    @property
    def _fewest_answers(self) -> int:
        """How many answers a round has at least: near to where it was refused, many."""
        is_near = self._is_refused and self.value >= _NEAR * self._ceiling
        return _ANSWERS_NEAR if is_near else 1

    def _learn_typical(self, seconds: float) -> None:
        """Follow how long answers take: the mean of the first few, then a moving one."""
        self._answered += 1
        self.typical_seconds += (seconds - self.typical_seconds) / min(self._answered, 20)

    def _decide(self, mark: Mark) -> str | None:
        """Grow, stay or shrink after a clean round in which the limit was used."""
        if self._rounds_of_rest:
            self._rounds_of_rest -= 1
            if self._rounds_of_rest:
                return None
            self._best, self._is_doubling, self._is_probing = mark, True, True
        if self._best is None:
            self._best = mark
        elif mark.limit >= 2 * self._best.limit:
            if not mark.gained(self._best):
                return self._rest(mark, self._best)
            self._best, self._is_probing = mark, False
        return self._grow()

    def _rest(self, mark: Mark, before: Mark) -> str:
        """Stay where twice as many brought nothing, or go back if each waits longer for it."""
        self._is_doubling = False
        self._rounds_of_rest = _ROUNDS_OF_REST
        if not (self._is_probing or mark.waits_longer(before) or mark.lost(before)):
            return "settled"
        self.value = before.limit
        return "shrunk"

    def _grow(self) -> str | None:
        """Double at first, and up to where it was safe; from there on grow by a twentieth."""
        before, safe = self.value, _CUT * self._ceiling
        if self._is_refused and before > _FAR * self._ceiling:
            self._is_refused, self._is_doubling, self._best = False, True, None
        if self._is_doubling:
            self.value *= 2
        else:
            self.value = min(2 * before, safe) if before < safe else before * _GROWTH
        self.value = min(self.value, self._most)
        return "grown" if self.value > before else None
