"""Planning: what a study would ask, take and show; nothing is sent for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatwidget.client.client import AsyncChatClient
from chatwidget.tuning.expectation import Expectation, expect
from chatwidget.tuning.plan import Plan
from chatwidget.tuning.prices import price_of
from chatwidget.tuning.statistics.power import what_repeats_show
from chatwidget.tuning.statistics.proportion import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.tuning.definition import Definition
    from chatwidget.tuning.prices import Price
    from chatwidget.tuning.recorded import Recorded
    from chatwidget.tuning.requests import Call, StudyRequest
    from chatwidget.tuning.store_rows import StoredAnswer

__all__ = ["make_plan"]


@dataclass(slots=True)
class _Place:
    """A server and a model: what is asked there, and what was answered before."""

    request: StudyRequest
    calls: list[Call] = field(default_factory=list)
    before: list[StoredAnswer] = field(default_factory=list)

    @property
    def words(self) -> str:
        server = self.request.server
        return f"{self.request.model} of {server.name} ({server.place})"

    def expected(self, price: Price | None, *, keep_logprobs: bool) -> Expectation:
        price = price or price_of(self.request.server, self.request.model)
        return expect(self.calls, self.before, price, keep_logprobs=keep_logprobs)

    def seconds(self, expected: Expectation, concurrency: int) -> float | None:
        """Return how long calls take together, at the pace that was found so far."""
        if not self.calls:
            return 0.0
        pace = AsyncChatClient(self.request.server).pace(self.request.model)
        at_once = max(1, min(concurrency, int(pace.now.limit), len(self.calls)))
        return None if expected.seconds is None else expected.seconds / at_once


def make_plan(recorded: Recorded, sentence: str, price: Price | None, concurrency: int) -> Plan:
    """Return the plan of a study.

    Parameters
    ----------
    recorded
        The study, and what of it is stored.
    sentence
        How many calls it is, in words.
    price
        What all models cost, in place of what is known of each.
    concurrency
        How many calls of one server and model are under way at once at most.
    """
    places = _places(recorded)
    keep = recorded.definition.keep_logprobs
    expected = [place.expected(price, keep_logprobs=keep) for place in places]
    spans = [place.seconds(each, concurrency) for place, each in zip(places, expected, strict=True)]
    known = [span for span in spans if span is not None]
    return Plan(
        name=recorded.definition.name,
        sentence=sentence,
        places=tuple(place.words for place in places),
        calls=recorded.count,
        stored=recorded.count - sum(len(place.calls) for place in places),
        failed=len(recorded.results().failures),
        expected=sum(expected, Expectation()),
        seconds=max(known) if len(known) == len(spans) else None,
        shows=_shows(recorded),
        notes=tuple(_notes(recorded.definition)),
    )


def _places(recorded: Recorded) -> list[_Place]:
    places: dict[tuple[str, str], _Place] = {}
    for request in recorded.requests:
        places.setdefault(_where(request), _Place(request))
    for call in recorded.missing():
        places[_where(call.request)].calls.append(call)
    for call, answer in recorded.answers():
        places[_where(call.request)].before.append(answer)
    return [*places.values()]


def _where(request: StudyRequest) -> tuple[str, str]:
    return request.server.url(), request.model


def _shows(recorded: Recorded) -> str:
    definition = recorded.definition
    settings = {request.setting for request in recorded.requests}
    items = len({request.item for request in recorded.requests})
    if len(settings) > 1 or (definition.data and len(definition.prompts) > 1):
        return what_repeats_show(definition.repeats, items)
    calls = definition.repeats * items
    low = wilson(calls, calls).low
    return f"if all {calls:,} answers pass, the true rate is {100 * low:.0f} to 100 %."


def _notes(definition: Definition) -> Iterator[str]:
    fixed = definition.fixed
    asks_logprobs = fixed.get("logprobs") or "logprobs" in definition.vary
    if fixed.get("seed") is not None and definition.repeats > 1:
        yield "The seed is fixed, so that all repeats may have the same answer; leave it out."
    if (fixed.get("n") or 1) > 1 or "n" in definition.vary:
        yield "Of several choices the first one counts; repeats= asks again."
    if asks_logprobs and not definition.keep_logprobs:
        yield "Log probabilities are asked for and not stored; keep_logprobs=True stores them."
    if definition.keep_logprobs and not asks_logprobs:
        yield "No log probabilities are asked for; fixed={'logprobs': True} does."
