"""The forms in which the text of an answer is shown: as Markdown, as it is, its code, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from chatwidget.client.text import clean
from chatwidget.client.wire.json_text import json_in_answer
from chatwidget.render.markup.blocks import blocks_of
from chatwidget.render.markup.direction import with_direction
from chatwidget.render.markup.markdown import code_html, parsed
from chatwidget.render.markup.markdown_writer import fenced, inert_markdown
from chatwidget.render.markup.rendering import Frame, IncrementalRenderer, render
from chatwidget.render.markup.value_tables import ValueTable, value_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.prompt.arguments import OutputFormatName
    from chatwidget.render.markup.blocks import Piece
    from chatwidget.render.markup.formulas import FormulaBudget

_Read = TypeVar("_Read")

__all__ = [
    "OUTPUT_FORMATS",
    "CodeBlock",
    "Growing",
    "Presentation",
    "code_blocks",
    "format_for",
    "format_of",
]


class CodeBlock(NamedTuple):
    """A block of code, and the language that stands above it; empty if none does."""

    code: str
    language: str = ""


def code_blocks(markdown: str) -> list[CodeBlock]:
    """Return the fenced blocks of a text, wherever they stand: in lists and quotations, too."""
    found = [block for piece in blocks_of(clean(markdown)) for block in _of(piece)]
    return [block for block in found if block.code]


def _of(piece: Piece) -> Iterator[CodeBlock]:
    if piece.kind == "fence":
        yield CodeBlock(piece.text.strip("\n"), piece.language)
    elif "```" in piece.text or "~~~" in piece.text:
        for token in parsed(piece.text):
            if token.type == "fence":
                yield CodeBlock(token.content.strip("\n"), next(iter(token.info.split()), ""))


_LONG_FENCE = "`" * 16


class Growing(Protocol):
    """A text that arrives in parts and is shown meanwhile."""

    def feed(self, text: str) -> None:
        """Take more text."""

    def frame(self) -> Frame:
        """Return what changed since the last frame."""


class Presentation:
    """Shows text as Markdown, or as JSON if it is nothing else; other forms differ in what follows.

    Attributes
    ----------
    streams
        Whether a terminal shows the text as it arrives.
    """

    streams = True

    def growing(self, formulas: FormulaBudget | None = None) -> Growing:
        """Return what shows a text while it arrives."""
        return IncrementalRenderer(formulas=formulas)

    def html(self, text: str, formulas: FormulaBudget | None = None) -> str:
        """Return a whole text as safe HTML."""
        json = _whole_json(text)
        return code_html(f"{json}\n", "json") if json else render(text, formulas)

    def markdown(self, text: str) -> str:
        """Return a whole text as Markdown in which nothing runs."""
        json = _whole_json(text)
        return f"{fenced(json, 'json')}\n" if json else inert_markdown(text)

    def plain(self, text: str) -> str:
        """Return a whole text as text."""
        return clean(text)

    def remark(self, _text: str) -> str:
        """Return what is to be said of a complete text, as a sentence; usually nothing."""
        return ""


class _Verbatim(Presentation):
    """Shows text as it is."""

    def growing(self, _formulas: FormulaBudget | None = None) -> Growing:
        return _GrowingLines()

    def html(self, text: str, _formulas: FormulaBudget | None = None) -> str:
        return _verbatim_html(clean(text))

    def markdown(self, text: str) -> str:
        return f"{fenced(clean(text), 'text')}\n"


class _Blocks(Presentation):
    """Shows blocks of code that are made of the text."""

    streams = False

    def blocks(self, text: str) -> list[CodeBlock]:
        raise NotImplementedError

    def html(self, text: str, _formulas: FormulaBudget | None = None) -> str:
        return "".join(code_html(f"{block.code}\n", block.language) for block in self.blocks(text))

    def markdown(self, text: str) -> str:
        return "\n".join(f"{fenced(*block)}\n" for block in self.blocks(text))

    def plain(self, text: str) -> str:
        return "\n\n".join(block.code for block in self.blocks(text))


class _Code(_Blocks):
    """Shows only the code of the text; all of it, if it has no blocks of code."""

    def growing(self, _formulas: FormulaBudget | None = None) -> Growing:
        return IncrementalRenderer(only="fence")

    def blocks(self, text: str) -> list[CodeBlock]:
        return code_blocks(text) or [CodeBlock(clean(text).strip("\n"))]


class _Json(_Blocks):
    """Shows JSON with a line for each value."""

    def growing(self, _formulas: FormulaBudget | None = None) -> Growing:
        renderer = IncrementalRenderer()
        renderer.feed(f"{_LONG_FENCE}json\n")
        return renderer

    def blocks(self, text: str) -> list[CodeBlock]:
        return [CodeBlock(_pretty(text) or clean(text), "json")]

    def remark(self, text: str) -> str:
        return "" if _pretty(text) else "The answer is not JSON, so it is shown as it came."


class _Table(_Json):
    """Shows the instance of a schema as a table; JSON that makes none, as JSON."""

    def html(self, text: str, _formulas: FormulaBudget | None = None) -> str:
        table = _table(text)
        return super().html(text) if table is None else table.html()

    def markdown(self, text: str) -> str:
        table = _table(text)
        return super().markdown(text) if table is None else table.markdown()


class _GrowingLines:
    """Text that is shown as it is, settled line by line."""

    def __init__(self) -> None:
        self._new = ""

    def feed(self, text: str) -> None:
        self._new += text

    def frame(self) -> Frame:
        lines, end, self._new = self._new.rpartition("\n")
        settled = [_verbatim_html(clean(lines + end))] if end else []
        return Frame(settled, _verbatim_html(clean(self._new)))


def _verbatim_html(text: str) -> str:
    if text.startswith("\n"):  # a browser drops one that comes first
        text = f"\n{text}"
    # a page without our stylesheet keeps the ends of its lines, too
    return with_direction('<pre class="chatwidget-verbatim">', text, "</pre>") if text else ""


def _pretty(text: str) -> str:
    """Return the JSON of a text with a line for each value; nothing, if it has none."""
    return _read(text, _indented) or ""


def _table(text: str) -> ValueTable | None:
    return _read(text, value_table)


def _whole_json(text: str) -> str:
    """Return a text that is one object or list of JSON and nothing else, with a line for each."""
    if text.lstrip()[:1] not in {"{", "["}:
        return ""
    with suppress(ValueError, RecursionError):
        return _indented(json.loads(text))
    return ""


def _read(text: str, what: Callable[[Any], _Read]) -> _Read | None:
    """Return what a function makes of the JSON in a text."""
    found = json_in_answer(text)
    with suppress(ValueError, RecursionError):
        return what(found.value) if found is not None else None
    return None


def _indented(value: Any) -> str:
    return clean(json.dumps(value, indent=2, ensure_ascii=False))


OUTPUT_FORMATS: dict[OutputFormatName, Presentation] = {
    "markdown": Presentation(),
    "text": _Verbatim(),
    "code": _Code(),
    "json": _Json(),
    "table": _Table(),
}


def format_for(response_format: object) -> OutputFormatName:
    """Return how an answer is shown that was asked for in a format, where nobody says it."""
    kind = response_format
    if isinstance(response_format, Mapping):
        kind = response_format.get("type")
    if kind in (None, "text"):
        return "markdown"
    return "json" if kind == "json_object" else "table"


def format_of(text: str, facts: Mapping[str, Any]) -> OutputFormatName:
    """Return how a text is shown by what was sent for it; as Markdown if it is no such text."""
    parameters = facts.get("parameters")
    asked = parameters.get("response_format") if isinstance(parameters, Mapping) else None
    kind = asked.get("type") if isinstance(asked, Mapping) else None
    form = format_for(asked) if kind in ("json_object", "json_schema") else "markdown"
    return "markdown" if OUTPUT_FORMATS[form].remark(text) else form
