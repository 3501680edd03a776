"""The pace at which a server is asked: who may send a request now, and what is learned from it.

All that asks one server with one key for one model shares one pace, from any thread and any event
loop. Waiting for a turn is no attempt: nothing was sent.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.client.errors import APIError
from chatwidget.client.forks import call_in_children, fork_safe
from chatwidget.client.pace.concurrency import ConcurrencyLimit
from chatwidget.client.pace.lanes import Lanes
from chatwidget.client.pace.quotas import Allowance
from chatwidget.client.pace.rounds import Answer
from chatwidget.client.pace.verdicts import is_failure, is_refusal
from chatwidget.client.pace.waiting import AsyncWaiter, ThreadWaiter

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from chatwidget.client.pace.waiting import Waiter
    from chatwidget.client.wire.rate_limits import RateLimits
    from chatwidget.client.wire.types import CompletionUsage

__all__ = ["Moment", "Pace", "Turn"]

_LONGEST_HISTORY = 1000
_FOREVER = float("inf")
_SHORTEST_WAIT = 0.001
_LATE = 0.005
"""So much too late, a timer does not make the pace slower."""
_LONGEST_REST = 5.0


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the history of a pace.

    Attributes
    ----------
    time
        When, in seconds of the pace's clock.
    event
        What became of the limit: ``grown``, ``cut``, ``settled``, ``shrunk``, or ``begun``.
    limit
        How many requests may be under way from now on.
    in_flight, waiting
        How many are, and how many wait for their turn.
    """

    time: float
    event: str
    limit: float
    in_flight: int
    waiting: int


class Pace:
    """The pace at which one server is asked; see `chatwidget.client.pace.registry.pace_of`.

    Parameters
    ----------
    clock
        Returns the time in seconds; for tests.
    start, most
        How many requests are under way at once at first, and ever.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        start: float = 4.0,
        most: float = 1024.0,
    ) -> None:
        self.clock = clock
        self._limit = ConcurrencyLimit(start, most)
        self._allowance = Allowance()
        # Whoever asks, ends a turn or looks on; nobody waits for anything else with it. The garbage
        # collector may end a turn in a thread that holds it.
        self._lock = fork_safe(threading.RLock())
        self._begin()
        self._history = deque([self._moment("begun")], _LONGEST_HISTORY)
        call_in_children(self._begin)

    def _begin(self) -> None:
        """Begin without turns: those of a process that forked are its own."""
        self._running: set[Turn] = set()
        self._queue: Lanes[Turn] = Lanes()
        self._resting: list[float] = []
        self._on_the_way = 0
        self._tokens_on_the_way = 0.0
        self._next_at = -_FOREVER
        self._alone: Turn | None = None

    def turn(self, tokens: float = 0, *, lane: object = None, urgent: bool = False) -> Turn:
        """Return a turn to send one request, a context manager of ``with`` and ``async with``.

        Parameters
        ----------
        tokens
            How many the request takes at least, such as those of its prompt.
        lane
            Who asks, such as a study: lanes are served in turn.
        urgent
            Whether a person waits for it: it goes before all others, and beyond the limit.
        """
        return Turn(self, tokens, lane, urgent=urgent)

    @property
    def now(self) -> Moment:
        """How it stands."""
        with self._lock:
            return self._moment("now")

    @property
    def history(self) -> list[Moment]:
        """How the limit went, oldest first; of the last thousand changes."""
        with self._lock:
            return [*self._history]

    def _moment(self, event: str) -> Moment:
        counts = len(self._running), len(self._queue)
        return Moment(self.clock(), event, self._limit.value, *counts)

    def enter(self, turn: Turn) -> float:
        """Let a turn begin and return 0, or return the seconds after which to ask again."""
        with self._lock:
            first = self._queue.first
            if first is not None and first is not turn and not turn.urgent:
                self._wait_in_line(turn)
                return _FOREVER
            now = self.clock()
            turn.reserved = self._allowance.reserve(turn.tokens)
            delay = 0.0 if turn.urgent else self._delay(turn, now)
            if delay > 0:
                self._wait_in_line(turn)
                return delay
            self._admit(turn, now)
            return 0.0

    def _wait_in_line(self, turn: Turn) -> None:
        if not turn.is_waiting:
            turn.is_waiting = True
            self._queue.add(turn.lane, turn)

    def _delay(self, turn: Turn, now: float) -> float:
        """Return the seconds until the first in the queue may go, as far as is known now."""
        is_large = self._allowance.is_larger(turn.reserved)
        if self._alone is not None or (is_large and self._running):
            return _FOREVER
        while self._resting and self._resting[0] <= now:
            heapq.heappop(self._resting)
        if len(self._running) + len(self._resting) >= self._limit.in_flight:
            return self._resting[0] - now if self._resting else _FOREVER
        return max(self._next_at - now, self._allowance.delay(turn.reserved, now))

    def _admit(self, turn: Turn, now: float) -> None:
        if turn.is_waiting:
            self._leave_line(turn, served=True)
        self._running.add(turn)
        if self._allowance.is_larger(turn.reserved):
            self._alone = turn
        self._on_the_way += 1
        self._tokens_on_the_way += turn.reserved
        self._allowance.take(turn.reserved, now)
        turn.number, turn.began = self._limit.begin(len(self._running)), now
        self._next_at = max(self._next_at, now - _LATE) + self._limit.spacing
        self._wake_first()

    def _leave_line(self, turn: Turn, *, served: bool) -> None:
        turn.is_waiting = False
        self._queue.remove(turn.lane, turn, served=served)

    def leave(self, turn: Turn) -> None:
        """Let a turn end, or go out of the queue."""
        with self._lock:
            if turn.is_waiting:
                self._leave_line(turn, served=False)
            if turn in self._running:
                self._running.remove(turn)
                self._arrive(turn)
            if turn is self._alone:
                self._alone = None
            self._wake_first()

    def _arrive(self, turn: Turn) -> None:
        """Count a turn no longer as on its way: what the server says counts it."""
        if not turn.is_heard:
            turn.is_heard = True
            self._on_the_way -= 1
            self._tokens_on_the_way -= turn.reserved

    def _wake_first(self) -> None:
        while (first := self._queue.first) is not None:
            if first.wake():
                return
            self._leave_line(first, served=False)  # its event loop is closed

    def hear(self, turn: Turn, limits: RateLimits | None) -> None:
        """Learn from the head of a response."""
        if limits is None:
            return
        with self._lock:
            self._arrive(turn)
            coming = self._on_the_way, self._tokens_on_the_way
            self._allowance.update(limits, *coming, self.clock())
            self._wake_first()

    def succeed(self, turn: Turn, answer: Answer, used: float | None) -> None:
        """Learn from an answer that has ended."""
        with self._lock:
            now = self.clock()
            if used is not None:
                self._allowance.learn(used)
                if not turn.is_heard:
                    self._allowance.settle(turn.reserved, used, now)
            self._note(self._limit.succeed(turn.number, answer, now))

    def refuse(self, turn: Turn) -> None:
        """Learn from a refusal because of the rate; its place stays taken for an answer's time."""
        with self._lock:
            now = self.clock()
            self._note(self._limit.refuse(turn.number, now))
            if not turn.is_heard:
                self._allowance.settle(turn.reserved, 0, now)
            heapq.heappush(self._resting, now + min(self._limit.typical_seconds, _LONGEST_REST))

    def hold(self) -> None:
        """Learn from a failure of the server."""
        with self._lock:
            self._limit.hold()

    def _note(self, event: str | None) -> None:
        if event is not None:
            self._history.append(self._moment(event))


class Turn:
    """A turn to send one request; made by `Pace.turn`.

    In its block one request is sent. An `APIError` that leaves the block is learned from; an answer
    is, when `succeeded` is told of it.
    """

    def __init__(self, pace: Pace, tokens: float, lane: object, *, urgent: bool) -> None:
        self.tokens = tokens
        self.lane = lane
        self.urgent = urgent
        self.reserved = 0.0
        self.number = 0
        self.began = 0.0
        self.is_waiting = False
        self.is_heard = False
        self._pace = pace
        self._waiter: Waiter | None = None
        self._is_told = False

    def heard(self, limits: RateLimits | None) -> None:
        """Tell what the head of the response says of limits, as soon as it is there."""
        self._pace.hear(self, limits)

    def succeeded(
        self,
        usage: CompletionUsage | None = None,
        limits: RateLimits | None = None,
        first_token: float | None = None,
    ) -> None:
        """Tell that the answer is complete.

        Parameters
        ----------
        usage
            The tokens that it took.
        limits
            What the headers of the response said of limits, if `heard` was not told.
        first_token
            The seconds from the request to the first token.
        """
        self._is_told = True
        self.heard(limits)
        generated = usage.completion_tokens if usage is not None else None
        used = usage.total_tokens if usage is not None else None
        seconds = self._pace.clock() - self.began
        self._pace.succeed(self, Answer(seconds, generated or 1, first_token), used)

    def refused(self, limits: RateLimits | None = None) -> None:
        """Tell that the server refused the request because of its rate."""
        self._is_told = True
        self.heard(limits)
        self._pace.refuse(self)

    def failed(self) -> None:
        """Tell that the server failed, or was not reached."""
        self._is_told = True
        self._pace.hold()

    def wake(self) -> bool:
        """Let whoever waits for this turn look again; False if nobody can any more."""
        return self._waiter is None or self._waiter.wake()

    async def __aenter__(self) -> Self:
        self._waiter = waiter = AsyncWaiter()
        try:
            while (delay := self._pace.enter(self)) > 0:
                await waiter.wait(max(delay, _SHORTEST_WAIT))
        except BaseException:
            self._pace.leave(self)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(error)

    def __enter__(self) -> Self:
        self._waiter = waiter = ThreadWaiter()  # before: another thread may wake it at once
        try:
            while (delay := self._pace.enter(self)) > 0:
                waiter.wait(max(delay, _SHORTEST_WAIT))
        except BaseException:
            self._pace.leave(self)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(error)

    def end(self, error: BaseException | None = None) -> None:
        """End the turn, and learn from the error that ended it."""
        if not self._is_told and isinstance(error, APIError):
            if is_refusal(error):
                self.refused(error.rate_limits)
            elif is_failure(error):
                self.failed()
        self._pace.leave(self)
