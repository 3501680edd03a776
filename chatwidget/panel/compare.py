"""An answer that was pinned, beside the newest one, with the words that differ."""

from __future__ import annotations

import difflib
import re
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

import ipywidgets as widgets

from chatwidget.chat.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.session import ChatSession

__all__ = ["Comparison", "word_diff"]

_WORDS = re.compile(r"\s+|\w+\s*|[^\w\s]\s*")
_MOST_WORDS = 4_000


def word_diff(before: str, after: str) -> tuple[str, str]:
    """Return both texts as safe HTML: what only one of them has is marked.

    Texts are compared by their first 4,000 words; the rest is left out, and said so.
    """
    old, new = _words(before), _words(after)
    # what follows a word, a space or the end, makes it no other word
    bare = [[word.strip() for word in each] for each in (old, new)]
    matcher = difflib.SequenceMatcher(None, bare[0], bare[1])
    left, right = [], []
    for tag, start, end, from_, to in matcher.get_opcodes():
        gone, come = escape("".join(old[start:end])), escape("".join(new[from_:to]))
        left.append(gone if tag == "equal" or not gone else f"<del>{gone}</del>")
        right.append(come if tag == "equal" or not come else f"<ins>{come}</ins>")
    return "".join(left), "".join(right)


def _words(text: str) -> list[str]:
    found: Iterator[str] = (match[0] for match in _WORDS.finditer(clean(text)))
    words = list(islice(found, _MOST_WORDS))
    rest = next(found, None)
    return words if rest is None else [*words, " … the rest is not compared."]


class Comparison(widgets.VBox):
    """Shows the pinned answer and the newest one side by side; out of sight until one is pinned.

    Parameters
    ----------
    session
        Whose conversation it looks at.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self._pinned: Turn | None = None
        self._text = widgets.HTML()
        close = widgets.Button(description="✕", tooltip="Compare no more.")
        close.add_class("chatwidget-icon")
        close.on_click(lambda _: self.pin(None))
        title = widgets.Label("Pinned answer and newest answer")
        head = widgets.HBox([title, close])
        head.add_class("chatwidget-compare-head")
        super().__init__([head, self._text])
        self.add_class("chatwidget-compare")
        self._follow()
        session.observe(self._follow, ["conversations", "current"])

    def pin(self, turn: Turn | None) -> None:
        """Compare with this answer from now on; with none, no more."""
        self._pinned = turn
        self._follow()

    def _follow(self, _change: object = None) -> None:
        self.layout.display = None if self._pinned is not None else "none"
        if self._pinned is None:
            return
        conversation = self._session.conversation
        newest = conversation.turns.get(conversation.head or "", self._pinned)
        before, after = word_diff(_text(self._pinned), _text(newest))
        self._text.value = _column(self._pinned, before) + _column(newest, after)


def _column(turn: Turn, html: str) -> str:
    return (
        f'<section dir="auto"><h6>{escape(clean(_heading(turn)))}</h6>'
        f'<div class="chatwidget-compared">{html}</div></section>'
    )


def _heading(turn: Turn) -> str:
    parameters = turn.facts.get("parameters") or {}
    said = ", ".join(f"{name} {value}" for name, value in parameters.items())
    return " · ".join(filter(None, [str(turn.facts.get("model") or ""), said]))


def _text(turn: Turn) -> str:
    return (turn.answer.content or "") if turn.answer else ""
