"""What the store has of a study: its results and failures, and the calls that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chatwidget.tuning.requests import Call
from chatwidget.tuning.result import Failure, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.store import Store, StoredAnswer, StoredFailure

__all__ = ["failure_of", "failures_in", "missing_calls", "result_of", "results_in"]


def missing_calls(requests: Sequence[StudyRequest], repeats: int, store: Store) -> list[Call]:
    """Return the calls that have no answer: each request's first repeat, then the second ones."""
    answered = store.draws(request.key for request in requests)
    nothing: set[int] = set()
    return [
        Call(request, draw)
        for draw in range(1, repeats + 1)
        for request in requests
        if request.stored_draw(draw) not in answered.get(request.key, nothing)
    ]


def results_in(store: Store, requests: Sequence[StudyRequest], repeats: int) -> list[Result]:
    """Return the results, in the order of the requests and their repeats."""
    rows = store.answers(request.key for request in requests)
    found = {(key, draw): answer for key, draw, answer in rows}
    calls = _calls(requests, repeats)
    return [
        result_of(call, found[place])
        for call in calls
        if (place := (call.request.key, call.stored_draw)) in found
    ]


def failures_in(store: Store, requests: Sequence[StudyRequest], repeats: int) -> list[Failure]:
    """Return the failures of the calls that have no answer, in the same order."""
    rows = store.failures(request.key for request in requests)
    found = {(key, draw): failure for key, draw, failure in rows}
    return [
        failure_of(call, found[place])
        for call in _calls(requests, repeats)
        if (place := (call.request.key, call.stored_draw)) in found
    ]


def result_of(call: Call, answer: StoredAnswer) -> Result:
    """Return the result of a call."""
    return Result(**call.identity, **msgspec.structs.asdict(answer))


def failure_of(call: Call, failure: StoredFailure) -> Failure:
    """Return the failure of a call."""
    return Failure(**call.identity, **msgspec.structs.asdict(failure))


def _calls(requests: Sequence[StudyRequest], repeats: int) -> Iterator[Call]:
    for request in requests:
        for draw in range(1, repeats + 1):
            yield Call(request, draw)
