"""The tools of a film: its slider, while there is a kernel. Moving it asks the kernel nothing."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from chatwidget.lab.film_messages import FilmAsk, film_state
from chatwidget.lab.token_tools import LiveTools
from chatwidget.render.display.assets import bundle, stylesheet
from chatwidget.render.display.from_page import read_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.tuning.film.film import Film

__all__ = ["STACK", "FilmTools", "dealt"]

STACK = 20
"""Films that are stacked."""


class FilmTools(LiveTools):
    """Puts the moving film in the place of the static one.

    Parameters
    ----------
    place
        The class of the static view.
    film
        The film.
    """

    _esm = bundle("film_tools")
    _css = stylesheet("film")

    def __init__(self, place: str, film: Film) -> None:
        self._film = film
        super().__init__(place, film_state(film))

    def _handle_message(self, widget: object, content: object, buffers: object) -> None:
        """Show the film of another noise, or a stack of them, to a page that asks for it."""
        message = read_message(content, FilmAsk)
        if message is None:
            super()._handle_message(widget, content, buffers)
            return
        asked = message.what
        if not self._film.can_be_dealt_again:
            return
        if asked == "again":
            self._film = self._film.again()
            self.show(film_state(self._film))
        elif asked == "stack":
            self.show(film_state(self._film, [*islice(dealt(self._film), STACK)]))


def dealt(film: Film) -> Iterator[Film]:
    """Yield films of one noise after another, beginning with this one."""
    while True:
        yield film
        film = film.again()
