"""Output modes, in which an answer is shown while it streams: a widget, or display updates."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from chatwidget.client.throttle import Throttle
from chatwidget.render.display.final_output import answer_html
from chatwidget.render.display.frame_scheduler import FrameScheduler
from chatwidget.render.display.parts import part_html
from chatwidget.render.display.side_by_side import columns_html
from chatwidget.render.display.widget_support import WidgetSupport
from chatwidget.render.markup.rendering import join

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.client.events import ToolProgress
    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.prompt.arguments import OutputFormatName
    from chatwidget.render.display.final_output import FinalOutput
    from chatwidget.render.display.live import LiveView
    from chatwidget.render.display.messages import PartKey
    from chatwidget.render.markup.rendering import Frame
    from chatwidget.tools.registry import Decision

__all__ = [
    "LiveOutputMode",
    "OutputMode",
    "UpdatesOutputMode",
    "widget_support",
]


def _code_tools() -> object:
    from chatwidget.render.display.code_tools import CodeTools  # noqa: PLC0415 - loads ipywidgets

    return CodeTools()


widget_support = WidgetSupport(equip=_code_tools)
"""What is known of the front end of this process."""


_MESSAGE = 6_000
"""What a display update costs beside its text, in characters of text."""


class Final(Protocol):
    """What stays when an answer has ended."""

    def bundle(self) -> dict[str, str]:
        """Return it by MIME type."""

    def metadata(self) -> dict[str, Any]:
        """Return what is kept beside it."""


class OutputMode(Protocol):
    """An output mode: one way to show an answer."""

    def open(self) -> None:
        """Show that an answer will come."""

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Show one more chunk, now or soon."""

    def show_notice(self, sentence: str) -> None:
        """Show a notice: why the answer has not begun yet."""

    def show_tools(self, progress: ToolProgress) -> None:
        """Show what the model calls and what comes of it; return when it is shown."""

    def close(self, answer: FinalOutput) -> None:
        """Show the finished answer; after an interrupt this may be called again."""

    def refresh(self, answer: FinalOutput) -> None:
        """Show the finished answer anew, where that is possible."""


class _DisplayOutputMode:
    """Output mode that shows an answer in one display, and in the end its final output."""

    def __init__(
        self,
        choices: int,
        form: OutputFormatName,
        interval: float,
        labels: Sequence[str] = (),
    ) -> None:
        self._scheduler = FrameScheduler(self._draw, choices, form, interval, labels)
        self._display_id = uuid4().hex
        self._is_open = False

    def open(self) -> None:
        self._show(self._first_look(), {})

    def feed(self, chunk: ChatCompletionChunk) -> None:
        self._scheduler.feed(chunk)

    def show_tools(self, progress: ToolProgress) -> None:
        self._scheduler.show_tools(progress)

    def close(self, answer: Final) -> None:
        self._scheduler.stop()
        self.refresh(answer)

    def refresh(self, answer: Final) -> None:
        self._show(answer.bundle(), answer.metadata())

    def _show(self, bundle: object, metadata: dict[str, object]) -> None:
        from IPython.display import display  # noqa: PLC0415 - heavy, and not for every program

        display(
            bundle,
            raw=isinstance(bundle, dict),
            metadata=metadata,
            display_id=self._display_id,
            update=self._is_open,
        )
        self._is_open = True

    def _first_look(self) -> object:
        raise NotImplementedError

    def _draw(self, frames: list[tuple[PartKey, Frame]]) -> None:
        raise NotImplementedError


class LiveOutputMode(_DisplayOutputMode):
    """Output mode that shows an answer in a `LiveView`.

    Parameters
    ----------
    choices
        How many choices were asked for.
    label
        What the view says about the answer.
    on_stop
        What the Stop button calls; without it, it interrupts the kernel.
    form
        How the text is shown.
    on_decide
        What the buttons of `ask` call, with the approval id and the decision.
    labels
        What stands above each choice, in place of its number.
    """

    def __init__(
        self,
        choices: int = 1,
        label: str = "",
        on_stop: Callable[[], object] | None = None,
        form: OutputFormatName = "markdown",
        on_decide: Callable[[str, Decision], object] | None = None,
        *,
        labels: Sequence[str] = (),
    ) -> None:
        super().__init__(choices, form, interval=0.095, labels=labels)
        self._on_decide = on_decide
        self._label = self._shown_label = label
        self._on_stop = on_stop
        self._view: LiveView | None = None

    def show_notice(self, sentence: str) -> None:
        """Show the notice beside the Stop button."""
        self._shown_label = sentence
        if self._view is not None:
            self._view.label = sentence

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Show one more chunk soon; there is nothing to wait for any more."""
        if self._shown_label != self._label:
            self.show_notice(self._label)
        super().feed(chunk)

    def show_tools(self, progress: ToolProgress) -> None:
        """Show the calls, and then say beside the Stop button what is waited for."""
        super().show_tools(progress)
        self.show_notice(progress.sentence or self._label)
        if self._view is not None:
            self._view.asks = progress.is_asked

    def ask(self, approval_id: str) -> None:
        """Show buttons that decide under an approval id; take them away if it is empty."""
        if self._view is not None:
            self._view.approval_id = approval_id

    def close(self, answer: Final) -> None:
        """Show the finished answer in place of the view."""
        if self._view is not None:
            self._view.end()  # it takes what it needs for that
        super().close(answer)
        if self._view is not None:
            self._scheduler.draw_now()
            widget_support.keep_open(self._view)
            self._view = None

    def _first_look(self) -> LiveView:
        from chatwidget.render.display.live import LiveView  # noqa: PLC0415 - loads ipywidgets

        self._view = LiveView(
            label=self._label,
            on_stop=self._on_stop,
            on_ready=widget_support.on_ready,
            on_decide=self._on_decide,
        )
        return self._view

    def _draw(self, frames: list[tuple[PartKey, Frame]]) -> None:
        if frames and self._view is not None:
            self._view.draw(frames)


class UpdatesOutputMode(_DisplayOutputMode):
    """Output mode of display updates, each of which holds all of the answer: seldom enough."""

    def __init__(self, choices: int = 1, form: OutputFormatName = "markdown") -> None:
        super().__init__(choices, form, interval=0.1)
        self._throttle = Throttle(interval=0.0)
        self._settled: defaultdict[PartKey, list[str]] = defaultdict(list)
        self._tails: dict[PartKey, str] = {}
        self._size = 0
        self._has_news = False

    def show_notice(self, sentence: str) -> None:
        """Show the notice where the answer will be."""
        self._show({"text/html": answer_html(escape(sentence)), "text/plain": sentence}, {})

    def show_tools(self, progress: ToolProgress) -> None:
        """Show the calls, however little the answer has grown."""
        self._has_news = True
        super().show_tools(progress)

    def _first_look(self) -> dict[str, str]:
        return {"text/html": answer_html("…"), "text/plain": "…"}

    def _draw(self, frames: list[tuple[PartKey, Frame]]) -> None:
        for key, frame in frames:
            self._settled[key] += frame.settled
            self._tails[key] = frame.tail
            self._size += sum(map(len, frame.settled))
        size = self._size + sum(map(len, self._tails.values()))
        has_news, self._has_news = self._has_news, False
        if size and (self._throttle.due(size + _MESSAGE) or has_news):
            self._show({"text/html": answer_html(self._html()), "text/plain": "…"}, {})

    def _html(self) -> str:
        choices: defaultdict[int, str] = defaultdict(str)
        for key in sorted(self._tails, key=lambda key: key.order):
            html = join([*self._settled[key], self._tails[key]])
            choices[key.choice] += part_html(key.kind, html)
        columns = [html for _, html in sorted(choices.items())]
        return columns_html(columns) if len(columns) > 1 else "".join(columns)
