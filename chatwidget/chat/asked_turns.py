"""The requests of the newest turns, with their keys: in memory alone, for views that ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.asked import asked_with

if TYPE_CHECKING:
    from chatwidget.client.asked import Asked
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["keep_request", "request_of_turn"]

_MOST = 50

_requests: dict[str, Asked] = {}


def keep_request(turn_id: str, completion: ChatCompletion) -> None:
    """Keep what the answer of a turn was asked with."""
    asked = asked_with(completion)
    if asked is not None:
        _requests.pop(turn_id, None)
        _requests[turn_id] = asked
        while len(_requests) > _MOST:
            del _requests[next(iter(_requests))]


def request_of_turn(turn_id: str) -> Asked | None:
    """Return what a turn was asked with; None if it is too old, or was read from a file."""
    return _requests.get(turn_id)
