"""Task lists: an item that begins with ``[ ]`` or ``[x]`` has a box."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

__all__ = ["add_task_lists", "box_html", "box_markdown"]

_BOX = re.compile(r"\[([ xX])\]\s+")


def add_task_lists(md: MarkdownIt) -> None:
    """Teach a parser the token ``task_box``, whose content tells whether the box is ticked."""
    md.core.ruler.push("task_lists", _add_boxes)


def box_html(token: Token) -> str:
    """Return a box that nobody can tick: a character, which every front end shows."""
    return f'<span class="chatwidget-checkbox">{"☑" if token.content else "☐"}</span> '


def box_markdown(content: str) -> str:
    """Return a box as GitHub writes it."""
    return f"[{content or ' '}] "


def _add_boxes(state: StateCore) -> None:
    tokens = state.tokens
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type == "list_item_open" and paragraph.type == "paragraph_open":
            _add_box(item, inline)


def _add_box(item: Token, inline: Token) -> None:
    first, *others = inline.children or [inline]
    found = _BOX.match(first.content) if inline.content.startswith("[") else None
    if found and (others or found.end() < len(first.content)):
        item.attrs = {"class": "chatwidget-task"}
        first.content = first.content[found.end() :]
        box = Token("task_box", "span", 0, content=found[1].strip().lower())
        inline.children = [box, first, *others]
