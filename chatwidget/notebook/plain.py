"""An answer where there is no HTML: Markdown that runs nothing, text that moves no cursor."""

from __future__ import annotations

import re

from chatwidget.notebook.blocks import BlockSplitter
from chatwidget.notebook.rendering import clean

__all__ = ["inert_markdown", "printable"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_IMAGE = re.compile(r"!+\[")
_OTHER_LINK = re.compile(r"\](\(|:)(?!\s*(?:https?://|mailto:))", re.IGNORECASE)
_UNCLEAR_CODE = re.compile(r"``|\\`|\|")


def printable(text: str) -> str:
    """Return text for a terminal: no escape sequences, and controls of direction as marks."""
    text = _CONTROL.sub("", clean(text))
    return _BIDI.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def inert_markdown(text: str) -> str:
    """Return Markdown that loads and runs nothing, whoever renders it.

    Raw HTML becomes text, images become links, and links to anything but http, https or mailto
    become text. Fenced code stays as it is, and so does code between backticks where every parser
    agrees that it is code.
    """
    splitter = BlockSplitter()
    pieces = splitter.feed(clean(text)) + splitter.finish()
    return "\n".join(
        _fenced(piece.text, piece.language) if piece.kind == "fence" else _inert(piece.text)
        for piece in pieces
    )


def _fenced(code: str, language: str) -> str:
    longest = max(map(len, re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{re.sub(r'[^-+#.0-9A-Za-z]', '', language)}\n{code.rstrip(chr(10))}\n{fence}\n"


def _inert(markdown: str) -> str:
    lines = markdown.splitlines(keepends=True)
    unclear = next((i for i, line in enumerate(lines) if _is_unclear(line)), len(lines))
    clear = "".join(map(_inert_line, lines[:unclear]))
    return _links("".join([clear, "".join(lines[unclear:]).replace("<", "&lt;")]))


def _is_unclear(line: str) -> bool:
    """Tell whether parsers may differ on what is code in a line, and so in all that follow it."""
    return bool(line.count("`") % 2 or _UNCLEAR_CODE.search(line))


def _inert_line(line: str) -> str:
    parts = line.split("`")
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)


def _links(markdown: str) -> str:
    return _OTHER_LINK.sub(r"]\\\1", _IMAGE.sub("[", markdown))
