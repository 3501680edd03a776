"""The outcomes of calls: stored first, then counted, then told to whoever listens."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from chatwidget.client.wire.types import ChatCompletionChunk
from chatwidget.tuning.prices import price_of
from chatwidget.tuning.recorded import failure_of, result_of
from chatwidget.tuning.requests import Call
from chatwidget.tuning.result import Failure, Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from chatwidget.tuning.budget import Spending
    from chatwidget.tuning.prices import Price
    from chatwidget.tuning.progress import Tally
    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.store import Store, StoredAnswer, StoredFailure

__all__ = ["Begun", "CallListener", "Listener", "Outcomes", "Part"]

_MOST_UNSTORED = 512
_MILLION = 1_000_000


class Begun(msgspec.Struct, frozen=True):
    """A call is sent, perhaps not for the first time."""

    call: Call


class Part(msgspec.Struct, frozen=True):
    """Something of a call's answer has come; what is not complete is not stored."""

    call: Call
    chunk: ChatCompletionChunk


StudyEvent: TypeAlias = Begun | Part | Result | Failure
Listener: TypeAlias = "Callable[[StudyEvent], object]"


class Outcomes:
    """Takes what becomes of calls; it belongs to one event loop.

    Parameters
    ----------
    store
        Where answers and failures are kept.
    tally, spending
        What counts them.
    listener
        Hears a `Result` when it is stored, a `Failure`, and what comes before them.
    fail
        Is told why the run cannot go on: the store fails, or the listener does.
    keep_logprobs
        Whether log probabilities are stored.
    price
        What all models cost, in place of what is known of each.
    """

    def __init__(
        self,
        store: Store,
        tally: Tally,
        spending: Spending,
        fail: Callable[[BaseException], object],
        *,
        listener: Listener | None = None,
        keep_logprobs: bool = False,
        price: Price | None = None,
    ) -> None:
        self.tally = tally
        self.spending = spending
        self._store = store
        self._fail = fail
        self._listener = listener
        self._keep_logprobs = keep_logprobs
        self._price = price
        self._unstored: set[asyncio.Future[Any]] = set()

    async def room(self) -> None:
        """Wait until not too much waits to be stored."""
        while len(self._unstored) >= _MOST_UNSTORED:
            await asyncio.wait(self._unstored, return_when=asyncio.FIRST_COMPLETED)

    def answered(self, call: Call, answer: StoredAnswer) -> None:
        """Take an answer; it is stored soon."""
        key, draw = call.request.key, call.stored_draw
        keeping = self._store.keep(key, draw, answer, keep_logprobs=self._keep_logprobs)
        tokens, dollars = self._cost(call.request, answer)
        self.spending.end(tokens, dollars)
        self._keep(keeping, partial(self._answer_stored, call, tokens, dollars))

    def failed(self, call: Call, failure: StoredFailure) -> None:
        """Take a failure; it is stored soon."""
        keeping = self._store.keep_failure(call.request.key, call.stored_draw, failure)
        self.spending.end(None, None)
        self._keep(keeping, lambda _: self._failure_stored(call, failure))

    async def stored(self) -> None:
        """Wait until all that was taken is stored."""
        while self._unstored:
            await asyncio.wait(self._unstored)
            await asyncio.sleep(0)  # what waits for them goes first

    def tell(self, event: StudyEvent) -> None:
        """Tell whoever listens."""
        if self._listener is not None:
            try:
                self._listener(event)
            except Exception as error:  # noqa: BLE001 - it is raised where the run was started
                self._fail(error)

    def expected(self, request: StudyRequest) -> tuple[float, float]:
        """Return how many tokens and dollars a call takes at least."""
        limits = [request.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
        tokens = next((limit for limit in limits if limit is not None), 0)
        price = self._price or price_of(request.server, request.model) or (0.0, 0.0)
        return tokens, tokens * price[1] / _MILLION

    def _keep(self, keeping: Future[Any], then: Callable[[Any], object]) -> None:
        """Call a function with what is stored, when it is."""
        stored = asyncio.wrap_future(keeping)
        self._unstored.add(stored)
        stored.add_done_callback(partial(self._kept, then))

    def _kept(self, then: Callable[[Any], object], stored: asyncio.Future[Any]) -> None:
        self._unstored.discard(stored)
        error = stored.exception()
        if error is not None:
            self._fail(error)
        else:
            then(stored.result())

    def _answer_stored(
        self, call: Call, tokens: int | None, dollars: float | None, answer: StoredAnswer
    ) -> None:
        self.tally.answered(tokens or 0, dollars or 0.0)
        self.tell(result_of(call, answer))

    def _failure_stored(self, call: Call, failure: StoredFailure) -> None:
        self.tally.failed()
        self.tell(failure_of(call, failure))

    def _cost(self, request: StudyRequest, answer: StoredAnswer) -> tuple[int | None, float | None]:
        """Return the tokens and dollars that an answer took, as far as they are known."""
        usage = answer.completion.usage
        if usage is None:
            return None, None
        price = self._price or price_of(request.server, request.model)
        tokens = usage.prompt_tokens, usage.completion_tokens
        total = usage.total_tokens or sum(tokens)
        if price is None:
            return total, None
        return total, sum(n * each for n, each in zip(tokens, price, strict=True)) / _MILLION


class CallListener:
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
