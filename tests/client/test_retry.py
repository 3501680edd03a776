"""Whether a failed request is sent again, and when."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest

from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    StreamError,
    StreamInterruptedError,
    status_error_class,
)
from chatwidget.client.transport.retry import RetryBudget, RetryPolicy, is_retryable, retry_after
from chatwidget.client.wire.types import ChatCompletion, Choice

NOW = 1_000_000_000.0
BEGUN = ChatCompletion(choices=[Choice()])
EMPTY = ChatCompletion(choices=[])


def status(status_code: int, **fields: Any) -> APIStatusError:
    """Return the error of a status."""
    return status_error_class(status_code)("x", status_code=status_code, **fields)


def asking(seconds: float | None, code: int = 429) -> APIStatusError:
    """Return the error of a server that asks to wait."""
    error = status(code)
    error.retry_after = seconds
    return error


def held(error: APIError, completion: ChatCompletion | None) -> APIError:
    """Return an error that holds a partial answer."""
    error.completion = completion
    return error


# Whether


@pytest.mark.parametrize("code", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_passing_status_is_retried_F9(code: int) -> None:
    assert is_retryable(status(code))


@pytest.mark.parametrize("code", [307, 400, 401, 402, 403, 404, 413, 418, 422, 501])
def test_a_lasting_status_is_not_retried_F7_F8_T44(code: int) -> None:
    assert not is_retryable(status(code))


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
def test_a_quota_that_is_used_up_is_not_retried_F12(code: str) -> None:
    assert not is_retryable(status(429, code=code))


@pytest.mark.parametrize("says", [True, False])
@pytest.mark.parametrize("code", [400, 429, 500])
def test_the_server_has_the_last_word_F13_T37(code: int, says: bool) -> None:  # noqa: FBT001 - a parameter
    error = status(code)
    error.should_retry = says
    assert is_retryable(error) is says


@pytest.mark.parametrize("phase", ["connect", "write", "read"])
def test_a_lost_connection_is_retried_F1_F5(phase: str) -> None:
    assert is_retryable(APIConnectionError("x", phase=phase))


@pytest.mark.parametrize("phase", ["tls", "proxy"])
def test_what_another_try_does_not_change_is_not_retried_F3_F4(phase: str) -> None:
    assert not is_retryable(APIConnectionError("x", phase=phase))


def test_only_a_timeout_while_connecting_is_retried_F2() -> None:
    assert is_retryable(APITimeoutError("x", phase="connect"))
    for phase in ("read", "write", "pool"):
        assert not is_retryable(APITimeoutError("x", phase=phase))


FAILURES = {
    "connection F34": lambda: APIConnectionError("x"),
    "interruption F32": lambda: StreamInterruptedError("x"),
    "overload F43": lambda: StreamError("x", type="overloaded_error"),
    "server error F43": lambda: StreamError("x", code="server_error"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_an_answer_that_has_begun_is_never_asked_for_again(failure: Any) -> None:
    assert is_retryable(held(failure(), None))
    assert is_retryable(held(failure(), EMPTY))
    assert not is_retryable(held(failure(), BEGUN))


def test_an_unknown_failure_is_not_retried() -> None:
    assert not is_retryable(StreamError("x", type="invalid_request_error"))
    assert not is_retryable(APIError("x"))


# When


def policy(**fields: Any) -> RetryPolicy:
    """Return a policy without chance."""
    return RetryPolicy(**{"chance": lambda: 0.0} | fields)


def test_delays_double_up_to_the_longest_T38() -> None:
    many = policy(limit=10)
    delays = [many.delay(status(500), retried) for retried in range(7)]
    assert delays == [0.5, 1, 2, 4, 8, 8, 8]


def test_chance_takes_up_to_a_quarter() -> None:
    assert policy(chance=lambda: 1.0).delay(status(500), 0) == 0.375


def test_no_more_than_the_limit() -> None:
    assert policy().delay(status(500), 2) is None
    assert policy(limit=0).delay(status(500), 0) is None


def test_a_lost_connection_is_tried_at_once_and_then_with_a_delay_F5() -> None:
    error = APIConnectionError("x")
    assert [policy().delay(error, retried) for retried in (0, 1)] == [0.0, 1.0]


def test_what_the_server_asks_for_is_obeyed_up_to_a_minute_F10_T33_T34() -> None:
    assert policy().delay(asking(3.5), 1) == 3.5
    assert policy().delay(asking(0.0), 1) == 0
    assert policy().delay(asking(60), 0) == 60
    assert policy().delay(asking(60.001), 0) is None
    assert policy(longest_wait=5).delay(asking(6), 0) is None
    assert policy().delay(asking(float("inf")), 0) is None


def test_a_server_that_says_retry_is_not_waited_for_without_end_T37() -> None:
    error = asking(1e9)
    error.should_retry = True
    assert policy().delay(error, 0) is None


@pytest.mark.parametrize("limit", [None, "2", -1, 2.5, True, float("nan")], ids=repr)
def test_a_limit_is_a_whole_number_from_0_on_T41(limit: Any) -> None:
    with pytest.raises(ConfigurationError, match="number of retries"):
        RetryPolicy(limit=limit)


def test_a_number_a_policy_and_nothing_are_policies() -> None:
    own = RetryPolicy(limit=7)
    assert RetryPolicy.of(own) is own
    assert RetryPolicy.of(3).limit == 3
    assert RetryPolicy.of(None).limit == 2


# The budget


def test_a_budget_is_used_up_by_retries_and_refilled_by_success_F67() -> None:
    budget = RetryBudget()
    spent = sum(budget.spend() for _ in range(200))
    assert spent == 100
    for _ in range(4):
        budget.refill()
    assert not budget.spend()
    budget.refill()
    assert budget.spend()
    assert not budget.spend()


def test_a_budget_does_not_grow_beyond_its_size() -> None:
    budget = RetryBudget()
    for _ in range(1000):
        budget.refill()
    assert sum(budget.spend() for _ in range(200)) == 100


def test_without_budget_there_is_no_retry_and_what_is_not_retried_costs_none_F67() -> None:
    poor = policy(limit=1000)
    for _ in range(200):
        assert poor.delay(status(400), 0) is None
    assert sum(poor.delay(status(500), 0) is not None for _ in range(200)) == 100


# Retry-After

HEADERS: list[tuple[dict[str, str], float | None]] = [
    ({}, None),
    ({"retry-after": ""}, None),
    ({"retry-after": "0"}, 0),
    ({"retry-after": "3"}, 3),
    ({"retry-after": " 3 "}, 3),
    ({"retry-after": "1.5"}, 1.5),
    ({"retry-after": "-1"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "-inf"}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "9" * 400}, float("inf")),
    ({"retry-after": "1e999"}, float("inf")),
    ({"retry-after-ms": "250"}, 0.25),
    ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    ({"retry-after-ms": "x", "retry-after": "9"}, 9),
    ({"retry-after-ms": "-5", "retry-after": "9"}, 9),
    ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30),
    ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0),
    ({"retry-after": "Xyz, 09 Sep 2001 01:47:10 GMT"}, 30),
    ({"retry-after": "Sun, 99 Sep 2001 01:47:10 GMT"}, None),
    ({"retry-after": "Fri, 01 Jan 100000 00:00:00 GMT"}, None),
    ({"retry-after": "Sun, 09 Sep"}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), HEADERS, ids=repr)
def test_retry_after_is_read_T32_F11_T35_T36(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, now=lambda: NOW) == seconds
