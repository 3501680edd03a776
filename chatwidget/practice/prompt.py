"""The prompt: what the practice model looks at of the messages of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.practice.api_error import PracticeAPIError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Prompt", "read_messages"]

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_TEXT_PARTS = {"text": "text", "refusal": "refusal"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a conversation asks for.

    Attributes
    ----------
    question
        The last message of the user; an n-gram model can do little with the messages before it.
    tool_result
        The result of a tool, if that is the last message, and None otherwise.
    texts
        The text of every message.
    """

    question: str
    tool_result: str | None
    texts: tuple[str, ...]


def read_messages(messages: Any) -> Prompt:
    """Check the messages and pick what the model looks at.

    Raises
    ------
    PracticeAPIError
        If there are none, or one is not as the vendor's document wants it.
    """
    if messages is None:
        raise PracticeAPIError("Missing required parameter: 'messages'.", "messages")
    if not isinstance(messages, list) or not messages:
        raise PracticeAPIError("'messages' must be an array of at least one message.", "messages")
    texts = tuple(_text(message, f"messages[{n}]") for n, message in enumerate(messages))
    asked = [text for message, text in zip(messages, texts, strict=True) if _is_user(message)]
    is_result = messages[-1]["role"] in ("tool", "function")
    return Prompt(asked[-1] if asked else texts[-1], texts[-1] if is_result else None, texts)


def _is_user(message: Mapping[str, Any]) -> bool:
    return bool(message["role"] == "user")


def _text(message: Any, where: str) -> str:
    if not isinstance(message, dict):
        raise PracticeAPIError(f"'{where}' must be an object.", where)
    if message.get("role") not in _ROLES:
        raise PracticeAPIError(
            f"'{where}.role' must be one of {', '.join(_ROLES)}.", f"{where}.role"
        )
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_part(part, f"{where}.content[{n}]") for n, part in enumerate(content))
    if content is None and message["role"] == "assistant":
        return ""  # the message was a tool call
    raise PracticeAPIError(f"'{where}.content' must be a string or an array.", f"{where}.content")


def _part(part: Any, where: str) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    text = part.get(_TEXT_PARTS[kind]) if kind in _TEXT_PARTS else None
    if not isinstance(text, str):
        raise PracticeAPIError(f"'{where}': the practice model reads text only.", where)
    return text
