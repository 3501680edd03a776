"""One answer in parts: the reasoning, the text, the refusal and the tool calls of each choice."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Protocol

from chatwidget.notebook.markdown import code_html
from chatwidget.notebook.rendering import Frame, IncrementalRenderer, clean, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.types import (
        ChatCompletionChunk,
        ChatCompletionMessage,
        ChoiceDelta,
        FunctionCall,
        FunctionCallDelta,
    )

__all__ = ["GrowingAnswer", "heading", "part_html", "parts_of"]

_KINDS = ("heading", "reasoning", "content", "refusal", "tools")
"""The parts of a choice, in the order in which they are shown."""

_SHOWN_ARGUMENTS = 4_000


class _Growing(Protocol):
    def frame(self) -> Frame: ...


class GrowingAnswer:
    """Sorts what chunks bring into parts, and renders them.

    Parameters
    ----------
    choices
        How many choices were asked for.
    """

    def __init__(self, choices: int = 1) -> None:
        self._choices = choices
        self._texts: defaultdict[str, IncrementalRenderer] = defaultdict(IncrementalRenderer)
        self._calls: defaultdict[str, _GrowingCalls] = defaultdict(_GrowingCalls)
        self._headed: set[int] = set()
        self._changed: dict[str, _Growing] = {}

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Take one more chunk."""
        for choice in chunk.choices:
            if choice.delta is not None:
                self._take(choice.index, choice.delta)

    def frames(self) -> list[tuple[str, Frame]]:
        """Return the parts that changed since the last call, under names that sort as shown."""
        changed, self._changed = self._changed, {}
        return [(name, part.frame()) for name, part in changed.items()]

    def _take(self, index: int, delta: ChoiceDelta) -> None:
        for kind, text in (
            ("reasoning", delta.reasoning_content or delta.reasoning),
            ("content", delta.content),
            ("refusal", delta.refusal),
        ):
            if text:
                name = self._name(index, kind)
                self._texts[name].feed(text)
                self._changed[name] = self._texts[name]
        for number, function in _calls_of(delta):
            name = self._name(index, "tools")
            self._calls[name].feed(number, function)
            self._changed[name] = self._calls[name]

    def _name(self, index: int, kind: str) -> str:
        if self._choices > 1 or index > 0:
            for each in {0, index} - self._headed:
                self._headed.add(each)
                self._changed[_name(each, "heading")] = _Heading(each, self._choices)
        return _name(index, kind)


class _Heading:
    def __init__(self, index: int, choices: int) -> None:
        self._html = heading(index, choices)

    def frame(self) -> Frame:
        return Frame([self._html], "")


class _GrowingCalls:
    """Tool calls as they arrive; of long arguments only the beginning, until all are there."""

    def __init__(self) -> None:
        self._settled: list[str] = []
        self._number: int | None = None
        self._call_name = self._arguments = ""

    def feed(self, number: int, function: FunctionCallDelta) -> None:
        if self._number is not None and number > self._number:
            self._settled.append(self._html())
            self._call_name = self._arguments = ""
        self._number = number
        self._call_name += function.name or ""
        if len(self._arguments) <= _SHOWN_ARGUMENTS:
            self._arguments += function.arguments or ""

    def frame(self) -> Frame:
        settled, self._settled = self._settled, []
        return Frame(settled, self._html())

    def _html(self) -> str:
        shown = self._arguments[:_SHOWN_ARGUMENTS]
        return _call_html(self._call_name, shown + "…" * (len(self._arguments) > len(shown)))


def heading(index: int, choices: int) -> str:
    """Return the heading of one of several choices."""
    of_all = f" of {choices}" if index < choices else ""
    return f'<div class="chatwidget-choice">Choice {index + 1}{of_all}</div>\n'


def parts_of(message: ChatCompletionMessage) -> Iterator[tuple[str, str]]:
    """Yield the kind and the safe HTML of each part of a complete message."""
    for kind, text in (
        ("reasoning", message.reasoning),
        ("content", message.content),
        ("refusal", message.refusal),
    ):
        if text:
            yield kind, render(text)
    functions = [call.function for call in message.tool_calls or ()]
    functions += [message.function_call] if message.function_call else []
    if functions:
        yield "tools", "".join(_function_html(function) for function in functions)


def part_html(kind: str, html: str) -> str:
    """Return a part in what holds it: reasoning is folded away."""
    if kind == "reasoning":
        summary = "<summary>Reasoning</summary>"
        return f'<details class="chatwidget-part chatwidget-{kind}">{summary}\n{html}</details>\n'
    return f'<div class="chatwidget-part chatwidget-{kind}">\n{html}</div>\n'


def _name(index: int, kind: str) -> str:
    return f"{index:04}.{_KINDS.index(kind)}.{kind}"


def _calls_of(delta: ChoiceDelta) -> Iterator[tuple[int, FunctionCallDelta]]:
    for call in delta.tool_calls or ():
        if call.function is not None:
            yield call.index or 0, call.function
    if delta.function_call is not None:
        yield 0, delta.function_call


def _function_html(function: FunctionCall) -> str:
    return _call_html(function.name, function.arguments)


def _call_html(name: str, arguments: str) -> str:
    label = f'<div class="chatwidget-call">Tool call <code>{escape(clean(name))}</code></div>\n'
    return label + code_html(clean(arguments), "json")
