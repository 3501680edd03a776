"""Stop sequences and the limit of tokens: where an answer ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from chatwidget.practice.generator import Piece

__all__ = ["WINDOW", "StopFilter", "limited"]

WINDOW = 2048
"""No answer is longer than this many tokens."""


def limited(
    pieces: Iterable[Piece], stops: Sequence[str], limit: int | None
) -> Generator[list[Piece], None, str]:
    """Pass pieces on, token by token, and return the finish reason.

    An item may be empty, while text is held back that could be the beginning of a stop sequence.
    """
    most = min(limit or WINDOW, WINDOW)
    stop_filter = StopFilter(stops)
    tokens = 0
    for piece in pieces:
        if tokens + piece.tokens > most:
            yield from stop_filter.rest()
            return "length"
        tokens += piece.tokens
        yield stop_filter.feed(piece)
        if stop_filter.stopped:
            return "stop"
    yield from stop_filter.rest()
    return "stop"


class StopFilter:
    """Finds stop sequences in text that comes in pieces, and lets nothing of them through.

    Parameters
    ----------
    stops
        The texts that end an answer.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.stopped = False
        self._stops = stops
        self._held: list[Piece] = []

    def feed(self, piece: Piece) -> list[Piece]:
        """Take a piece; return the pieces that are certainly before any stop sequence."""
        self._held.append(piece)
        text = "".join(held.text for held in self._held)
        found = [text.index(stop) for stop in self._stops if stop in text]
        if found:
            self.stopped = True
            return self._released(min(found), cut=True)
        return self._released(len(text) - self._possible(text))

    def rest(self) -> list[list[Piece]]:
        """Return what was held back in vain, as one item, or nothing."""
        held, self._held = self._held, []
        return [held] if held else []

    def _possible(self, text: str) -> int:
        """Return the length of the longest end of the text that begins a stop sequence."""
        longest = max(map(len, self._stops), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                return length
        return 0

    def _released(self, length: int, *, cut: bool = False) -> list[Piece]:
        """Take out the pieces of the first characters; one across the border stays, or is cut."""
        released: list[Piece] = []
        while self._held and (size := len(self._held[0].text)) <= length:
            if not (cut and size == 0 and length == 0):
                released.append(self._held[0])
            del self._held[0]
            length -= size
        if cut and length:
            released.append(replace(self._held[0], text=self._held[0].text[:length]))
        return released
