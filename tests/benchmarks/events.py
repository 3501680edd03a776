"""The long answer as the events of a stream."""

from __future__ import annotations

from chatwidget.client.events import Data, Finish
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChunkChoice,
)

from .long_answer import tokens

__all__ = ["events"]


def events(count: int) -> tuple[list[Data], Finish]:
    """An event for each token, and the one that ends the answer."""
    data = [
        Data(ChatCompletionChunk(choices=[ChunkChoice(index=0, delta=ChoiceDelta(content=token))]))
        for token in tokens(count)
    ]
    message = ChatCompletionMessage(content="".join(tokens(count)))
    choice = Choice(index=0, message=message, finish_reason="stop")
    return data, Finish(ChatCompletion(choices=[choice], model="benchmark"))
