"""The quotas of a server's headers: what they hold back, and for how long at most."""

from __future__ import annotations

import asyncio
import random
import statistics
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.pace.pace import Pace
from chatwidget.client.pace.quotas import Percentile
from chatwidget.client.wire.rate_limits import Quota, RateLimits

from .simulated_servers import usage
from .virtual_time import run_in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("count", [1, 10, 150, 1000])
def test_the_running_percentile_is_that_of_the_last_values(count: int) -> None:
    chance = random.Random(count)
    values, percentile = [chance.random() for _ in range(count)], Percentile(0.9, last=200)
    for value in values:
        percentile.add(value)
    last = sorted(values[-200:])
    assert percentile.value == last[min(int(0.9 * len(last)), len(last) - 1)]


def when(limits: RateLimits, tokens: list[float]) -> list[float]:
    """Return when requests of so many tokens may go, after an answer that told the limits."""

    async def main(clock: Callable[[], float]) -> list[float]:
        pace, times = Pace(clock, start=100), []

        async def send(size: float) -> None:
            async with pace.turn(size) as turn:
                times.append(clock())
                turn.heard(None)
                await asyncio.sleep(0.001)

        async with pace.turn() as turn:
            turn.heard(limits)
        for each in tokens:
            await send(each)
        return times

    return run_in_virtual_time(main)


def test_requests_wait_until_the_server_has_some_left() -> None:
    limits = RateLimits(requests=Quota(limit=10, remaining=0, reset=20))
    assert when(limits, [0, 0, 0]) == pytest.approx([2, 4, 6], abs=0.1)


def test_tokens_are_reserved_before_they_are_used() -> None:
    limits = RateLimits(tokens=Quota(limit=1000, remaining=500, reset=50))
    assert when(limits, [500, 100, 200]) == pytest.approx([0, 10, 30], abs=0.1)


def test_a_server_that_claims_to_have_nothing_for_a_day_is_asked_after_a_minute() -> None:
    limits = RateLimits(requests=Quota(limit=1, remaining=0, reset=86_400))
    assert when(limits, [0]) == pytest.approx([60], abs=0.1)


def test_a_request_larger_than_the_bucket_goes_alone_and_holds_nobody_up_for_ever() -> None:
    limits = RateLimits(tokens=Quota(limit=100, remaining=90, reset=1))

    async def main(clock: Callable[[], float]) -> list[tuple[float, int]]:
        pace, seen = Pace(clock, start=10), []

        async def send(size: float) -> None:
            async with pace.turn(size):
                before = pace.now.in_flight
                await asyncio.sleep(1)
                if size > 100:
                    seen.append((before, pace.now.in_flight))

        async with pace.turn() as turn:
            turn.heard(limits)
        sizes = [10, 10, 5000, 10, 10, 700, 10]
        await asyncio.gather(*(send(size) for size in sizes))
        return seen

    assert run_in_virtual_time(main) == [(1, 1), (1, 1)]


def test_a_reserve_is_what_nine_of_ten_took_and_is_settled_with_what_was_used() -> None:
    async def main(clock: Callable[[], float]) -> float:
        pace = Pace(clock, start=100)
        for used in [*range(100, 200)]:
            async with pace.turn() as turn:
                turn.succeeded(usage(used, prompt=0))
        async with pace.turn(10) as turn:
            return turn.reserved

    assert run_in_virtual_time(main) == pytest.approx(
        statistics.quantiles(range(100, 200), n=10)[-1], abs=2
    )
