"""The transcript of a conversation: its turns in a table, or one of them in full."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from chatwidget.chat.text import printable
from chatwidget.client.wire.finish import cut_off_in_words
from chatwidget.render.display.assets import style_tag
from chatwidget.render.display.parts import part_html, parts_of
from chatwidget.render.display.side_by_side import choices_html
from chatwidget.render.display.tables import Table
from chatwidget.render.markup.formulas import FormulaBudget

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
                status_in_words(turn),
                _version(conversation, turn),
            )
            for number, turn in enumerate(path, 1)
        ],
        frozenset({"#"}),
        "%chat history NUMBER shows a turn in full.",
    )


def status_in_words(turn: Turn) -> str:
    """Return whether a turn is complete, and what it means if not."""
    is_complete = turn.status == "complete"
    return (is_complete and cut_off_in_words(turn.facts.get("finish_reason"))) or _STATUS[
        turn.status
    ]


def text_of(message: ChatCompletionMessage) -> str:
    """Return what a message says, or what stands in its place."""
    calls = [call.function for call in message.tool_calls or ()]
    called = [f"{call.name}({call.arguments})" for call in calls]
    return message.content or message.refusal or "\n".join(called)


@dataclass(frozen=True, eq=False, repr=False)
class TurnView:
    """One turn in full: its prompt, and all its answers as safe HTML or as exact text."""

    turn: Turn

    def __repr__(self) -> str:
        answers = [printable(text_of(answer)) for answer in self.turn.answers]
        label = f"[{status_in_words(self.turn)}]"
        return "\n\n".join([f"> {printable(self.turn.prompt)}", *answers, label])

    def _repr_html_(self) -> str:
        formulas = FormulaBudget()
        answers = [_answer_html(answer, formulas) for answer in self.turn.answers]
        prompt = f"<blockquote>{_lines_html(self.turn.prompt)}</blockquote>\n"
        footer = f'<div class="chatwidget-footer">{status_in_words(self.turn)}</div>\n'
        return (
            f'{style_tag()}<div class="chatwidget-answer mathjax_ignore tex2jax_ignore">\n'
            f"{prompt}{choices_html(answers, chosen=self.turn.chosen)}{footer}</div>"
        )


def _answer_html(message: ChatCompletionMessage, formulas: FormulaBudget) -> str:
    return "".join(part_html(kind, html) for kind, html in parts_of(message, formulas=formulas))


def _lines_html(text: str) -> str:
    return escape(printable(text)).replace("\n", "<br>\n")


def _answer_in_words(turn: Turn) -> str:
    text = text_of(turn.answer) if turn.answer else ""
    several = f"({turn.chosen + 1} of {len(turn.answers)}) " if len(turn.answers) > 1 else ""
    return several + text


def _version(conversation: Conversation, turn: Turn) -> str:
    versions = conversation.versions(turn.id)
    return f"{versions.index(turn) + 1}/{len(versions)}" if len(versions) > 1 else ""
