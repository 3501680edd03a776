"""The choice controller: which of several answers a conversation goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.chat.conversation import Conversation
from chatwidget.client.events import Finish

if TYPE_CHECKING:
    from chatwidget.chat.conversations import Conversations
    from chatwidget.chat.question import Question
    from chatwidget.client.events import StreamEvent
    from chatwidget.render.display.answer import AnswerDisplay
    from chatwidget.render.display.picker import Picker

__all__ = ["ChoiceController"]


class ChoiceController:
    """Controller of a choice among several answers to a question; `on_event` is its sink.

    It keeps the mark in the output true, whoever chooses: its buttons, ``%chat pick`` or the
    panel. When the conversation goes on, it ends.

    Parameters
    ----------
    session
        Whose conversation has the turn.
    question
        The question of the turn, which is recorded before this hears of the answer's end.
    display
        What shows the answers.
    """

    def __init__(self, session: Conversations, question: Question, display: AnswerDisplay) -> None:
        self._session = session
        self._question = question
        self._display = display
        self._chosen: int | None = 0
        self._picker: Picker | None = None

    def on_event(self, event: StreamEvent) -> None:
        """Offer the choice when the answers are complete, if there is one."""
        choices = len(event.completion.choices) if isinstance(event, Finish) else 0
        if choices > 1 and self._now() is not None:
            self._session.observe(self._follow, "conversations")
            if self._display.is_live:
                self._offer(choices)

    def _offer(self, choices: int) -> None:
        from chatwidget.render.display.picker import Picker  # noqa: PLC0415 - loads ipywidgets

        self._picker = Picker(self._question.turn_id, choices, self._pick)

    def _pick(self, choice: int) -> None:
        name = self._question.turn_id
        self._session.change(lambda it: it.choosing(name, choice), self._question.conversation)

    def _follow(self, _change: object) -> None:
        before, self._chosen = self._chosen, self._now()
        if self._chosen is None:
            self._end()
        elif self._chosen != before:
            self._display.refresh()
            if self._picker is not None:
                self._picker.chosen = self._chosen

    def _now(self) -> int | None:
        """Return which answer is chosen; None if it is not, or no longer, the last turn's."""
        name = self._question.conversation
        conversation = self._session.conversations.get(name or "", Conversation())
        is_last = name is not None and conversation.head == self._question.turn_id
        return conversation.turns[self._question.turn_id].chosen if is_last else None

    def _end(self) -> None:
        self._session.unobserve(self._follow, "conversations")
        if self._picker is not None:
            self._picker.close()
