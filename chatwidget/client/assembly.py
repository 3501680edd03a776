"""The bytes of a streamed answer into chunks, and the rule of when it is complete. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.accumulator import ChatCompletionAccumulator
from chatwidget.client.decoding import decode_chunk, decode_completion, decode_error
from chatwidget.client.errors import StreamInterruptedError
from chatwidget.client.sse import SSEDecoder
from chatwidget.client.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChoiceDelta,
    ChunkChoice,
    FunctionCallDelta,
    ToolCallDelta,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatwidget.client.sse import ServerSentEvent
    from chatwidget.client.types import Choice, FunctionCall

__all__ = ["AnswerAssembly", "as_chunk"]

_DONE = b"[DONE]"


class AnswerAssembly:
    """Collect one answer, which a server may send as a stream or whole, whatever was asked.

    A stream is complete if every choice said why it ended, or if ``[DONE]`` came.

    Parameters
    ----------
    content_type
        The response's header of that name, which tells a whole answer from a stream; what tells
        nothing is taken for a stream.
    """

    def __init__(self, content_type: str = "") -> None:
        self._decoder = SSEDecoder()
        self._accumulator = ChatCompletionAccumulator()
        self._whole: list[bytes] | None = [] if "json" in content_type.lower() else None
        self._fetched: ChatCompletion | None = None
        self._is_page = "html" in content_type.lower()
        self.done = False

    @property
    def completion(self) -> ChatCompletion:
        """What has arrived so far."""
        return self._fetched or self._accumulator.completion

    def feed(self, received: bytes) -> Iterator[ChatCompletionChunk]:
        """Take the next bytes and yield the chunks that they complete.

        Raises
        ------
        StreamError
            If the server reports an error, or sends what cannot be read.
        """
        if self._whole is not None:
            self._whole.append(received)
            return iter(())
        return self._chunks(self._decoder.feed(received))

    def finish(self) -> Iterator[ChatCompletionChunk]:
        """Yield what is left when the bytes have ended.

        Raises
        ------
        StreamInterruptedError
            If the answer is not complete.
        """
        if self._whole is not None:
            self._fetched = decode_completion(b"".join(self._whole))
            yield as_chunk(self._fetched)
            return
        yield from self._chunks(self._decoder.finish())
        if not self.done and not self._accumulator.finished:
            raise self._interruption()

    def _interruption(self) -> StreamInterruptedError:
        if self.completion.choices:
            return StreamInterruptedError(
                "The answer broke off before its end.",
                hint="What had arrived is kept; send the prompt again for a whole answer.",
            )
        what = "a web page in place of an answer" if self._is_page else "no answer"
        return StreamInterruptedError(
            f"The server sent {what}.", hint="Check the address: it usually ends in /v1."
        )

    def _chunks(self, events: Iterable[ServerSentEvent]) -> Iterator[ChatCompletionChunk]:
        for event in events:
            if self.done:
                return
            data = event.data.strip()
            if data.startswith(_DONE):
                self.done = True
            elif event.name == b"error":
                raise decode_error(data)
            elif data and not data.startswith(b":"):
                chunk = decode_chunk(data)
                self._accumulator.feed(chunk)
                yield chunk


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
    calls = [
        ToolCallDelta(index=i, id=call.id, type=call.type, function=_as_piece(call.function))
        for i, call in enumerate(message.tool_calls or ())
    ]
    return ChoiceDelta(
        role=message.role,
        content=message.content,
        refusal=message.refusal,
        reasoning=message.reasoning,
        tool_calls=calls or None,
        function_call=_as_piece(message.function_call) if message.function_call else None,
    )


def _as_piece(call: FunctionCall) -> FunctionCallDelta:
    return FunctionCallDelta(name=call.name, arguments=call.arguments)
