"""What the headers of servers say of limits, and what hostile ones may say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.wire.rate_limits import Quota, RateLimits, rate_limits, seconds_until

NOW = 1_790_000_000.0


def read(**headers: str) -> RateLimits | None:
    return rate_limits(
        {name.replace("_", "-"): value for name, value in headers.items()}, lambda: NOW
    )


def test_openai_names_tell_of_requests_and_of_tokens() -> None:
    assert read(
        x_ratelimit_limit_requests="60",
        x_ratelimit_remaining_requests="59",
        x_ratelimit_reset_requests="1s",
        x_ratelimit_limit_tokens="150000",
        x_ratelimit_remaining_tokens="149984",
        x_ratelimit_reset_tokens="6m0s",
    ) == RateLimits(Quota(60, 59, 1), Quota(150_000, 149_984, 360))


def test_anthropic_names_tell_the_tightest_of_their_tokens() -> None:
    limits = read(
        anthropic_ratelimit_requests_limit="50",
        anthropic_ratelimit_requests_remaining="49",
        anthropic_ratelimit_requests_reset="2026-09-21T14:13:30Z",
        anthropic_ratelimit_input_tokens_limit="40000",
        anthropic_ratelimit_input_tokens_remaining="39000",
        anthropic_ratelimit_input_tokens_reset="2026-09-21T14:13:30Z",
        anthropic_ratelimit_output_tokens_limit="8000",
        anthropic_ratelimit_output_tokens_remaining="10",
        anthropic_ratelimit_output_tokens_reset="2026-09-21T14:13:50+00:00",
    )
    assert limits == RateLimits(Quota(50, 49, 10), Quota(8000, 10, 30))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360),
        ("1.5s", 1.5),
        ("20ms", 0.02),
        ("1h2m3.5s", 3723.5),
        ("1d", 86_400),
        ("12", 12),
        ("0.25", 0.25),
        (" 7 ", 7),
        ("1790000012", 12),
        ("1790000012500", 12.5),
        ("2026-09-21T14:13:32Z", 12),
        ("2026-09-21T16:13:32.500+02:00", 12.5),
        ("2020-01-01T00:00:00Z", 0),
        ("1e300", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("9" * 400, None),
        ("99999999h", 86_400),
        ("2999-01-01T00:00:00Z", 86_400),
        ("", None),
        ("soon", None),
        ("s", None),
        ("1s2", None),
        ("١s", None),
    ],
)
def test_a_reset_is_a_duration_or_a_point_in_time(text: str, seconds: float | None) -> None:
    got = seconds_until(text, lambda: NOW)
    assert got is None if seconds is None else got == pytest.approx(seconds)


@pytest.mark.parametrize(
    "headers",
    [
        {"x_ratelimit_remaining_requests": "5"},
        {"x_ratelimit_limit_requests": "5", "x_ratelimit_reset_requests": "1s"},
        {"x_ratelimit_remaining_requests": "nan", "x_ratelimit_reset_requests": "1s"},
        {"x_ratelimit_remaining_requests": "-1", "x_ratelimit_reset_requests": "1s"},
        {"x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "1s"},
        {"x_ratelimit_remaining_requests": "1e999", "x_ratelimit_reset_requests": "1s"},
        {},
    ],
)
def test_what_makes_no_sense_says_nothing(headers: dict[str, str]) -> None:
    assert read(**headers) is None


def test_more_than_the_limit_is_never_left() -> None:
    limits = read(
        x_ratelimit_limit_tokens="100",
        x_ratelimit_remaining_tokens="1000000",
        x_ratelimit_reset_tokens="1s",
    )
    assert limits == RateLimits(tokens=Quota(100, 100, 1))


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_whatever_headers_hold_the_quotas_are_bounded(limit: str, left: str, reset: str) -> None:
    limits = read(
        x_ratelimit_limit_tokens=limit,
        x_ratelimit_remaining_tokens=left,
        x_ratelimit_reset_tokens=reset,
    )
    if limits is not None and limits.tokens is not None:
        quota = limits.tokens
        assert 0 < quota.limit < math.inf
        assert 0 <= quota.remaining <= quota.limit
        assert 0 <= quota.reset <= 86_400
