"""The reader of JSON that servers and models wrote: it accepts what is merely odd. Pure."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AnswerJson", "first_json", "json_in_answer", "parse_json"]

# A raw line break in a text and NaN are no JSON, and can mean but one thing.
_decoder = json.JSONDecoder(strict=False)
_END = re.compile(r"(?:\s|data:|\[DONE\])*")
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[^`\n]*$", re.MULTILINE)
_OPENING = re.compile(r"\{\s*\"|\[\s*[\[{\"\d-]")
_TRIES = 32


def parse_json(data: bytes) -> Any:
    """Parse JSON, which ``[DONE]`` may follow; None if it cannot be read."""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(data)  # most is in good order, and then five times as fast
    text = data.decode("utf-8-sig", "replace").strip()
    found = first_json(text)
    return found[0] if found and _END.fullmatch(text, found[1]) else None


def first_json(text: str, start: int = 0) -> tuple[Any, int] | None:
    """Return the JSON value at a place in a text, and where it ends; None if there is none."""
    try:
        return _decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None


class AnswerJson(NamedTuple):
    """The JSON in an answer, and its value."""

    value: Any
    text: str


def json_in_answer(text: str) -> AnswerJson | None:
    """Return the JSON of an answer: all of it, its only block of JSON, or what prose surrounds.

    None if there is none, or if it cannot be told which one is meant.
    """
    whole = _whole_json(text)
    if whole is not None:
        return whole
    blocks = [found for block in _blocks(text) if (found := _whole_json(block)) is not None]
    parts = [each for each in blocks or _in_prose(text) if _says_something(each.value)]
    return parts[0] if len(parts) == 1 else None


def _whole_json(text: str) -> AnswerJson | None:
    stripped = text.strip().removeprefix("\ufeff")
    found = first_json(stripped)
    if found is None or found[1] < len(stripped):
        return None
    return AnswerJson(found[0], stripped)


def _blocks(text: str) -> Iterator[str]:
    """Yield what stands between fences; the last may be open."""
    start, opened = 0, ""
    for fence in _FENCE.finditer(text):
        if not opened:
            start, opened = fence.end(), fence[1]
        elif fence[1].startswith(opened):
            yield text[start : fence.start()]
            opened = ""
    if opened:
        yield text[start:]


def _in_prose(text: str) -> Iterator[AnswerJson]:
    """Yield the objects and lists that stand in a text; what it costs is bounded."""
    # An error costs what comes before it, since it counts the lines.
    left = _TRIES * (len(text) + 10_000)
    opening = _OPENING.search(text)
    while opening and left > 0:
        start = end = opening.start()
        try:
            value, end = _decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            left -= error.pos
        except (ValueError, RecursionError):
            return
        if end > start:
            yield AnswerJson(value, text[start:end])
        opening = _OPENING.search(text, max(end, start + 1))


def _says_something(value: Any) -> bool:
    """Tell whether a part of an answer may be meant by it: ``[1]`` is most often a reference."""
    if isinstance(value, list):
        return any(not isinstance(each, int) for each in value)
    return bool(value != {})
