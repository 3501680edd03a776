"""Validation of a turn that a file tells of, which anybody may have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec.structs import replace

from chatwidget.client.wire.additions import plain_message, plain_step

if TYPE_CHECKING:
    from chatwidget.chat.conversation import Turn

__all__ = ["restored_turn"]

_Count = Annotated[int, msgspec.Meta(ge=0, lt=10**15)]
_Number = Annotated[float, msgspec.Meta(ge=0, lt=1e15)]


class _Usage(msgspec.Struct):
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    total_tokens: _Count | None = None


class _Timing(msgspec.Struct):
    first_token_s: _Number | None = None
    total_s: _Number | None = None
    tokens_per_s: _Number | None = None


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    image_url: dict[str, Any] | None = None
    file: dict[str, Any] | None = None


class _Function(msgspec.Struct):
    name: str = ""
    arguments: str = ""


class _Call(msgspec.Struct):
    id: str = ""
    function: _Function | None = None


class _Step(msgspec.Struct):
    role: Literal["assistant", "tool"]
    content: str | list[_Part] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


_FACTS: dict[str, Any] = {
    **dict.fromkeys(
        ("model", "asked_model", "server", "finish_reason", "error", "cached"), str | None
    ),
    **dict.fromkeys(("parameters", "extra_body"), dict[str, Any] | None),
    "usage": _Usage | None,
    "timing": _Timing | None,
    "notes": list[str] | None,
}


def restored_turn(turn: Turn) -> Turn:
    """Return a turn without the facts that are of another type than ours are.

    Its messages are without fields that we do not know: nobody would see that they are sent.

    Raises
    ------
    ValueError
        If what it says is no message, or it goes on with an answer that it does not have.
    """
    msgspec.convert(turn.content, str | list[_Part] | None)
    msgspec.convert(turn.steps, list[_Step])
    if turn.answers and not 0 <= turn.chosen < len(turn.answers):
        raise ValueError(f"The turn {turn.id!r} has no answer {turn.chosen}.")
    return replace(
        turn,
        steps=list(map(plain_step, turn.steps)),
        answers=list(map(plain_message, turn.answers)),
        facts={name: fact for name, fact in turn.facts.items() if _is_readable(name, fact)},
    )


def _is_readable(name: str, fact: object) -> bool:
    try:
        msgspec.convert(fact, _FACTS.get(name, Any))
    except ValueError:
        return False
    return True
