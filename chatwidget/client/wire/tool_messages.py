"""Tool messages: the calls of a model and their results, as they are sent again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from chatwidget.client.request.body import wire_messages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatwidget.client.wire.types import ChatCompletionMessage

__all__ = ["assistant_message", "read_arguments", "tool_message"]

_ID_LENGTH = 9
"""Mistral takes no other."""


def assistant_message(
    message: ChatCompletionMessage, before: Iterable[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return the message of an assistant that calls tools, as it goes on the wire again.

    Servers refuse arguments that are no JSON, and calls without identifiers of their own, also
    where a model wrote them: such arguments become empty, such calls get an identifier.

    Parameters
    ----------
    message
        What the model wrote.
    before
        Messages with results of earlier calls, whose identifiers are taken.
    """
    step = wire_messages([message])[0]
    taken = {each.get("tool_call_id") for each in before}
    for call in step["tool_calls"]:
        if not call["id"] or call["id"] in taken:
            call["id"] = uuid4().hex[:_ID_LENGTH]
        taken.add(call["id"])
        arguments = call["function"]["arguments"]
        call["function"]["arguments"] = arguments if _can_be_sent(arguments) else "{}"
    return step


def tool_message(id_: str, text: str) -> dict[str, Any]:
    """Return the message of a tool: what came of a call, as it goes on the wire."""
    return {"role": "tool", "tool_call_id": id_, "content": text}


def read_arguments(text: str) -> dict[str, Any]:
    """Read the arguments of a call; an empty text stands for none.

    Raises
    ------
    ValueError
        If they are no JSON object.
    """
    try:
        value = json.loads(text.strip() or "{}", parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    if not isinstance(value, dict):
        raise ValueError(f"It is a {type(value).__name__}.")  # noqa: TRY004 - as all that is wrong with a text
    return value


def _can_be_sent(arguments: str) -> bool:
    try:
        read_arguments(arguments)
    except ValueError:
        return False
    return bool(arguments.strip())


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"JSON has no {name}.")
