from __future__ import annotations

from typing import Any

from chatwidget.render.display.widget_support import WidgetSupport


class View:
    closed = False

    def close(self) -> None:
        self.closed = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def widget_support() -> tuple[Any, Clock]:
    clock = Clock()
    return WidgetSupport(patience=10.0, clock=clock), clock


def test_a_front_end_is_trusted_to_draw_views_until_it_had_the_time_to() -> None:
    front, clock = widget_support()
    assert front.draws_views
    front.keep_open(View())
    clock.now = 9.0
    assert front.draws_views
    clock.now = 10.0
    assert not front.draws_views


def test_only_the_last_view_stays_open() -> None:
    front, _ = widget_support()
    first, second = View(), View()
    front.keep_open(first)
    assert not first.closed
    front.keep_open(second)
    assert (first.closed, second.closed) == (True, False)


def test_a_front_end_that_was_heard_from_once_is_trusted() -> None:
    front, clock = widget_support()
    front.keep_open(View())
    clock.now = 100.0
    front.on_ready()
    assert front.draws_views


def test_a_front_end_is_equipped_once_and_only_when_it_was_heard_from() -> None:
    equipped: list[int] = []
    front = WidgetSupport(equip=lambda: equipped.append(1))
    front.keep_open(View())
    assert equipped == []
    front.on_ready()
    front.on_ready()
    assert equipped == [1]
