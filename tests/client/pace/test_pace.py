"""A pace: turns, and what is learned from them. Time is virtual."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.errors import AuthenticationError, InternalServerError, RateLimitError
from chatwidget.client.pace.asking import ask_at_pace
from chatwidget.client.pace.pace import Pace

from .virtual_time import run_in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.pace.pace import Turn


def refusal(retry_after: float | None = None) -> RateLimitError:
    error = RateLimitError("Slow down.", status_code=429)
    error.retry_after = retry_after
    return error


def test_no_more_go_at_once_than_the_limit_allows() -> None:
    async def main(clock: Callable[[], float]) -> int:
        pace, most = Pace(clock, start=3), 0

        async def hold() -> None:
            nonlocal most
            async with pace.turn():
                most = max(most, pace.now.in_flight)
                await asyncio.sleep(1)

        await asyncio.gather(*(hold() for _ in range(20)))
        return most

    assert run_in_virtual_time(main) == 3


def test_retry_after_delays_the_request_that_was_refused_and_no_other() -> None:
    async def main(clock: Callable[[], float]) -> tuple[float, list[float]]:
        pace, ends = Pace(clock, start=1), []
        refused = iter([refusal(89)])

        async def ask(turn: Turn) -> float:
            for error in refused:
                raise error
            await asyncio.sleep(0.1)
            turn.succeeded()
            return clock()

        first = asyncio.ensure_future(ask_at_pace(pace, ask))
        await asyncio.sleep(0)
        ends = [await ask_at_pace(pace, ask) for _ in range(5)]
        return await first, ends

    first, others = run_in_virtual_time(main)
    assert first > 89
    assert max(others) < 30


@pytest.mark.parametrize("times", [1, 50])
def test_waiting_is_no_attempt(times: int) -> None:
    async def main(clock: Callable[[], float]) -> str:
        errors = iter([refusal(1.0)] * times)

        async def ask(turn: Turn) -> str:
            for error in errors:
                raise error
            turn.succeeded()
            return "answer"

        return await ask_at_pace(Pace(clock), ask)

    assert run_in_virtual_time(main) == "answer"


@pytest.mark.parametrize("status", [401, 402, 404])
def test_what_every_request_would_meet_is_an_error_at_once(status: int) -> None:
    async def main(clock: Callable[[], float]) -> int:
        asked = 0

        async def ask(turn: Turn) -> None:
            nonlocal asked
            asked += 1
            raise AuthenticationError("No.", status_code=status)

        with pytest.raises(AuthenticationError):
            await ask_at_pace(Pace(clock), ask)
        return asked

    assert run_in_virtual_time(main) == 1


def test_a_server_that_fails_is_not_asked_more_slowly() -> None:
    async def main(clock: Callable[[], float]) -> float:
        pace = Pace(clock, start=4)
        for _ in range(20):
            with pytest.raises(InternalServerError):
                async with pace.turn():
                    raise InternalServerError("Broken.", status_code=500)
        return pace.now.limit

    assert run_in_virtual_time(main) == 4


def test_a_turn_that_is_cancelled_while_it_waits_keeps_nobody_waiting() -> None:
    async def main(clock: Callable[[], float]) -> int:
        pace = Pace(clock, start=1)

        async def hold() -> None:
            async with pace.turn():
                await asyncio.sleep(1)

        tasks = [asyncio.ensure_future(hold()) for _ in range(4)]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return pace.now.in_flight + pace.now.waiting

    assert run_in_virtual_time(main) == 0
