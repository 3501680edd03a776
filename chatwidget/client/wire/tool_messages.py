"""Tool messages: the calls of a model and their results, as they are sent again."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from chatwidget.client.request.body import wire_messages
from chatwidget.client.wire.surrogates import join_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatwidget.client.wire.types import ChatCompletionMessage

__all__ = ["LONGEST_ARGUMENTS", "assistant_message", "read_arguments", "tool_message"]

LONGEST_ARGUMENTS = 1_000_000
"""More characters for one call are a model or a server that has gone astray."""
_EXCERPT = 1_000

_UNREADABLE = "unreadable"
"""Under this name the model sees again what it wrote in place of arguments."""
_CONTROL = re.compile(r"[\x00-\x1f]")
_ID_LENGTH = 9
"""Mistral takes no other."""


def assistant_message(
    message: ChatCompletionMessage, before: Iterable[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return the message of an assistant that calls tools, as it goes to the same server again.

    Servers refuse arguments that are no JSON object, and calls without identifiers of their own,
    also where a model wrote them: an object says what such arguments were, and such calls get an
    identifier.

    Parameters
    ----------
    message
        What the model wrote.
    before
        Messages with results of earlier calls, whose identifiers are taken.
    """
    step = wire_messages([message], message.origin)[0]
    taken = {each.get("tool_call_id") for each in before}
    for call in step["tool_calls"]:
        if not call["id"] or call["id"] in taken:
            call["id"] = uuid4().hex[:_ID_LENGTH]
        taken.add(call["id"])
        if function := call.get("function"):
            function["arguments"] = _as_object(function["arguments"])
    return step


def tool_message(id_: str, text: str) -> dict[str, Any]:
    """Return the message of a tool: what came of a call, as it goes on the wire."""
    return {"role": "tool", "tool_call_id": id_, "content": join_surrogates(text)}


def read_arguments(text: str) -> dict[str, Any]:
    """Read the arguments of a call, of which line breaks may stand as they are in a text.

    An empty text stands for no arguments.

    Raises
    ------
    ValueError
        If they are no JSON object.
    """
    try:
        value = json.loads(text.strip() or "{}", parse_constant=_refuse_constant, strict=False)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    if not isinstance(value, dict):
        raise ValueError(f"It is a {type(value).__name__}.")  # noqa: TRY004 - as all that is wrong with a text
    return value


def _as_object(arguments: str) -> str:
    """Return arguments as any server can read them, and as the model wrote them if it can be.

    Of those that are too long to run, the beginning is left.
    """
    if (rest := len(arguments) - _EXCERPT) > LONGEST_ARGUMENTS - _EXCERPT:
        arguments = f"{arguments[:_EXCERPT]}… ({rest:,} more characters)"
        return join_surrogates(json.dumps({_UNREADABLE: arguments}, ensure_ascii=False))
    try:
        read = read_arguments(arguments)
    except ValueError:
        return join_surrogates(json.dumps({_UNREADABLE: arguments}, ensure_ascii=False))
    is_plain = arguments.strip() and not _CONTROL.search(arguments)
    return arguments if is_plain else join_surrogates(json.dumps(read, ensure_ascii=False))


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"JSON has no {name}.")
