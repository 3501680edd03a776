"""One answer in parts: the reasoning, the text, the refusal and the tool calls of each choice."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from chatwidget.client.text import clean
from chatwidget.client.wire.extra_fields import fed, value_of
from chatwidget.client.wire.finish import cut_off
from chatwidget.client.wire.media import MEDIA
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.render.display.media import pictures_html, sources_html
from chatwidget.render.display.messages import PartKey
from chatwidget.render.display.notices import notice_html
from chatwidget.render.display.side_by_side import heading, label_html
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.render.markup.markdown import code_html
from chatwidget.render.markup.output_formats import OUTPUT_FORMATS, format_of
from chatwidget.render.markup.rendering import Frame, render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.chat.conversation import Turn
    from chatwidget.client.wire.extra_fields import PartialFields
    from chatwidget.client.wire.types import (
        ChatCompletionChunk,
        ChoiceDelta,
        FunctionCall,
        FunctionCallDelta,
    )
    from chatwidget.prompt.arguments import OutputFormatName
    from chatwidget.render.display.messages import Kind
    from chatwidget.render.markup.output_formats import Growing

__all__ = ["GrowingAnswer", "answer_html", "answer_parts", "has_parts", "part_html", "parts_of"]

_SHOWN_ARGUMENTS = 4_000
_LONGEST_ARGUMENTS = 20_000


class _Growing(Protocol):
    def frame(self) -> Frame: ...


class GrowingAnswer:
    """Accumulator of the parts of an answer, which sorts what chunks bring and renders it.

    Parameters
    ----------
    choices
        How many choices were asked for.
    form
        How their text is shown.
    labels
        What stands above each, in place of its number.
    """

    def __init__(
        self,
        choices: int = 1,
        form: OutputFormatName = "markdown",
        labels: Sequence[str] = (),
    ) -> None:
        self._choices = choices
        self._labels = labels
        self._form = OUTPUT_FORMATS[form]
        self._formulas = FormulaBudget()
        self._texts: dict[PartKey, Growing] = {}
        self._said: defaultdict[tuple[int, Kind], list[str]] = defaultdict(list)
        self._calls: defaultdict[PartKey, _GrowingCalls] = defaultdict(_GrowingCalls)
        self._media: dict[tuple[int, int], PartialFields | None] = {}
        self._seen_media: set[tuple[int, int]] = set()
        self._headed: set[int] = set()
        self._round = 0
        self._changed: dict[PartKey, _Growing] = {}

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Take one more chunk."""
        if cited := chunk.search_results or chunk.citations:
            self._feed_media(0, {"citations": cited})
        for choice in chunk.choices:
            is_one_of_several = self._choices > 1 or choice.index > 0
            if is_one_of_several:
                self._head(choice.index)
            if choice.delta is not None:
                self._feed_delta(choice.index, choice.delta)
            if is_one_of_several and choice.finish_reason is not None:
                notice = notice_html(cut_off(choice.finish_reason))
                self._changed[self._key(choice.index, "end")] = _Fixed(notice)

    def show_calls(self, html: str) -> None:
        """Show calls of tools, and what came of them, in place of the calls as they arrived."""
        self._changed[self._key(0, "tools")] = _Fixed("", html)

    def begin_round(self) -> None:
        """Let what comes stand below what has come: the model goes on with results of tools."""
        self._feed_texts()
        self._round += 1

    def frames(self) -> list[tuple[PartKey, Frame]]:
        """Return the parts that changed since the last call, in the order in which they stand."""
        self._feed_texts()
        self._draw_media()
        changed, self._changed = self._changed, {}
        return [(key, changed[key].frame()) for key in sorted(changed, key=lambda key: key.order)]

    def _feed_delta(self, index: int, delta: ChoiceDelta) -> None:
        texts: dict[Kind, str | None] = {
            "reasoning": delta.reasoning_content or delta.reasoning,
            "content": delta.content,
            "refusal": delta.refusal,
        }
        for kind, text in texts.items():
            if text:
                self._said[index, kind].append(text)
        if delta.extra_fields:
            self._feed_media(index, delta.extra_fields)
        for number, function in _calls_of(delta):
            key = self._key(index, "tools")
            self._calls[key].feed(number, function)
            self._changed[key] = self._calls[key]

    def _feed_media(self, index: int, fields: dict[str, Any]) -> None:
        media = {name: fields[name] for name in MEDIA if name != "audio" and name in fields}
        if media:
            place = self._round, index
            self._media[place] = fed(self._media.get(place), media)
            self._seen_media.discard(place)

    def _draw_media(self) -> None:
        """Show pictures and sources that came since the last time."""
        for place in self._media.keys() - self._seen_media:
            message = ChatCompletionMessage(**(value_of(self._media[place]) or {}))
            for kind, html in parts_of(message):
                self._changed[PartKey(*place, kind)] = _Fixed("", html)
            self._seen_media.add(place)

    def _feed_texts(self) -> None:
        """Hand on what was said since the last time, all at once: that costs less."""
        said, self._said = self._said, defaultdict(list)
        for (index, kind), texts in said.items():
            key = self._key(index, kind)
            self._changed[key] = growing = self._growing(key)
            growing.feed("".join(texts))

    def _growing(self, key: PartKey) -> Growing:
        if key not in self._texts:
            form = self._form if key.kind == "content" else OUTPUT_FORMATS["markdown"]
            self._texts[key] = form.growing(self._formulas)
        return self._texts[key]

    def _head(self, index: int) -> None:
        """Give an answer its heading when it begins, and the first one, too."""
        for each in {0, index} - self._headed:
            self._headed.add(each)
            is_named = each < len(self._labels)
            html = label_html(self._labels[each]) if is_named else heading(each, self._choices)
            self._changed[PartKey(0, each, "heading")] = _Fixed(html)

    def _key(self, index: int, kind: Kind) -> PartKey:
        return PartKey(self._round, index, kind)


class _Fixed:
    def __init__(self, settled: str, tail: str = "") -> None:
        self._frame = Frame([settled] if settled else [], tail)

    def frame(self) -> Frame:
        return self._frame


class _GrowingCalls:
    """Tool calls as they arrive, by their numbers. None is settled: results will stand beside."""

    def __init__(self) -> None:
        self._calls: defaultdict[int, _GrowingCall] = defaultdict(_GrowingCall)

    def feed(self, number: int, function: FunctionCallDelta) -> None:
        self._calls[number].feed(function)

    def frame(self) -> Frame:
        return Frame([], "".join(self._calls[number].html() for number in sorted(self._calls)))


class _GrowingCall:
    """A call as it arrives; of long arguments only the beginning, until all are there."""

    def __init__(self) -> None:
        self._name = self._arguments = ""
        self._html: str | None = None

    def feed(self, function: FunctionCallDelta) -> None:
        self._html = None
        self._name = self._name or function.name or ""
        if len(self._arguments) <= _SHOWN_ARGUMENTS:
            self._arguments += function.arguments or ""

    def html(self) -> str:
        if self._html is None:
            shown = self._arguments[:_SHOWN_ARGUMENTS]
            cut = "…" * (len(self._arguments) > len(shown))
            self._html = _call_html(self._name, shown + cut)
        return self._html


def parts_of(
    message: ChatCompletionMessage,
    form: OutputFormatName = "markdown",
    formulas: FormulaBudget | None = None,
) -> Iterator[tuple[Kind, str]]:
    """Yield the kind and the safe HTML of each part of a complete message."""
    formulas = formulas or FormulaBudget()
    texts: dict[Kind, str | None] = {
        "reasoning": message.reasoning,
        "content": message.content,
        "refusal": message.refusal,
    }
    for kind, text in texts.items():
        if text:
            write = OUTPUT_FORMATS[form].html if kind == "content" else render
            yield kind, write(text, formulas)
    media: dict[Kind, str] = {"pictures": pictures_html(message), "sources": sources_html(message)}
    yield from ((kind, html) for kind, html in media.items() if html)
    functions = [call.function for call in message.tool_calls or ()]
    functions += [message.function_call] if message.function_call else []
    if functions:
        yield "tools", "".join(_function_html(function) for function in functions)


def answer_parts(
    turn: Turn, answer: ChatCompletionMessage, formulas: FormulaBudget
) -> Iterator[tuple[Kind, str]]:
    """Yield the parts of one answer of a turn, in the format that was asked for."""
    return parts_of(answer, format_of(answer.content or "", turn.facts), formulas)


def answer_html(turn: Turn, answer: ChatCompletionMessage, formulas: FormulaBudget) -> str:
    """Return one answer of a turn as one piece of safe HTML."""
    return "".join(part_html(kind, html) for kind, html in answer_parts(turn, answer, formulas))


def has_parts(message: ChatCompletionMessage) -> bool:
    """Tell whether a complete message says anything."""
    texts = (message.reasoning, message.content, message.refusal)
    media = any(getattr(message, name) for name in MEDIA)
    calls = bool(message.tool_calls) or message.function_call is not None
    return any(texts) or media or calls


def part_html(kind: str, html: str) -> str:
    """Return a part in what holds it: reasoning is folded away."""
    if kind == "reasoning":
        summary = "<summary>Reasoning</summary>"
        return f'<details class="chatwidget-part chatwidget-{kind}">{summary}\n{html}</details>\n'
    return f'<div class="chatwidget-part chatwidget-{kind}">\n{html}</div>\n'


def _calls_of(delta: ChoiceDelta) -> Iterator[tuple[int, FunctionCallDelta]]:
    for call in delta.tool_calls or ():
        if call.function is not None:
            yield call.index or 0, call.function
    if delta.function_call is not None:
        yield 0, delta.function_call


def _function_html(function: FunctionCall) -> str:
    shown = function.arguments[:_LONGEST_ARGUMENTS]
    rest = len(function.arguments) - len(shown)
    return _call_html(function.name, shown + (f"… ({rest:,} more characters)" if rest else ""))


def _call_html(name: str, arguments: str) -> str:
    label = f'<div class="chatwidget-call">Tool call <code>{escape(clean(name))}</code></div>\n'
    return label + code_html(clean(arguments), "json")
