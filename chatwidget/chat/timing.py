"""How long an answer takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.wire.types import ChatCompletionChunk

__all__ = ["Stopwatch", "Timing"]

_SHORTEST_WRITING = 0.05


@dataclass(frozen=True)
class Timing:
    """How long an answer took, in seconds; `first_token` is None if it did not stream."""

    total: float
    first_token: float | None = None

    def tokens_per_second(self, tokens: int) -> float | None:
        """Return the pace of the answer after its first token, where that says anything."""
        writing = self.total - (self.first_token or 0.0)
        return tokens / writing if tokens > 1 and writing > _SHORTEST_WRITING else None


class Stopwatch:
    """Runs from now on, and notes when the first chunk came that says something.

    It can be held while nobody waits for the model, but for a person or a program.

    Parameters
    ----------
    clock
        Returns the time in seconds; for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._first_token: float | None = None
        self._held_since: float | None = None
        self._held = 0.0

    def hold(self) -> None:
        """Stand still from now on."""
        if self._held_since is None:
            self._held_since = self._clock()

    def go_on(self) -> None:
        """Run again, if it stands still."""
        if self._held_since is not None:
            self._held += self._clock() - self._held_since
            self._held_since = None

    def hear(self, chunk: ChatCompletionChunk) -> None:
        """Take notice of a chunk."""
        if self._first_token is None and _says_something(chunk):
            self._first_token = self._seconds()

    def timing(self) -> Timing:
        """Return how long the answer has taken by now."""
        return Timing(self._seconds(), self._first_token)

    def _seconds(self) -> float:
        now = self._clock() if self._held_since is None else self._held_since
        return now - self._began - self._held


def _says_something(chunk: ChatCompletionChunk) -> bool:
    deltas = [choice.delta for choice in chunk.choices if choice.delta is not None]
    return any(
        delta.content
        or delta.reasoning_content
        or delta.reasoning
        or delta.refusal
        or delta.tool_calls
        or delta.function_call
        for delta in deltas
    )
