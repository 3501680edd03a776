"""Text for people: sanitized, so that it can be encoded and moves no cursor, and its numbers."""

from __future__ import annotations

import re

__all__ = ["clean", "counted", "printable", "without_controls"]


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Sanitize text so that it can be encoded, with one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if _SURROGATE.search(text):  # two of them may be one character that was cut in half
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def without_controls(text: str) -> str:
    """Sanitize text: without control characters, other than ends of lines and tabs."""
    return _CONTROL.sub("", clean(text))


def printable(text: str) -> str:
    """Sanitize text for a terminal: no escape sequences, and controls of direction as marks."""
    return _BIDI.sub(lambda found: f"<U+{ord(found[0]):04X}>", without_controls(text))


def counted(number: int, what: str) -> str:
    """Return a number of things, as in ``1 row`` and ``2,000 rows``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
