"""What users write, with the types that they get; a type checker reads this, nobody runs it."""

from __future__ import annotations

import asyncio
import queue
import sys
from dataclasses import dataclass

from typing_extensions import assert_type

from chatwidget import (
    AsyncChatClient,
    AsyncChatStream,
    ChatClient,
    ChatCompletion,
    ChatCompletionChunk,
    ChatStream,
    Data,
    Deadlines,
    Error,
    Finish,
    StreamEvent,
    acreate_chat_completion,
    create_chat_completion,
    start_chat_completion,
)


@dataclass
class Book:
    title: str
    year: int


class Handler:
    def handle_data(self, event: Data) -> None: ...
    def handle_error(self, event: Error) -> None: ...
    def handle_finish(self, event: Finish) -> None: ...


def show(event: StreamEvent) -> None:
    if isinstance(event, Data):
        assert_type(event.chunk, ChatCompletionChunk)
    elif isinstance(event, Error):
        assert_type(event.completion, ChatCompletion)
    else:
        assert_type(event, Finish)


async def ashow(event: StreamEvent) -> None:
    show(event)


def count_words(text: str) -> int:
    """Count the words of a text."""
    return len(text.split())


def whole_answers() -> None:
    assert_type(create_chat_completion("Hi"), ChatCompletion)
    assert_type(create_chat_completion("Hi", "m", temperature=0, stop=["a"]), ChatCompletion)
    assert_type(create_chat_completion([{"role": "user", "content": "Hi"}]), ChatCompletion)
    assert_type(create_chat_completion("Hi", tools=[count_words]), ChatCompletion)
    assert_type(create_chat_completion("Hi", response_format=Book), ChatCompletion)
    assert_type(create_chat_completion("Hi", timeout=Deadlines(idle=5)), ChatCompletion)
    first = create_chat_completion("Hi")
    again = create_chat_completion(
        [
            {"role": "user", "content": "Hi"},
            first.choices[0].message,
            {"role": "user", "content": "?"},
        ]
    )
    assert_type(again.text, str)


def streams() -> None:
    stream = create_chat_completion("Hi", stream=True)
    assert_type(stream, ChatStream)
    for chunk in stream:
        assert_type(chunk, ChatCompletionChunk)
    assert_type(stream.completion, ChatCompletion)


def sinks() -> None:
    events: queue.Queue[StreamEvent] = queue.Queue()
    assert_type(create_chat_completion("Hi", stream_to=show), ChatCompletion)
    assert_type(create_chat_completion("Hi", stream_to=events), ChatCompletion)
    assert_type(create_chat_completion("Hi", stream_to=Handler()), ChatCompletion)
    assert_type(create_chat_completion("Hi", stream_to=sys.stdout), ChatCompletion)
    assert_type(create_chat_completion("Hi", stream=True, stream_to=show), ChatCompletion)
    assert_type(create_chat_completion("Hi", stream_to=(show, events)), ChatCompletion)


def clients() -> None:
    with ChatClient("practice", timeout=5) as client:
        assert_type(client.create_chat_completion("Hi"), ChatCompletion)
        assert_type(client.create_chat_completion("Hi", stream=True), ChatStream)
        assert_type(client.stream("Hi"), ChatStream)
        assert_type(client.start_chat_completion("Hi").result(), ChatCompletion)
    assert_type(start_chat_completion("Hi", stream_to=show).result(timeout=1), ChatCompletion)


async def asynchronous() -> None:
    events: asyncio.Queue[StreamEvent] = asyncio.Queue()
    assert_type(await acreate_chat_completion("Hi"), ChatCompletion)
    assert_type(await acreate_chat_completion("Hi", stream_to=ashow), ChatCompletion)
    assert_type(await acreate_chat_completion("Hi", stream_to=events), ChatCompletion)
    stream = await acreate_chat_completion("Hi", stream=True)
    assert_type(stream, AsyncChatStream)
    async for chunk in stream:
        assert_type(chunk, ChatCompletionChunk)
    async with AsyncChatClient("practice") as client:
        assert_type(await client.create_chat_completion("Hi"), ChatCompletion)


def mistakes() -> None:
    create_chat_completion("Hi", temperature="hot")  # type: ignore[call-overload] # no number
    create_chat_completion("Hi", temprature=1)  # type: ignore[call-overload] # no such parameter
    create_chat_completion("Hi", stream_to=5)  # type: ignore[call-overload] # nothing to stream to
