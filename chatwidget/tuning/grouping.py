"""Groupings: an answer's text to its kind, so that answers are counted by what they mean."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["first_number", "json_field", "normalized_text"]

_NUMBER = re.compile(
    r"(?<![\w.])[-+\u2212]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
)
_FENCED = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)
_MINUS = "\u2212"


def first_number(text: str) -> float | None:
    """Return the first number of a text, as 1234.5 for "about 1,234.50"; None if there is none."""
    found = _NUMBER.search(text)
    return float(found[0].replace(",", "").replace(_MINUS, "-")) if found else None


def json_field(path: str) -> Callable[[str], Hashable]:
    """Return a grouping by a field of a JSON answer, as "city" or "place.city" or "names.0".

    An answer may have its JSON in a block of code. It is of the kind None if it is no JSON or has
    no such field.
    """

    def group(text: str) -> Hashable:
        fenced = _FENCED.search(text)
        try:
            value = json.loads(fenced[1] if fenced else text)
            for name in path.split("."):
                value = value[int(name) if isinstance(value, list) else name]
        except (ValueError, LookupError, TypeError, RecursionError):
            return None
        return _hashable(value)

    group.__qualname__ = f"{json_field.__name__}({path!r})"  # how it is written
    return group


def normalized_text(text: str) -> str:
    """Return a text without what does not change its meaning: case, width, space, punctuation.

    Punctuation counts within the text, not around it.
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    said = [place for place, sign in enumerate(folded) if _means(sign)]
    return folded[said[0] : said[-1] + 1] if said else folded


def _means(sign: str) -> bool:
    return not unicodedata.category(sign).startswith(("P", "Z", "C"))


def _hashable(value: Any) -> Hashable:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value
