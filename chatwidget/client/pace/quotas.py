"""The quotas that a server tells of in its headers, kept up to date between two answers. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatwidget.client.wire.rate_limits import Quota, RateLimits

__all__ = ["Allowance", "Percentile"]

_LONGEST_WAIT = 60.0
"""What headers say holds a request back no longer: after that, the server is asked itself."""
_USUAL_PERIOD = 60.0
_NEXT_TO_NOTHING = 1e-9


class Percentile:
    """The running percentile of the last values.

    Parameters
    ----------
    part
        Which one: 0.9 is the ninetieth.
    last
        Of how many values.
    """

    def __init__(self, part: float = 0.9, last: int = 200) -> None:
        self._part = part
        self._last = last
        self._recent: deque[float] = deque()
        self._ordered: list[float] = []

    def add(self, value: float) -> None:
        """Add a value; the oldest one goes."""
        if len(self._recent) == self._last:
            del self._ordered[bisect_left(self._ordered, self._recent.popleft())]
        self._recent.append(value)
        insort(self._ordered, value)

    @property
    def value(self) -> float:
        """The percentile; 0 of nothing."""
        if not self._ordered:
            return 0.0
        return self._ordered[min(int(self._part * len(self._ordered)), len(self._ordered) - 1)]


class _Bucket:
    """A token bucket as the server describes it, less what is on its way there."""

    _limit: float
    _left: float
    _at: float
    _told_at: float

    def __init__(self) -> None:
        self._rate = 0.0

    def update(self, quota: Quota, on_the_way: float, now: float) -> None:
        """Take over what the server says, which does not count yet what is on the way."""
        self._limit = quota.limit
        self._left = quota.remaining - on_the_way
        missing = quota.limit - quota.remaining
        if missing:
            self._rate = missing / max(quota.reset, 1e-3)
        elif not self._rate:
            self._rate = quota.limit / _USUAL_PERIOD
        self._at = self._told_at = now

    def take(self, amount: float, now: float) -> None:
        """Take from what is left; less than nothing gives back."""
        self._refill(now)
        self._left = min(self._left - amount, self._limit)
        self._told_at = now  # the answer will tell

    def is_larger(self, amount: float) -> bool:
        """Tell whether an amount is more than the bucket ever holds."""
        return amount > self._limit

    def delay(self, amount: float, now: float) -> float:
        """Return the seconds until an amount is left, or all there can be."""
        self._refill(now)
        missing = min(amount, self._limit) - self._left
        if missing <= _NEXT_TO_NOTHING * self._limit:
            return 0.0
        return min(missing / self._rate, max(0.0, self._told_at + _LONGEST_WAIT - now))

    def _refill(self, now: float) -> None:
        self._left = min(self._left + self._rate * (now - self._at), self._limit)
        self._at = now


class Allowance:
    """What may be sent as far as the server's headers tell: requests, and tokens in reserve.

    A request reserves what nine of ten took before it, and settles when its answer has ended.
    """

    def __init__(self) -> None:
        self._requests: _Bucket | None = None  # nobody told of one
        self._tokens: _Bucket | None = None
        self._usual = Percentile()

    def reserve(self, least: float) -> float:
        """Return the tokens that a request is to reserve, which takes some at least."""
        return max(least, self._usual.value)

    def is_larger(self, tokens: float) -> bool:
        """Tell whether a request is larger than what the server ever allows: it goes alone."""
        return self._tokens is not None and self._tokens.is_larger(tokens)

    def delay(self, tokens: float, now: float) -> float:
        """Return the seconds until a request may go."""
        delays = [each.delay(amount, now) for each, amount in self._told(tokens)]
        return max(delays, default=0.0)

    def take(self, tokens: float, now: float) -> None:
        """Note that a request goes."""
        for bucket, amount in self._told(tokens):
            bucket.take(amount, now)

    def settle(self, reserved: float, used: float, now: float) -> None:
        """Give back what a request did not use; what it used beyond its reserve is taken."""
        if self._tokens is not None:
            self._tokens.take(used - reserved, now)

    def learn(self, used: float) -> None:
        """Note what a request took in the end."""
        self._usual.add(used)

    def update(self, limits: RateLimits, requests: int, tokens: float, now: float) -> None:
        """Take over what headers say; so many requests and tokens are still on their way."""
        if limits.requests is not None:
            self._requests = self._requests or _Bucket()
            self._requests.update(limits.requests, requests, now)
        if limits.tokens is not None:
            self._tokens = self._tokens or _Bucket()
            self._tokens.update(limits.tokens, tokens, now)

    def _told(self, tokens: float) -> list[tuple[_Bucket, float]]:
        pairs = (self._requests, 1.0), (self._tokens, tokens)
        return [(bucket, amount) for bucket, amount in pairs if bucket is not None]
