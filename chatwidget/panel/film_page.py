"""The film in the Tokens tab: every answer along one parameter, made beside the conversation."""

from __future__ import annotations

import threading
import time
from itertools import islice
from typing import TYPE_CHECKING

from chatwidget.client.errors import ChatWidgetError, ConfigurationError
from chatwidget.lab.film_messages import film_state
from chatwidget.lab.film_tools import STACK, dealt
from chatwidget.lab.film_usage import counting_film
from chatwidget.panel.film_state import FilmPageState
from chatwidget.tuning.film.questions import MOST_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.asked import Asked
    from chatwidget.lab.film_messages import FilmState
    from chatwidget.tuning.film.film import Film
    from chatwidget.tuning.film.questions import FilmProgress

__all__ = ["FilmPage"]

_PARAMETERS = ["temperature", "top_p", "frequency_penalty", "presence_penalty"]
_TICK = 0.25

_NO_TURN = "Ask a question; then its answer can be shown along a slider."
_UNKNOWN = "What this answer was asked with is not known any more: ask again, and film that answer."
_FREE = "Every answer along a slider, exactly. Nothing is asked."


class FilmPage:
    """The film of an answer of a panel.

    Parameters
    ----------
    session
        Whose answers are filmed.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self._turn = self._progress = self._problem = ""
        self._film: Film | None = None
        self._shown: FilmState | None = None
        self._asked = self._budget = 0
        self._stop: threading.Event | None = None

    def state(self, turn: Turn | None) -> FilmPageState:
        """Return what is shown beside the tokens of a turn."""
        asked = self._session.asked.get(turn.id) if turn is not None else None
        is_mine = turn is not None and turn.id == self._turn
        most = 0 if asked is None or asked.server.is_practice else MOST_REQUESTS
        return FilmPageState(
            turn=turn.id if turn is not None else "",
            parameters=_PARAMETERS,
            plan=(self._problem if is_mine else "") or _plan(turn, asked, most),
            can_start=asked is not None and not self._is_running,
            most=most,
            running=self._is_running,
            asked=self._asked,
            budget=self._budget,
            progress=self._progress,
            film=self._shown if is_mine else None,
        )

    def start(self, turn: Turn, parameter: str, most: int, changed: Callable[[], object]) -> None:
        """Make the film of a turn, on a thread of its own.

        Parameters
        ----------
        turn, parameter, most
            The turn of the answer, along which parameter, and with how many requests at most.
        changed
            Called when there is more to show.

        Raises
        ------
        ConfigurationError
            If there is none, or another one is being made.
        """
        asked = self._session.asked.get(turn.id)
        if asked is None or self._is_running:
            raise ConfigurationError("A film is being made." if asked is not None else _UNKNOWN)
        # here: two threads that import can wait for each other
        from chatwidget.tuning.film.making import film_of_request  # noqa: PLC0415 - loads the model

        self._turn, self._film, self._shown = turn.id, None, None
        self._asked, self._budget, self._problem = 0, most, ""
        self._progress = "The film is being made."
        self._stop = stop = threading.Event()

        def make() -> Film:
            return film_of_request(
                asked,
                parameter,
                most=most,
                show=self._watching(changed),
                count=counting_film(self._session.tally, asked),
                stopped=stop.is_set,
            )

        # It asks, and nobody waits for it; closing the panel stops it.
        threading.Thread(target=self._make, args=(make, changed), daemon=True).start()

    def stop(self) -> None:
        """Ask no more; what is there becomes a film."""
        if self._stop is not None:
            self._stop.set()

    def deal(self, what: str) -> None:
        """Show the film of another noise, or twenty of them, where nothing is asked for that."""
        film = self._film
        if film is None or not film.can_be_dealt_again:
            return
        if what == "stack":
            self._shown = film_state(film, [*islice(dealt(film), STACK)])
        elif what == "again":
            self._film = film.again()
            self._shown = film_state(self._film)

    @property
    def _is_running(self) -> bool:
        return self._stop is not None

    def _make(self, make: Callable[[], Film], changed: Callable[[], object]) -> None:
        try:
            self._film = make()
            self._shown = film_state(self._film)
        except ChatWidgetError as error:
            self._problem = f"{error.message} {error.hint}".strip()
        finally:
            self._stop, self._progress = None, ""
            changed()

    def _watching(self, changed: Callable[[], object]) -> Callable[[FilmProgress], None]:
        """Return what takes note of the progress, and shows it now and then."""
        told = 0.0

        def show(progress: FilmProgress) -> None:
            nonlocal told
            self._asked, self._progress = progress.asked, str(progress)
            if time.monotonic() - told >= _TICK:
                told = time.monotonic()
                changed()

        return show


def _plan(turn: Turn | None, asked: Asked | None, most: int) -> str:
    """Return what a film takes, or why there is none."""
    if turn is None:
        return _NO_TURN
    if asked is None:
        return _UNKNOWN
    if not most:
        return _FREE
    return (
        f"Every answer along a slider, as far as {asked.server.name} tells: it is asked for one "
        "token at a time, up to the number of requests beside the button."
    )
