"""Several ``NAME=VALUE`` on one line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["assignments"]

_NAME = re.compile(r"(?<!\S)([A-Za-z_][\w-]*)\s*=(?!=)")
_OPENING, _CLOSING = "[{(", "]})"
_BEFORE_A_QUOTE = f"= \t,:{_OPENING}"


def assignments(line: str) -> list[tuple[str, str]]:
    """Return the names and values of a line; empty if it does not begin with a name.

    A value ends where the next name begins, so it may hold spaces. Quotes and brackets keep what
    is in them together; quotes around a whole value are taken off.
    """
    found = list(_NAME.finditer(_outside(line)))
    if not found or line[: found[0].start()].strip():
        return []
    ends = [match.start() for match in found[1:]] + [len(line)]
    return [
        (match[1].replace("-", "_"), _unquoted(line[match.end() : end].strip()))
        for match, end in zip(found, ends, strict=True)
    ]


def _outside(line: str) -> str:
    """Return a line with everything blackened that stands in quotes or brackets."""
    return "".join(letter if is_out else "\0" for letter, is_out in _scan(line))


def _scan(line: str) -> Iterator[tuple[str, bool]]:
    """Yield each character, and whether it stands outside of quotes and brackets."""
    quote, depth, before = "", 0, " "
    for letter in line:
        yield letter, not quote and not depth
        if quote:
            quote = "" if letter == quote and before != "\\" else quote
        elif letter in "\"'" and before in _BEFORE_A_QUOTE:
            quote = letter
        else:
            depth = max(0, depth + (letter in _OPENING) - (letter in _CLOSING))
        before = letter


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return value if isinstance(value, str) else text
    return text
