"""The direction of text: a block in which a script runs from right to left finds its own."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

__all__ = ["add_directions", "with_direction"]

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def with_direction(tag: str, text: str, end: str) -> str:
    """Return text as HTML in a tag, which lets a browser find its direction if it needs one."""
    begin = f'{tag[:-1]} dir="auto">' if _RIGHT_TO_LEFT.search(text) else tag
    return f"{begin}{escape(text)}{end}"


def add_directions(md: MarkdownIt) -> None:
    """Teach a parser to give the outermost blocks their directions."""
    md.core.ruler.push("directions", _give_directions)


def _give_directions(state: StateCore) -> None:
    if state.env["continued"] or not _RIGHT_TO_LEFT.search(state.src):
        return  # what goes on has the direction of what it goes on with
    outermost = None
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1:
            outermost = token
        elif token.type == "inline" and outermost and _RIGHT_TO_LEFT.search(token.content):
            outermost.attrs["dir"] = "auto"
