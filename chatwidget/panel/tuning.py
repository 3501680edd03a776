"""Tuning while you see it: another setting asks the last question again, but never twice."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import traitlets

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.parameters import PARAMETERS
from chatwidget.panel.ways import way_now, way_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.session import ChatSession
    from chatwidget.panel.exchange import Exchange

__all__ = ["CallBudget", "Tuner"]

_SETTLING = 0.25
_MINUTE = 60.0


class CallBudget:
    """How many requests may be sent by themselves in a minute.

    Parameters
    ----------
    clock
        Returns the time in seconds; for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: deque[float] = deque()

    @property
    def used(self) -> int:
        """The requests of the last minute."""
        while self._calls and self._clock() - self._calls[0] >= _MINUTE:
            self._calls.popleft()
        return len(self._calls)

    def spend(self, limit: int) -> bool:
        """Count one more, and tell whether the limit allows it."""
        if self.used >= limit:
            return False
        self._calls.append(self._clock())
        return True


class Tuner(traitlets.HasTraits):
    """Asks the last question again when a setting has changed, if it is told to.

    A setting under which the question has been answered brings that answer back, with no request.
    Changes that follow each other closely count as one.

    Attributes
    ----------
    reruns
        Whether a change asks again.
    per_minute
        How many requests it may send in a minute.
    used
        How many it has sent in the last minute.

    Parameters
    ----------
    session, exchange
        Whose settings are watched, and what asks.
    say
        Takes a sentence for the person.
    """

    reruns = traitlets.Bool()
    per_minute = traitlets.Int(20, min=1, max=600)
    used = traitlets.Int()

    def __init__(
        self,
        session: ChatSession,
        exchange: Exchange,
        say: Callable[[str], object],
        budget: CallBudget | None = None,
    ) -> None:
        super().__init__()
        self._session = session
        self._exchange = exchange
        self._say = say
        self._budget = budget or CallBudget()
        self._timer: threading.Timer | None = None
        session.settings.observe(self._on_change, list(PARAMETERS))

    def visited(self, parameter: str) -> list[tuple[float, Turn]]:
        """Return the values of a parameter at which the last question was answered, with the turns.

        All else was as it is now.
        """
        now = way_now(self._session).without(parameter)
        return [
            (way.parameters[parameter], turn)
            for turn in self._versions()
            if parameter in (way := way_of(turn)).parameters and way.without(parameter) == now
        ]

    def bring_back(self, turn: Turn) -> None:
        """Show an answer again, and set the settings to those that it was asked with."""
        self._cancel()
        settings = self._session.settings
        with settings.following():
            settings.replace(turn.facts.get("parameters") or {})
        self._show(turn)

    def rerun(self) -> None:
        """Ask the last question with the settings as they are now."""
        last = self._last()
        if last is None:
            return
        now = way_now(self._session)
        same = [turn for turn in self._versions() if way_of(turn) == now]
        if same:
            self._show(same[-1])
        elif self._budget.spend(self.per_minute):
            self._ask(last)
        else:
            self._say(
                f"{self.per_minute} requests were sent within a minute, which is the limit: "
                "the next change asks again when the minute is over."
            )
        self.used = self._budget.used

    def _show(self, turn: Turn) -> None:
        self._exchange.stop()
        self._session.change(lambda it: it.showing(turn.id))

    def _ask(self, turn: Turn) -> None:
        try:
            self._exchange.ask(turn.prompt, content=turn.content, beside=turn.id)
        except ChatWidgetError as error:
            self._say(f"{error.message} {error.hint}".strip())

    def _on_change(self, _change: Any) -> None:
        self._cancel()
        if self.reruns and not self._session.settings.is_following:
            self._timer = threading.Timer(_SETTLING, self.rerun)
            self._timer.daemon = True
            self._timer.start()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _last(self) -> Turn | None:
        conversation = self._session.conversation
        return conversation.turns[conversation.head] if conversation.head else None

    def _versions(self) -> list[Turn]:
        """Return the complete answers to the last question, oldest first."""
        last = self._last()
        beside = self._session.conversation.versions(last.id) if last else []
        return [
            turn
            for turn in beside
            if last and turn.prompt == last.prompt and turn.status == "complete"
        ]
