"""A whole answer as the one chunk of a stream, so that both follow the same rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.wire.media import MEDIA
from chatwidget.client.wire.types import (
    ChatCompletionChunk,
    ChoiceDelta,
    ChunkChoice,
    CustomCallDelta,
    FunctionCallDelta,
    ToolCallDelta,
)

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletion, Choice, FunctionCall, ToolCall

__all__ = ["as_chunk", "drop_echo"]


def as_chunk(completion: ChatCompletion) -> ChatCompletionChunk:
    """Return a whole answer as the one chunk of a stream."""
    return ChatCompletionChunk(
        id=completion.id,
        created=completion.created,
        model=completion.model,
        object="chat.completion.chunk",
        system_fingerprint=completion.system_fingerprint,
        service_tier=completion.service_tier,
        usage=completion.usage,
        choices=[
            ChunkChoice(
                index=choice.index,
                delta=_as_delta(choice),
                finish_reason=choice.finish_reason,
                logprobs=choice.logprobs,
            )
            for choice in completion.choices
        ],
    )


def _as_delta(choice: Choice) -> ChoiceDelta:
    message = choice.message
    calls = [_as_call_piece(i, call) for i, call in enumerate(message.tool_calls or ())]
    media = {name: held for name in MEDIA if (held := getattr(message, name))}
    return ChoiceDelta(
        role=message.role,
        content=message.content,
        refusal=message.refusal,
        reasoning=message.reasoning,
        tool_calls=calls or None,
        function_call=_as_piece(message.function_call) if message.function_call else None,
        extra_fields=(media | (message.extra_fields or {})) or None,
    )


def _as_call_piece(index: int, call: ToolCall) -> ToolCallDelta:
    piece = ToolCallDelta(
        index, call.id, call.type, _as_piece(call.function), call.extra_content, call.extra_fields
    )
    if call.custom is not None:
        piece.custom = CustomCallDelta(call.custom.name, call.custom.input)
    return piece


def _as_piece(call: FunctionCall) -> FunctionCallDelta:
    return FunctionCallDelta(call.name, call.arguments, call.extra_fields)


def drop_echo(chunk: ChatCompletionChunk, prefill: str) -> None:
    """Drop the prefill of an answer from what a server says after it.

    llama.cpp says it once more in whole answers, and not in streams. Whoever lists the tokens of
    all that is said goes on with the same words, and echoes nothing.
    """
    for choice in chunk.choices:
        text = (choice.delta and choice.delta.content) or ""
        tokens = (choice.logprobs and choice.logprobs.content) or ()
        is_all_new = bool(tokens) and "".join(each.token for each in tokens) == text
        if choice.delta is not None and text.startswith(prefill) and not is_all_new:
            choice.delta.content = text[len(prefill) :]
