"""The requests of the newest turns, with their keys: in memory alone, for views that ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.asked import asked_with

if TYPE_CHECKING:
    from chatwidget.client.asked import Asked
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["AskedTurns"]

_MOST = 50


class AskedTurns:
    """The requests of the newest turns of a session, by the turn."""

    def __init__(self) -> None:
        self._requests: dict[str, Asked] = {}

    def keep(self, turn_id: str, completion: ChatCompletion) -> None:
        """Keep what the answer of a turn was asked with."""
        asked = asked_with(completion)
        if asked is not None:
            self._requests.pop(turn_id, None)
            self._requests[turn_id] = asked
            while len(self._requests) > _MOST:
                del self._requests[next(iter(self._requests))]

    def get(self, turn_id: str) -> Asked | None:
        """Return what a turn was asked with; None if it is too old, or was read from a file."""
        return self._requests.get(turn_id)
