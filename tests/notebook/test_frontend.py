from __future__ import annotations

from typing import Any

from chatwidget.notebook.frontend import FrontEnd


class View:
    closed = False

    def close(self) -> None:
        self.closed = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def front_end() -> tuple[Any, Clock]:
    clock = Clock()
    return FrontEnd(patience=10.0, clock=clock), clock


def test_a_front_end_is_trusted_to_draw_views_until_it_had_the_time_to() -> None:
    front, clock = front_end()
    assert front.draws_views
    front.leave(View())
    clock.now = 9.0
    assert front.draws_views
    clock.now = 10.0
    assert not front.draws_views


def test_the_first_view_stays_open_until_it_is_heard_from() -> None:
    front, clock = front_end()
    first, second = View(), View()
    front.leave(first)
    front.leave(second)
    assert (first.closed, second.closed) == (False, True)
    clock.now = 100.0
    front.hear()
    assert first.closed
    assert front.draws_views


def test_once_heard_from_every_view_is_closed_and_trusted() -> None:
    front, clock = front_end()
    front.hear()
    view = View()
    front.leave(view)
    clock.now = 100.0
    assert view.closed
    assert front.draws_views
