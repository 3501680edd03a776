"""Conversations as one JSON document, which loses nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from chatwidget.chat.answer_metadata import as_json
from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.restored_turn import left_out_remark, restored_turn, unknown_fields
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChatCompletionMessage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Found", "read_document", "to_document"]

_FORMAT = "chatwidget conversations"
_VERSION = 1


class _Document(msgspec.Struct, kw_only=True):
    format: str
    version: int
    current: str
    conversations: dict[str, Any]


class Found(msgspec.Struct, frozen=True):
    """The conversations of a file.

    Attributes
    ----------
    conversations
        The conversations by their names.
    current
        The name of the one to go on with.
    remarks
        What could not be read, a sentence each.
    """

    conversations: dict[str, Conversation]
    current: str
    remarks: tuple[str, ...] = ()


def to_document(conversations: Mapping[str, Conversation], current: str) -> str:
    """Return conversations, one of which is the current one, as JSON."""
    document = _Document(
        format=_FORMAT, version=_VERSION, current=current, conversations=dict(conversations)
    )
    return json.dumps(as_json(msgspec.to_builtins(document)), indent=2, ensure_ascii=False)


def read_document(text: str) -> Found:
    """Read what `to_document` returned.

    Raises
    ------
    ConfigurationError
        If it is something else.
    """
    try:
        document = msgspec.json.decode(text, type=_Document)
        _check(document)
        found = msgspec.convert(document.conversations, dict[str, Conversation])
        left_out: list[str] = list(_unknown(document.conversations))
        conversations = {name: _checked(each, left_out) for name, each in found.items()}
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"The file holds no conversations of chatwidget: {error}",
            hint="%chat export FILE.json writes what can be read.",
        ) from None
    remark = left_out_remark(left_out)
    return Found(conversations, document.current, (remark,) if remark else ())


def _checked(conversation: Conversation, left_out: list[str]) -> Conversation:
    """Return a conversation of checked turns, and add the names of what they were left without."""
    conversation.check()
    restored = {name: restored_turn(turn) for name, turn in conversation.turns.items()}
    for each in restored.values():
        left_out += each.left_out
    return replace(conversation, turns={name: each.turn for name, each in restored.items()})


def _unknown(conversations: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the fields of turns and answers that nobody reads."""
    for conversation in conversations.values():
        for turn in conversation.get("turns", {}).values():
            yield from unknown_fields(turn, Turn)
            for answer in turn.get("answers", ()):
                yield from unknown_fields(answer, ChatCompletionMessage)


def _check(document: _Document) -> None:
    if document.format != _FORMAT:
        raise ValueError(f"its format is {document.format[:100]!r}.")
    if document.version > _VERSION:
        raise ConfigurationError(
            f"The file has version {document.version}, and this chatwidget reads {_VERSION}.",
            hint="Update chatwidget, then import it again.",
        )
    if document.current not in document.conversations:
        raise ValueError("its current conversation is not among them.")
