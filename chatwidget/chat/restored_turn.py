"""Validation of a turn that a file tells of, which anybody may have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from chatwidget.client.prices.token_price import Dollars
from chatwidget.client.wire.additions import plain_message
from chatwidget.client.wire.media import MEDIA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatwidget.chat.conversation import Turn

__all__ = ["RestoredTurn", "left_out_remark", "restored_turn", "unknown_fields"]

_DEEPEST = 64
_MOST_NAMES = 10
_LONGEST_NAME = 60
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


class _Text(msgspec.Struct, tag_field="type", tag="text"):
    text: str


class _ImageUrl(msgspec.Struct, omit_defaults=True):
    url: str
    detail: str | UnsetType = UNSET


class _Image(msgspec.Struct, tag_field="type", tag="image_url"):
    image_url: _ImageUrl


class _FileData(msgspec.Struct, omit_defaults=True):
    filename: str | UnsetType = UNSET
    file_data: str | UnsetType = UNSET
    file_id: str | UnsetType = UNSET


class _File(msgspec.Struct, tag_field="type", tag="file"):
    file: _FileData


class _AudioData(msgspec.Struct):
    data: str
    format: str


class _Audio(msgspec.Struct, tag_field="type", tag="input_audio"):
    input_audio: _AudioData


_Content = str | list[_Text | _Image | _File | _Audio] | None


class _Function(msgspec.Struct, omit_defaults=True):
    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET


class _Call(msgspec.Struct, omit_defaults=True):
    id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    function: _Function | UnsetType = UNSET


class _Step(msgspec.Struct, omit_defaults=True):
    """A message between the prompt and the answer."""

    role: Literal["assistant", "tool"]
    content: str | list[_Text] | UnsetType | None = UNSET
    refusal: str | UnsetType | None = UNSET
    tool_calls: list[_Call] | UnsetType | None = UNSET
    tool_call_id: str | UnsetType = UNSET


_FACTS: dict[str, Any] = {
    **dict.fromkeys(
        ("model", "asked_model", "server", "finish_reason", "error", "cached", "status"),
        str | None,
    ),
    **dict.fromkeys(("parameters", "extra_body"), dict[str, Any] | None),
    "usage": _Usage | None,
    "timing": _Timing | None,
    "notes": list[str] | None,
    "cost_usd": Dollars | None,
}


class RestoredTurn(NamedTuple):
    """A turn as a file tells of it, and the names of the fields that were left out."""

    turn: Turn
    left_out: list[str]


def restored_turn(turn: Turn) -> RestoredTurn:
    """Return a turn without what is odd in its facts, and unknown in what is sent of it.

    Its messages are without fields that we do not know: nobody would see that they are sent.

    Raises
    ------
    ValueError
        If what it says is no message, or it goes on with an answer that it does not have.
    """
    content, steps = _known(turn.content, _Content), _known(turn.steps, list[_Step])
    facts = {name: fact for name, fact in turn.facts.items() if _is_readable(name, fact)}
    if turn.answers and not 0 <= turn.chosen < len(turn.answers):
        raise ValueError(f"The turn {turn.id!r} has no answer {turn.chosen}.")
    left_out = [
        *(turn.facts.keys() - facts.keys()),
        *_lost(turn.content, content, "content"),
        *_lost(turn.steps, steps, "steps"),
        *("answers.role" for answer in turn.answers if answer.role != "assistant"),
    ]
    if not all(_is_shallow(getattr(answer, name)) for answer in turn.answers for name in MEDIA):
        raise ValueError("It is nested too deeply.")
    answers = [replace(plain_message(answer), role="assistant") for answer in turn.answers]
    return RestoredTurn(
        replace(turn, content=content, steps=steps, answers=answers, facts=facts), left_out
    )


def unknown_fields(raw: object, known: type[msgspec.Struct]) -> list[str]:
    """Return the fields of what a file tells that a struct does not have."""
    names = raw.keys() - set(known.__struct_fields__) if isinstance(raw, dict) else ()
    return [name for name in names if isinstance(name, str)]


def left_out_remark(names: Iterable[str]) -> str:
    """Return which fields of a file's turns were left out, as a sentence; empty if none were."""
    distinct = sorted(set(names))
    listed = ", ".join(ascii(name[:_LONGEST_NAME])[1:-1] for name in distinct[:_MOST_NAMES])
    more = f" and {len(distinct) - _MOST_NAMES} more" if len(distinct) > _MOST_NAMES else ""
    return f"Left out, as unknown or odd: {listed}{more}." if distinct else ""


def _known(value: object, type_: Any) -> Any:
    """Return what of a value is known, as plain data.

    Raises
    ------
    ValueError
        If it is of another type, or nested too deeply to be one of ours.
    """
    if not _is_shallow(value):
        raise ValueError("It is nested too deeply.")
    return msgspec.to_builtins(msgspec.convert(value, type_))


def _lost(before: Any, after: Any, place: str) -> Iterator[str]:
    """Yield the names of the fields that are in a value no longer."""
    if isinstance(before, dict):
        for name, value in before.items():
            if name in after:
                yield from _lost(value, after[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif isinstance(before, list):
        for value, other in zip(before, after, strict=True):
            yield from _lost(value, other, place)


def _is_readable(name: str, fact: object) -> bool:
    if not _is_shallow(fact):
        return False
    try:
        msgspec.convert(fact, _FACTS.get(name, Any))
    except ValueError:
        return False
    return True


def _is_shallow(value: object) -> bool:
    """Tell whether whoever walks through a value, or writes it, will come back."""
    level = [value]
    for _ in range(_DEEPEST):
        inner = [each for each in level if isinstance(each, (dict, list))]
        if not inner:
            return True
        level = [
            item for each in inner for item in (each.values() if isinstance(each, dict) else each)
        ]
    return False
