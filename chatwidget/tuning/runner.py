"""The runner of a study: workers that ask one call after another, on one event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from chatwidget.client.errors import APIError, ConfigurationError
from chatwidget.tuning.asking import Asker
from chatwidget.tuning.outcomes import Begun, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.tuning.asking import AskOptions
    from chatwidget.tuning.outcomes import Asking, Outcomes
    from chatwidget.tuning.requests import Call

__all__ = ["Runner", "asking_here"]


def asking_here(options: AskOptions, keys: Sequence[ApiKey]) -> Asking:
    """Return what asks calls in this process, with keys in place of those of the environment."""

    async def ask(calls: Sequence[Call], outcomes: Outcomes) -> None:
        await Runner(Asker(options, keys), outcomes).run(calls)

    return ask


class Runner:
    """Asks calls with a number of workers for each server and model.

    Parameters
    ----------
    asker
        Who asks; it is closed at the end.
    outcomes
        Who says what is asked, and takes what becomes of it.
    """

    def __init__(self, asker: Asker, outcomes: Outcomes) -> None:
        self._asker = asker
        self._outcomes = outcomes

    async def run(self, calls: Iterable[Call]) -> None:
        """Ask the calls, those of each server and model in their order."""
        workers = [
            asyncio.create_task(self._work(group))
            for group in _groups(calls)
            for _ in range(min(self._asker.options.concurrency, len(group)))
        ]
        try:
            await self._outcomes.ending.wait_for(workers)
        finally:
            await self._asker.aclose()

    async def _work(self, calls: deque[Call]) -> None:
        while calls and not self._outcomes.ending.why:
            call = calls.popleft()
            if self._outcomes.begin(call):
                await self._ask(call)
                await self._outcomes.room()

    async def _ask(self, call: Call) -> None:
        listener = _Listener(self._outcomes, call)
        try:
            answer = await self._asker.ask(call.request, listener, lane=self)
        except (APIError, ConfigurationError) as error:
            listener.run()
            self._outcomes.take(call, error)
        else:
            self._outcomes.take(call, answer)


class _Listener:
    """Hears how the asking of one call goes, and counts it as running or as waiting.

    Parameters
    ----------
    outcomes
        Whom to tell.
    call
        The call.
    """

    def __init__(self, outcomes: Outcomes, call: Call) -> None:
        self._outcomes = outcomes
        self._call = call
        self._is_running = False

    def sent(self) -> None:
        """Hear that the request is sent, perhaps not for the first time."""
        self.run()
        self._outcomes.tell(Begun(self._call))

    def run(self) -> None:
        """Count the call as running."""
        if not self._is_running:
            self._is_running = True
            self._outcomes.tally.sent()

    def held(self) -> None:
        """Hear that it failed; it may be sent again."""
        self._is_running = False
        self._outcomes.tally.held()

    def received(self, chunk: ChatCompletionChunk) -> None:
        """Hear what has come of the answer."""
        self._outcomes.tell(Part(self._call, chunk))


def _groups(calls: Iterable[Call]) -> list[deque[Call]]:
    """Return the calls by server and model: each has a pace of its own."""
    groups: dict[tuple[str, str], deque[Call]] = {}
    for call in calls:
        place = call.request.server.url(), call.request.model
        groups.setdefault(place, deque()).append(call)
    return list(groups.values())
