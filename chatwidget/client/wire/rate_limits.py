"""Rate-limit headers: what a server says is left of its limits, and when it is refilled.

Pure. The names are OpenAI's, which most servers took over, and Anthropic's; a value that makes no
sense is no value.
"""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Quota", "RateLimits", "rate_limits"]


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a limit.

    Attributes
    ----------
    limit
        How much there is at most; what is left, where the server does not tell.
    remaining
        How much is left.
    reset
        The seconds until all of it is there again.
    """

    limit: float
    remaining: float
    reset: float


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The quotas of requests and of tokens; None where the server tells nothing of one."""

    requests: Quota | None = None
    tokens: Quota | None = None


def rate_limits(
    headers: Mapping[str, str], now: Callable[[], float] = time.time
) -> RateLimits | None:
    """Return what the headers of a response say of limits, or None if they say nothing.

    Parameters
    ----------
    headers
        Of a response, whatever its status.
    now
        Returns the seconds since 1970; for tests.
    """
    requests = _tightest(headers, _REQUESTS, now)
    tokens = _tightest(headers, _TOKENS, now)
    return RateLimits(requests, tokens) if requests or tokens else None


def seconds_until(text: str, now: Callable[[], float] = time.time) -> float | None:
    """Return the seconds that a reset names: ``6m0s``, ``1.5``, ``20ms``, or a point in time.

    A point in time is one of RFC 3339, or seconds or milliseconds since 1970. None is what cannot
    be read; nothing is further away than a day.
    """
    text = text.strip()[:_LONGEST_TEXT]
    number = _number(text)
    if number is None:
        seconds = _duration(text)
        if seconds is None:
            seconds = _time(text, now)
    elif number < _FIRST_TIME:
        seconds = number
    else:
        seconds = (number / 1000 if number >= _FIRST_MILLISECONDS else number) - now()
    return None if seconds is None else min(max(seconds, 0.0), _A_DAY)


_REQUESTS = (
    "x-ratelimit-{}-requests",
    "anthropic-ratelimit-requests-{}",
)
_TOKENS = (
    "x-ratelimit-{}-tokens",
    "anthropic-ratelimit-tokens-{}",
    "anthropic-ratelimit-input-tokens-{}",
    "anthropic-ratelimit-output-tokens-{}",
)
_LONGEST_TEXT = 64
_MOST = 1e12
_A_DAY = 86_400.0
_FIRST_TIME = 1e9
_FIRST_MILLISECONDS = 1e11
_UNITS = {"d": _A_DAY, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|d|h|m|s)", re.ASCII)


def _tightest(
    headers: Mapping[str, str], names: tuple[str, ...], now: Callable[[], float]
) -> Quota | None:
    """Return the quota of which the smallest part is left."""
    quotas = [quota for name in names if (quota := _quota(headers, name, now)) is not None]
    return min(quotas, key=lambda quota: quota.remaining / quota.limit, default=None)


def _quota(headers: Mapping[str, str], name: str, now: Callable[[], float]) -> Quota | None:
    remaining = _number(headers.get(name.format("remaining"), ""))
    if remaining is None:
        return None
    limit = _number(headers.get(name.format("limit"), "")) or remaining
    reset = seconds_until(headers.get(name.format("reset"), ""), now)
    if limit <= 0 or reset is None:
        return None
    return Quota(limit, min(remaining, limit), reset)


def _number(text: str) -> float | None:
    try:
        number = float(text[:_LONGEST_TEXT])
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= _MOST * 100 else None


def _duration(text: str) -> float | None:
    if not text or _PART.sub("", text).strip():
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def _time(text: str, now: Callable[[], float]) -> float | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() - now()
    except (ValueError, OverflowError, OSError):
        return None
