"""The output mode of a terminal: an answer is printed as it comes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from chatwidget.client.text import printable
from chatwidget.render.display.tool_html import call_text, result_line
from chatwidget.tools.messages import rounds_of

if TYPE_CHECKING:
    from chatwidget.client.events import ToolProgress
    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.render.display.final_output import FinalOutput

__all__ = ["TextOutputMode"]


class TextOutputMode:
    """Output mode that prints the first choice as it comes, and the others after it.

    Parameters
    ----------
    choices
        How many choices were asked for.
    streams
        Whether it prints before the end, which would garble what is typed meanwhile.
    """

    def __init__(self, choices: int = 1, *, streams: bool = True) -> None:
        self._heading = f"Choice 1 of {choices}\n\n" if choices > 1 else ""
        self._streams = streams
        self._kind = ""
        self._printed: set[str] = set()

    def open(self) -> None:
        """Print nothing yet."""

    def show_notice(self, sentence: str) -> None:
        """Print the notice on a line of its own."""
        _write(f"{printable(sentence)}\n")

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Print what the chunk adds."""
        for choice in chunk.choices if self._streams else ():
            delta = choice.delta
            if choice.index == 0 and delta is not None:
                self._print("reasoning", delta.reasoning_content or delta.reasoning)
                self._print("content", delta.content)
                self._print("refusal", delta.refusal)

    def show_tools(self, progress: ToolProgress) -> None:
        """Print the call that is asked about or runs, and then what came of it."""
        for call in rounds_of(progress.steps)[-1].calls if progress.steps else ():
            is_over = call.result is not None
            if is_over or call.id == progress.pending:
                self._print_once(call.id, f"{call_text(call)}\n")
            if is_over:
                self._print_once(f"{call.id} result", f"{result_line(call)}\n")

    def close(self, answer: FinalOutput) -> None:
        """Print what was not printed yet, and how the answer ended."""
        is_begun = self._kind in {"content", "refusal"}
        rest = "\n\n".join(answer.texts()[is_begun:])
        said = [*answer.endings(), *answer.remarks(), answer.advice(), answer.footer()]
        said.append(answer.below_text())
        lines = filter(None, [rest, *answer.media_texts(), *answer.raw_json(), *said])
        gap = "\n" * (1 + bool(rest)) if self._kind else ""
        _write(gap + "\n".join(map(printable, lines)) + "\n")
        self._kind = ""

    def refresh(self, answer: FinalOutput) -> None:
        """Leave what is printed."""

    def _print_once(self, name: str, text: str) -> None:
        if name not in self._printed:
            self._printed.add(name)
            self._print("tools", text)

    def _print(self, kind: str, text: str | None) -> None:
        if text:
            if kind != self._kind:
                gap = {"": "", "tools": "\n"}.get(self._kind, "\n\n")
                _write(gap + self._heading + "Reasoning: " * (kind == "reasoning"))
                self._heading = ""
            self._kind = kind
            _write(printable(text))


def _write(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding, "replace"))
    sys.stdout.flush()
