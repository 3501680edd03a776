r"""What counts as mathematics in a model's Markdown.

Inline ``\(…\)`` and ``$…$``, displayed ``\[…\]`` and ``$$…$$``. Dollars follow Pandoc: nothing but
text stands next to the inside of them, and no digit follows; "from $5 to $10" is money.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

__all__ = ["CLOSER", "add_math", "is_harmless"]

CLOSER = {r"\[": r"\]", "$$": "$$", r"\(": r"\)"}
"""What ends the mathematics that each of these begins."""

_DOLLARS = re.compile(r"\$(?![\s$])((?:\\.|[^\\$]){1,500})(?<!\s)\$(?!\d)", re.DOTALL)
_PROSE = re.compile(r"\d[^\\]*\s[^\W\d_]{2,}[^\\]*")
_CLOSING_LINE = re.compile(r"[\s.,;:]*")
_ACTIVE = re.compile(
    r"\\(?:href|url|class|cssId|style|require|html\w*|data|includegraphics|mmlToken|texttip"
    r"|[gx]?def|edef|let|futurelet|(?:re|provide)?(?:new)?(?:command|environment)"
    r"|DeclareMathOperator|unicode|toggle|enclose|begingroup"
    # a notebook may become a PDF: these read and write files
    r"|input|include|openin|openout|read|write|immediate|usepackage|lstinputlisting|verbatiminput"
    r"|special|directlua|catcode|csname)(?![A-Za-z])|\^\^"
)
_MAX_INDENT = 3


def is_harmless(tex: str) -> bool:
    """Tell whether TeX only draws: it makes no link, style or macro, in any typesetter."""
    return not _ACTIVE.search(tex)


def add_math(md: MarkdownIt) -> None:
    """Teach a parser the tokens ``math_inline`` and ``math_block``."""
    md.inline.ruler.before("escape", "math", _inline)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("fence", "math", _block, {"alt": interrupts})


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    opener = state.src[state.pos : state.pos + 2]
    if opener in CLOSER:
        start = state.pos + 2
        end = _find(CLOSER[opener], start, state)
        after = end + 2
    elif found := _DOLLARS.match(state.src, state.pos, state.posMax):
        if _PROSE.fullmatch(found[1]):
            return False
        (start, end), after = found.span(1), found.end()
    else:
        return False
    content = state.src[start:end] if end >= 0 else ""
    if not content.strip():
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = content
        token.markup = r"\[" if opener in {r"\[", "$$"} else r"\("
    state.pos = after
    return True


def _find(closer: str, start: int, state: StateInline) -> int:
    """Return where a closer stands, -1 if nowhere: then none of the later openers has one."""
    unclosed = state.env.setdefault("unclosed", set())
    key = (closer, state.posMax, state.src)
    if key in unclosed:
        return -1
    found = state.src.find(closer, start, state.posMax)
    if found < 0:
        unclosed.add(key)
    return found


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    if state.sCount[start] - state.blkIndent > _MAX_INDENT:
        return False
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    opener = first[:2]
    if opener not in {r"\[", "$$"}:
        return False
    # A search that failed is not begun again from each of the lines that it went through.
    failed = state.env.setdefault("searched", {})
    key = (CLOSER[opener], min(state.blkIndent, state.sCount[start]), end)
    if start < failed.get(key, 0):
        return False
    body, reached = _until(CLOSER[opener], first[2:], state, start, end)
    if body is None:
        failed[key] = reached
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content = "\n".join(body)
        token.markup = r"\["
        token.block = True
        token.map = [start, start + len(body)]
        state.line = start + len(body)
    return True


def _until(
    closer: str, first: str, state: StateBlock, start: int, end: int
) -> tuple[list[str] | None, int]:
    """Return the lines up to the closing one, and the line after them.

    None if a blank line or the end comes before.
    """
    # A line that stands further out than its list item ends the item, and so do those after it.
    indent = min(state.blkIndent, state.sCount[start])
    body: list[str] = []
    line = first
    while True:
        inside, closing, rest = line.partition(closer)
        body.append(inside + rest.strip() if closing else line)
        number = start + len(body)
        if closing:
            clean = _CLOSING_LINE.fullmatch(rest) and any(map(str.strip, body))
            return (body if clean else None), number
        if number >= end or state.isEmpty(number) or state.sCount[number] < indent:
            return (body if number >= end and state.env.get("unfinished") else None), number
        line = state.getLines(number, number + 1, indent, False).rstrip("\n")  # noqa: FBT003
