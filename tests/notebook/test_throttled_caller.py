from __future__ import annotations

import itertools
import logging
import threading
import time
from typing import TYPE_CHECKING

from chatwidget.render.display.frame_scheduler import ThrottledCaller

if TYPE_CHECKING:
    import pytest


def test_the_first_call_is_made_at_once() -> None:
    called = threading.Event()
    throttled = ThrottledCaller(called.set, interval=60.0)
    throttled.call_soon()
    assert called.wait(5)
    throttled.stop()


def test_the_last_asking_is_heard_although_no_more_comes() -> None:
    drawn: list[str] = []
    waiting: list[str] = []
    done = threading.Event()

    def draw() -> None:
        while waiting:
            drawn.append(waiting.pop(0))
        if "last" in drawn:
            done.set()

    throttled = ThrottledCaller(draw, interval=0.01)
    for word in ["first", "second", "last"]:
        waiting.append(word)
        throttled.call_soon()
    assert done.wait(5)
    throttled.stop()


def test_calls_are_no_more_frequent_than_allowed() -> None:
    times: list[float] = []
    throttled = ThrottledCaller(lambda: times.append(time.monotonic()), interval=0.05)
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        throttled.call_soon()
        time.sleep(0.001)
    throttled.stop()
    assert len(times) >= 2
    assert min(b - a for a, b in itertools.pairwise(times)) > 0.045


def test_nothing_is_called_after_the_stop() -> None:
    calls: list[int] = []
    throttled = ThrottledCaller(lambda: calls.append(1), interval=0.0)
    throttled.call_soon()
    throttled.stop()
    count = len(calls)
    throttled.call_soon()
    time.sleep(0.02)
    assert len(calls) == count


def test_stopping_what_never_began_is_quiet() -> None:
    ThrottledCaller(lambda: None, interval=1.0).stop()


def test_a_failure_is_logged_and_ends_the_drawing(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise ValueError("odd")

    throttled = ThrottledCaller(fail, interval=0.0)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            throttled.call_soon()
            time.sleep(0.02)
        throttled.stop()
    assert calls == [1]
    assert "cannot be drawn" in caplog.text


def test_whoever_stops_while_others_begin_waits_for_the_one_thread_there_is() -> None:
    running: list[int] = []
    overlapping: list[int] = []

    def draw() -> None:
        running.append(1)
        overlapping.append(len(running))
        running.pop()

    for _ in range(200):
        throttled = ThrottledCaller(draw, interval=0.0)
        asking = [threading.Thread(target=throttled.call_soon) for _ in range(3)]
        for each in asking:
            each.start()
        throttled.stop()
        for each in asking:
            each.join()
        assert not running
    assert {*overlapping} <= {1}
