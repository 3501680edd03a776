"""The transcript of a conversation: its turns in a table, or one of them in full."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from chatwidget.client.text import printable
from chatwidget.client.wire.finish import cut_off_in_words
from chatwidget.render.display.parts import answer_html, part_html
from chatwidget.render.display.sent import SENT, sent_html, sent_text
from chatwidget.render.display.side_by_side import choices_html
from chatwidget.render.display.tables import Table
from chatwidget.render.display.tool_html import round_html, round_text
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.tools.messages import rounds_of

if TYPE_CHECKING:
    from chatwidget.chat.conversation import Conversation, Turn
    from chatwidget.client.wire.types import ChatCompletionMessage

__all__ = ["TurnView", "status_in_words", "text_of", "turn_table"]

_STATUS = {
    "complete": "complete",
    "stopped": "stopped, so not sent on",
    "failed": "failed, so not sent on",
}


def turn_table(conversation: Conversation) -> Table:
    """Return the turns of the current path, numbered from 1."""
    path = conversation.path()
    return Table(
        ("#", "Prompt", "Answer", "Status", "Version"),
        [
            (
                str(number),
                turn.prompt,
                _answer_in_words(turn),
                _status_in_table(turn),
                _version(conversation, turn),
            )
            for number, turn in enumerate(path, 1)
        ],
        frozenset({"#"}),
        "%chat history NUMBER shows a turn in full.",
    )


def status_in_words(turn: Turn) -> str:
    """Return whether a turn is complete, and what it means if not."""
    if turn.status != "complete":
        return _STATUS[turn.status]
    silent = "" if turn.is_sent else "without text, so not sent on"
    return cut_off_in_words(turn.facts.get("finish_reason")) or silent or _STATUS["complete"]


def _status_in_table(turn: Turn) -> str:
    more = (
        "; sent with more than is seen here"
        if turn.is_sent and (turn.steps or sent_text(turn))
        else ""
    )
    return status_in_words(turn) + more


def text_of(message: ChatCompletionMessage) -> str:
    """Return what a message says, or what stands in its place."""
    calls = [call.function for call in message.tool_calls or ()]
    called = [f"{call.name}({call.arguments})" for call in calls]
    return message.content or message.refusal or "\n".join(called)


@dataclass(frozen=True, eq=False, repr=False)
class TurnView:
    """One turn in full: its prompt, what is sent of it, and all its answers, as HTML or text."""

    turn: Turn

    def __repr__(self) -> str:
        turn, sent = self.turn, sent_text(self.turn)
        said = [
            f"> {printable(turn.prompt)}",
            *([f"[{SENT}]\n{sent}"] if sent else []),
            *(printable(round_text(each)) for each in rounds_of(turn.steps)),
            *(printable(text_of(answer)) for answer in turn.answers),
            f"[{status_in_words(turn)}]",
        ]
        return "\n\n".join(said)

    def _repr_html_(self) -> str:
        formulas = FormulaBudget()
        sent = sent_html(self.turn)
        before = part_html("sent", sent) if sent else ""
        before += "".join(round_html(each, formulas) for each in rounds_of(self.turn.steps))
        answers = [answer_html(self.turn, answer, formulas) for answer in self.turn.answers]
        prompt = f"<blockquote>{_lines_html(self.turn.prompt)}</blockquote>\n"
        footer = f'<div class="chatwidget-footer">{status_in_words(self.turn)}</div>\n'
        return (
            '<div class="chatwidget-answer mathjax_ignore tex2jax_ignore">\n'
            f"{prompt}{before}{choices_html(answers, chosen=self.turn.chosen)}{footer}</div>"
        )


def _lines_html(text: str) -> str:
    return escape(printable(text)).replace("\n", "<br>\n")


def _answer_in_words(turn: Turn) -> str:
    text = text_of(turn.answer) if turn.answer else ""
    several = f"({turn.chosen + 1} of {len(turn.answers)}) " if len(turn.answers) > 1 else ""
    return several + text


def _version(conversation: Conversation, turn: Turn) -> str:
    versions = conversation.versions(turn.id)
    return f"{versions.index(turn) + 1}/{len(versions)}" if len(versions) > 1 else ""
