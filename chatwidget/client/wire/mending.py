"""The mending of bent choices: what a server says in a shape of its own becomes the vendor's.

Text comes in parts (Mistral, gateways to Anthropic and Google), and reasoning under other names.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Literal

from chatwidget.client.wire.extra_fields import with_extra_fields
from chatwidget.client.wire.media import MEDIA
from chatwidget.client.wire.types import (
    ChatCompletionMessage,
    ChoiceDelta,
    FunctionCallDelta,
    ToolCallDelta,
)

__all__ = ["REASONING_NAMES", "mended_choices"]

REASONING_NAMES = ("reasoning_content", "reasoning", "thinking", "reasoning_text")
_TEXTS = ("text", "thinking", "reasoning", "refusal", "content", "summary", "value")


_CALL = frozenset(ToolCallDelta.__struct_fields__) - {"extra_fields"}
_FUNCTION = frozenset(FunctionCallDelta.__struct_fields__) - {"extra_fields"}
_KNOWN = {
    "delta": frozenset(ChoiceDelta.__struct_fields__) - {"extra_fields"},
    "message": (
        frozenset(ChatCompletionMessage.__struct_fields__) - {"extra_fields", "origin", *MEDIA}
    ),
}


def mended_choices(choices: list[Any], name: Literal["delta", "message"]) -> list[Any]:
    """Return choices that say all in the field `name`."""
    return [_mended_choice(each, name) if isinstance(each, dict) else each for each in choices]


def _mended_choice(choice: dict[str, Any], name: Literal["delta", "message"]) -> dict[str, Any]:
    said = _said_in(choice, name)
    return choice if said is None else {**choice, name: _mended_message(said, name)}


def _said_in(choice: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return what a choice says, which may stand in another field than the vendor's."""
    for each in (name, "delta", "message"):
        if isinstance(said := choice.get(each), dict):
            return said
    return {"content": choice["text"]} if isinstance(choice.get("text"), str) else None


def _mended_message(said: dict[str, Any], kind: Literal["delta", "message"]) -> dict[str, Any]:
    """Return a message, or a piece of one, in which text and reasoning are texts."""
    parts = _parts_in(said.get("content"))
    if parts is not None:
        said = {**said, "content": None} | _by_field(parts, said)
    odd = set(REASONING_NAMES) - _KNOWN[kind]
    rest = {name: value for name, value in said.items() if name not in odd}
    mended = with_extra_fields(rest, _KNOWN[kind])
    _take_reasoning(mended, said, kind)
    mended["content"] = mended.get("content") or _transcript(said) or mended.get("content")
    if isinstance(calls := said.get("tool_calls"), list):
        mended["tool_calls"] = [_mended_call(each) for each in calls if isinstance(each, dict)]
    if isinstance(function := said.get("function_call"), dict):
        mended["function_call"] = with_extra_fields(function, _FUNCTION)
    return mended


def _transcript(said: dict[str, Any]) -> str:
    """Return the words of an answer that is spoken."""
    audio = said.get("audio")
    words = audio.get("transcript") if isinstance(audio, dict) else None
    return words if isinstance(words, str) else ""


def _take_reasoning(
    mended: dict[str, Any], said: dict[str, Any], kind: Literal["delta", "message"]
) -> None:
    """Take the reasoning once, and keep the server's name for it, which it may want back."""
    name = next((name for name in REASONING_NAMES if said.get(name)), None)
    if name is None:
        return
    text = _text_of(said[name])
    is_known = name in _KNOWN[kind]
    mended[name if is_known else "reasoning"] = text
    if said.get("tool_calls") if kind == "message" else not is_known:
        mended["extra_fields"] = {**mended.get("extra_fields", {}), name: text}


def _mended_call(call: dict[str, Any]) -> dict[str, Any]:
    mended = with_extra_fields(call, _CALL)
    if isinstance(function := call.get("function"), dict):
        mended["function"] = with_extra_fields(function, _FUNCTION)
    return mended


def _parts_in(content: object) -> list[Any] | None:
    """Return the parts of content that comes in parts; other JSON is left to be seen as it is."""
    parts = content if isinstance(content, list) else [content]
    if isinstance(content, str) or not all(map(_is_part, parts)):
        return None
    return parts


def _is_part(part: object) -> bool:
    if isinstance(part, dict):
        return isinstance(part.get("type", part.get("text")), str)
    return isinstance(part, str)


def _by_field(parts: list[Any], said: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of content in the fields of a message that they belong to."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    media: defaultdict[str, list[Any]] = defaultdict(list)
    for part in parts:
        field = _field_of(part)
        if field in MEDIA:
            media[field].append(part)
        else:
            texts[field].append(_text_of(part))
    for field in media:
        beside = said.get(field)
        media[field][:0] = beside if isinstance(beside, list) else []
    return {**{field: "".join(pieces) for field, pieces in texts.items()}, **media}


def _field_of(part: object) -> str:
    kind = str(part.get("type") or "") if isinstance(part, dict) else "text"
    if "image" in kind:
        return "images"
    if "think" in kind or "reason" in kind:
        return "reasoning"
    if "refusal" in kind:
        return "refusal"
    return "content" if _text_of(part) or "text" in kind else "annotations"


def _text_of(said: object, depth: int = 8) -> str:
    """Return the text in whatever holds one, not too deep down."""
    if isinstance(said, str):
        return said
    if isinstance(said, list) and depth:
        return "".join(_text_of(each, depth - 1) for each in said)
    if isinstance(said, dict) and depth:
        held = next((said[name] for name in _TEXTS if said.get(name)), "")
        return _text_of(held, depth - 1)
    return ""
