"""The stopwatch of an answer: how long it takes."""

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
    """A stopwatch, which runs from now on and notes when the first chunk came that says something.

    It can be paused while nobody waits for the model, but for a person or a program.

    Parameters
    ----------
    clock
        Returns the time in seconds; for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._first_token: float | None = None
        self._paused_since: float | None = None
        self._paused = 0.0

    def pause(self) -> None:
        """Pause: stand still from now on."""
        if self._paused_since is None:
            self._paused_since = self._clock()

    def resume(self) -> None:
        """Resume, if it stands still."""
        if self._paused_since is not None:
            self._paused += self._clock() - self._paused_since
            self._paused_since = None

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Note whether a chunk is the first that says something."""
        if self._first_token is None and _says_something(chunk):
            self._first_token = self._seconds()

    def timing(self) -> Timing:
        """Return how long the answer has taken by now."""
        return Timing(self._seconds(), self._first_token)

    def _seconds(self) -> float:
        now = self._clock() if self._paused_since is None else self._paused_since
        return now - self._began - self._paused


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
