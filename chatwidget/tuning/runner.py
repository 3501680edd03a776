"""The runner of a study: workers that ask one call after another, on one event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import APIError, ChatWidgetError, ConfigurationError
from chatwidget.client.pace.verdicts import is_final
from chatwidget.tuning.outcomes import CallListener
from chatwidget.tuning.store_rows import StoredFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chatwidget.tuning.asking import Asker
    from chatwidget.tuning.outcomes import Outcomes
    from chatwidget.tuning.requests import Call

__all__ = ["Ending", "Runner", "failure_from"]

_MOST_FAILURES = 20
"""After so many failures in a row, and none but failures, a run ends."""


class Ending:
    """Why a run ends before all is asked; it belongs to one event loop.

    Attributes
    ----------
    why
        The sentence; empty while it goes on.
    error
        What is raised where the run was started, if it is an error.
    """

    def __init__(self) -> None:
        self.why = ""
        self.error: BaseException | None = None
        self._now = asyncio.Event()

    def ask_no_more(self, why: str) -> None:
        """Let what is under way end, and ask nothing more."""
        self.why = self.why or why

    def stop(self, why: str) -> None:
        """Stop what is under way as well."""
        self.ask_no_more(why)
        self._now.set()

    def fail(self, error: BaseException) -> None:
        """Stop because of an error."""
        if self.error is None and not self._now.is_set():
            self.error = error
            self.stop(error.message if isinstance(error, ChatWidgetError) else str(error))

    async def first(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Wait until tasks have ended, or one of them failed, or they are to be stopped."""
        if not tasks:
            return
        working = asyncio.create_task(asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))
        coming = asyncio.create_task(self._now.wait())
        await asyncio.wait({working, coming}, return_when=asyncio.FIRST_COMPLETED)
        for task in (working, coming):
            task.cancel()


class Runner:
    """Asks calls with a number of workers for each server and model.

    Parameters
    ----------
    asker
        Who asks.
    outcomes
        Who takes what becomes of the calls.
    ending
        Why it ends before all is asked.
    concurrency
        How many calls of one server and model are asked at once at most; the pace may allow fewer.
    is_wanted
        Tells whether a call is still to be asked.
    """

    def __init__(
        self,
        asker: Asker,
        outcomes: Outcomes,
        ending: Ending,
        *,
        concurrency: int,
        is_wanted: Callable[[Call], bool],
    ) -> None:
        self._asker = asker
        self._outcomes = outcomes
        self._ending = ending
        self._concurrency = concurrency
        self._is_wanted = is_wanted
        self._failures = 0

    async def run(self, calls: Iterable[Call]) -> None:
        """Ask the calls, those of each server and model in their order."""
        workers = [
            asyncio.create_task(self._work(group))
            for group in _groups(calls)
            for _ in range(min(self._concurrency, len(group)))
        ]
        try:
            await self._ending.first(workers)
        finally:
            for worker in workers:
                worker.cancel()
            ended = await asyncio.gather(*workers, return_exceptions=True)
            await self._asker.aclose()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _work(self, calls: deque[Call]) -> None:
        while calls and not self._ending.why:
            call = calls.popleft()
            if self._is_wanted(call) and self._begin(call):
                await self._ask(call)
                await self._outcomes.room()

    def _begin(self, call: Call) -> bool:
        """Tell whether the budget allows another call."""
        spent = self._outcomes.spending.begin(*self._outcomes.expected(call.request))
        if spent:
            self._ending.ask_no_more(f"The budget of {spent} is used up.")
        return not spent

    async def _ask(self, call: Call) -> None:
        listener = CallListener(self._outcomes, call)
        try:
            answer = await self._asker.ask(call.request, listener, lane=self)
        except (APIError, ConfigurationError) as error:
            listener.run()
            self._outcomes.failed(call, failure_from(error))
            self._note_failure(error)
        else:
            self._failures = 0
            self._outcomes.answered(call, answer)

    def _note_failure(self, error: ChatWidgetError) -> None:
        self._failures += 1
        is_hopeless = self._failures >= max(_MOST_FAILURES, 2 * self._concurrency)
        if is_final(error) or is_hopeless:
            self._ending.fail(error)


def failure_from(error: ChatWidgetError) -> StoredFailure:
    """Return the failure that an error is kept as."""
    status = getattr(error, "status_code", None)
    return StoredFailure(type(error).__name__, str(error), status)


def _groups(calls: Iterable[Call]) -> list[deque[Call]]:
    """Return the calls by server and model: each has a pace of its own."""
    groups: dict[tuple[str, str], deque[Call]] = {}
    for call in calls:
        place = call.request.server.url(), call.request.model
        groups.setdefault(place, deque()).append(call)
    return list(groups.values())
