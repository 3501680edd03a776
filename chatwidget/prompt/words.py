r"""The words of a line, as a shell splits them, but for backslashes: paths have them, too.

A backslash stands for itself, as in ``C:\data\x.csv`` and ``\\server\share``, except before a
quotation mark or a space. Within double quotes the rule is that of the C runtime of Windows: of the
backslashes before a quotation mark, two stand for one.
"""

from __future__ import annotations

import re

__all__ = ["split_words"]

_SINGLE = r"'[^']*'"
_DOUBLE = r'"(?:\\.|[^"\\])*"'
_ESCAPED = r"\\(?:.|\Z)"
_WORD = re.compile(rf"""(?:{_SINGLE}|{_DOUBLE}|{_ESCAPED}|[^\s'"\\])+""", re.DOTALL)
_PART = re.compile(f"{_SINGLE}|{_DOUBLE}|{_ESCAPED}", re.DOTALL)
_BACKSLASHES = re.compile(r'(\\+)("|\Z)')
_ESCAPABLE = frozenset("\"' \t")


def split_words(line: str) -> list[str]:
    """Split a line into words; what `shlex.join` has joined comes back.

    Raises
    ------
    ValueError
        If a quotation is not closed.
    """
    if _WORD.sub("", line).strip():
        raise ValueError("no closing quotation")
    return [_PART.sub(_plain, word) for word in _WORD.findall(line)]


def _plain(part: re.Match[str]) -> str:
    """Return what a quotation or a backslash with its next character stands for."""
    text = part[0]
    if text[0] == "'":
        return text[1:-1]
    if text[0] == '"':
        return _BACKSLASHES.sub(lambda it: it[1][: len(it[1]) // 2] + it[2], text[1:-1])
    return text[1:] if text[1:] in _ESCAPABLE else text
