from __future__ import annotations

from chatwidget.client.throttle import Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_text_is_due_at_once() -> None:
    assert Throttle().due(0)


def test_a_text_is_due_again_when_time_has_passed_and_it_has_grown() -> None:
    clock = Clock()
    throttle = Throttle(interval=1, growth=0.5, clock=clock)
    assert throttle.due(100)
    assert not throttle.due(200)
    clock.now += 1
    assert not throttle.due(149)
    assert throttle.due(150)
    assert not throttle.due(1000)


def test_no_growth_asked_is_no_growth_needed() -> None:
    clock = Clock()
    throttle = Throttle(interval=1, growth=0, clock=clock)
    assert throttle.due(5)
    clock.now += 1
    assert throttle.due(5)


def test_all_showings_together_cost_a_bounded_multiple_of_the_last_F66() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    shown = 0
    for size in range(1, 100_001):
        clock.now += 1
        shown += size if throttle.due(size) else 0
    assert shown < 27 * 100_000
