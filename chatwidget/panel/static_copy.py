"""The static copy of a conversation, which stays in the notebook when the panel is gone.

Each turn that comes is an output of its own, so that it costs what it costs, and however long the
conversation is. What was there when the panel was shown is the first output.
"""

from __future__ import annotations

import copy
from html import escape
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

from chatwidget.chat.conversation import new_id
from chatwidget.chat.turn_metadata import copied_turns
from chatwidget.client.text import clean, printable
from chatwidget.render.display.parts import answer_html, part_html
from chatwidget.render.display.sent import SENT, sent_html, sent_text
from chatwidget.render.display.side_by_side import choices_html
from chatwidget.render.display.tool_html import round_html
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.tools.messages import rounds_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from chatwidget.chat.conversation import Turn

__all__ = ["OutputSlots", "StaticCopy", "copy_html", "copy_text", "turn_html"]


class OutputSlots:
    """The outputs of the cell that runs when this is made; each is a slot with a number.

    A kernel shows what comes later in the cell that runs by then. So a slot that is added later is
    sent with the header of its own cell's request, which is how front ends find the cell.
    """

    def __init__(self) -> None:
        self._ids: list[str] = []
        publisher: Any = getattr(get_ipython(), "display_pub", None)
        self._publisher = publisher if hasattr(publisher, "pub_socket") else None
        self._header = copy.deepcopy(getattr(self._publisher, "parent_header", {}))

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show one more output, in the cell that this was made in."""
        self._ids.append(new_id())
        if self._publisher is None or self._runs_still:
            display(dict(data), metadata=dict(metadata), raw=True, display_id=self._ids[-1])
        else:
            self._send(data, metadata)

    def write(self, slot: int, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Write one of the outputs anew."""
        update_display(dict(data), metadata=dict(metadata), raw=True, display_id=self._ids[slot])

    @property
    def _runs_still(self) -> bool:
        now = getattr(self._publisher, "parent_header", {})
        return bool(_message_id(now)) and _message_id(now) == _message_id(self._header)

    def _send(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        publisher: Any = self._publisher
        content = {
            "data": dict(data),
            "metadata": dict(metadata),
            "transient": {"display_id": self._ids[-1]},
        }
        publisher.session.send(
            publisher.pub_socket,
            "display_data",
            content,
            parent=self._header,
            ident=publisher.topic,
        )


def _message_id(header: Any) -> str:
    inner = header.get("header", header) if isinstance(header, dict) else {}
    return str(inner.get("msg_id", ""))


# While the panel lives, its copy is out of sight; where it does not, so is the line that says so.
# An output has one class in JupyterLab and its like, and another one in the classic notebook. The
# page marks the one with the panel, so that nothing is looked for in the depth of all its turns.
_EITHER_OR = """<style>
.chatwidget-panel-output ~ :is(.jp-OutputArea-child, .output_area):has(
  > * > .chatwidget-panel-copy),
:is(.jp-OutputArea-child, .output_area):not(
  .chatwidget-panel-output, :has(> * > .chatwidget-panel-copy)):has(
  + :is(.jp-OutputArea-child, .output_area) > * > .chatwidget-panel-copy) { display: none; }
.chatwidget-panel-copy > .chatwidget-asked { font-weight: 600; white-space: pre-wrap;
  unicode-bidi: plaintext; }
</style>"""

_READY = 3
"""Empty outputs that wait for turns: programs such as papermill hear of no output that is added to
a cell which has run, but of one that is written anew."""


class StaticCopy:
    """The copy in the outputs of one cell: the one that runs when it is made.

    Parameters
    ----------
    conversation
        The name of the conversation, for whoever restores it.
    path
        The turns that there are by now.
    earlier
        What the copy that this one replaces has told of its turns. It is kept in the metadata, out
        of sight, until somebody restores it: the file may be saved before that.
    """

    def __init__(
        self, conversation: str, path: Sequence[Turn], earlier: Sequence[dict[str, Any]] = ()
    ) -> None:
        self.earlier = earlier
        self._slots = OutputSlots()
        self._written: list[tuple[str, tuple[Turn, ...]]] = []
        self._put(0, conversation, tuple(path))
        for slot in range(1, _READY + 1):
            self._put(slot, conversation, ())

    def follow(self, conversation: str, path: Sequence[Turn]) -> None:
        """Write what has changed: turns that were added, and outputs that hold other turns now."""
        rest = tuple(path)
        for slot, (_, turns) in enumerate(list(self._written)):
            size = len(turns) if slot == 0 else 1
            here, rest = rest[:size], rest[size:]
            self._put(slot, conversation, here)
        for turn in rest:
            self._put(len(self._written), conversation, (turn,))

    def forget_earlier(self, known: Iterable[Container[str]]) -> None:
        """Keep no earlier turns any more once one of them is known: they have been restored."""
        ids = [turn.get("turn") for turn in self.earlier]
        if any(each in some for some in known for each in ids if isinstance(each, str)):
            self.earlier = ()
            conversation, turns = self._written[0]
            self._write(0, conversation, turns)

    def leave(self) -> None:
        """Leave nothing: the panel went to another cell, and its copy with it."""
        for slot in range(len(self._written)):
            self._slots.write(slot, {"text/html": "", "text/plain": ""}, {})
        self._written = []

    def _put(self, slot: int, conversation: str, turns: tuple[Turn, ...]) -> None:
        if slot < len(self._written) and _is_same(self._written[slot], (conversation, turns)):
            return
        self._write(slot, conversation, turns)

    def _write(self, slot: int, conversation: str, turns: tuple[Turn, ...]) -> None:
        html = copy_html(map(turn_html, turns), is_first=slot == 0)
        data = {"text/html": html, "text/plain": copy_text(turns)}
        told = [*(self.earlier if slot == 0 else ()), *copied_turns(conversation, turns)]
        metadata = {"chatwidget": {"turns": told}} if told else {}
        if slot < len(self._written):
            self._slots.write(slot, data, metadata)
            self._written[slot] = (conversation, turns)
        else:
            self._slots.add(data, metadata)
            self._written.append((conversation, turns))


def copy_html(turns: Iterable[str], *, is_first: bool = False) -> str:
    """Return the HTML of turns as one piece of safe HTML that does nothing.

    The first piece brings the styles, and says so if nothing was asked.
    """
    body = "".join(turns)
    if is_first:
        body = body or "<p>Nothing was asked in this panel before it was shown.</p>"
    classes = "chatwidget-answer chatwidget-panel-copy mathjax_ignore tex2jax_ignore"
    styles = _EITHER_OR if is_first else ""
    return f'{styles}<div class="{classes}">\n{body}</div>'


def copy_text(turns: Iterable[Turn]) -> str:
    """Return turns as text."""
    return printable("\n\n".join(map(_text, turns)))


def turn_html(turn: Turn) -> str:
    """Return a question, what the model called, and its answers, as safe HTML."""
    asked = f'<div class="chatwidget-asked">{escape(clean(turn.prompt))}</div>\n'
    formulas = FormulaBudget()
    rounds = "".join(round_html(each, formulas) for each in rounds_of(turn.steps))
    answers = [answer_html(turn, answer, formulas) for answer in turn.answers]
    shown = choices_html(answers, chosen=turn.chosen) or "<p>No answer.</p>\n"
    sent = sent_html(turn)
    return asked + (part_html("sent", sent) if sent else "") + rounds + shown


def _text(turn: Turn) -> str:
    sent = sent_text(turn)
    said = [f"> {turn.prompt}", f"[{SENT}]\n{sent}" if sent else "", _answer(turn)]
    return "\n\n".join(filter(None, said))


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether a slot holds what it should; a turn that was changed is another object."""
    return one[0] == other[0] and [*map(id, one[1])] == [*map(id, other[1])]


def _answer(turn: Turn) -> str:
    return (turn.answer.content or "") if turn.answer else "No answer."
