"""A pace against servers in virtual time: how far it uses them, and how seldom it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .simulated_servers import SPEEDS, RefusingServer, at_its_pace, at_work, best_fixed

if TYPE_CHECKING:
    from collections.abc import Callable

LEARNT = 30.0
END = 120.0


def assert_used_well(server: RefusingServer, since: float = LEARNT) -> None:
    assert server.answered(since, END) >= 0.9
    assert server.refused(since) <= 0.02


@pytest.mark.parametrize(("rate", "burst", "seconds"), [(10, 10, 1), (50, 50, 0.2), (50, 50, 2)])
def test_a_token_bucket_is_used_and_seldom_refuses(
    rate: float, burst: float, seconds: float
) -> None:
    server, _ = at_work(lambda clock: RefusingServer(clock, rate, burst, seconds), END)
    assert_used_well(server)


@pytest.mark.full
@pytest.mark.parametrize("rate", [5, 10, 30, 100])
@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("spare", [1.0, 5.0])
def test_token_buckets_of_many_sizes_are_used_and_seldom_refuse(
    rate: float, seconds: float, spare: float
) -> None:
    server, _ = at_work(lambda clock: RefusingServer(clock, rate, rate * spare, seconds), END)
    assert_used_well(server)


@pytest.mark.parametrize("retry_after", [0.5, 1.0])
def test_a_token_bucket_is_used_if_each_refusal_asks_to_wait(retry_after: float) -> None:
    def set_up(clock: Callable[[], float]) -> RefusingServer:
        server = RefusingServer(clock, 20, 20, 0.5)
        server.retry_after = retry_after
        return server

    assert_used_well(at_work(set_up, END)[0])


@pytest.mark.parametrize(("rate", "burst", "seconds"), [(5, 5, 0.5), (20, 60, 2)])
def test_headers_that_tell_what_is_left_spare_nearly_all_refusals(
    rate: float, burst: float, seconds: float
) -> None:
    server, _ = at_work(lambda clock: RefusingServer(clock, rate, burst, seconds, tells=True), END)
    assert server.answered(LEARNT, END) >= 0.9
    assert server.refused(LEARNT) <= 0.005


@pytest.mark.parametrize("length", [2.0, 20.0])
def test_a_storm_of_long_retry_afters_passes(length: float) -> None:
    storm_ends = 60 + length

    def set_up(clock: Callable[[], float]) -> RefusingServer:
        server = RefusingServer(clock, 20, 20, 0.5)
        server.storm = (60.0, storm_ends)
        return server

    server, _ = at_work(set_up, END, tasks=2000)
    assert server.answered(storm_ends + 15, END) >= 0.9


@pytest.mark.parametrize("name", SPEEDS)
def test_a_server_that_never_refuses_is_used_like_with_the_best_fixed_concurrency(
    name: str,
) -> None:
    assert at_its_pace(*SPEEDS[name]) >= 0.9 * best_fixed(*SPEEDS[name])
