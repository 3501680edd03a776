"""An answer that has begun: what a server is sent so that it goes on, and what it began with."""

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

__all__ = ["CONTINUING", "Beginning", "beginning_tokens", "first_chunk", "with_beginning"]

Beginning: TypeAlias = str | ChatCompletion
"""How an answer begins: a text, or an answer as far as it is kept, with its log probabilities."""

CONTINUING: Mapping[str, Any] = {"continue_final_message": True, "add_generation_prompt": False}
"""What vLLM and the practice model need to continue an answer; llama.cpp does so by itself."""


def with_beginning(
    messages: Messages, beginning: Beginning, answers: int | None = None
) -> list[dict[str, Any]]:
    """Return messages that end with the beginning of their answer.

    Raises
    ------
    ParameterError
        If it is nothing that an answer can begin with, or there are to be several answers.
    """
    if (answers or 1) > 1:
        raise ParameterError("beginning goes with one answer, and not with n.", parameter="n")
    text = beginning.text if isinstance(beginning, ChatCompletion) else beginning
    if not isinstance(text, str) or not text:
        raise ParameterError(
            "beginning takes a text, or an answer with one.", parameter="beginning"
        )
    return [*wire_messages(messages), {"role": "assistant", "content": text}]


def first_chunk(beginning: Beginning) -> ChatCompletionChunk:
    """Return a beginning as the first chunk of the answer."""
    if isinstance(beginning, str):
        choice = ChunkChoice(0, ChoiceDelta(role="assistant", content=beginning))
    else:
        delta = ChoiceDelta(role="assistant", content=beginning.text)
        choice = ChunkChoice(0, delta, logprobs=beginning.choices[0].logprobs)
    return ChatCompletionChunk([choice])


def beginning_tokens(beginning: Beginning | None) -> int:
    """Return how many tokens of a beginning are told; 0 for a text."""
    choices = beginning.choices if isinstance(beginning, ChatCompletion) else []
    return sum(len(each.logprobs.content or ()) for each in choices if each.logprobs)
