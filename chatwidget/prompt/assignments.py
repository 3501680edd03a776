"""Several ``NAME=VALUE`` on one line."""

from __future__ import annotations

import json
import re

__all__ = ["assignments"]

_NAME = re.compile(r"(?<!\S)([A-Za-z_][\w-]*)\s*=(?!=)")
# elsewhere it is an apostrophe
_BEFORE_A_QUOTE = "= \t,:[{("


def assignments(line: str) -> list[tuple[str, str]]:
    """Return the names and values of a line; empty if it does not begin with a name.

    A value ends where the next name begins, so it may hold spaces. What is in quotes is no name;
    quotes around a whole value are taken off.
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
    """Return a line with everything blackened that stands in quotes."""
    quote, before, seen = "", " ", []
    for letter in line:
        seen.append("\0" if quote else letter)
        if quote:
            quote = "" if letter == quote and before != "\\" else quote
        elif letter in "\"'" and before in _BEFORE_A_QUOTE:
            quote = letter
        before = letter
    return "".join(seen)


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
