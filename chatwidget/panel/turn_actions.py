"""The actions on conversations and turns: questions, versions, comparisons, approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ChatWidgetError
from chatwidget.panel.action_group import ActionGroup, Handlers, error_sentence
from chatwidget.panel.actions import (
    Approve,
    Ask,
    BringBack,
    Choose,
    Compare,
    DeleteConversation,
    DeleteTurn,
    Deny,
    Edit,
    NewConversation,
    Regenerate,
    ShowVersion,
    Stop,
    SwitchConversation,
)
from chatwidget.panel.attachments import read_attachments
from chatwidget.panel.messages import Answered
from chatwidget.tools.registry import Decision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.chat.conversation import Turn

__all__ = ["ConversationActions", "TurnActions"]


class TurnActions(ActionGroup):
    """The actions on turns: questions, versions, comparisons, approvals."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            Stop: lambda _: self._session.controller.stop(),
            Edit: self._edit,
            Regenerate: self._regenerate,
            ShowVersion: self._show_version,
            Choose: self._choose,
            DeleteTurn: self._delete_turn,
            BringBack: self._bring_back,
            Compare: self._compare,
            Approve: self._approve,
            Deny: self._deny,
        }

    def ask(self, action: Ask, buffers: Sequence[memoryview]) -> Answered:
        """Ask a question, and return whether it was taken, or why not."""
        try:
            parts = read_attachments(action.attachments, buffers)
            if not action.text.strip() and not parts:
                return Answered()
            text = [{"type": "text", "text": action.text}] if action.text.strip() else []
            self._begin(action.text, content=[*text, *parts] if parts else None)
        except ChatWidgetError as error:
            return Answered(error_sentence(error))
        self._builder.draft = ""
        self._context.refresh("draft")
        return Answered()

    def _begin(self, prompt: str, **options: Any) -> None:
        """Ask; what the last cell was asked with is over."""
        self._session.controller.ask(prompt, **options)
        self._session.cell_config = None

    def _edit(self, action: Edit) -> None:
        turn = self._turn(action.turn)
        if action.text.strip():
            content = _with_text(turn, action.text)
            self._begin(action.text, content=content, beside=turn.id)

    def _regenerate(self, action: Regenerate) -> None:
        turn = self._turn(action.turn)
        self._begin(turn.prompt, content=turn.content, beside=turn.id)

    def _show_version(self, action: ShowVersion) -> None:
        turn = self._turn(action.turn)
        self._session.change(lambda it: it.showing(turn.id))

    def _choose(self, action: Choose) -> None:
        turn = self._turn(action.turn)
        if 0 <= action.index < len(turn.answers):
            self._session.change(lambda it: it.choosing(turn.id, action.index))

    def _delete_turn(self, action: DeleteTurn) -> None:
        turn, session = self._turn(action.turn), self._session
        name, before = session.current, session.conversation
        session.change(lambda it: it.without(turn.id))
        count = len(before.turns) - len(session.conversation.turns)
        self._context.offer_undo(
            "Deleted." if count == 1 else f"Deleted, with {count - 1} that answered to it.",
            lambda: session.change(lambda it: it.with_deleted(before), name),
        )

    def _bring_back(self, action: BringBack) -> None:
        self._session.controller.rerun.bring_back(self._turn(action.turn))

    def _compare(self, action: Compare) -> None:
        self._pin(None if action.turn is None else self._turn(action.turn))
        newest = self._builder.newest()
        if action.turn is not None and newest is not None and newest.id == action.turn:
            said = "Pinned: it will stand beside the next answer."
            self._context.offer_undo(said, lambda: self._pin(None))

    def _pin(self, turn: Turn | None) -> None:
        self._builder.pinned = turn
        self._context.refresh("comparison")

    def _approve(self, action: Approve) -> None:
        decision = Decision.ALWAYS if action.always else Decision.YES
        self._session.controller.approvals.decide(action.approval_id, decision)

    def _deny(self, action: Deny) -> None:
        self._session.controller.approvals.decide(action.approval_id, Decision.NO)


def _with_text(turn: Turn, text: str) -> list[dict[str, Any]] | None:
    """Return what a turn sent beside its prompt, with another prompt; None if that is all."""
    if not isinstance(turn.content, list):
        return None
    others = [part for part in turn.content if part != {"type": "text", "text": turn.prompt}]
    return [{"type": "text", "text": text}, *others]


class ConversationActions(ActionGroup):
    """The actions on whole conversations."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            NewConversation: lambda _: self._new_conversation(),
            SwitchConversation: self._switch,
            DeleteConversation: self._delete_conversation,
        }

    def _new_conversation(self) -> None:
        self._stop_in(self._session.current)
        if self._session.conversation.turns:
            self._session.begin()
        self._context.say("")

    def _stop_in(self, conversation: str) -> None:
        """Stop an answer that would come to a conversation; what is there is recorded."""
        controller = self._session.controller
        if controller.question is not None and controller.question.conversation == conversation:
            controller.stop()

    def _switch(self, action: SwitchConversation) -> None:
        if action.name in self._session.names:
            self._session.current = action.name
            self._context.say("")

    def _delete_conversation(self, action: DeleteConversation) -> None:
        session, name, current = self._session, action.name, self._session.current
        self._stop_in(name)
        gone = session.remove(name)

        def restore() -> None:
            names = session.adopt({name: gone}, name if name == current else session.current)
            if name == current:
                session.current = names[name]

        self._context.offer_undo(f"Deleted the conversation {name}.", restore)
