"""The frame scheduler: an answer that grows is drawn at a steady, throttled pace."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from chatwidget.client.events import ToolProgress
from chatwidget.client.forks import fork_safe
from chatwidget.render.display.parts import GrowingAnswer
from chatwidget.render.display.tool_html import calls_html
from chatwidget.tools.messages import rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.prompt.flags import OutputFormatName
    from chatwidget.render.display.messages import PartKey
    from chatwidget.render.markup.rendering import Frame

__all__ = ["FrameScheduler", "ThrottledCaller"]


_log = logging.getLogger(__name__)
_PATIENCE = 2.0


class ThrottledCaller:
    """Throttle of a function, with a trailing call: soon after it was asked for, never too often.

    It calls on a thread of its own: so the last tokens of a burst are drawn although no more come,
    drawing never delays reading, and an interrupt of the main thread never hits half a drawing.

    Parameters
    ----------
    draw
        The function. If it raises, that is logged and it is not called again.
    interval
        The least time between two calls, in seconds.
    """

    def __init__(self, draw: Callable[[], object], interval: float) -> None:
        self._draw = draw
        self._interval = interval
        self._asked = threading.Event()
        self._stopped = threading.Event()
        self._starting = fork_safe(threading.Lock())  # several threads may ask, or one may stop
        self._thread: threading.Thread | None = None

    def call_soon(self) -> None:
        """Call the function soon; calls that are asked for meanwhile count as one."""
        if not self._asked.is_set():  # it takes a lock to set it
            self._asked.set()
        if self._thread is None:
            with self._starting:
                self._start()

    def stop(self) -> None:
        """Return when the function runs no more, and never will."""
        with self._starting:
            self._stopped.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _start(self) -> None:
        """Begin to call, unless that has begun, or is over."""
        if self._thread is None and not self._stopped.is_set():
            # ipykernel finds the cell that output belongs to in the context
            run = contextvars.copy_context().run
            thread = threading.Thread(target=run, args=(self._run,), daemon=True)
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        while self._asked.wait() and not self._stopped.is_set():
            self._asked.clear()
            try:
                self._draw()
            except Exception:  # noqa: BLE001 - what was drawn stays, and the end is drawn anew
                _log.exception("An answer cannot be drawn while it streams.")
                return
            self._stopped.wait(self._interval)


class FrameScheduler:
    """Frame scheduler of an answer: takes what comes, and draws what has changed, throttled.

    Parameters
    ----------
    draw
        Takes the parts that changed, on a thread of its own.
    choices
        How many choices were asked for.
    form
        How the text is shown.
    interval
        The least time between two calls, in seconds.
    labels
        What stands above each choice, in place of its number.
    """

    def __init__(
        self,
        draw: Callable[[list[tuple[PartKey, Frame]]], object],
        choices: int = 1,
        form: OutputFormatName = "markdown",
        interval: float = 0.082,
        labels: Sequence[str] = (),
    ) -> None:
        self._draw = draw
        self._interval = interval
        self._growing = GrowingAnswer(choices, form, labels)
        self._waiting: deque[ChatCompletionChunk | ToolProgress] = deque()
        self._throttled = ThrottledCaller(self.draw_now, interval)

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Draw one more chunk, now or soon."""
        self._waiting.append(chunk)
        self._throttled.call_soon()

    def show_tools(self, progress: ToolProgress) -> None:
        """Draw what the model calls and what comes of it, before anybody is asked about it."""
        self._waiting.append(progress)
        self._throttled.stop()
        self.draw_now()
        self._throttled = ThrottledCaller(self.draw_now, self._interval)

    def stop(self) -> None:
        """Return when nothing is drawn any more, and never will be by itself."""
        self._throttled.stop()

    def draw_now(self) -> None:
        """Draw what has come, here and now."""
        while self._waiting:
            self._take(self._waiting.popleft())
        self._draw(self._growing.frames())

    def _take(self, news: ChatCompletionChunk | ToolProgress) -> None:
        if not isinstance(news, ToolProgress):
            self._growing.feed(news)
        elif not news.note:
            calls = rounds_of(news.steps)[-1].calls
            self._growing.show_calls(calls_html(calls, news.pending))
            if news.pending is None:
                self._growing.begin_round()
