"""The text of a cell from where it begins to say something."""

from __future__ import annotations

import re

__all__ = ["from_magic", "without_comments"]

_COMMENTS = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\n|$))*")
_MAGIC = re.compile(r"%%chat(?!\S)")


def without_comments(source: str) -> str:
    """Return a text without the comments and blank lines that precede it."""
    comments = _COMMENTS.match(source)
    return source[comments.end() if comments else 0 :]


def from_magic(source: str) -> str:
    """Return a cell from its ``%%chat`` on; empty if it does not ask in this way."""
    text = without_comments(source).lstrip()
    return text if _MAGIC.match(text) else ""
