"""What runs in a notebook's kernel: a long answer, shown in one way or another as it comes.

It comes at an even pace, however long showing it takes: a token that is late comes at once.
"""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .long_answer import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PANELS", "WAYS", "feed"]

_LAST_MESSAGES = 0.5
"""Seconds that the kernel's own threads have to send what is left."""


def feed(way: str, count: int, per_second: float, report: str) -> None:
    """Show an answer; write down the times of its tokens and the CPU time that it took."""
    show = partial(_show, count, per_second, report)
    if way in PANELS:
        from .panel_feed import in_panel

        in_panel(PANELS[way], count, show)
    else:
        show(*WAYS[way](count))


def _show(
    count: int,
    per_second: float,
    report: str,
    take: Callable[[int, str], object],
    finish: Callable[[], object],
) -> None:
    came = []
    before = time.process_time()
    for number, token in enumerate(_paced(tokens(count), per_second)):
        came.append(time.time())
        take(number, token)
    ended = time.time()
    finish()
    time.sleep(_LAST_MESSAGES)
    cpu = time.process_time() - before
    Path(report).write_text(json.dumps({"came": came, "ended": ended, "cpu": cpu}), "utf-8")


def _paced(pieces: tuple[str, ...], per_second: float) -> Iterator[str]:
    began = time.perf_counter()
    for number, piece in enumerate(pieces):
        wait = began + number / per_second - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        yield piece


_Way = tuple["Callable[[int, str], object]", "Callable[[], object]"]


def _nothing(_count: int) -> _Way:
    """What the pace itself costs."""
    return lambda _number, _token: None, lambda: None


def _whole_markdown(_count: int) -> _Way:
    """Show all text so far as Markdown, anew with each token."""
    from IPython.display import Markdown, display

    handle: Any = display(Markdown(""), display_id=True)
    shown: list[str] = []

    def take(_number: int, token: str) -> None:
        shown.append(token)
        handle.update(Markdown("".join(shown)))

    return take, lambda: None


def _chatwidget(count: int) -> _Way:
    """Show it as ``%%chat`` does; what the client does before is no part of it."""
    from chatwidget.render.display.answer import AnswerDisplay

    from .events import events

    display = AnswerDisplay(server="benchmark", model="benchmark")
    data, finish = events(count)
    display.open()
    return (
        lambda number, _token: display.handle_data(data[number]),
        lambda: display.handle_finish(finish),
    )


WAYS: dict[str, Callable[[int], _Way]] = {
    "nothing": _nothing,
    "whole Markdown": _whole_markdown,
    "chatwidget": _chatwidget,
}
"""What takes the tokens and what ends the answer, for each way."""

PANELS = {"panel": 0, "panel of 200 messages": 100}
"""The panels that an answer may be shown in, and the turns, of two messages, that each has."""
