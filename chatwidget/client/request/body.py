"""The body of a request: what is asked, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.output_type import wire_format
from chatwidget.client.request.parameters import validate_parameters
from chatwidget.client.request.tool_schema import wire_tools
from chatwidget.client.wire.ledger import LIMITS
from chatwidget.client.wire.media import MEDIA
from chatwidget.client.wire.types import ChatCompletionMessage

if TYPE_CHECKING:
    from chatwidget.client.wire.types import Message, Messages

__all__ = ["encode_body", "request_body", "wire_messages", "wire_parameters"]


def request_body(
    messages: Messages,
    model: str,
    parameters: Mapping[str, object],
    *,
    stream: bool,
    extra_body: Mapping[str, Any] | None = None,
    origin: str = "",
    baseline: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build the body of a request: what is not set is left out.

    A stream is asked to end with its usage, unless ``stream_options`` says otherwise. Messages of
    the server at `origin` hold what it added to them. What neither `parameters` nor `extra_body`
    names is taken from `baseline`, if it is there; of the two limits of tokens one is sent.

    Raises
    ------
    ParameterError
        If a message or a parameter has a wrong name, type or value.
    """
    if not isinstance(extra_body, Mapping | None):
        raise ParameterError(
            f"extra_body takes a dictionary of fields; got {type(extra_body).__name__}.",
            hint="Nothing was sent.",
            parameter="extra_body",
        )
    body: dict[str, Any] = {"model": model, "messages": wire_messages(messages, origin)}
    given = wire_parameters(parameters)
    if baseline:
        named = given.keys() | (extra_body or {}).keys()
        body |= {name: each for name, each in baseline.items() if LIMITS.get(name) not in named}
    body |= given
    if stream:
        body["stream"] = True
        body.setdefault("stream_options", {"include_usage": True})
    return body | dict(extra_body or {})


def encode_body(body: Mapping[str, Any]) -> bytes:
    """Write a body as JSON.

    Raises
    ------
    ParameterError
        If a value inside cannot be written as JSON; it names the field.
    """
    try:
        return _json(body)
    except (TypeError, ValueError, RecursionError) as error:
        field = next((name for name, value in body.items() if not _writable(value)), "")
        raise ParameterError(
            f"{field} holds a value that cannot be written as JSON: {error}.", parameter=field
        ) from None


def wire_messages(messages: Messages, origin: str = "") -> list[dict[str, Any]]:
    """Return messages as they go to the server at `origin`; a string is one message of the user.

    What a server added to a message that calls tools goes back to that server, and to no other.

    Raises
    ------
    ParameterError
        If there are none, or one of them has no role, or has content of a wrong type.
    """
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    if isinstance(messages, Iterable) and (listed := list(messages)):
        return [_wire_message(message, index, origin) for index, message in enumerate(listed)]
    raise _wrong("a text, or a list of at least one message", messages)


def wire_parameters(parameters: Mapping[str, object]) -> dict[str, Any]:
    """Return parameters as they go on the wire: functions and types described, None left out.

    Raises
    ------
    ParameterError
        If a parameter has a wrong name, type or value.
    """
    described = dict(parameters)
    for name, describe in (("tools", wire_tools), ("response_format", wire_format)):
        if name in described:
            described[name] = describe(described[name])
    return validate_parameters(described)


def _wire_message(message: Message, index: int, origin: str) -> dict[str, Any]:
    if isinstance(message, ChatCompletionMessage):
        return _answer(message, goes_back=message.origin in ("", origin))
    if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
        raise _wrong('messages such as {"role": "user", "content": "Hello"}', message)
    _check_content(message.get("content"), index)
    return dict(message)


def _answer(message: ChatCompletionMessage, *, goes_back: bool) -> dict[str, Any]:
    """Return a message of a model as it goes on the wire."""
    fields = msgspec.to_builtins(message)
    calls = fields["tool_calls"] or []
    for name in ("reasoning", "origin", *MEDIA):
        del fields[name]
    functions = [*(call["function"] for call in calls), fields["function_call"] or {}]
    for holder in [fields, *calls, *functions]:
        extra = {"extra_content": holder.pop("extra_content", None)}
        extra |= holder.pop("extra_fields", None) or {}
        for name, value in extra.items() if goes_back and calls else ():
            if value is not None:
                holder.setdefault(name, value)
    for call in calls:
        # It is a call of a function, or one of a custom tool.
        del call["function" if call["custom"] else "custom"]
    told = {name: value for name, value in fields.items() if value is not None and value != ""}
    # A message that says nothing has to say so.
    return told if len(told) > 1 else told | {"content": ""}


def _check_content(content: object, index: int) -> None:
    """Refuse what no server takes for content; which parts it takes is for the server to say."""
    if content is None or isinstance(content, str):
        return
    found = type(content).__name__
    if isinstance(content, list | tuple):
        wrong = [each for each in content if not isinstance(each, Mapping) or "type" not in each]
        if not wrong:
            return
        found = f"{found} of {type(wrong[0]).__name__}"
    raise ParameterError(
        f"messages[{index}] takes a text for its content, or a list of parts such as "
        f'{{"type": "text", "text": "Hello"}}; got {found}.',
        hint="Nothing was sent.",
        parameter="messages",
    )


def _wrong(wanted: str, value: object) -> ParameterError:
    return ParameterError(
        f"messages takes {wanted}; got {type(value).__name__}.",
        hint="Nothing was sent.",
        parameter="messages",
    )


def _json(value: object) -> bytes:
    """Write JSON with the standard library, which refuses bytes and NaN; msgspec rewrites them."""
    return _ENCODER.encode(value).encode()


def _as_dict(value: object) -> dict[Any, Any]:
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value)
        return {name: field for name, field in fields.items() if field is not None}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"it is {type(value).__name__}")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_as_dict)


def _writable(value: object) -> bool:
    try:
        _json(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
