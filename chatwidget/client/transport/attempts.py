"""Trying a request as often as its policy allows, and waiting in between."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from chatwidget.client.deadlines import Clocks
from chatwidget.client.errors import APIError
from chatwidget.client.events import Wait

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatwidget.client.deadlines import Deadlines
    from chatwidget.client.transport.retry import RetryPolicy

__all__ = ["atry_again", "try_again"]

_Result = TypeVar("_Result")


def try_again(
    attempt: Callable[[Clocks], _Result],
    deadlines: Deadlines,
    retries: RetryPolicy,
    on_wait: Callable[[Wait], object],
    fall_back: Callable[[APIError], bool] = lambda _: False,
) -> _Result:
    """Return what an attempt returns, after as many as it takes.

    Parameters
    ----------
    attempt
        What to try, with the clocks that run for all attempts.
    deadlines
        The limits of these clocks.
    retries
        How often to try again, and when.
    on_wait
        Is told of each wait before it begins.
    fall_back
        Tells whether the request was changed to what the server takes, so that it is sent at once.

    Raises
    ------
    APIError
        What the last attempt raised.
    """
    clocks = Clocks(deadlines)
    retried = 0
    while True:
        clocks.begin()
        try:
            result = attempt(clocks)
        except APIError as error:
            if fall_back(error):
                continue
            wait = _wait(error, retried, retries, clocks)
            if wait is None:
                raise
        else:
            retries.budget.refill()
            return result
        on_wait(wait)
        time.sleep(wait.seconds)
        retried += 1


async def atry_again(
    attempt: Callable[[Clocks], Awaitable[_Result]],
    deadlines: Deadlines,
    retries: RetryPolicy,
    on_wait: Callable[[Wait], object],
    fall_back: Callable[[APIError], bool] = lambda _: False,
) -> _Result:
    """Do as `try_again` does, asynchronously."""
    clocks = Clocks(deadlines)
    retried = 0
    while True:
        clocks.begin()
        try:
            result = await attempt(clocks)
        except APIError as error:
            if fall_back(error):
                continue
            wait = _wait(error, retried, retries, clocks)
            if wait is None:
                raise
        else:
            retries.budget.refill()
            return result
        on_wait(wait)
        await asyncio.sleep(wait.seconds)
        retried += 1


def _wait(error: APIError, retried: int, retries: RetryPolicy, clocks: Clocks) -> Wait | None:
    """Return the wait before the next attempt, or None if there is to be none."""
    seconds = retries.delay(error, retried)
    if seconds is None or seconds >= clocks.remaining:
        return None
    return Wait(seconds, error, retried + 1)
