"""The actions of the Tune tab: look, plan, run, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.panel.action_group import ActionGroup, Handlers
from chatwidget.panel.actions import PlanTune, RunTune, ShowTune, StopTune, TellTruth

if TYPE_CHECKING:
    from chatwidget.panel.actions import Action

__all__ = ["TuneActions"]


class TuneActions(ActionGroup):
    """The actions on the study of a panel."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            ShowTune: self._show,
            PlanTune: self._plan,
            RunTune: self._run,
            StopTune: self._stop,
            TellTruth: lambda _: self._builder.tune.tell_truth(self._refresh),
        }

    def _show(self, action: ShowTune) -> None:
        newest = self._builder.newest()
        self._builder.tune.show(action.text or (newest.prompt if newest else ""), action.shown)
        self._refresh()

    def _plan(self, action: PlanTune) -> None:
        self._builder.tune.fill(action.form)
        self._refresh()

    def _run(self, _action: Action) -> None:
        self._builder.tune.start(self._refresh)
        self._refresh()

    def _stop(self, _action: Action) -> None:
        self._builder.tune.stop()
        self._refresh()

    def _refresh(self) -> None:
        self._context.refresh("tune")
