"""The prefill of an answer: how it begins, and what a server is sent so that it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.body import wire_messages
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChoiceDelta,
    ChunkChoice,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.client.wire.types import Messages

__all__ = ["CONTINUING", "Prefill", "first_chunk", "prefill_tokens", "with_prefill"]

Prefill: TypeAlias = str | ChatCompletion
"""How an answer begins: a text, or an answer as far as it is kept, with its log probabilities."""

CONTINUING: Mapping[str, Any] = {"continue_final_message": True, "add_generation_prompt": False}
"""What vLLM and the practice model need to continue an answer; llama.cpp does so by itself."""


def with_prefill(
    messages: Messages, prefill: Prefill, answers: int | None = None
) -> list[dict[str, Any]]:
    """Return messages that end with the prefill of their answer.

    Raises
    ------
    ParameterError
        If it is nothing that an answer can begin with, or there are to be several answers.
    """
    if (answers or 1) > 1:
        raise ParameterError("prefill goes with one answer, and not with n.", parameter="n")
    text = prefill.text if isinstance(prefill, ChatCompletion) else prefill
    if not isinstance(text, str) or not text:
        raise ParameterError("prefill takes a text, or an answer with one.", parameter="prefill")
    return [*wire_messages(messages), {"role": "assistant", "content": text}]


def first_chunk(prefill: Prefill) -> ChatCompletionChunk:
    """Return a prefill as the first chunk of the answer."""
    if isinstance(prefill, str):
        choice = ChunkChoice(0, ChoiceDelta(role="assistant", content=prefill))
    else:
        delta = ChoiceDelta(role="assistant", content=prefill.text)
        choice = ChunkChoice(0, delta, logprobs=prefill.choices[0].logprobs)
    return ChatCompletionChunk([choice])


def prefill_tokens(prefill: Prefill | None) -> int:
    """Return how many tokens of a prefill are told; 0 for a text."""
    choices = prefill.choices if isinstance(prefill, ChatCompletion) else []
    return sum(len(each.logprobs.content or ()) for each in choices if each.logprobs)
