"""The actions on the page itself: what is open, and what is being written."""

from __future__ import annotations

from dataclasses import replace

from chatwidget.panel.action_group import ActionGroup, Handlers
from chatwidget.panel.actions import (
    KeepDraft,
    OpenGroup,
    SetEnterSends,
    ShowRequest,
    ShowRow,
)
from chatwidget.panel.panel_state import RequestView

__all__ = ["PageActions"]


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
