"""Four clocks, of which only content moves the idle one on."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from chatwidget.client.client import ChatClient
from chatwidget.client.deadlines import Clocks, Deadlines
from chatwidget.client.errors import ConfigurationError


class Time:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def clocks(time: Time) -> Clocks:
    return Clocks(Deadlines(connect=1, first_event=10, idle=5, total=60), clock=time)


@pytest.mark.parametrize("wrong", ["5", 0, -1, math.nan, True, None, b"5", [5]], ids=repr)
@pytest.mark.parametrize("name", ["connect", "first_event", "idle", "total"])
def test_a_limit_is_a_number_of_seconds_above_0(name: str, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"The limit {name} is a number of seconds"):
        Deadlines(**{name: wrong})


@pytest.mark.parametrize("timeout", ["5", 0, True])
def test_a_wrong_timeout_is_refused_before_anything_is_sent(timeout: Any) -> None:
    client = ChatClient("http://127.0.0.1:1/v1")
    with pytest.raises(ConfigurationError, match="a number of seconds above 0"):
        client.create_chat_completion("Hello", "m", timeout=timeout)
    with pytest.raises(ConfigurationError, match="a number of seconds above 0"):
        ChatClient("http://127.0.0.1:1/v1", timeout=timeout)


def test_a_number_limits_the_whole_answer() -> None:
    assert Deadlines.of(7) == Deadlines(total=7)
    assert Deadlines.of(Deadlines(idle=1)) == Deadlines(idle=1)
    assert Deadlines.of(math.inf).total == math.inf
    assert Deadlines(total=Fraction(1, 2)).total == 0.5  # type: ignore[arg-type] # a number all the same


def test_the_first_event_has_its_clock_F39(clocks: Clocks, time: Time) -> None:
    time.now += 9.9
    assert clocks.expired() is None
    assert clocks.time_left() == pytest.approx(0.1)
    time.now += 0.1
    assert "no answer began within 10 s" in (clocks.expired() or "")


def test_the_message_of_the_first_clock_speaks_of_buffering_F70(clocks: Clocks, time: Time) -> None:
    time.now += 10
    assert "proxy" in (clocks.expired() or "")


def test_content_moves_the_idle_clock_on_F40(clocks: Clocks, time: Time) -> None:
    for _ in range(5):
        clocks.paused = True
        clocks.resume(content=True)
        time.now += 4.9
        assert clocks.expired() is None
    time.now += 0.1
    assert clocks.expired() == "nothing more of the answer came for 5 s"


def test_what_is_no_content_moves_no_clock_F40(clocks: Clocks, time: Time) -> None:
    clocks.paused = True
    clocks.resume(content=True)
    for _ in range(5):
        time.now += 1
        clocks.paused = True
        clocks.resume(content=False)
    assert clocks.expired() == "nothing more of the answer came for 5 s"


def test_what_is_no_content_does_not_begin_the_answer_F40(clocks: Clocks, time: Time) -> None:
    time.now += 10
    clocks.paused = True
    clocks.resume(content=False)
    assert "no answer began" in (clocks.expired() or "")


def test_the_clocks_stand_while_content_is_taken_in_F53(clocks: Clocks, time: Time) -> None:
    clocks.paused = True
    time.now += 50
    assert clocks.expired() is None
    assert 0 < clocks.time_left() <= 5
    clocks.resume(content=True)
    assert clocks.expired() is None
    assert clocks.time_left() == 5


def test_a_held_clock_is_looked_at_again_before_it_can_run_out(clocks: Clocks, time: Time) -> None:
    clocks.paused = True
    time.now += 58
    assert clocks.time_left() == 2
    time.now += 10
    assert clocks.time_left() == 5


def test_the_whole_answer_has_its_clock_F41(clocks: Clocks, time: Time) -> None:
    for _ in range(14):
        time.now += 4
        clocks.paused = True
        clocks.resume(content=True)
    assert clocks.time_left() == clocks.remaining == 4
    time.now += 4
    assert clocks.expired() == "the answer was not complete within 60 s"
    assert clocks.remaining == 0


def test_another_try_begins_anew_but_the_whole_goes_on(clocks: Clocks, time: Time) -> None:
    time.now += 9
    clocks.begin()
    time.now += 9
    assert clocks.expired() is None
    assert clocks.remaining == 42
    assert clocks.first_event == 10
    time.now += 40
    assert clocks.first_event == 2
    time.now += 5
    assert clocks.first_event > 0


def test_nothing_is_left_when_a_clock_has_run_out(clocks: Clocks, time: Time) -> None:
    time.now += 70
    assert clocks.time_left() == 0
    assert clocks.expired()


def test_without_limits_no_clock_runs_out(time: Time) -> None:
    clocks = Clocks(Deadlines(math.inf, math.inf, math.inf, math.inf), clock=time)
    time.now += 1e9
    assert clocks.expired() is None
    assert clocks.time_left() == math.inf
