"""The outcomes of calls: stored first, then counted, then told to whoever listens."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from chatwidget.client.pace.verdicts import is_final
from chatwidget.client.wire.types import ChatCompletionChunk
from chatwidget.tuning.prices import cost_of_answer, price_of
from chatwidget.tuning.recorded import failure_of, result_of
from chatwidget.tuning.requests import Call
from chatwidget.tuning.result import Failure, Result
from chatwidget.tuning.store_rows import StoredAnswer, StoredFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Future

    from chatwidget.client.errors import ChatWidgetError
    from chatwidget.tuning.budget import Spending
    from chatwidget.tuning.ending import Ending
    from chatwidget.tuning.prices import Price
    from chatwidget.tuning.progress import Tally
    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.store import Store

__all__ = ["Asking", "Begun", "Listener", "Outcomes", "Part", "StudyEvent"]

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
Asking: TypeAlias = "Callable[[Sequence[Call], Outcomes], Awaitable[None]]"
"""Asks calls, and gives what becomes of them to the outcomes."""


class Outcomes:
    """Says which calls may be sent, and takes what becomes of them; it belongs to one event loop.

    Parameters
    ----------
    store
        Where answers and failures are kept.
    tally, spending
        What counts them.
    ending
        Is told why the run cannot go on.
    is_wanted
        Tells whether a call is still to be asked.
    listener
        Hears a `Result` when it is stored, a `Failure`, and what comes before them.
    keep_logprobs
        Whether log probabilities are stored.
    price
        What all models cost, in place of what is known of each.
    patience
        After so many failures in a row, and none but failures, the run ends.
    """

    def __init__(
        self,
        store: Store,
        tally: Tally,
        spending: Spending,
        ending: Ending,
        *,
        is_wanted: Callable[[Call], bool],
        listener: Listener | None = None,
        keep_logprobs: bool = False,
        price: Price | None = None,
        patience: int = 20,
    ) -> None:
        self.ending = ending
        self.tally = tally
        self._spending = spending
        self._store = store
        self._is_wanted = is_wanted
        self._listener = listener
        self._keep_logprobs = keep_logprobs
        self._price = price
        self._patience = patience
        self._failures = 0
        self._prices: dict[tuple[str, str], Price | None] = {}
        self._unstored: set[asyncio.Future[Any]] = set()

    async def room(self) -> None:
        """Wait until not too much waits to be stored."""
        while len(self._unstored) >= _MOST_UNSTORED:
            await asyncio.wait(self._unstored, return_when=asyncio.FIRST_COMPLETED)

    def begin(self, call: Call) -> bool:
        """Tell whether a call is to be sent: it is wanted, and the budget allows it."""
        if self.ending.why or not self._is_wanted(call):
            return False
        spent = self._spending.begin(*self._expected(call.request))
        if spent:
            self.ending.ask_no_more(f"The budget of {spent} is used up.")
        return not spent

    def take(self, call: Call, outcome: StoredAnswer | ChatWidgetError) -> None:
        """Take what became of a call that runs; it is stored soon."""
        if isinstance(outcome, StoredAnswer):
            self._take_answer(call, outcome)
        else:
            self._take_error(call, outcome)

    def give_back(self) -> None:
        """Take back a call that runs, and was not sent after all."""
        self._spending.end(None, None)
        self.tally.held()

    def _take_answer(self, call: Call, answer: StoredAnswer) -> None:
        self._failures = 0
        key, draw = call.request.key, call.stored_draw
        keeping = self._store.keep(key, draw, answer, keep_logprobs=self._keep_logprobs)
        tokens, dollars = self._cost(call.request, answer)
        self._spending.end(tokens, dollars)
        self._keep(keeping, partial(self._answer_stored, call, tokens, dollars))

    def _take_error(self, call: Call, error: ChatWidgetError) -> None:
        status = getattr(error, "status_code", None)
        failure = StoredFailure(type(error).__name__, str(error), status)
        keeping = self._store.keep_failure(call.request.key, call.stored_draw, failure)
        self._spending.end(None, None)
        self._keep(keeping, lambda _: self._failure_stored(call, failure))
        self._failures += 1
        if is_final(error) or self._failures >= self._patience:
            self.ending.fail(error)

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
            except BaseException as error:  # noqa: BLE001 - it is raised where the run was started
                self.ending.fail(error)

    def _expected(self, request: StudyRequest) -> tuple[float, float]:
        """Return how many tokens and dollars a call takes at most, if it has a limit."""
        limits = [request.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
        tokens = next((limit for limit in limits if limit is not None), 0)
        place = request.server.url(), request.model
        if place not in self._prices:
            self._prices[place] = self._price or price_of(request.server, request.model)
        price = self._prices[place]
        return tokens, tokens * price[1] / _MILLION if price is not None else 0.0

    def _keep(self, keeping: Future[Any], then: Callable[[Any], object]) -> None:
        """Call a function with what is stored, when it is."""
        stored = asyncio.wrap_future(keeping)
        self._unstored.add(stored)
        stored.add_done_callback(partial(self._kept, then))

    def _kept(self, then: Callable[[Any], object], stored: asyncio.Future[Any]) -> None:
        self._unstored.discard(stored)
        error = stored.exception()
        if error is not None:
            self.ending.fail(error)
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
        tokens = usage.total_tokens or usage.prompt_tokens + usage.completion_tokens
        return tokens, cost_of_answer(request, answer.completion, self._price)
