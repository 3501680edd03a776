"""The actions on the film of an answer: make it, stop, deal again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.panel.action_group import ActionGroup, Handlers
from chatwidget.panel.actions import DealFilm, StartFilm, StopFilm

if TYPE_CHECKING:
    from chatwidget.panel.actions import Action

__all__ = ["FilmActions"]


class FilmActions(ActionGroup):
    """The actions on the film of a panel."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {StartFilm: self._start, StopFilm: self._stop, DealFilm: self._deal}

    def _start(self, action: StartFilm) -> None:
        turn, page = self._turn(action.turn), self._builder.film
        page.start(turn, action.parameter, action.most, self._refresh)
        self._refresh()

    def _stop(self, _action: Action) -> None:
        self._builder.film.stop()

    def _deal(self, action: DealFilm) -> None:
        self._builder.film.deal(action.what)
        self._refresh()

    def _refresh(self) -> None:
        self._context.refresh("film")
