"""Batches of calls, which an executor runs in other threads, in processes or on other machines.

What travels there is data: requests, and the *name* of the variable that holds the server's key.
What comes back are answers and errors. A worker writes nothing.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from concurrent.futures import BrokenExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

import msgspec

from chatwidget.client.background import run_in_background
from chatwidget.client.errors import APIError, ChatWidgetError, ConfigurationError
from chatwidget.client.pace.verdicts import is_final
from chatwidget.tuning.asking import Asker, AskOptions
from chatwidget.tuning.requests import StudyRequest
from chatwidget.tuning.store_rows import StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor, Future

    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.tuning.outcomes import Asking, Outcomes
    from chatwidget.tuning.requests import Call

__all__ = ["Batch", "BatchRunner", "LostWorkerError", "ask_batch", "asking_by"]

_Outcome: TypeAlias = StoredAnswer | ChatWidgetError | None
_TRIES = 3
_MOST_AT_ONCE = 256
"""How many batches are submitted and have not come back."""


_PROCESS = uuid4().hex
_numbers = itertools.count(1)


def asking_by(executor: Executor, options: AskOptions, size: int) -> Asking:
    """Return what asks calls by means of an executor, in batches of a size."""
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ConfigurationError(f"batch is a whole number from 1 on; got {size!r}.")

    async def ask(calls: Sequence[Call], outcomes: Outcomes) -> None:
        await BatchRunner(executor, outcomes, options, size).run(calls)

    return ask


class LostWorkerError(APIError):
    """The worker that asked was lost again and again."""


class Batch(msgspec.Struct, frozen=True):
    """What travels to a worker.

    Attributes
    ----------
    requests
        What to ask.
    options
        How.
    name
        What no other batch has: an executor may take equal tasks for the same one, as Dask's does,
        and a repeat would be served in place of another.
    """

    requests: list[StudyRequest]
    options: AskOptions
    name: str


def ask_batch(batch: Batch) -> list[_Outcome]:
    """Ask the requests of a batch, and return what became of each; None has not been sent.

    It runs where an executor runs it; keys come from the environment there.
    """
    asker = _asker(os.getpid(), batch.options)
    return run_in_background(_ask_all(asker, batch.requests)).result()


@lru_cache(maxsize=8)
def _asker(_: int, options: AskOptions) -> Asker:
    """Return the asker of a process: connections are kept from one batch to the next."""
    return Asker(options)


async def _ask_all(asker: Asker, requests: Sequence[StudyRequest]) -> list[_Outcome]:
    outcomes: list[_Outcome] = [None] * len(requests)
    places = iter(range(len(requests)))
    is_over = False
    lane = object()

    async def work() -> None:
        nonlocal is_over
        for place in places:
            if is_over:
                return
            try:
                outcomes[place] = await asker.ask(requests[place], _Silent(), lane=lane)
            except (APIError, ConfigurationError) as error:
                outcomes[place] = error
                is_over = is_final(error)

    await asyncio.gather(*(work() for _ in range(min(asker.options.concurrency, len(requests)))))
    return outcomes


class _Silent:
    """Nobody hears how it goes where a worker asks."""

    def sent(self) -> None:
        """Hear nothing."""

    def held(self) -> None:
        """Hear nothing."""

    def received(self, chunk: ChatCompletionChunk) -> None:
        """Hear nothing."""


class BatchRunner:
    """Asks calls in batches that an executor runs.

    A batch whose worker is lost is asked again, as a whole.

    Parameters
    ----------
    executor
        Any executor of `concurrent.futures`; it is not shut down.
    outcomes
        Who says what is asked, and takes what becomes of it.
    options
        How the workers ask.
    size
        How many calls a batch has.
    """

    def __init__(
        self, executor: Executor, outcomes: Outcomes, options: AskOptions, size: int
    ) -> None:
        self._executor = executor
        self._outcomes = outcomes
        self._options = options
        self._size = size
        self._submitted: set[Future[list[_Outcome]]] = set()

    async def run(self, calls: Sequence[Call]) -> None:
        """Ask the calls."""
        batches = _batches(calls, self._size)
        workers = [asyncio.create_task(self._work(batches)) for _ in range(_MOST_AT_ONCE)]
        stopping = asyncio.create_task(self._take_back())
        try:
            await asyncio.gather(*workers)
        finally:
            stopping.cancel()

    async def _take_back(self) -> None:
        """Take back what no worker has begun, when the run is stopped."""
        await self._outcomes.ending.come()
        for future in self._submitted:
            future.cancel()

    async def _work(self, batches: Iterator[Sequence[Call]]) -> None:
        for batch in batches:
            begun = [call for call in batch if self._outcomes.begin(call)]
            if begun:
                for _ in begun:
                    self._outcomes.tally.sent()
                found = await self._answered([call.request for call in begun], _TRIES)
                for call, outcome in zip(begun, found, strict=True):
                    self._take(call, outcome)
                await self._outcomes.room()

    def _take(self, call: Call, outcome: _Outcome) -> None:
        if outcome is None:
            self._outcomes.give_back()
        else:
            self._outcomes.take(call, outcome)

    async def _answered(self, requests: list[StudyRequest], tries: int) -> Sequence[_Outcome]:
        """Return what became of requests; those of a worker that was lost are asked again."""
        batch = Batch(requests, self._options, f"{_PROCESS}-{next(_numbers)}")
        try:
            return await self._submit(batch)
        except asyncio.CancelledError:
            return [None] * len(requests)
        except BrokenExecutor as error:
            self._outcomes.ending.fail(_broken(error))
            return [None] * len(requests)
        except Exception as error:  # noqa: BLE001 - executors tell of lost workers in their own ways
            if tries > 1 and not self._outcomes.ending.why:
                return await self._answered(requests, tries - 1)
            lost = LostWorkerError(f"The worker was lost: {type(error).__name__}: {error}")
            return [lost] * len(requests)

    async def _submit(self, batch: Batch) -> list[_Outcome]:
        future = self._executor.submit(ask_batch, batch)
        self._submitted.add(future)
        try:
            return await asyncio.wrap_future(future)
        finally:
            self._submitted.discard(future)


def _broken(error: BrokenExecutor) -> ConfigurationError:
    return ConfigurationError(
        f"The executor is broken: {str(error).rstrip('.')}.",
        hint="Run the study again with a new one; what was answered is stored.",
    )


def _batches(calls: Sequence[Call], size: int) -> Iterator[Sequence[Call]]:
    return (calls[start : start + size] for start in range(0, len(calls), size))
