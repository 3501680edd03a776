"""The retry loop: a request is tried as often as its policy allows, with backoff in between."""

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

__all__ = ["arun_with_retries", "run_with_retries"]

_Result = TypeVar("_Result")


def run_with_retries(
    attempt: Callable[[Clocks], _Result],
    deadlines: Deadlines,
    retries: RetryPolicy,
    on_wait: Callable[[Wait], object],
    fall_back: Callable[[APIError], bool] = lambda _: False,
) -> _Result:
    """Retry an attempt with backoff until it succeeds, and return what it returns.

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


async def arun_with_retries(
    attempt: Callable[[Clocks], Awaitable[_Result]],
    deadlines: Deadlines,
    retries: RetryPolicy,
    on_wait: Callable[[Wait], object],
    fall_back: Callable[[APIError], bool] = lambda _: False,
) -> _Result:
    """Do as `run_with_retries` does, asynchronously."""
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
