"""The messages of a request, typed: one kind for each of the six roles.

Names and meanings are the vendor's: see ``ChatCompletionRequestMessage`` in the OpenAI API
reference. They are dictionaries: the types help an editor and a type checker, and servers that
know more roles or fields get them as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import NotRequired

    from chatwidget.client.wire.content_parts import (
        AudioPart,
        FilePart,
        ImagePart,
        RefusalPart,
        TextPart,
    )

__all__ = [
    "AssistantMessage",
    "DeveloperMessage",
    "FunctionMessage",
    "SystemMessage",
    "ToolMessage",
    "TypedMessage",
    "UserMessage",
]


class DeveloperMessage(TypedDict):
    """Instructions of the developer, which go before what the user says."""

    role: Literal["developer"]
    content: str | Sequence[TextPart]
    name: NotRequired[str]


class SystemMessage(TypedDict):
    """Instructions of the developer, for models that do not know that role."""

    role: Literal["system"]
    content: str | Sequence[TextPart]
    name: NotRequired[str]


class UserMessage(TypedDict):
    """What the user says and shows."""

    role: Literal["user"]
    content: str | Sequence[TextPart | ImagePart | AudioPart | FilePart]
    name: NotRequired[str]


class CalledFunction(TypedDict):
    """The name and the arguments, as JSON text, of a call that the model asked for."""

    name: str
    arguments: str


class RequestedCall(TypedDict):
    """A call that the model asked for, to a function."""

    id: str
    type: Literal["function"]
    function: CalledFunction


class AssistantMessage(TypedDict):
    """What the model answered, or is to be taken to have answered."""

    role: Literal["assistant"]
    content: NotRequired[str | Sequence[TextPart | RefusalPart] | None]
    refusal: NotRequired[str | None]
    name: NotRequired[str]
    audio: NotRequired[Mapping[str, Any] | None]
    tool_calls: NotRequired[Sequence[RequestedCall | Mapping[str, Any]]]
    function_call: NotRequired[CalledFunction | None]


class ToolMessage(TypedDict):
    """The result of a call that the model asked for."""

    role: Literal["tool"]
    content: str | Sequence[TextPart]
    tool_call_id: str


class FunctionMessage(TypedDict):
    """The result of a function, in the deprecated way; see `ToolMessage`."""

    role: Literal["function"]
    content: str | None
    name: str


TypedMessage: TypeAlias = (
    DeveloperMessage
    | SystemMessage
    | UserMessage
    | AssistantMessage
    | ToolMessage
    | FunctionMessage
)
