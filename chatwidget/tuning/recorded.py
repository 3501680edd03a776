"""What the store has of a study: its results and failures, and the calls that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from chatwidget.tuning.requests import Call
from chatwidget.tuning.result import Failure, Result
from chatwidget.tuning.results import Results
from chatwidget.tuning.store_rows import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chatwidget.tuning.definition import Definition
    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.store import Store, StoredAnswer, StoredFailure

__all__ = ["Recorded", "failure_of", "result_of"]

_T = TypeVar("_T")
_Row: TypeAlias = tuple[bytes, int, _T]


class Recorded:
    """The part of a study that a store has.

    Parameters
    ----------
    definition, requests
        The study.
    store
        The store.
    """

    def __init__(
        self, definition: Definition, requests: Sequence[StudyRequest], store: Store
    ) -> None:
        self.definition = definition
        self.requests = requests
        self.store = store

    @property
    def count(self) -> int:
        """How many calls the study asks for by itself."""
        return len(self.requests) * self.definition.repeats

    def keep_definition(self) -> None:
        """Store what is asked."""
        definition = msgspec.json.encode(self.definition)
        self.store.keep_study(self.definition.name, definition).result()

    def missing(self) -> list[Call]:
        """Return the calls that have no answer: each request's first repeat, then the second ones.

        So all settings have about as many answers while it runs.
        """
        answered = self.store.draws(request.key for request in self.requests)
        nothing: set[int] = set()
        return [
            Call(request, draw)
            for draw in range(1, self.definition.repeats + 1)
            for request in self.requests
            if request.stored_draw(draw) not in answered.get(request.key, nothing)
        ]

    def results(self) -> Results:
        """Return the results, in the order of the requests and their repeats.

        Further repeats that somebody asked for are among them.
        """
        failures = self._found(self.store.failures)
        said = self.store.judgements(request.key for request in self.requests)
        results = [
            result_of(call, answer, said.get((call.request.key, call.stored_draw)))
            for call, answer in self.answers()
        ]
        failed = [failure_of(call, failure) for call, failure in failures]
        return Results(self.definition, self.count, results, failed, store=self.store)

    def answers(self) -> list[tuple[Call, StoredAnswer]]:
        """Return the calls that are answered, with their answers, in the same order."""
        return self._found(self.store.answers)

    def _found(
        self, read: Callable[[Iterable[bytes]], Iterator[_Row[_T]]]
    ) -> list[tuple[Call, _T]]:
        """Return what was read, with the calls of the study that it belongs to."""
        rows = read(request.key for request in self.requests)
        found = {(key, draw): value for key, draw, value in rows}
        planned, further = self.definition.repeats, self.store.further(self.definition.name)
        calls = (
            Call(request, draw)
            for request in self.requests
            for draw in range(1, max(planned, further.get((request.key, request.place), 0)) + 1)
        )
        return [
            (call, found[place])
            for call in calls
            if (place := (call.request.key, call.stored_draw)) in found
        ]


def result_of(call: Call, answer: StoredAnswer, said: Judgement | None = None) -> Result:
    """Return the result of a call, with what a person says of it."""
    asdict = msgspec.structs.asdict
    return Result(**call.identity, **asdict(answer), **asdict(said or Judgement()))


def failure_of(call: Call, failure: StoredFailure) -> Failure:
    """Return the failure of a call."""
    return Failure(**call.identity, **msgspec.structs.asdict(failure))
