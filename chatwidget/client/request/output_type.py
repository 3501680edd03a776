"""Answers as instances of a Python type: the type is sent as a schema, the text is read back.

Formats that are given as dictionaries go as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.errors import ParameterError, ParsingError
from chatwidget.client.request.json_schema import json_schema, parse_json, wire_name
from chatwidget.client.request.strict_schema import strict_schema, without_absent
from chatwidget.client.wire.finish import ending
from chatwidget.client.wire.json_text import json_in_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.wire.finish import Ending
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["parsed", "parser", "type_name", "wire_format"]

# What has one of these stands for a type, such as list[int], a NewType or a `type X = …`.
_MARKS = ("__origin__", "__supertype__", "__value__")
_VALUE = "value"
_CUT: dict[Ending | None, tuple[str, str]] = {
    "length": (
        "The answer was cut at its greatest length, before its JSON was complete.",
        "Give a larger max_completion_tokens.",
    ),
    "content_filter": (
        "The server's content filter cut the answer before its JSON was complete.",
        "Ask in other words.",
    ),
    "abort": ("The server aborted the answer before its JSON was complete.", "Ask again."),
}
_REFUSAL_LIMIT = 200


def wire_format(response_format: object) -> object:
    """Return a response format as it goes on the wire: a type becomes its strict JSON schema.

    Raises
    ------
    ParameterError
        If the type cannot be described strictly.
    """
    return _form(response_format).wire() if _is_type(response_format) else response_format


def parser(response_format: object) -> Callable[[str], Any] | None:
    """Return what makes an instance of an answer's text; None if no type is asked for.

    It raises a `ParsingError` if the text describes no instance.

    Raises
    ------
    ParameterError
        If the type cannot be described.
    """
    return _form(response_format).parse if _is_type(response_format) else None


def type_name(kind: Any) -> str:
    """Return what a type is called, as people write it: ``City``, ``list[City]``."""
    if isinstance(kind, type) and not hasattr(kind, "__origin__"):
        return kind.__name__
    origin, arguments = getattr(kind, "__origin__", None), getattr(kind, "__args__", ())
    if isinstance(origin, type) and arguments:
        return f"{origin.__name__}[{', '.join(map(type_name, arguments))}]"
    if isinstance(kind, UnionType):
        return " | ".join(map(type_name, arguments))
    return str(getattr(kind, "__name__", "answer"))


def parsed(completion: ChatCompletion, parse: Callable[[str], Any] | None) -> ChatCompletion:
    """Return a completion with its first choice read, if a type was asked for.

    A model that calls tools has not answered yet: nothing is read then.

    Raises
    ------
    ParsingError
        If the answer describes no instance of the type; it holds the completion.
    """
    if parse is None or _calls_tools(completion):
        return completion
    try:
        value = parse(completion.text)
    except ParsingError as error:
        failure = _explained(error, completion)
    else:
        return msgspec.structs.replace(completion, parsed=value)
    failure.completion = completion
    raise failure


@dataclass(frozen=True, slots=True)
class _Form:
    """How instances of a type are asked for and read.

    Attributes
    ----------
    name
        What to call the type.
    kind
        The type of the whole answer.
    schema
        Its JSON schema, not yet strict.
    wrapped
        Whether the instance stands in an object of one field, for the whole must be an object.
    """

    name: str
    kind: Any
    schema: dict[str, Any]
    wrapped: bool

    def wire(self) -> dict[str, Any]:
        schema = strict_schema(self.schema, self.name)
        named = {"name": wire_name(self.name), "strict": True, "schema": schema}
        return {"type": "json_schema", "json_schema": named}

    def _in_object(self, value: Any) -> Any:
        """Return a value in its object, which some models leave out."""
        is_bare = self.wrapped and not (isinstance(value, dict) and _VALUE in value)
        return {_VALUE: value} if is_bare else value

    def parse(self, text: str) -> Any:
        try:
            value = self._in_object(_json_of(text))
            value = without_absent(value, self.schema, self.schema)
            answer = parse_json(msgspec.json.encode(value), self.kind)
        except Exception as error:  # noqa: BLE001 - a type may run any code, and the answer must be kept
            reason = str(error) or type(error).__name__
        else:
            return getattr(answer, _VALUE) if self.wrapped else answer
        raise ParsingError(
            f"The answer is no {self.name}: {reason}.",
            hint="The error's completion holds the text.",
        )


def _json_of(text: str) -> Any:
    """Return the JSON of an answer, also where the model put a fence or prose around it."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        found = json_in_answer(text)
        if found is None:
            raise
        return found.value


def _is_type(value: object) -> bool:
    if value is None or isinstance(value, dict):
        return False
    return isinstance(value, type | UnionType) or any(hasattr(value, mark) for mark in _MARKS)


def _form(kind: Any) -> _Form:
    name = type_name(kind)
    try:
        schema = _schema(kind)
        wrapped = schema.get("type") != "object"
        if wrapped:
            kind = msgspec.defstruct("Answer", [(_VALUE, kind)])
            schema = json_schema(kind)
    except TypeError as error:
        raise ParameterError(
            f"response_format cannot describe {name}: {_reason(error)}.",
            hint="Give a msgspec Struct, a dataclass, a TypedDict or a pydantic model.",
            parameter="response_format",
        ) from None
    return _Form(name, kind, schema, wrapped)


def _schema(kind: Any) -> dict[str, Any]:
    if schema := json_schema(kind):
        return schema
    raise TypeError("it says nothing of a value")


def _reason(error: TypeError) -> str:
    """Find the line that tells the reason: msgspec ends with it, pydantic ends with a link."""
    lines = [line for line in str(error).splitlines() if line and "further information" not in line]
    return lines[-1].rstrip(".")


def _calls_tools(completion: ChatCompletion) -> bool:
    message = completion.choices[0].message if completion.choices else None
    called = message is not None and (message.tool_calls or message.function_call)
    return bool(called) and not completion.text


def _explained(error: ParsingError, completion: ChatCompletion) -> ParsingError:
    """Tell why an answer is not what was asked for, where the server says it."""
    refusal = completion.choices[0].message.refusal if completion.choices else None
    if refusal:
        return ParsingError(f"The model refused: {refusal[:_REFUSAL_LIMIT]}")
    if (cut := ending(completion.finish_reason)) in _CUT:
        message, hint = _CUT[cut]
        return ParsingError(message, hint=hint)
    if not completion.text:
        return ParsingError("The answer has no text.", hint="Does the model know JSON schemas?")
    return error
