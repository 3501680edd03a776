"""What the calls of a study took counts in ``%chat usage``, like the answers of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.tuning.prices import cost_of_answer
from chatwidget.tuning.result import Failure, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.usage_totals import Tally
    from chatwidget.tuning.outcomes import StudyEvent
    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.study import Study

__all__ = ["counting"]


def counting(
    study: Study, tally: Tally, listener: Callable[[StudyEvent], object]
) -> Callable[[StudyEvent], object]:
    """Return a listener that counts what is asked, and tells another one.

    What was stored before is not asked, and not counted.
    """
    requests = {_place(request): request for request in study.requests}

    def hear(event: StudyEvent) -> None:
        if isinstance(event, Result | Failure):
            tally.add(_facts(requests[_place(event)], event))
        listener(event)

    return hear


def _place(asked: StudyRequest | Result | Failure) -> tuple[object, ...]:
    return asked.setting, asked.prompt, asked.item


def _facts(request: StudyRequest, event: Result | Failure) -> dict[str, Any]:
    """Return the facts of a call, as those of a turn."""
    facts = {"model": request.model, "server": request.server.name}
    if isinstance(event, Failure):
        return facts
    cost = cost_of_answer(request, event.completion, None)
    return {
        **(facts | {"model": event.completion.model or request.model}),
        "usage": msgspec.to_builtins(event.completion.usage),
        "timing": {"total_s": event.seconds},
        **({} if cost is None else {"cost_usd": cost}),
    }
