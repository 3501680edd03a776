"""The blocks of code in the Markdown of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chatwidget.chat.text import clean
from chatwidget.render.markup.blocks import blocks_of
from chatwidget.render.markup.markdown import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.render.markup.blocks import Piece

__all__ = ["CodeBlock", "code_blocks"]


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
