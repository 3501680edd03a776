"""The ways to show an answer while it streams: as a widget, as display updates, as text."""

from __future__ import annotations

import sys
from collections import defaultdict, deque
from html import escape
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from chatwidget.client.throttle import Throttle
from chatwidget.notebook.finished import answer_html
from chatwidget.notebook.frontend import FrontEnd
from chatwidget.notebook.pacer import Pacer
from chatwidget.notebook.parts import GrowingAnswer, part_html
from chatwidget.notebook.plain import printable
from chatwidget.notebook.rendering import join
from chatwidget.notebook.stylesheet import style_tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.types import ChatCompletionChunk
    from chatwidget.notebook.finished import FinishedAnswer
    from chatwidget.notebook.live import LiveView
    from chatwidget.notebook.rendering import Frame

__all__ = ["LivePainter", "Painter", "TextPainter", "UpdatesPainter", "front_end"]

front_end = FrontEnd()
"""What is known of the front end of this process."""


class Painter(Protocol):
    """One way to show an answer."""

    def open(self) -> None:
        """Show that an answer will come."""

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Show one more chunk, now or soon."""

    def tell(self, sentence: str) -> None:
        """Say why the answer has not begun yet."""

    def close(self, answer: FinishedAnswer) -> None:
        """Show the finished answer; after an interrupt this may be called again."""


class _OutputPainter:
    """Shows an answer in one place of the output area, and in the end its finished form."""

    def __init__(self, choices: int, interval: float) -> None:
        self._growing = GrowingAnswer(choices)
        self._pacer = Pacer(self._draw, interval)
        self._waiting: deque[ChatCompletionChunk] = deque()
        self._display_id = uuid4().hex
        self._is_open = False

    def open(self) -> None:
        self._show(self._first_look(), {})

    def take(self, chunk: ChatCompletionChunk) -> None:
        self._waiting.append(chunk)
        self._pacer.ask()

    def close(self, answer: FinishedAnswer) -> None:
        self._pacer.stop()
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

    def _frames(self) -> list[tuple[str, Frame]]:
        while self._waiting:
            self._growing.take(self._waiting.popleft())
        return self._growing.frames()

    def _first_look(self) -> object:
        raise NotImplementedError

    def _draw(self) -> None:
        raise NotImplementedError


class LivePainter(_OutputPainter):
    """Shows an answer in a `LiveView`.

    Parameters
    ----------
    choices
        How many choices were asked for.
    label
        What the view says about the answer.
    on_stop
        What the Stop button calls; without it, it interrupts the kernel.
    """

    def __init__(
        self, choices: int = 1, label: str = "", on_stop: Callable[[], object] | None = None
    ) -> None:
        super().__init__(choices, interval=0.09)
        self._label = label
        self._on_stop = on_stop
        self._view: LiveView | None = None

    def tell(self, sentence: str) -> None:
        """Say it beside the Stop button."""
        if self._view is not None:
            self._view.label = sentence

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Show one more chunk soon; there is nothing to wait for any more."""
        self.tell(self._label)
        super().take(chunk)

    def close(self, answer: FinishedAnswer) -> None:
        """Show the finished answer in place of the view."""
        super().close(answer)
        if self._view is not None:
            self._draw()
            self._view.end()
            front_end.leave(self._view)
            self._view = None

    def _first_look(self) -> LiveView:
        from chatwidget.notebook.live import LiveView  # noqa: PLC0415 - loads ipywidgets

        self._view = LiveView(label=self._label, on_stop=self._on_stop, on_ready=front_end.hear)
        return self._view

    def _draw(self) -> None:
        frames = self._frames()
        if frames and self._view is not None:
            self._view.draw(frames)


class UpdatesPainter(_OutputPainter):
    """Shows an answer in display updates, each of which holds all of it: seldom enough."""

    def __init__(self, choices: int = 1) -> None:
        super().__init__(choices, interval=0.1)
        self._throttle = Throttle(interval=0.0)
        self._settled: defaultdict[str, list[str]] = defaultdict(list)
        self._tails: dict[str, str] = {}
        self._size = 0

    def tell(self, sentence: str) -> None:
        """Say it where the answer will be."""
        self._show({"text/html": answer_html(escape(sentence)), "text/plain": sentence}, {})

    def _first_look(self) -> dict[str, str]:
        return {"text/html": answer_html("…"), "text/plain": "…"}

    def _draw(self) -> None:
        for name, frame in self._frames():
            self._settled[name] += frame.settled
            self._tails[name] = frame.tail
            self._size += sum(map(len, frame.settled))
        size = self._size + sum(map(len, self._tails.values()))
        if size and self._throttle.due(size + len(style_tag())):
            self._show({"text/html": answer_html(self._html()), "text/plain": "…"}, {})

    def _html(self) -> str:
        return "".join(
            part_html(name.rpartition(".")[2], join([*self._settled[name], self._tails[name]]))
            for name in sorted(self._tails)
        )


class TextPainter:
    """Prints the first choice as it comes, and the others after it."""

    def __init__(self) -> None:
        self._kind = ""

    def open(self) -> None:
        """Print nothing yet."""

    def tell(self, sentence: str) -> None:
        """Print it on a line of its own."""
        _write(f"{printable(sentence)}\n")

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Print what the chunk adds."""
        for choice in chunk.choices:
            delta = choice.delta
            if choice.index == 0 and delta is not None:
                self._print("reasoning", delta.reasoning_content or delta.reasoning)
                self._print("content", delta.content)
                self._print("refusal", delta.refusal)

    def close(self, answer: FinishedAnswer) -> None:
        """Print what was not printed yet, and how the answer ended."""
        rest = answer.texts()[1:] if self._kind in {"content", "refusal"} else answer.texts()
        lines = [*rest, *answer.remarks(), answer.footer()]
        _write("\n" * bool(self._kind) + "\n".join(map(printable, lines)) + "\n")
        self._kind = ""

    def _print(self, kind: str, text: str | None) -> None:
        if text:
            if kind != self._kind:
                _write(("\n\n" if self._kind else "") + "Reasoning: " * (kind == "reasoning"))
            self._kind = kind
            _write(printable(text))


def _write(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding, "replace"))
    sys.stdout.flush()
