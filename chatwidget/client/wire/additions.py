"""What a server adds to a message, which goes back to that server alone, and not into records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chatwidget.client.wire.types import FunctionCall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.client.wire.types import ChatCompletionMessage, ToolCall

__all__ = ["mark_origin", "plain_message", "plain_step"]

_STEP = ("role", "content", "refusal", "name", "tool_call_id")
_CALL = ("id", "type")
_WITHIN = {"function": ("name", "arguments"), "custom": ("name", "input")}


def mark_origin(message: ChatCompletionMessage, origin: str) -> None:
    """Let a message say which server added something to it, if one did."""
    calls = message.tool_calls or ()
    functions = [call.function for call in calls]
    if (
        message.extra_fields
        or any(call.extra_content for call in calls)
        or any(each.extra_fields for each in (*calls, *functions))
    ):
        message.origin = origin


def plain_message(message: ChatCompletionMessage) -> ChatCompletionMessage:
    """Return a message without what its server added, and of its sound the words."""
    calls = message.tool_calls and list(map(_plain_call, message.tool_calls))
    function = message.function_call and _plain_function(message.function_call)
    audio = message.audio
    if isinstance(audio, dict):
        audio = {name: value for name, value in audio.items() if name != "data"}
    return replace(
        message,
        tool_calls=calls,
        function_call=function,
        audio=audio,
        extra_fields=None,
        origin="",
    )


def _plain_call(call: ToolCall) -> ToolCall:
    function = _plain_function(call.function)
    if call.custom is not None:  # that is sent, and the function is shown
        function = FunctionCall(call.custom.name, call.custom.input)
    return replace(call, function=function, extra_content=None, extra_fields=None)


def _plain_function(function: FunctionCall) -> FunctionCall:
    return replace(function, extra_fields=None)


def plain_step(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message between a prompt and its answer, as it goes on the wire, without it."""
    plain = _only(step, _STEP)
    if calls := step.get("tool_calls"):
        plain["tool_calls"] = list(map(_plain_call_step, calls))
    return plain


def _plain_call_step(call: Mapping[str, Any]) -> dict[str, Any]:
    within = {name: _only(call[name], known) for name, known in _WITHIN.items() if call.get(name)}
    return _only(call, _CALL) | (within or {"function": {}})


def _only(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}
