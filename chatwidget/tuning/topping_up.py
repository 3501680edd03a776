"""Topping up: further repeats of one request of a study, beside those that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chatwidget.tuning.launch import launch
from chatwidget.tuning.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.tuning.outcomes import Listener
    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.run import StudyRun
    from chatwidget.tuning.study import Study

__all__ = ["all_results", "top_up"]


class _Part(Recorded):
    """A part of a study, which is no study of its own."""

    def keep_definition(self) -> None:
        """Keep nothing: the store has the definition of the whole."""


def top_up(
    study: Study,
    request: StudyRequest,
    more: int,
    *,
    keys: Sequence[ApiKey] = (),
    listener: Listener | None = None,
) -> StudyRun:
    """Ask a request of a study so many times more than it was answered, in the background.

    The study stays as it is; `all_results` has the answers.
    """
    repeats = _last(request, study.store.draws([request.key])) + more
    definition = msgspec.structs.replace(study.definition, repeats=repeats)
    part = _Part(definition, [request], study.store)
    return launch(part, {"listener": listener}, keys)


def all_results(study: Study) -> Results:
    """Return all results of the requests of a study, those of further repeats among them."""
    draws = study.store.draws(request.key for request in study.requests)
    most = max((_last(request, draws) for request in study.requests), default=0)
    definition = msgspec.structs.replace(study.definition, repeats=max(most, study.repeats))
    return Recorded(definition, study.requests, study.store).results()


def _last(request: StudyRequest, draws: Mapping[bytes, set[int]]) -> int:
    """Return which repeat of a request is the last that is answered; 0 if none is."""
    stored = draws.get(request.key, ())
    steps = (divmod(draw - request.place, request.places) for draw in stored if draw > 0)
    return max((repeat + 1 for repeat, other in steps if not other), default=0)
