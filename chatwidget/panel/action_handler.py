"""The handler of a panel's actions, which finds the one place that each of them is done in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import ChatWidgetError
from chatwidget.panel.action_group import ActionContext, Handlers, NoTurnError, error_sentence
from chatwidget.panel.actions import Ask, Undo
from chatwidget.panel.conversation_actions import ConversationActions
from chatwidget.panel.page_actions import PageActions
from chatwidget.panel.preset_actions import PresetActions
from chatwidget.panel.setting_actions import SettingActions
from chatwidget.panel.turn_actions import TurnActions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.panel.actions import Action
    from chatwidget.panel.messages import Answered

__all__ = ["ActionHandler"]

_GROUPS = (SettingActions, PresetActions, ConversationActions, PageActions)


class ActionHandler:
    """Does what an action says.

    Parameters
    ----------
    context
        What the actions change.
    """

    def __init__(self, context: ActionContext) -> None:
        self._context = context
        self._turns = TurnActions(context)
        self._handlers: Handlers = {Undo: lambda _: context.take_back(), **self._turns.handlers()}
        for group in _GROUPS:
            self._handlers |= group(context).handlers()

    def handle(self, action: Action, buffers: Sequence[memoryview]) -> Answered | None:
        """Do one action; return whether a question was taken, if it is one."""
        if isinstance(action, Ask):
            return self._turns.ask(action, buffers)
        try:
            self._handlers[type(action)](action)
        except ChatWidgetError as error:
            self._context.say(error_sentence(error))
        except NoTurnError:
            pass  # the page is behind
        return None
