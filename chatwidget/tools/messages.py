"""Tool messages between a question and its answer: what the model called, what came of it.

They are messages as they go on the wire, so that later requests can say them again. This module
reads them for those who show them.
"""

from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatwidget.client.wire.tool_messages import read_arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ShownCall", "ToolRound", "readable_arguments", "rounds_of"]

_SHORT = 10_000
_IN_LINES = json.JSONEncoder(indent=2, ensure_ascii=False)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""The kinds of characters that nobody sees, and some of which turn the text around them."""


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call, and what came of it; `result` is None as long as nothing did."""

    id: str
    name: str
    arguments: str
    result: str | None = None


@dataclass(frozen=True, slots=True)
class ToolRound:
    """What the model wrote beside some calls, and the calls."""

    text: str
    calls: list[ShownCall] = field(default_factory=list)


def rounds_of(steps: Iterable[Mapping[str, Any]]) -> list[ToolRound]:
    """Read steps back, also those that somebody else wrote."""
    pairs: list[tuple[Mapping[str, Any], dict[str, str]]] = []
    for message in steps:
        if message.get("role") == "assistant":
            pairs.append((message, {}))
        elif message.get("role") == "tool" and pairs:
            pairs[-1][1][_text(message.get("tool_call_id"))] = _text(message.get("content"))
    return [
        ToolRound(
            _text(asked.get("content")),
            [_shown(call, results) for call in asked.get("tool_calls") or ()],
        )
        for asked, results in pairs
    ]


def readable_arguments(arguments: str) -> str:
    """Return the arguments of a call as readable JSON, in which nothing is hidden.

    What nobody could see is escaped. Of a name that stands there twice, one is left: what is shown
    is what runs.

    Raises
    ------
    ValueError
        If they are no JSON object.
    """
    try:
        text = _written(read_arguments(arguments), 2 * len(arguments) + _SHORT)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    return "".join(map(_visible, text))


def _written(value: object, most: int) -> str:
    """Return JSON in lines, or in one where their indents would be most of it."""
    pieces, size = [], 0
    for piece in _IN_LINES.iterencode(value):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return json.dumps(value, ensure_ascii=False)
    return "".join(pieces)


def _visible(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in _UNSEEN:
        return character
    return json.dumps(character)[1:-1]


def _shown(call: Mapping[str, Any], results: Mapping[str, str]) -> ShownCall:
    function = call.get("function") or call.get("custom") or {}
    arguments = _text(function.get("arguments", function.get("input")))
    with suppress(ValueError):
        arguments = readable_arguments(arguments)
    id_ = _text(call.get("id"))
    return ShownCall(id_, _text(function.get("name")), arguments, results.get(id_))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
