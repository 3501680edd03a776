"""The handler of a panel's actions, which finds the one place that each of them is done in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chatwidget.client.errors import ChatWidgetError
from chatwidget.panel.action_group import (
    ActionContext,
    ActionGroup,
    Handlers,
    NoTurnError,
    error_sentence,
)
from chatwidget.panel.actions import (
    Ask,
    KeepDraft,
    OpenGroup,
    SetEnterSends,
    ShowRequest,
    ShowRow,
    Undo,
)
from chatwidget.panel.film_actions import FilmActions
from chatwidget.panel.panel_state import RequestView
from chatwidget.panel.setting_actions import PresetActions, SettingActions
from chatwidget.panel.token_actions import TokenActions
from chatwidget.panel.tune_actions import TuneActions
from chatwidget.panel.turn_actions import ConversationActions, TurnActions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.panel.actions import Action
    from chatwidget.panel.messages import Answered

__all__ = ["ActionHandler"]


class PageActions(ActionGroup):
    """The actions on the page itself: what is open, and what is being written."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            OpenGroup: self._open_group,
            ShowRow: self._show_row,
            ShowRequest: self._show_request,
            KeepDraft: lambda it: setattr(self._builder, "draft", it.text),
            SetEnterSends: self._set_enter_sends,
        }

    def _open_group(self, action: OpenGroup) -> None:
        self._builder.open_group(action.name, is_open=action.open)
        self._context.refresh("groups", "rows")

    def _show_row(self, action: ShowRow) -> None:
        self._builder.want_row(action.name)
        self._context.refresh("rows")

    def _show_request(self, action: ShowRequest) -> None:
        view = self._builder.request or RequestView()
        self._builder.request = replace(view, text=action.text) if action.shown else None
        self._context.refresh("request")

    def _set_enter_sends(self, action: SetEnterSends) -> None:
        self._builder.enter_sends = action.enabled
        self._context.refresh("enter_sends")


_GROUPS = (
    SettingActions,
    PresetActions,
    ConversationActions,
    PageActions,
    TokenActions,
    FilmActions,
    TuneActions,
)


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
