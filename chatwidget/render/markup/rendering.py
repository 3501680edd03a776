"""Model Markdown as safe HTML, rendered while it arrives at a cost linear in its length.

Each block is rendered once, when it is settled: when no later text can change it. What is still
open is rendered again and again, but only after it grew by a part of its size and by more than
plain words; in between, new text is added to it as it is. The module ``markdown`` beside this one
says what is safe about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from chatwidget.client.text import clean
from chatwidget.render.markup.autolinks import MAY_BE_ADDRESS
from chatwidget.render.markup.blocks import BlockSplitter, Piece
from chatwidget.render.markup.direction import with_direction
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.render.markup.markdown import code_html, markdown_html

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Frame", "IncrementalRenderer", "is_noise", "join", "render"]

_GROWTH = {"fence": 0.25}
_USUAL_GROWTH = 0.2

_MARKUP = re.compile(rf"[\\`*_\[\]()<>!&~$|\n]|{MAY_BE_ADDRESS}")
"""What may give the text before it another look, in a line that has begun with a word."""

_NEVER_PLAIN = frozenset({"fence", "table"})
"""Where words have colours, or may stand in the wrong cell."""

_SHORT = 1_000
_WITHOUT_MARKUP = str.maketrans("", "", "[]()!*_`$~\\<>&")

_SEAM = re.compile(
    r"</code></pre>\n<pre class=\"chatwidget-code chatwidget-continued\"><code>"
    r"|</(ul|ol)>\n<\1 class=\"chatwidget-continued\">\n"
    r"|</tbody>\n</table></div>\n<div class=\"chatwidget-table chatwidget-continued\"><table>\n"
    r"<tbody>\n"
)
_HEAD = re.compile(r"<thead>.*?</thead>\n", re.DOTALL)
_CLOSING_TAGS = re.compile(
    r"\n?(?:</code></pre>\n?|</(?:p|li|[uo]l|h\d|blockquote|t[dhr]|tbody|thead|table|div)>\n?)*\Z"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What changed since the last frame: blocks that are settled now, and the open end."""

    settled: list[str]
    tail: str


class IncrementalRenderer:
    """Renders Markdown that arrives in parts; `join` of all its blocks equals `render`.

    Parameters
    ----------
    only
        The one kind of block that is shown, such as ``fence``; by default, all are.
    formulas
        The budget of what is shown together; by default, one of its own.
    """

    def __init__(self, only: str = "", formulas: FormulaBudget | None = None) -> None:
        self._only = only
        self._formulas = formulas or FormulaBudget()
        self._splitter = BlockSplitter()
        self._settled: list[str] = []
        self._held = ""
        self._tail = _Tail()

    def feed(self, text: str) -> None:
        """Take more text."""
        text = self._held + text
        self._held = text[-1] if text and text[-1] in _HALVES else ""
        text = text[: len(text) - len(self._held)]
        self._settle(self._splitter.feed(clean(text)))

    def frame(self) -> Frame:
        """Return what is settled since the last frame, and the rest as it looks now."""
        piece, rest = self._splitter.tail
        is_shown = self._is_shown(piece)
        tail = self._tail.render(piece, rest, replace(self._formulas)) if is_shown else ""
        return Frame(self._take_settled(), tail)

    def finish(self) -> Frame:
        """Return the last frame: all is settled."""
        self._settle(self._splitter.feed(clean(self._held)))
        self._settle(self._splitter.finish())
        self._held = ""
        return Frame(self._take_settled(), "")

    def _settle(self, pieces: list[Piece]) -> None:
        shown = filter(self._is_shown, pieces)
        self._settled += [_piece_html(piece, "", self._formulas) for piece in shown]

    def _is_shown(self, piece: Piece) -> bool:
        return not self._only or piece.kind == self._only

    def _take_settled(self) -> list[str]:
        settled, self._settled = self._settled, []
        return settled


def render(markdown: str, formulas: FormulaBudget | None = None) -> str:
    """Return safe HTML for a whole text; its formulas have a budget, by default of its own."""
    renderer = IncrementalRenderer(formulas=formulas)
    renderer.feed(markdown)
    return join(renderer.finish().settled)


def join(blocks: Iterable[str]) -> str:
    """Return settled blocks as one; what was cut only for its length is whole again."""
    return _SEAM.sub("", "".join(blocks))


_HALVES = frozenset({"\r", *map(chr, range(0xD800, 0xDC00))})
"""Characters that may be the first half of something."""


class _Tail:
    """The open end, rendered again only when it grew enough."""

    def __init__(self) -> None:
        self._piece: Piece | None = None
        self._rendered = 0
        self._before = self._after = ""

    def render(self, piece: Piece, rest: str, formulas: FormulaBudget) -> str:
        text = piece.text + rest
        if piece is not self._piece or self._has_outgrown(piece.kind, text):
            self._render_anew(piece, rest, formulas)
            # Markdown drops space at the end, code does not
            self._rendered = len(text if piece.kind == "fence" else text.rstrip())
        added = escape(text[self._rendered :])
        if "\n" in added and piece.kind != "fence":  # the next item or row, on a line of its own
            added = f'<span class="chatwidget-added">{added}</span>'
        return f"{self._before}{added}{self._after}"

    def _has_outgrown(self, kind: str, text: str) -> bool:
        if len(text) <= self._rendered * (1 + _GROWTH.get(kind, _USUAL_GROWTH)):
            return False
        line = text.rfind("\n") + 1
        goes_on = any(map(str.isalpha, text[line : self._rendered]))
        is_plain = goes_on and not _MARKUP.search(text, self._rendered)
        return not is_plain or kind in _NEVER_PLAIN

    def _render_anew(self, piece: Piece, rest: str, formulas: FormulaBudget) -> None:
        html = _piece_html(piece, rest, formulas, unfinished=True)
        closing = _CLOSING_TAGS.search(html)
        end = closing.start() if closing else len(html)
        self._before, self._after = html[:end], html[end:]
        self._piece = piece


def _piece_html(
    piece: Piece, rest: str, formulas: FormulaBudget, *, unfinished: bool = False
) -> str:
    text = piece.text + rest
    if piece.kind == "fence":
        return code_html(text, piece.language, continued=piece.continued)
    if is_noise(text):
        return with_direction("<p>", text, "</p>\n")
    if piece.kind == "table" and piece.continued:
        return _table_html(piece.header, text, formulas, unfinished=unfinished)
    return markdown_html(text, formulas, unfinished=unfinished, continued=piece.continued)


def is_noise(text: str) -> bool:
    """Tell whether a long text is mostly markup: nobody wrote it, and it is costly to parse."""
    return len(text) > _SHORT and 2 * len(text.translate(_WITHOUT_MARKUP)) < len(text)


def _table_html(header: str, rows: str, formulas: FormulaBudget, *, unfinished: bool) -> str:
    """Return more rows of a table, which are rows only under its header."""
    html = markdown_html(header + rows, formulas, unfinished=unfinished, continued=True)
    body, found = _HEAD.subn("", html, count=1)
    return body if found else markdown_html(rows, formulas, unfinished=unfinished)
