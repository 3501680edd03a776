"""Asking at a pace: a request waits for its turn, and goes again when it was sent too fast."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from chatwidget.client.errors import APIError
from chatwidget.client.pace.verdicts import is_final, is_refusal
from chatwidget.client.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatwidget.client.pace.pace import Pace, Turn

__all__ = ["LONGEST_WAIT", "ask_at_pace", "ask_at_pace_blocking"]

LONGEST_WAIT = 600.0
"""The longest ``Retry-After`` that is waited for, in seconds; longer ones are an error."""

_Answer = TypeVar("_Answer")


async def ask_at_pace(
    pace: Pace,
    attempt: Callable[[Turn], Awaitable[_Answer]],
    *,
    tokens: float = 0,
    lane: object = None,
    retries: RetryPolicy | None = None,
) -> _Answer:
    """Return what an attempt returns, which is made when its turn has come.

    Parameters
    ----------
    pace
        Whom to wait for; see `pace_of`.
    attempt
        Sends the request once, without retries of its own, and tells its turn how it went.
    tokens, lane
        As in `Pace.turn`.
    retries
        How often a request that failed is sent again. One that the server refused because of the
        rate has not failed: it waits, and is no attempt.

    Raises
    ------
    APIError
        What the last attempt raised.
    """
    delays = _Delays(retries or RetryPolicy())
    while True:
        try:
            async with pace.turn(tokens, lane=lane) as turn:
                return await attempt(turn)
        except APIError as error:
            delay = delays.after(error)
            if delay is None:
                raise
        await asyncio.sleep(delay)


def ask_at_pace_blocking(
    pace: Pace,
    attempt: Callable[[Turn], _Answer],
    *,
    tokens: float = 0,
    lane: object = None,
    retries: RetryPolicy | None = None,
) -> _Answer:
    """Return what an attempt returns; the synchronous twin of `ask_at_pace`."""
    delays = _Delays(retries or RetryPolicy())
    while True:
        try:
            with pace.turn(tokens, lane=lane) as turn:
                return attempt(turn)
        except APIError as error:
            delay = delays.after(error)
            if delay is None:
                raise
        time.sleep(delay)


class _Delays:
    """How long a request waits after each of its errors, before it asks for a turn again."""

    def __init__(self, retries: RetryPolicy) -> None:
        self._retries = retries
        self._refused = self._failed = 0

    def after(self, error: APIError) -> float | None:
        """Return the seconds after an error; None if it is final."""
        if is_refusal(error):
            self._refused += 1
            return _wait(error, self._refused - 1, self._retries)
        self._failed += 1
        return _backoff(error, self._failed - 1, self._retries)


def _wait(error: APIError, refused: int, retries: RetryPolicy) -> float | None:
    """Return the seconds that this one request waits before it asks for a turn again."""
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_WAIT else None
    delay = min(retries.first_delay * 2.0 ** min(refused, 10), retries.longest_delay)
    return delay * (1 - retries.chance() / 4)


def _backoff(error: APIError, failed: int, retries: RetryPolicy) -> float | None:
    return None if is_final(error) else retries.delay(error, failed)
