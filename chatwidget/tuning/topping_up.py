"""Topping up: further repeats of one request of a study, which belong to it from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chatwidget.tuning.launch import launch
from chatwidget.tuning.recorded import Recorded, result_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.tuning.outcomes import Listener
    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.run import StudyRun
    from chatwidget.tuning.study import Study

__all__ = ["top_up"]


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
    """Ask a request of a study so many times more, in the background.

    What is stored already, because another study asked the same, is not asked again; the listener
    hears it before.
    """
    before = study.store.further(study.name).get((request.key, request.place), study.repeats)
    last = study.store.add_repeats(study.name, request.key, request.place, study.repeats, more)
    part = _Part(msgspec.structs.replace(study.definition, repeats=last), [request], study.store)
    if listener is not None:
        for call, answer in part.answers():
            if call.draw > before:
                listener(result_of(call, answer))
    return launch(part, {"listener": listener}, keys)
