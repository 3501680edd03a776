"""The frame scheduler: an answer that grows is drawn at a steady pace."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chatwidget.render.display.parts import GrowingAnswer
from chatwidget.render.display.throttle import ThrottledCaller
from chatwidget.render.display.tool_html import calls_html
from chatwidget.tools.messages import ToolProgress, rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.prompt.flags import OutputFormatName
    from chatwidget.render.display.messages import PartKey
    from chatwidget.render.markup.rendering import Frame

__all__ = ["FrameScheduler"]


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
    """

    def __init__(
        self,
        draw: Callable[[list[tuple[PartKey, Frame]]], object],
        choices: int = 1,
        form: OutputFormatName = "markdown",
        interval: float = 0.082,
    ) -> None:
        self._draw = draw
        self._interval = interval
        self._growing = GrowingAnswer(choices, form)
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
