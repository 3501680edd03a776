"""What is large costs its size, in time and in room, and what is too large is refused."""

from __future__ import annotations

import gzip
import itertools
import time
import tracemalloc
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.errors import StreamError
from chatwidget.client.limits import Limits
from chatwidget.client.wire.response import ResponseParser
from chatwidget.client.wire.sse import SSEDecoder
from cpu import cpu_seconds
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    done,
    event_stream,
    head,
    json_response,
    sse,
)
from wire.scripted_server import close, split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

    from chatwidget.client.client import ChatClient
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))
END = sse(chunk(None, finish_reason="stop")) + done()


def read(parser: ResponseParser, pieces: Iterable[bytes]) -> None:
    """Take all pieces in."""
    for piece in pieces:
        for _ in parser.feed(piece):
            pass


# Time


def test_an_event_of_10_mb_passes_F29(ask: Asker, server: ScriptedServer) -> None:
    text = "x" * 10**7
    server.reply(event_stream(HALF, sse(chunk(text)), END))
    begun = time.monotonic()
    assert ask(stream_to=lambda event: None).text == "Half" + text
    assert time.monotonic() - begun < 3


LONG = HALF + sse(chunk("piece ")) * 1150 + END


def test_200_000_pieces_of_one_byte_pass_F29(client: ChatClient, server: ScriptedServer) -> None:
    assert len(LONG) > 200_000
    server.reply(SSE_HEAD, split(LONG), close())
    target = StringIO()
    ask = partial(client.create_chat_completion, "Hello", "m", stream_to=target)
    assert cpu_seconds(ask) < 5
    assert target.getvalue() == "Half" + "piece " * 1150


def test_200_000_pieces_that_arrive_one_by_one_pass_F29() -> None:
    parser = ResponseParser()
    assert cpu_seconds(lambda: read(parser, split(LONG))) < 3
    assert parser.completion.text == "Half" + "piece " * 1150


def took(pieces: Iterable[bytes]) -> float:
    """Return how long it takes to read pieces of an answer, in seconds of this process."""
    return cpu_seconds(lambda: read(ResponseParser(), pieces))


SHAPES = {
    "a line": [b"data: ", *[b"x"] * 400],
    "lines of an event": [b"data: x\n"] * 400,
    "comments": [b": x\n"] * 400,
    "events": split(sse(chunk("x")) * 2),
    "a body": [b"{", *[b"x"] * 400],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_time_grows_with_the_length_and_no_faster_F29(shape: list[bytes]) -> None:
    short, long = (
        min(took(itertools.chain(shape[:1], shape[1:] * times)) for _ in range(3))
        for times in (25, 250)
    )
    # what copies all at every piece takes a hundred times as long
    assert long < 30 * max(short, 0.001)


# The limit of an event


TOO_LARGE: dict[str, bytes] = {
    "one line": sse(chunk("x" * 5000)),
    "CRLF": sse(chunk("x" * 5000), newline="\r\n"),
    "many lines": b"data: " + b"x" * 99 + b"\n" + (b"data: " + b"x" * 99 + b"\n") * 50 + b"\n",
}


@pytest.mark.parametrize("large", TOO_LARGE.values(), ids=TOO_LARGE)
@pytest.mark.parametrize("size", [100_000, 1000, 100, 7])
def test_an_event_that_comes_to_its_end_is_too_large_all_the_same_F29_F30(
    large: bytes, size: int
) -> None:
    parser = ResponseParser(limits=Limits(event=2000))
    with pytest.raises(StreamError, match=r"larger than 2,000 bytes.*Limits\(event=4000\)"):
        read(parser, split(HALF + large + END, size))
    assert parser.completion.text == "Half"


def test_many_events_may_be_larger_than_one_F30() -> None:
    parser = ResponseParser(limits=Limits(event=1000))
    told = [chunk.text for chunk in parser.feed(sse(*[chunk("x")] * 100) + END)]
    assert "".join(told) == "x" * 100


def test_a_simple_event_and_the_rest_of_the_piece_have_their_limits_F30() -> None:
    for rest in (b"data: " + b"x" * 2000, b"data: " + b"x" * 2000 + b"\n"):
        events = SSEDecoder(Limits(event=1000)).feed(b"data: a\n\n" + rest)
        told = iter(events)
        assert next(told).data == b"a"
        with pytest.raises(StreamError, match="larger than"):
            next(told)


def test_a_large_event_ends_the_answer_of_every_client_F30(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(HALF + sse(chunk("x" * 5000)) + END))
    with pytest.raises(StreamError, match=r"Limits\(event=4000\)") as caught:
        ask.run("Hello", "m", {"limits": Limits(event=2000)}, {"stream_to": lambda event: None})
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"
    assert server.connections[0].wait_closed(1.0)


# Room


MB = 2**20
ROOM = 2
"""The most memory that an answer takes, for each byte of its limits."""


class Peak:
    """The most memory that Python takes inside the block, in bytes."""

    taken = 0

    def __enter__(self) -> Self:
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        _, self.taken = tracemalloc.get_traced_memory()
        tracemalloc.stop()


ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "a line in small pieces": (b"data: ", b"xy"),
    "short lines of an event": (b"", b"data:xy\n"),
    "empty lines of an event": (b"", b"data\n"),
    "comments": (b"", b": x\n"),
    "a body in small pieces": (b"{", b"xy"),
    "short pieces of text": (HALF, b'data: {"choices":[{"delta":{"content":"xy"}}]}\n\n'),
    "log probabilities": (
        HALF,
        b'data: {"choices":[{"logprobs":{"content":[{"token":"a","logprob":0}]}}]}\n\n',
    ),
}


@pytest.mark.parametrize(("start", "piece"), ENDLESS.values(), ids=ENDLESS)
def test_room_is_bounded_by_the_limits_F29_F30_S32(start: bytes, piece: bytes) -> None:
    limit = MB // 4
    limits = Limits(event=limit, body=limit)
    with Peak() as peak:
        pieces = itertools.chain([start], itertools.repeat(piece))
        with pytest.raises(StreamError, match="larger than"):
            read(ResponseParser(limits=limits), pieces)
    assert peak.taken < ROOM * limit


@pytest.mark.parametrize(
    ("script", "limits"),
    [
        ([SSE_HEAD, HALF, itertools.repeat(b"x" * 10_000)], Limits(event=4 * MB)),
        ([SSE_HEAD, itertools.repeat(sse(chunk("x" * 100)) * 100)], Limits(body=4 * MB)),
        ([head(), b"{", itertools.repeat(b" " * 10_000)], Limits(body=4 * MB)),
    ],
    ids=["line", "answer", "body"],
)
def test_room_is_bounded_for_every_client_F30_S32(
    ask_own: Asker, server: ScriptedServer, script: list[Step], limits: Limits
) -> None:
    server.reply(json_response(completion("Hi")))
    server.reply(script)
    assert ask_own().text == "Hi"
    with Peak() as peak, pytest.raises(StreamError, match="larger than 4,194,304 bytes"):
        ask_own.run("Hello", "m", {"limits": limits}, {"stream_to": lambda event: None})
    # the client itself takes a part of a megabyte, and the server of this test as well
    assert peak.taken < ROOM * 4 * MB + MB


def test_a_bomb_is_bounded_by_what_one_read_unpacks_to_F30_S32(
    ask_own: Asker, server: ScriptedServer
) -> None:
    bomb = gzip.compress(b"data: " + b"0" * 200 * MB)
    server.reply(head(content_encoding="gzip", content_length=len(bomb)) + bomb)
    with Peak() as peak, pytest.raises(StreamError, match="larger than 1,048,576 bytes"):
        ask_own.run("Hello", "m", {"limits": Limits(body=MB)}, {"stream_to": lambda event: None})
    # httpx reads 64 KiB at a time, of which each byte stands for at most 1032, and copies them once
    assert peak.taken < 2 * 65 * MB + 16 * MB


def test_choices_are_counted_S32() -> None:
    body = sse({"choices": [{"index": number} for number in range(70_000)]})
    parser = ResponseParser()
    with Peak() as peak, pytest.raises(StreamError, match="more than 65,536 choices"):
        list(parser.feed(body))
    assert peak.taken < 64 * MB
