"""Re-runs: a setting that changes asks the last question again, debounced and never twice."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

import traitlets

from chatwidget.chat.observing import Disposers, GuardedTraits, observe
from chatwidget.client.errors import ChatWidgetError, ConfigurationError
from chatwidget.client.forks import fork_safe
from chatwidget.client.request.parameters import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.question import Question
    from chatwidget.chat.session_protocol import SessionProtocol

__all__ = ["CallBudget", "Rerun", "tried_values"]

_DEBOUNCE = 0.25
_MINUTE = 60.0


class CallBudget:
    """Rate limit: how many requests may be sent by themselves in a minute.

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


class _Ask(Protocol):
    def __call__(self, prompt: str, *, content: Any, beside: str) -> object: ...


class Rerun(GuardedTraits):
    """Asks the last question again when a setting has changed, if it is told to.

    There is one for a session, so that several panels ask once. A setting under which the question
    has been answered brings that answer back, with no request. Changes that follow each other
    closely count as one: they are debounced.

    Parameters
    ----------
    session
        Whose settings are watched.
    ask, stop, question
        What asks, what stops the answer that is being written, and what returns its question.
    budget
        How many requests were sent; for tests.
    debounce
        For how long the settings have to rest, in seconds.

    Attributes
    ----------
    enabled
        Whether a change asks again.
    per_minute
        How many requests it may send in a minute.
    used
        How many it has sent in the last minute.
    problem
        Why it did not ask; empty if it did.
    """

    enabled = traitlets.Bool()
    per_minute = traitlets.Int(20, min=1, max=600)
    used = traitlets.Int()
    problem = traitlets.Unicode()

    def __init__(
        self,
        session: SessionProtocol,
        ask: _Ask,
        stop: Callable[[], object],
        question: Callable[[], Question | None],
        *,
        budget: CallBudget | None = None,
        debounce: float = _DEBOUNCE,
    ) -> None:
        super().__init__()
        self._session = session
        self._ask_again = ask
        self._stop = stop
        self._question = question
        self._budget = budget or CallBudget()
        self._debounce = debounce
        # A slider moves on the thread of a message, the timer has its own: they take turns here.
        self._lock = fork_safe(threading.Lock())
        self._timer: threading.Timer | None = None
        self._viewers: frozenset[object] = frozenset()
        self._was_watched = False  # code may ask for re-runs that no page shows
        self._watching = Disposers()

    def now(self) -> None:
        """Ask the last question with the settings as they are now, or show its answer again.

        The last question is the one that is being answered, if there is one: it is stopped.
        """
        self.problem = ""
        running, last = self._running(), _last(self._session)
        wanted = _wanted(self._session)
        if running is not None and running.config.key() == wanted:
            return
        same = [turn for turn in self._answered(running) if turn.request_key() == wanted]
        if same and (running is not None or last not in same):
            self._show(same[-1])
        elif same or (running is None and last is None):
            return
        elif self._budget.spend(self.per_minute):
            self._ask()
        else:
            self.problem = (
                f"The limit of {self.per_minute} re-runs a minute is reached: the next change"
                " asks again when the minute is over."
            )
        self.used = self._budget.used

    def bring_back(self, turn: Turn) -> None:
        """Show an answer again, and set the parameters to those that it was asked with."""
        self._session.settings.replace(turn.facts.get("parameters") or {})
        self._show(turn)

    def cancel(self) -> None:
        """Ask for no change that was made by now."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()

    @traitlets.observe("enabled")
    def _watch(self, _change: Any) -> None:
        """Watch the settings as long as a change asks; else one costs nothing here."""
        self._watching.dispose()
        self.cancel()
        if self.enabled:
            settings = self._session.settings
            self._watching.add(observe(settings, self._on_change, list(PARAMETERS)))

    def _on_change(self, _change: Any) -> None:
        self.cancel()
        with self._lock:
            self._timer = threading.Timer(self._debounce, self._on_rest)
            self._timer.daemon = True
            self._timer.start()

    def watch(self, viewer: object) -> None:
        """Take notice that somebody looks at the answers, through a panel."""
        with self._lock:
            self._viewers = self._viewers | {viewer}
            self._was_watched = True

    def unwatch(self, viewer: object) -> None:
        """Take notice that a panel is out of sight; when all are, nothing asks by itself."""
        with self._lock:
            self._viewers = self._viewers - {viewer}

    def _on_rest(self) -> None:
        is_out_of_sight = self._was_watched and not self._viewers
        if self.enabled and not is_out_of_sight:  # else it was switched off meanwhile
            self.now()

    def _show(self, turn: Turn) -> None:
        self._stop()
        self._session.change(lambda it: it.showing(turn.id))

    def _ask(self) -> None:
        self._stop()
        turn = _last(self._session)  # with what was stopped recorded, the last one
        try:
            if turn is not None:
                self._ask_again(turn.prompt, content=turn.content, beside=turn.id)
        except ChatWidgetError as error:
            self.problem = f"{error.message} {error.hint}".strip()

    def _running(self) -> Question | None:
        """Return what is being answered in the conversation that goes on."""
        question, session = self._question(), self._session
        if question is None or question.conversation != session.current:
            return None
        return None if question.turn_id in session.conversation.turns else question

    def _answered(self, running: Question | None) -> list[Turn]:
        """Return the complete answers to the last question, oldest first."""
        if running is None:
            return _answered(self._session)
        turns = self._session.conversation.turns.values()
        beside = [turn for turn in turns if turn.parent == running.parent]
        return _complete(beside, running.prompt)


def tried_values(session: SessionProtocol, parameter: str) -> list[tuple[float, Turn]]:
    """Return the values of a parameter at which the last question was answered, with the turns.

    All else was as it is now.
    """
    answered = _answered(session)
    if not answered:
        return []
    now = _without(_wanted(session), parameter)
    return [
        (key["parameters"][parameter], turn)
        for turn in answered
        if parameter in (key := turn.request_key())["parameters"]
        and _without(key, parameter) == now
    ]


def _wanted(session: SessionProtocol) -> dict[str, Any]:
    try:
        return session.request_config().key()
    except ConfigurationError:  # no model is chosen: nothing was asked like this
        return session.settings.request_config().key()


def _without(key: dict[str, Any], parameter: str) -> dict[str, Any]:
    rest = {name: value for name, value in key["parameters"].items() if name != parameter}
    return {**key, "parameters": rest}


def _last(session: SessionProtocol) -> Turn | None:
    conversation = session.conversation
    return conversation.turns[conversation.head] if conversation.head else None


def _answered(session: SessionProtocol) -> list[Turn]:
    """Return the complete answers to the last question, oldest first."""
    last = _last(session)
    return _complete(session.conversation.versions(last.id), last.prompt) if last else []


def _complete(turns: list[Turn], prompt: str) -> list[Turn]:
    return [turn for turn in turns if turn.prompt == prompt and turn.status == "complete"]
