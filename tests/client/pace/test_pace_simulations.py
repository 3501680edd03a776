"""A pace against servers in virtual time: how far it uses them, and how seldom it is refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.pace.asking import ask_at_pace
from chatwidget.client.pace.pace import Pace

from .simulated_servers import QuietServer, RefusingServer, at_work
from .virtual_time import run_in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable

LEARNT = 30.0
END = 120.0


def assert_used_well(server: RefusingServer, since: float = LEARNT) -> None:
    assert server.answered(since, END) >= 0.9
    assert server.refused(since) <= 0.02


@pytest.mark.parametrize(("rate", "burst", "seconds"), [(10, 10, 1), (50, 50, 0.2), (50, 50, 2)])
def test_a_token_bucket_is_used_and_seldom_refuses(
    rate: float, burst: float, seconds: float
) -> None:
    server, _ = at_work(lambda clock: RefusingServer(clock, rate, burst, seconds), END)
    assert_used_well(server)


@pytest.mark.full
@pytest.mark.parametrize("rate", [5, 10, 30, 100])
@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("spare", [1.0, 5.0])
def test_token_buckets_of_many_sizes_are_used_and_seldom_refuse(
    rate: float, seconds: float, spare: float
) -> None:
    server, _ = at_work(lambda clock: RefusingServer(clock, rate, rate * spare, seconds), END)
    assert_used_well(server)


@pytest.mark.parametrize("retry_after", [0.5, 1.0])
def test_a_token_bucket_is_used_if_each_refusal_asks_to_wait(retry_after: float) -> None:
    def set_up(clock: Callable[[], float]) -> RefusingServer:
        server = RefusingServer(clock, 20, 20, 0.5)
        server.retry_after = retry_after
        return server

    assert_used_well(at_work(set_up, END)[0])


@pytest.mark.parametrize(("rate", "burst", "seconds"), [(5, 5, 0.5), (20, 60, 2)])
def test_headers_that_tell_what_is_left_spare_nearly_all_refusals(
    rate: float, burst: float, seconds: float
) -> None:
    server, _ = at_work(lambda clock: RefusingServer(clock, rate, burst, seconds, tells=True), END)
    assert server.answered(LEARNT, END) >= 0.9
    assert server.refused(LEARNT) <= 0.005


@pytest.mark.parametrize("length", [2.0, 20.0])
def test_a_storm_of_long_retry_afters_passes(length: float) -> None:
    storm_ends = 60 + length

    def set_up(clock: Callable[[], float]) -> RefusingServer:
        server = RefusingServer(clock, 20, 20, 0.5)
        server.storm = (60.0, storm_ends)
        return server

    server, _ = at_work(set_up, END, tasks=2000)
    assert server.answered(storm_ends + 15, END) >= 0.9


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


def best_fixed(speed: Callable[[int], float], slots: int) -> float:
    """What the best fixed concurrency brings, found by trying them."""

    async def main(clock: Callable[[], float], count: int) -> float:
        server = QuietServer(clock, speed, slots)

        async def ask() -> None:
            while True:
                await server.answer(None)

        tasks = [asyncio.ensure_future(each) for each in [server.work()]]
        tasks += [asyncio.ensure_future(ask()) for _ in range(count)]
        measured = await server.measure(20, 80)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return measured

    counts = (1, 2, 4, 6, 8, 16, 32)
    return max(run_in_virtual_time(lambda clock, n=n: main(clock, n)) for n in counts)


@pytest.mark.parametrize("name", SPEEDS)
def test_a_server_that_never_refuses_is_used_like_with_the_best_fixed_concurrency(
    name: str,
) -> None:
    speed, slots = SPEEDS[name]

    async def main(clock: Callable[[], float]) -> float:
        server, pace = QuietServer(clock, speed, slots), Pace(clock)

        async def ask() -> None:
            while True:
                await ask_at_pace(pace, server.answer)

        tasks = [asyncio.ensure_future(server.work())]
        tasks += [asyncio.ensure_future(ask()) for _ in range(200)]
        measured = await server.measure(60, 240)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return measured

    assert run_in_virtual_time(main) >= 0.9 * best_fixed(speed, slots)
