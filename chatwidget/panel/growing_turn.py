"""The growing turn: the answer that is being written, drawn at a steady pace for the page."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from chatwidget.client.events import Data
from chatwidget.render.display.frame_scheduler import FrameScheduler
from chatwidget.render.display.live import GrowingParts
from chatwidget.tools.messages import ToolProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.question import Question
    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.render.display.messages import PartChange, PartKey
    from chatwidget.render.markup.rendering import Frame

__all__ = ["GrowingTurn"]


class GrowingTurn:
    """Takes what comes of an answer, and hands on what of its parts has changed.

    While nobody looks it only keeps what came, which is drawn when somebody does.

    Parameters
    ----------
    question
        What is answered.
    draw
        Called on a thread of the scheduler with a function that takes the changes in and returns
        them. Whoever shows them calls it with its lock held: what is `whole` before is older than
        these changes, and what is whole afterwards has them.
    watched
        Whether somebody looks.
    """

    def __init__(
        self,
        question: Question,
        draw: Callable[[Callable[[], list[PartChange]]], object],
        *,
        watched: bool,
    ) -> None:
        choices = question.config.parameters.get("n")
        self.question = question
        self._draw = draw
        self._parts = GrowingParts()
        self._scheduler = FrameScheduler(self._change, choices if isinstance(choices, int) else 1)
        self._watched = watched
        self._kept: deque[ChatCompletionChunk | ToolProgress] = deque()
        # The answer comes on one thread, and whoever looks on another: what comes meanwhile has to
        # wait until what was kept before it is drawn.
        self._lock = threading.Lock()

    def feed(self, event: Data | ToolProgress) -> None:
        """Draw one more chunk or call, now or soon."""
        news = event.chunk if isinstance(event, Data) else event
        with self._lock:
            if self._watched:
                self._show(news)
            else:
                self._kept.append(news)

    def watch(self, watched: bool) -> None:  # noqa: FBT001 - a setter
        """Say whether somebody looks; what was kept meanwhile is drawn."""
        with self._lock:
            self._watched = watched
            while watched and self._kept:
                self._show(self._kept.popleft())

    def whole(self) -> list[PartChange]:
        """Return all parts as they were drawn by now."""
        return self._parts.whole()

    def stop(self) -> None:
        """Return when nothing is drawn any more, and never will be."""
        self._scheduler.stop()

    def _show(self, news: ChatCompletionChunk | ToolProgress) -> None:
        if isinstance(news, ToolProgress):
            self._scheduler.show_tools(news)
        else:
            self._scheduler.feed(news)

    def _change(self, frames: list[tuple[PartKey, Frame]]) -> None:
        if frames:
            self._draw(lambda: self._parts.changes(frames))
