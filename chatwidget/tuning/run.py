"""The run of a study, in a thread of its own: look at its progress, stop it, wait for it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from chatwidget.client.errors import ChatWidgetError, StoppedError
from chatwidget.client.forks import call_in_children
from chatwidget.tuning.budget import Budget, Spending
from chatwidget.tuning.ending import Ending
from chatwidget.tuning.outcomes import Outcomes
from chatwidget.tuning.progress import Tally
from chatwidget.tuning.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from chatwidget.client.pace.pace import Moment, Pace
    from chatwidget.tuning.outcomes import Asking, Listener, StudyEvent
    from chatwidget.tuning.prices import Price
    from chatwidget.tuning.progress import Progress
    from chatwidget.tuning.race import Race
    from chatwidget.tuning.recorded import Recorded
    from chatwidget.tuning.requests import Call
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.scoring import Grouping, Scorer

__all__ = ["StudyRun"]

_CLEAR = "It is clear which setting is the best."
_LOOK_AGAIN = 2.0
"""After how many seconds it is looked again what other runs have stored."""


class StudyRun:
    """A run of a study, which goes on in the background; made by `Study.start`.

    Parameters
    ----------
    recorded
        What is asked, and what of it is stored.
    asking
        What asks it.
    paces
        The paces at which it asks, by model and server; none if others ask.
    race
        Which settings are still worth asking; None asks all of them.
    passes, group, budget, listener, price
        As in `Study.start`.
    """

    def __init__(
        self,
        recorded: Recorded,
        asking: Asking,
        *,
        paces: Mapping[str, Pace] | None = None,
        race: Race | None = None,
        passes: Scorer | None = None,
        group: Grouping | None = None,
        budget: Budget | None = None,
        listener: Listener | None = None,
        price: Price | None = None,
    ) -> None:
        self._recorded = recorded
        self._asking = asking
        self._paces = paces or {}
        self._race = race
        self._passes = passes
        self._group = group
        self._budget = budget or Budget()
        self._listener = listener
        self._price = price
        self._calls = recorded.missing()
        self._tally = Tally(recorded.count, recorded.count - len(self._calls))
        self._found: dict[bytes, set[int]] = {}
        self._ended: Future[None] = Future()
        recorded.keep_definition()  # which may fail: before there is anything to be closed
        self._loop = asyncio.new_event_loop()
        context = contextvars.copy_context()
        name = f"chatwidget-study-{self.name}"
        self._thread = threading.Thread(
            target=context.run, args=(self._run,), name=name, daemon=True
        )
        call_in_children(self._leave)
        self._ending = Ending()
        if race is not None and race.is_clear:
            self._ending.ask_no_more(_CLEAR)
        self._thread.start()

    @property
    def name(self) -> str:
        """What the study is called."""
        return self._recorded.definition.name

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return self._tally.progress

    @property
    def pace_history(self) -> dict[str, list[Moment]]:
        """How the pace of each model and server went, oldest first, and how it stands now.

        A pace is shared by all that asks in this process; workers of an executor have their own.
        """
        return {name: [*pace.history, pace.now] for name, pace in self._paces.items()}

    def done(self) -> bool:
        """Tell whether it has ended."""
        return self._ended.done()

    def stop(self) -> Self:
        """Stop it, and wait until it has ended; what was answered is kept."""
        if not self.done():
            self._loop.call_soon_threadsafe(self._ending.stop, "It was stopped.")
            if threading.current_thread() is not self._thread:
                self.wait()
        return self

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended, so many seconds at most; tell whether it has."""
        return bool(wait([self._ended], timeout).done)

    def results(self) -> Results:
        """Return what has been answered so far; with ``wait`` before, all of it."""
        return self._recorded.results().scored(self._passes, group=self._group)

    def result(self, timeout: float | None = None) -> Results:
        """Wait until it has ended, and return what was answered.

        Raises
        ------
        TimeoutError
            If it has not ended by then; it goes on.
        ChatWidgetError
            What ended it before all was asked: the key, the money or the model is wrong, too many
            calls failed, or the store. What was answered is stored.
        """
        if not self.wait(timeout):
            raise TimeoutError("The study has not ended yet; it goes on.")
        if (error := self._ended.exception()) is not None:
            raise error
        return self.results()

    def __repr__(self) -> str:
        return f"<StudyRun {self.name!r}: {self.progress}>"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
            error = self._ending.error
        except BaseException as failed:  # noqa: BLE001 - it is raised where it is waited for
            error = failed
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
        self._tally.end(self._ending.why)
        if error is not None:
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _main(self) -> None:
        outcomes = Outcomes(
            self._recorded.store,
            self._tally,
            Spending(self._budget),
            self._ending,
            is_wanted=self._is_wanted,
            listener=self._hear,
            keep_logprobs=self._recorded.definition.keep_logprobs,
            price=self._price,
        )
        looking = asyncio.create_task(self._look_again())
        if self._budget.seconds is not None:
            why = "The budget of seconds is used up."
            self._loop.call_later(self._budget.seconds, self._ending.stop, why)
        try:
            await self._asking(self._calls, outcomes)
        finally:
            looking.cancel()
            await outcomes.stored()

    async def _look_again(self) -> None:
        """Learn now and then what other runs have stored, so that it is not asked again."""
        keys = [*{call.request.key for call in self._calls}]
        while True:
            await asyncio.sleep(_LOOK_AGAIN)
            try:
                self._found = await asyncio.to_thread(self._recorded.store.draws, keys)
            except ChatWidgetError as error:
                self._ending.fail(error)

    def _hear(self, event: StudyEvent) -> None:
        """Tell whoever listens, and end the run when it is clear what it would show."""
        if self._listener is not None:
            self._listener(event)
        if self._race is not None and isinstance(event, Result):
            self._race.note(event)
            if self._race.is_clear:
                self._ending.ask_no_more(_CLEAR)

    def _is_wanted(self, call: Call) -> bool:
        if self._race is not None and self._race.is_out(call.request):
            self._tally.skipped()
            return False
        if call.stored_draw in self._found.get(call.request.key, ()):
            self._tally.found()
            return False
        return True

    def _leave(self) -> None:
        """Leave the run to the parent process: in a forked one nobody goes on with it."""
        if not self._ended.done():
            self._ended = Future()
            self._ended.set_exception(StoppedError("The study goes on in the process that asked."))
