"""The mending of bent choices: what a server says in a shape of its own becomes the vendor's.

Text comes in parts (Mistral, gateways to Anthropic and Google), and reasoning under other names.
"""

from __future__ import annotations

from typing import Any, Literal

__all__ = ["mended_choices"]

_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_text")
_TEXTS = ("text", "thinking", "reasoning", "refusal", "content", "summary", "value")


def mended_choices(choices: list[Any], name: Literal["delta", "message"]) -> list[Any]:
    """Return choices that say all in the field `name`."""
    return [_mended_choice(each, name) if isinstance(each, dict) else each for each in choices]


def _mended_choice(choice: dict[str, Any], name: str) -> dict[str, Any]:
    said = choice.get(name)
    return {**choice, name: _mended_message(said)} if isinstance(said, dict) else choice


def _mended_message(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message, or a piece of one, in which text and reasoning are texts."""
    mended = {name: said for name, said in message.items() if name not in _REASONING}
    reasoning = next((message[name] for name in _REASONING if message.get(name)), None)
    if reasoning is not None:
        mended["reasoning"] = _text_of(reasoning)
    parts = _parts_in(message.get("content"))
    if parts is not None:
        mended["content"] = None
        for part in parts:
            _add_part(mended, part)
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


def _add_part(message: dict[str, Any], part: object) -> None:
    """Add a part of the content to the field of a message that it belongs to."""
    kind = str(part.get("type") or "") if isinstance(part, dict) else "text"
    if "think" in kind or "reason" in kind:
        name = "reasoning"
    else:
        name = "refusal" if "refusal" in kind else "content"
    message[name] = (message.get(name) or "") + _text_of(part)


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
