"""What an error says of the pace: too fast, a server that fails, or an end of all asking. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import APIConnectionError, APIStatusError, ConfigurationError

if TYPE_CHECKING:
    from chatwidget.client.errors import APIError

__all__ = ["is_failure", "is_final", "is_refusal"]

_TOO_MANY_REQUESTS = 429
_FIRST_SERVER_ERROR = 500
_FINAL = frozenset({401, 402, 404})
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_TOO_FAST = frozenset({"rate_limit_exceeded", "rate_limit_error"})


def is_final(error: Exception) -> bool:
    """Tell whether the next request would fail as well: key, money, address or model are wrong."""
    if isinstance(error, APIStatusError) and error.status_code in _FINAL:
        return True
    return isinstance(error, ConfigurationError) or bool(_words(error) & _NO_MONEY)


def is_refusal(error: APIError) -> bool:
    """Tell whether a server refused because of the rate."""
    if is_final(error):
        return False
    status = getattr(error, "status_code", None)
    return status == _TOO_MANY_REQUESTS or (status is None and bool(_words(error) & _TOO_FAST))


def is_failure(error: APIError) -> bool:
    """Tell whether a server failed or was not reached, which says nothing of the rate."""
    status = getattr(error, "status_code", None)
    return isinstance(error, APIConnectionError) or (status or 0) >= _FIRST_SERVER_ERROR


def _words(error: Exception) -> set[str | None]:
    return {getattr(error, "code", None), getattr(error, "type", None)}
