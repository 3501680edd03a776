"""The actions on whole conversations."""

from __future__ import annotations

from chatwidget.panel.action_group import ActionGroup, Handlers
from chatwidget.panel.actions import (
    DeleteConversation,
    NewConversation,
    SwitchConversation,
)

__all__ = ["ConversationActions"]


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
