"""How many tokens a request is, about: the true count is the server's."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["METHOD", "estimate_tokens"]

METHOD = (
    "an estimate: within a fifth for English, code and tables, "
    "between half and twice for other languages"
)
"""What to tell of the estimate: it was held against the vendor's o200k_base and cl100k_base."""

_PIECE = re.compile(r"\d{1,3}|[^\W\d_]+|[^\w\s]+|_+|\n+")
_LONG_WORD = 8  # letters of the alphabet in one token
_WORD_BYTES = 5  # bytes of UTF-8 in one token of another script
_MARKS = 4
_MESSAGE = 4  # tokens that set one message off from the next
# What is no text: sound and pictures are counted by the server in ways of its own.
_MEDIA = frozenset({"image_url", "input_audio", "file"})


def estimate_tokens(body: Mapping[str, Any]) -> int:
    """Return about how many tokens the texts of a request are: its messages, tools and schema."""
    messages = body.get("messages") or ()
    beside = [body[name] for name in ("tools", "functions", "response_format") if name in body]
    count = sum(_count(text) for message in messages for text in _texts(message))
    return count + _MESSAGE * len(messages) + sum(_count(json.dumps(each)) for each in beside)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict) and value.get("type") not in _MEDIA:
        for name, each in value.items():
            if name not in {"role", "type", "id", "tool_call_id"}:
                yield from _texts(each)


def _count(text: str) -> int:
    return sum(map(_tokens, _PIECE.findall(text)))


def _tokens(piece: str) -> int:
    if piece[0].isdigit():
        return 1
    if not piece[0].isalpha():
        return 1 + (len(piece) - 1) // _MARKS
    size, per_token = (len(piece), _LONG_WORD) if piece.isascii() else (_bytes(piece), _WORD_BYTES)
    return 1 + (size - 1) // per_token


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
