"""Cutting Markdown into its top-level blocks while it still arrives.

Text is cut only where no later text can change what stands before, so that pieces can be rendered
one by one, each once. Where that is uncertain, two blocks stay in one piece. What would make a
piece very long is cut as well: code between lines, a list between items, a table between rows,
anything else at a size that is rare in text written for reading.

Where the cuts are depends on the text alone, never on how it was split on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chatwidget.render.markup.mathmarkup import display_math

__all__ = ["BlockSplitter", "Piece", "blocks_of"]

_ROOMY = 4_000
"""From this size on, a piece ends at the next good place."""

_LARGEST = 16_000
"""At this size a piece ends."""

_LONGEST_LINE = 4_000
_CODE_INDENT = 4

_FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*$)|~{3,})[ \t]*(\S*)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_MARKER = re.compile(r"( {0,3})([-+*]|\d{1,9}[.)])(?:( +)(?=\S)| *$)")
_TABLE_RULE = re.compile(r" {0,3}(?=.*\|)\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")


@dataclass(slots=True)
class Piece:
    """Some lines of Markdown that are rendered together.

    Attributes
    ----------
    kind
        ``text``, ``indented``, ``list``, ``table``, ``math`` or ``fence``: what it ends with so
        far. Empty as long as it has no text.
    continued
        It goes on with the list, table or code of the piece before.
    mark
        What begins the items of the list, what closes the formula or the code.
    indent
        How far the content of the list's last item, or the fence, is indented.
    language
        The language of the code.
    header
        The first two lines of the table.
    lines
        Its text; of fenced code without the fences.
    blank
        Its last line is blank.
    """

    kind: str = ""
    continued: bool = False
    mark: str = ""
    indent: int = 0
    language: str = ""
    header: str = ""
    lines: list[str] = field(default_factory=list)
    blank: bool = False
    size: int = 0

    def add(self, line: str) -> None:
        """Take one more line."""
        self.lines.append(line)
        self.size += len(line)
        self.blank = _is_blank(line)

    @property
    def text(self) -> str:
        """The text of the piece so far."""
        return "".join(self.lines)


class BlockSplitter:
    """Takes text as it arrives, gives pieces as they are done."""

    def __init__(self) -> None:
        self._piece = Piece()
        self._rest = ""
        self._done: list[Piece] = []

    @property
    def tail(self) -> tuple[Piece, str]:
        """The piece that is still open, and the beginning of the line after it."""
        return self._piece, self._rest

    def feed(self, text: str) -> list[Piece]:
        """Take more text; return the pieces that no later text can change."""
        self._rest += text
        start = 0
        while end := self._line_end(start):
            self._take(self._rest[start:end])
            start = end
        self._rest = self._rest[start:]
        if self._may_end_before_word() and self._rest[:1].isalpha():
            self._settle()
        return self._take_done()

    def finish(self) -> list[Piece]:
        """Return the last pieces: no text will follow."""
        if self._rest:
            self._take(self._rest)
            self._rest = ""
        self._settle()
        return self._take_done()

    def _may_end_before_word(self) -> bool:
        """Tell whether a line that begins with a letter ends the piece, whatever else is in it."""
        return self._piece.blank and self._piece.kind in {"list", "indented"}

    def _take_done(self) -> list[Piece]:
        done, self._done = self._done, []
        return done

    def _line_end(self, start: int) -> int:
        """Return where the line that begins at start ends; 0 if that is not known yet."""
        limit = start + _LONGEST_LINE
        end = self._rest.find("\n", start, limit) + 1
        if end or len(self._rest) < limit:
            return end
        return self._rest.rfind(" ", limit - 200, limit) + 1 or limit

    def _settle(self, following: Piece | None = None) -> None:
        if self._piece.kind:
            self._done.append(self._piece)
        self._piece = following or Piece()

    def _take(self, line: str) -> None:
        piece = self._piece
        if piece.lines and not piece.lines[-1].endswith("\n"):
            piece.add(line)  # the rest of a line that was too long
        elif piece.kind == "fence":
            self._take_code(line)
        elif _is_blank(line):
            self._take_blank(line)
        else:
            self._take_text(line.expandtabs(4).rstrip("\n"), line)
        if self._piece.size >= _LARGEST:
            self._settle(_rest_of_code(piece) if piece.kind == "fence" else None)

    def _take_blank(self, line: str) -> None:
        if self._piece.kind in {"list", "indented"}:
            self._piece.add(line)
        else:
            self._settle()

    def _take_code(self, line: str) -> None:
        piece = self._piece
        fence = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if fence.startswith(piece.mark) and not fence.strip(piece.mark) and indent < _CODE_INDENT:
            self._settle()
            return
        is_good_place = piece.blank and indent == 0 and not _is_blank(line)
        if piece.size >= _ROOMY and (is_good_place or piece.size >= 2 * _ROOMY):
            self._settle(_rest_of_code(piece))
        self._piece.add(line[min(indent, piece.indent) :])

    def _take_text(self, text: str, line: str) -> None:
        """Take a line that is neither blank nor in fenced code; `text` is it without tabs."""
        piece = self._piece
        if piece.kind == "math":
            piece.kind = "text" if piece.mark in text else "math"
        elif piece.kind == "list":
            self._go_on_with_list(text)
        elif _ends(piece, text):
            self._begin(text)
        elif piece.kind == "table" and piece.size >= _ROOMY:
            self._settle(Piece("table", continued=True, header=piece.header))
        elif _TABLE_RULE.match(text) and "|" in piece.lines[-1]:
            piece.kind, piece.header = "table", piece.lines[-1] + line
        else:
            _look_for_math(piece, text)
        if self._piece.kind != "fence":
            self._piece.add(line)
        if _HEADING.match(text) and self._piece.kind == "text":
            self._settle()

    def _go_on_with_list(self, text: str) -> None:
        piece = self._piece
        marker = _marker(text)
        if _indent(text) >= piece.indent:
            return
        if marker and marker[2][-1] == piece.mark:
            if piece.size >= _ROOMY:
                self._settle(Piece("list", continued=True, mark=piece.mark))
            self._piece.indent = _content_indent(marker)
        elif piece.blank or _interrupts(text) or _RULE.match(text) or _formula(text):
            self._begin(text)

    def _begin(self, text: str) -> None:
        """Begin a new piece with a line."""
        if fence := _FENCE.match(text):
            indent, mark, language = fence.groups()
            self._settle(Piece("fence", mark=mark, indent=len(indent), language=language))
        elif marker := _marker(text):
            mark, indent = marker[2][-1], _content_indent(marker)
            self._settle(Piece("list", mark=mark, indent=indent))
        else:
            self._settle(Piece("indented" if _indent(text) >= _CODE_INDENT else "text"))
            _look_for_math(self._piece, text)


def blocks_of(text: str) -> list[Piece]:
    """Cut a whole text into its blocks; none of them is cut only because it is long."""
    splitter = BlockSplitter()
    blocks: list[Piece] = []
    for piece in splitter.feed(text) + splitter.finish():
        if piece.continued:
            blocks[-1].lines += piece.lines
        else:
            blocks.append(piece)
    return blocks


def _is_blank(line: str) -> bool:
    return not line.strip(" \t\n")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _marker(text: str) -> re.Match[str] | None:
    return None if _RULE.match(text) else _MARKER.match(text)


def _content_indent(marker: re.Match[str]) -> int:
    spaces = len(marker[3] or " ")
    return len(marker[1]) + len(marker[2]) + (spaces if spaces <= _CODE_INDENT else 1)


def _interrupts(text: str) -> bool:
    """Tell whether a line ends a paragraph without a blank line between."""
    marker = _marker(text)
    is_item = marker and marker[3] and (not marker[2][0].isdigit() or int(marker[2][:-1]) == 1)
    return bool(is_item or _FENCE.match(text) or _HEADING.match(text))


def _ends(piece: Piece, text: str) -> bool:
    """Tell whether a line certainly does not belong to a piece that is not a list."""
    is_code = _indent(text) >= _CODE_INDENT
    apart = is_code if piece.kind == "table" else piece.blank and not is_code
    return not piece.kind or apart or _interrupts(text)


def _look_for_math(piece: Piece, text: str) -> None:
    """Note that a formula begins: what looks like a list or a heading in it is none."""
    if displayed := _formula(text):
        opener, closer = displayed
        if closer not in text[_indent(text) + len(opener) :]:
            piece.kind, piece.mark = "math", closer


def _formula(text: str) -> tuple[str, str] | None:
    """Return what begins and what ends the formula that a line begins with, if it does."""
    return display_math(text, _indent(text)) if _indent(text) < _CODE_INDENT else None


def _rest_of_code(piece: Piece) -> Piece:
    return Piece(
        "fence",
        continued=True,
        mark=piece.mark,
        indent=piece.indent,
        language=piece.language,
    )
