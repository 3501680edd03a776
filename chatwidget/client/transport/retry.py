"""The retry policy, its backoff, and the loop that tries a request as often as it allows.

Only requests whose answer has not begun are sent again. A read that timed out is not, for the
server may be at work on it, and would be paid twice.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from chatwidget.client.deadlines import Clocks
from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    StreamError,
    StreamInterruptedError,
)
from chatwidget.client.events import Wait
from chatwidget.client.forks import fork_safe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from chatwidget.client.deadlines import Deadlines

__all__ = ["RetryBudget", "RetryPolicy", "arun_with_retries", "retry_after", "run_with_retries"]


_RETRYABLE = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_RETRYABLE_CODES = frozenset({"overloaded_error", "server_error", "rate_limit_exceeded"})
_NOT_RETRYABLE_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


class RetryBudget:
    """The retry budget of a client, which all its requests share, so that an outage makes no storm.

    Every retry takes from it, every success gives a little back; when it is used up, requests
    fail at the first error. The figures are those of the AWS SDKs ("Retry behavior" in the AWS
    SDKs and Tools reference guide).
    """

    CAPACITY = 500
    COST = 5

    def __init__(self) -> None:
        self._left = self.CAPACITY
        # Threads of one client that retry; held for a sum.
        self._lock = fork_safe(threading.Lock())

    def __reduce__(self) -> tuple[type[RetryBudget], tuple[()]]:
        return RetryBudget, ()  # each process has one of its own

    def spend(self) -> bool:
        """Take the cost of one retry; False if there is not enough left."""
        with self._lock:
            if self._left < self.COST:
                return False
            self._left -= self.COST
            return True

    def refill(self) -> None:
        """Give back a little after a success."""
        with self._lock:
            self._left = min(self.CAPACITY, self._left + 1)


@dataclass(frozen=True)
class RetryPolicy:
    """The retry policy of requests: how often, and with which exponential backoff and jitter.

    Attributes
    ----------
    limit
        How often at most; 0 is never.
    first_delay, longest_delay
        Seconds before the first retry, and the most between two; each delay is twice the last,
        less up to a quarter by chance, so that clients do not come back together.
    longest_wait
        The longest ``Retry-After`` that is obeyed; a server that asks for more is not asked again.
    budget
        What all requests together may spend.
    chance
        Returns a number from 0 to 1; for tests.
    """

    limit: int = 2
    first_delay: float = 0.5
    longest_delay: float = 8.0
    longest_wait: float = 60.0
    budget: RetryBudget = field(default_factory=RetryBudget, compare=False, repr=False)
    chance: Callable[[], float] = field(default=random.random, compare=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.limit, bool) or not isinstance(self.limit, int) or self.limit < 0:
            raise ConfigurationError(
                f"The number of retries is a whole number from 0 on; got {self.limit!r}."
            )

    @classmethod
    def of(cls, retries: int | RetryPolicy | None) -> RetryPolicy:
        """Return a policy; a number is its limit, None the usual one."""
        if isinstance(retries, RetryPolicy):
            return retries
        return cls() if retries is None else cls(limit=retries)

    def delay(self, error: APIError, retries: int) -> float | None:
        """Return the backoff before the next try in seconds, or None if there is to be none.

        Parameters
        ----------
        error
            Why the last try failed.
        retries
            How often the request was sent again already.
        """
        asked = error.retry_after
        if retries >= self.limit or not is_retryable(error):
            return None
        if asked is not None and asked > self.longest_wait:
            return None
        if not self.budget.spend():
            return None
        if asked is not None:
            return asked
        if isinstance(error, APIConnectionError) and retries == 0:
            # Connections get lost by chance: another one is worth an instant try.
            return 0.0
        delay = min(self.first_delay * 2.0**retries, self.longest_delay)
        return delay * (1 - self.chance() / 4)


def is_retryable(error: APIError) -> bool:
    """Tell whether an error is retryable: a retry may end differently, and is not paid twice."""
    if error.should_retry is not None:
        return error.should_retry
    if isinstance(error, APIStatusError):
        return error.status_code in _RETRYABLE and error.code not in _NOT_RETRYABLE_CODES
    if isinstance(error, APITimeoutError):
        return error.phase == "connect"
    if isinstance(error, APIConnectionError):
        return error.phase not in ("tls", "proxy") and not _answer_has_begun(error)
    if isinstance(error, StreamInterruptedError):
        return not _answer_has_begun(error)
    overloaded = isinstance(error, StreamError) and {error.code, error.type} & _RETRYABLE_CODES
    return bool(overloaded) and not _answer_has_begun(error)


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Return the seconds that a server asks to wait, or None if it does not, or not sensibly.

    ``retry-after-ms`` counts more than ``retry-after``, which holds seconds or an HTTP date
    (RFC 9110, section 10.2.3).
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _number(text: str) -> float | None:
    """Read a number of seconds; digits beyond all bounds are a wait beyond all bounds."""
    try:
        number = float(text)
    except ValueError:
        return None
    is_word = not any(character.isdigit() for character in text)
    return None if is_word or number < 0 else number


def _answer_has_begun(error: APIError) -> bool:
    return error.completion is not None and bool(error.completion.choices)


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
