"""The reader of JSON that servers wrote: it accepts what is merely odd. Pure."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["first_json", "parse_json"]

# A raw line break in a text and NaN are no JSON, and can mean but one thing.
_decoder = json.JSONDecoder(strict=False)


def parse_json(data: bytes) -> Any:
    """Parse the JSON that bytes begin with; what follows it, as ``[DONE]``, is no part of it.

    None if it cannot be read.
    """
    text = data.decode("utf-8-sig", "replace").strip()
    found = first_json(text)
    return found[0] if found else None


def first_json(text: str, start: int = 0) -> tuple[Any, int] | None:
    """Return the JSON value at a place in a text, and where it ends; None if there is none."""
    try:
        return _decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
