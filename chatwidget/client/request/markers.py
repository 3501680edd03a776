r"""Markers in texts: ``{{name}}`` stands for a value, and every other brace for itself.

With a backslash before it, a marker stands for itself as well. Two are a line end of LaTeX before
a value, and an odd number of more stands for half of them before a marker that stands for itself.
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["escape_markers", "replace_markers"]

# Linear: each part begins with a character that the part before it cannot end with, so that a
# failure is found after one look at each character. A third brace before it makes it no marker,
# nor does a name that is too long to be one.
_MARKER = re.compile(
    r"""
    (?: (?<!\\) (?P<backslashes>\\+) )?
    (?<!\{) (?P<marker> \{\{
        [ \t]*
        (?: (?P<cells>In|Out)\[(?P<number>\d{1,9})\] | (?P<name>[^\W\d]\w{0,99}) )
        [ \t]*
    \}\} )
    """,
    re.VERBOSE,
)


def replace_markers(
    text: str, replacement: Callable[[re.Match[str]], str], *, is_last: bool = True
) -> str:
    """Return a text with something in the place of each marker; what is put in is not searched.

    Parameters
    ----------
    text
        The text.
    replacement
        Returns what takes the place of a match, which has a ``name``, or ``cells``, which is
        ``In`` or ``Out``, and a ``number``.
    is_last
        Whether nobody replaces others afterwards, so that the backslashes have done their work.
    """

    def replaced(match: re.Match[str]) -> str:
        if not _is_marker(match):
            return match[0]
        backslashes = match["backslashes"] or ""
        if len(backslashes) % 2 == 0:
            return backslashes + replacement(match)
        return backslashes[: len(backslashes) // 2] + match["marker"] if is_last else match[0]

    return _MARKER.sub(replaced, text) if "{{" in text else text


def escape_markers(text: str) -> str:
    """Return a text that comes back as it is from `replace_markers`."""

    def escaped(match: re.Match[str]) -> str:
        backslashes = match["backslashes"] or ""
        return f"{2 * backslashes}\\{match['marker']}" if _is_marker(match) else match[0]

    return _MARKER.sub(escaped, text) if "{{" in text else text


def _is_marker(match: re.Match[str]) -> bool:
    """Tell whether braces hold what can be a variable; ``{{else}}`` is of another language."""
    name = match["name"]
    return not name or (name.isidentifier() and not keyword.iskeyword(name))
