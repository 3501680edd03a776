"""Servers in virtual time: one that refuses beyond a rate, and one that only becomes slower."""

from __future__ import annotations

import asyncio
import random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import RateLimitError
from chatwidget.client.pace.asking import ask_at_pace
from chatwidget.client.pace.pace import Pace
from chatwidget.client.wire.rate_limits import Quota, RateLimits

from .virtual_time import run_in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from chatwidget.client.pace.pace import Turn

    Ask = Callable[[], Awaitable[None]]

__all__ = [
    "SPEEDS",
    "QuietServer",
    "RefusingServer",
    "at_its_pace",
    "at_work",
    "best_fixed",
    "usage",
]

_TICK = 0.05

SPEEDS: dict[str, tuple[Callable[[int], float], int]] = {
    "one slot": (lambda _: 30.0, 1),
    "four slots that share one core": (lambda _: 30.0, 4),
    "four slots in batches": (lambda count: 30 * count**0.6, 4),
    "batches that help up to four": (lambda count: 30 * min(count, 4) ** 0.7, 64),
    "too many make it slower": (
        lambda count: 30 * min(count, 6) ** 0.8 * min(1.0, 8 / count) ** 0.5,
        64,
    ),
    "sixteen slots": (lambda count: 50.0 * count, 16),
}
"""The speed of so many at once, and how many it works at."""


def usage(generated: float, prompt: float = 50) -> Any:
    """Return the usage of an answer."""
    return SimpleNamespace(completion_tokens=generated, total_tokens=generated + prompt)


class RefusingServer:
    """A token bucket: beyond its rate it answers 429, and it may tell so in its headers.

    Parameters
    ----------
    clock
        The virtual clock.
    rate, burst
        How many requests it takes in a second, and at once.
    seconds
        How long an answer takes, a half less or more.
    tells
        Whether its headers tell what is left.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        rate: float,
        burst: float,
        seconds: float,
        *,
        tells: bool = False,
    ) -> None:
        self.clock = clock
        self.rate = rate
        self.seconds = seconds
        self.retry_after: float | None = None
        self.storm = (float("inf"), float("inf"))
        self.log: list[tuple[float, bool]] = []
        self._burst = self._left = burst
        self._at = clock()
        self._tells = tells
        self._chance = random.Random(1)

    async def answer(self, turn: Turn) -> None:
        """Answer one request."""
        await asyncio.sleep(0.01)
        taken = self._takes_one()
        self.log.append((self.clock(), taken))
        if not taken:
            raise self._refusal()
        limits = self._limits()
        turn.heard(limits)
        seconds = self.seconds * self._chance.uniform(0.5, 1.5)
        await asyncio.sleep(seconds)
        turn.succeeded(usage(100), first_token=seconds / 10)

    def _takes_one(self) -> bool:
        now = self.clock()
        self._left = min(self._burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left < 1 or self.storm[0] <= now < self.storm[1]:
            return False
        self._left -= 1
        return True

    def _limits(self) -> RateLimits | None:
        missing = self._burst - self._left
        quota = Quota(self._burst, self._left // 1, missing / self.rate)
        return RateLimits(requests=quota) if self._tells else None

    def _refusal(self) -> RateLimitError:
        error = RateLimitError("Slow down.", status_code=429)
        is_storm = self.storm[0] <= self.clock() < self.storm[1]
        error.retry_after = 89.0 if is_storm else self.retry_after
        error.rate_limits = self._limits()
        return error

    def answered(self, since: float, until: float) -> float:
        """Return the part of its rate that it was used at."""
        taken = sum(taken for at, taken in self.log if since <= at < until)
        return taken / (until - since) / self.rate

    def refused(self, since: float) -> float:
        """Return the part of its answers that were refusals."""
        late = [taken for at, taken in self.log if at >= since]
        return late.count(False) / len(late)


class QuietServer:
    """A server that refuses nothing: requests share its speed, and wait for one of its slots.

    Parameters
    ----------
    clock
        The virtual clock.
    speed
        Returns the tokens per second of so many at once, all together.
    slots
        How many at once it works at.
    """

    def __init__(
        self, clock: Callable[[], float], speed: Callable[[int], float], slots: int
    ) -> None:
        self.clock = clock
        self.speed = speed
        self.slots = slots
        self.generated = 0.0
        self._jobs: list[tuple[list[float], asyncio.Future[None], asyncio.Future[None]]] = []
        self._chance = random.Random(1)

    async def work(self) -> None:
        """Generate tokens, for ever."""
        while True:
            await asyncio.sleep(_TICK)
            active = self._jobs[: self.slots]
            if not active:
                continue
            each = self.speed(len(active)) * _TICK / len(active)
            self.generated += each * len(active)
            for left, begun, ended in active:
                left[0] -= each
                for future, is_due in ((begun, True), (ended, left[0] <= 0)):
                    if is_due and not future.done():
                        future.set_result(None)
            self._jobs = [job for job in self._jobs if job[0][0] > 0]

    async def answer(self, turn: Turn | None) -> None:
        """Answer one request."""
        asked, tokens = self.clock(), self._chance.randint(20, 200)
        loop = asyncio.get_running_loop()
        job = ([float(tokens)], loop.create_future(), loop.create_future())
        self._jobs.append(job)
        await job[1]
        begun = self.clock()
        await job[2]
        if turn is not None:
            turn.succeeded(usage(tokens), first_token=begun - asked)

    async def measure(self, since: float, until: float) -> float:
        """Return the tokens per second between two times."""
        await asyncio.sleep(since - self.clock())
        before = self.generated
        await asyncio.sleep(until - since)
        return (self.generated - before) / (until - since)


def best_fixed(speed: Callable[[int], float], slots: int) -> float:
    """Return what the best fixed concurrency gets of a quiet server, found by trying them."""

    def set_up(clock: Callable[[], float]) -> tuple[QuietServer, Ask]:
        server = QuietServer(clock, speed, slots)
        return server, lambda: server.answer(None)

    return max(_generated(set_up, count, 20, 80) for count in (1, 2, 4, 6, 8, 16, 32))


def at_its_pace(speed: Callable[[int], float], slots: int) -> float:
    """Return what a pace gets of a quiet server, in tokens per second, when it has learnt."""

    def set_up(clock: Callable[[], float]) -> tuple[QuietServer, Ask]:
        server, pace = QuietServer(clock, speed, slots), Pace(clock)
        return server, lambda: ask_at_pace(pace, server.answer)

    return _generated(set_up, 200, 60, 240)


def _generated(
    set_up: Callable[[Callable[[], float]], tuple[QuietServer, Ask]],
    tasks: int,
    since: float,
    until: float,
) -> float:
    """Return the tokens per second between two times, while so many ask again and again."""

    async def main(clock: Callable[[], float]) -> float:
        server, ask = set_up(clock)

        async def ask_on() -> None:
            while True:
                await ask()

        measured = asyncio.ensure_future(server.measure(since, until))
        await _for_a_time(until + 1, [server.work(), *(ask_on() for _ in range(tasks))])
        return measured.result()

    return run_in_virtual_time(main)


def at_work(
    set_up: Callable[[Callable[[], float]], Any], until: float, *, tasks: int = 300
) -> tuple[Any, Pace]:
    """Ask a server for some time as fast as it goes, and return both ends of it."""

    async def main(clock: Callable[[], float]) -> tuple[Any, Pace]:
        server, pace = set_up(clock), Pace(clock)

        async def ask() -> None:
            while True:
                await ask_at_pace(pace, server.answer)

        await _for_a_time(until, [ask() for _ in range(tasks)])
        return server, pace

    return run_in_virtual_time(main)


async def _for_a_time(seconds: float, coroutines: list[Coroutine[Any, Any, None]]) -> None:
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
