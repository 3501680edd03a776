"""The plan of a study: what it would ask, take and show, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.client.prices.token_price import dollars_in_words
from chatwidget.client.text import printable

if TYPE_CHECKING:
    from chatwidget.tuning.expectation import Expectation

__all__ = ["Plan"]

_KILO = 1000.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a study would ask, take and show.

    Attributes
    ----------
    name, sentence
        The study, and how many calls it is.
    places
        The servers and models, in words.
    calls, stored, failed
        How many calls it has; how many of them are answered already, and failed the last time.
    expected
        What those take that are missing.
    seconds
        How long that takes at the pace of now; None if nobody knows.
    shows
        What so many repeats can show, as a sentence.
    notes
        What one should know before, a sentence each.
    """

    name: str
    sentence: str
    places: tuple[str, ...]
    calls: int
    stored: int
    failed: int
    expected: Expectation
    seconds: float | None
    shows: str
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """How many calls would be asked."""
        return self.expected.calls

    @property
    def brief(self) -> str:
        """What would be asked, where, and what it may cost, as a sentence."""
        money = "" if self.expected.dollars == 0 else f" Money: {self._money()}."
        return f"Asks {self.missing:,} of {self.calls:,} calls of {', '.join(self.places)}.{money}"

    def __repr__(self) -> str:
        lines = {
            "Study": f"{self.name}: {self.sentence}",
            "Asks": ", ".join(self.places),
            "Stored": self._stored(),
            "Tokens": self._tokens(),
            "Time": _time(self.seconds) if self.seconds is not None else "not known before",
            "Money": self._money(),
            "Store": self._size(),
            "Shows": self.shows,
        }
        width = max(map(len, lines))
        told = [f"{name:{width}}  {_line(text)}" for name, text in lines.items()]
        return "\n".join([*told, *(f"{'Note':{width}}  {note}" for note in self.notes)])

    def _stored(self) -> str:
        failed = f"; {self.failed:,} failed the last time" if self.failed else ""
        return f"{self.stored:,} of {self.calls:,} calls, {self.missing:,} would be asked{failed}"

    def _tokens(self) -> str:
        expected = self.expected
        prompts = f"about {expected.prompt_tokens:,} in prompts"
        if expected.answer_tokens is None:
            return f"{prompts}; answers have no limit: max_tokens= would set one"
        return f"{prompts}, {self._about} {expected.answer_tokens:,.0f} in answers"

    def _money(self) -> str:
        dollars = self.expected.dollars
        if dollars is None:
            return "not known before"
        return f"{self._about} {dollars_in_words(dollars)}" if dollars else "nothing"

    def _size(self) -> str:
        size = self.expected.size
        if size is None:
            return "it grows by what the answers are long"
        return f"it grows by {self._about} {_bytes(size)}"

    @property
    def _about(self) -> str:
        return "at most" if self.expected.is_bound and self.missing else "about"


def _line(text: str) -> str:
    """Return a text, which may have the names of somebody else in it, as one line."""
    return " ".join(printable(text).split())


def _time(seconds: float) -> str:
    if seconds < 1:
        return "no time" if not seconds else "about a second"
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {seconds:.0f} s"


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < _KILO:
            return f"{size:.3g} {unit}"
        size /= _KILO
    return f"{size:.3g} GB"
