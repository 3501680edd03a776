r"""What counts as mathematics in a model's Markdown.

Inline ``\(…\)`` and ``$…$``, displayed ``\[…\]``, ``$$…$$`` and bare environments such as
``\begin{align}…\end{align}``. Dollars follow Pandoc: nothing but text stands next to the inside of
them, and no digit follows; "from $5 to $10" is money.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

__all__ = ["CLOSER", "add_math", "display_math", "with_delimiters"]

CLOSER = {r"\[": r"\]", "$$": "$$", r"\(": r"\)"}
"""What ends the mathematics that each of these begins."""

_DISPLAYED = re.compile(
    r"\\\[|\$\$|\\begin\{((?:equation|align|alignat|aligned|flalign|gather|gathered|multline|split"
    r"|eqnarray|math|displaymath|cases|array|[pbBvV]?matrix|smallmatrix)\*?)\}"
)
_DOLLARS = re.compile(r"\$(?![\s$])((?:\\.|[^\\$]){1,500})(?<!\s)\$(?!\d)", re.DOTALL)
_PROSE = re.compile(r"\d[^\\]*\s[^\W\d_]{2,}[^\\]*")
_CLOSING_LINE = re.compile(r"[\s.,;:]*")
_MAX_INDENT = 3


def display_math(text: str, start: int = 0) -> tuple[str, str] | None:
    """Return what begins the displayed formula that stands in a text there, and what ends it."""
    found = _DISPLAYED.match(text, start)
    if found is None:
        return None
    return found[0], rf"\end{{{found[1]}}}" if found[1] else CLOSER[found[0]]


def with_delimiters(formula: Token) -> str:
    """Return the text of a formula as a typesetter looks for it."""
    return f"{formula.markup}{formula.content}{CLOSER[formula.markup]}"


def add_math(md: MarkdownIt) -> None:
    """Teach a parser the tokens ``math_inline`` and ``math_block``."""
    md.inline.ruler.before("escape", "math", _inline)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("fence", "math", _block, {"alt": interrupts})


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    displayed = display_math(state.src, state.pos)
    delimiters = displayed or (state.src.startswith(r"\(", state.pos) and (r"\(", r"\)"))
    content, length = _between(*delimiters, state) if delimiters else _between_dollars(state)
    if not content.strip():
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = _within(displayed, content)
        token.markup = r"\[" if displayed else r"\("
    state.pos += length
    return True


def _between_dollars(state: StateInline) -> tuple[str, int]:
    """Return the formula that begins with a dollar, if one does, and its length with dollars."""
    found = _DOLLARS.match(state.src, state.pos, state.posMax)
    return ("", 0) if found is None or _PROSE.fullmatch(found[1]) else (found[1], len(found[0]))


def _between(opener: str, closer: str, state: StateInline) -> tuple[str, int]:
    """Return what stands between an opener and its closer, if there is one, and its length."""
    start = state.pos + len(opener)
    end = _find(closer, start, state)
    return ("", 0) if end < 0 else (state.src[start:end], end + len(closer) - state.pos)


def _within(displayed: tuple[str, str] | None, content: str) -> str:
    """Return a formula as it stands between brackets; an environment is part of it."""
    if displayed is None or displayed[0] in CLOSER:
        return content
    return content.join(displayed)


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
    displayed = display_math(first)
    if displayed is None:
        return False
    opener, closer = displayed
    # A search that failed is not begun again from each of the lines that it went through.
    failed = state.env.setdefault("searched", {})
    key = (closer, min(state.blkIndent, state.sCount[start]), end)
    if start < failed.get(key, 0):
        return False
    body, reached = _until(closer, first[len(opener) :], state, start, end)
    if body is None:
        failed[key] = reached
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content = _within(displayed, "\n".join(body))
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
