"""The static copy of a conversation, which stays in the notebook when the panel is gone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from IPython.display import display

from chatwidget.chat.text import clean, printable
from chatwidget.render.display.parts import part_html, parts_of
from chatwidget.render.display.side_by_side import choices_html
from chatwidget.render.display.stylesheet import style_tag
from chatwidget.render.display.toolparts import round_html
from chatwidget.tools.toolsteps import rounds_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatwidget.chat.conversation import Conversation, Turn

__all__ = ["StaticCopy", "copy_text", "page_html", "turn_html"]

# While the panel lives, its copy is out of sight; where it does not, so is the line that says so.
_EITHER_OR = """<style>
.jp-OutputArea-child:has(.chatwidget-panel) + .jp-OutputArea-child:has(.chatwidget-panel-copy),
.jp-OutputArea-child:not(:has(.chatwidget-panel)):has(
  + .jp-OutputArea-child .chatwidget-panel-copy) { display: none; }
.chatwidget-panel-copy > .chatwidget-asked { font-weight: 600; white-space: pre-wrap;
  unicode-bidi: plaintext; }
</style>"""


class StaticCopy:
    """One output of the cell that shows the panel; it is written anew after each turn."""

    def __init__(self) -> None:
        self._handle = None
        self._rendered: dict[str, tuple[Turn, str]] = {}

    def show(self, conversation: Conversation) -> None:
        """Write the copy, in the running cell when it is first called."""
        html = page_html(map(self._turn, conversation.path()))
        bundle = {"text/html": html, "text/plain": copy_text(conversation)}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    @property
    def is_shown(self) -> bool:
        """Whether there is an output to write to."""
        return self._handle is not None

    def _turn(self, turn: Turn) -> str:
        """Return the HTML of a turn, which is rendered once: it never changes."""
        known, html = self._rendered.get(turn.id, (None, ""))
        if known is not turn:
            html = turn_html(turn)
            self._rendered[turn.id] = (turn, html)
        return html


def page_html(turns: Iterable[str]) -> str:
    """Return the HTML of turns as one piece of safe HTML that does nothing."""
    body = "".join(turns) or "<p>Nothing has been asked in this panel yet.</p>"
    classes = "chatwidget-answer chatwidget-panel-copy mathjax_ignore tex2jax_ignore"
    return f'{style_tag()}{_EITHER_OR}<div class="{classes}">\n{body}</div>'


def copy_text(conversation: Conversation) -> str:
    """Return the current path of a conversation as text."""
    said = [f"> {turn.prompt}\n\n{_answer(turn)}" for turn in conversation.path()]
    return printable("\n\n".join(said)) or "The panel: nothing has been asked yet."


def turn_html(turn: Turn) -> str:
    """Return a question, what the model called, and its answers, as safe HTML."""
    asked = f'<div class="chatwidget-asked">{escape(clean(turn.prompt))}</div>\n'
    rounds = "".join(map(round_html, rounds_of(turn.steps)))
    answers = [
        "".join(part_html(kind, html) for kind, html in parts_of(answer)) for answer in turn.answers
    ]
    shown = choices_html(answers, chosen=turn.chosen) or "<p>No answer.</p>\n"
    return asked + rounds + shown


def _answer(turn: Turn) -> str:
    return (turn.answer.content or "") if turn.answer else "No answer."
