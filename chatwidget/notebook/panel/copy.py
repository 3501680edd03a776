"""The static copy of a conversation, which stays in the notebook when the panel is gone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from IPython.display import display

from chatwidget.notebook.parts import part_html, parts_of
from chatwidget.notebook.plain import clean
from chatwidget.notebook.stylesheet import style_tag

if TYPE_CHECKING:
    from chatwidget.conversation import Conversation, Turn

__all__ = ["StaticCopy", "copy_html"]

# While the panel lives, its copy is out of sight; where it does not, so is the line that says so.
_EITHER_OR = """<style>
.jp-OutputArea-child:has(.chatwidget-panel) + .jp-OutputArea-child:has(.chatwidget-panel-copy),
.jp-OutputArea-child:not(:has(.chatwidget-panel)):has(
  + .jp-OutputArea-child .chatwidget-panel-copy) { display: none; }
.chatwidget-panel-copy > .chatwidget-asked { font-weight: 600; white-space: pre-wrap; }
</style>"""


class StaticCopy:
    """One output of the cell that shows the panel; it is written anew after each turn."""

    def __init__(self) -> None:
        self._handle = None

    def show(self, conversation: Conversation) -> None:
        """Write the copy, in the running cell when it is first called."""
        bundle = {"text/html": copy_html(conversation), "text/plain": copy_text(conversation)}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    @property
    def is_shown(self) -> bool:
        """Whether there is an output to write to."""
        return self._handle is not None


def copy_html(conversation: Conversation) -> str:
    """Return the current path of a conversation as safe HTML that does nothing."""
    turns = "".join(map(_turn_html, conversation.path()))
    empty = "" if turns else "<p>Nothing has been asked in this panel yet.</p>"
    classes = "chatwidget-answer chatwidget-panel-copy mathjax_ignore tex2jax_ignore"
    return f'{style_tag()}{_EITHER_OR}<div class="{classes}">\n{turns}{empty}</div>'


def copy_text(conversation: Conversation) -> str:
    """Return the current path of a conversation as text."""
    said = [f"> {turn.prompt}\n\n{_answer(turn)}" for turn in conversation.path()]
    return clean("\n\n".join(said)) or "The panel: nothing has been asked yet."


def _answer(turn: Turn) -> str:
    return (turn.answer.content or "") if turn.answer else "No answer."


def _turn_html(turn: Turn) -> str:
    asked = f'<div class="chatwidget-asked" dir="auto">{escape(clean(turn.prompt))}</div>\n'
    if turn.answer is None:
        return f"{asked}<p>No answer.</p>\n"
    return asked + "".join(part_html(kind, html) for kind, html in parts_of(turn.answer))
