"""One thing that was tried, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.client.auth.keys import redact
from chatwidget.render.display.tables import excerpt

if TYPE_CHECKING:
    from chatwidget.client.errors import ChatWidgetError

__all__ = ["BAD", "Finding", "bad", "good", "neutral", "trouble", "words_of"]

BAD = "✗"
_LONGEST = 300


@dataclass(frozen=True)
class Finding:
    """What was found out about one subject.

    Attributes
    ----------
    mark
        ✓ if it is well, ✗ if something is to be done about it, a dash if neither.
    subject
        What was tried, in a word or two.
    told
        What was found, as a sentence.
    next_step
        What to do about it, as a sentence; empty if nothing.
    """

    mark: str
    subject: str
    told: str
    next_step: str = ""

    def __str__(self) -> str:
        line = f"{self.mark} {self.subject:<18}{self.told}"
        return f"{line}\n{'':<20}→ {self.next_step}" if self.next_step else line


def good(subject: str, told: str) -> Finding:
    """Return that something is well."""
    return Finding("✓", subject, told)


def neutral(subject: str, told: str, next_step: str = "") -> Finding:
    """Return that something is not there, or could not be tried."""
    return Finding("\u2013", subject, told, next_step)


def bad(subject: str, told: str, next_step: str) -> Finding:
    """Return that something is to be done."""
    return Finding(BAD, subject, told, next_step)


def trouble(subject: str, error: ChatWidgetError, next_step: str = "") -> Finding:
    """Return what an error says, and what to do about it."""
    return bad(subject, words_of(error), next_step or error.hint)


def words_of(error: ChatWidgetError) -> str:
    """Return what an error says on one line; a server may have put anything into it."""
    return excerpt(redact(error.message), _LONGEST)
