"""``stream=True``: chunks to whoever iterates, and a connection that does not outlive the loop."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    NotFoundError,
    StreamError,
    StreamInterruptedError,
)
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    done,
    error,
    event_stream,
    head,
    json_response,
    response,
    sse,
    stream_of,
)
from wire.scripted_server import close, drip, pause, split, stall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatwidget.client.stream import AsyncChatStream
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))
ENDLESS = (SSE_HEAD, HALF, stall())


def run(server: ScriptedServer, script: Callable[[AsyncChatStream], Awaitable[None]]) -> None:
    """Open a stream asynchronously and do something with it."""

    async def main() -> None:
        async with AsyncChatClient(server.url, retries=0) as client:
            await script(await client.create_chat_completion("Hello", "m", stream=True))

    asyncio.run(main())


async def left(server: ScriptedServer) -> bool:
    """Wait a second for the client to close the connection, while the loop runs."""
    return await asyncio.to_thread(server.connections[0].wait_closed, 1.0)


# Chunks


def test_chunks_come_one_by_one_with_the_answer_so_far(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(event_stream(*split(stream_of("Hel", "lo"), 50)))
    stream = client.create_chat_completion("Hello", "m", stream=True)
    assert [choice.message.content for choice in stream.completion.choices] == [None]
    seen = [(chunk.text, stream.completion.text) for chunk in stream]
    assert seen == [("", ""), ("Hel", "Hel"), ("lo", "Hello"), ("", "Hello")]
    assert stream.completion.finish_reason == "stop"
    assert stream.error is None
    assert server.requests[0].json["stream"] is True


def test_chunks_come_one_by_one_asynchronously(server: ScriptedServer) -> None:
    server.reply(event_stream(*split(stream_of("Hel", "lo"), 50)))

    async def script(stream: AsyncChatStream) -> None:
        seen = [(chunk.text, stream.completion.text) async for chunk in stream]
        assert seen == [("", ""), ("Hel", "Hel"), ("lo", "Hello"), ("", "Hello")]
        assert stream.error is None

    run(server, script)


def test_a_chunk_is_there_before_the_next_is_sent(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(*ENDLESS)
    with client.create_chat_completion("Hello", "m", stream=True) as stream:
        chunks = iter(stream)
        assert [next(chunks).text, next(chunks).text] == ["", "Half"]
        assert server.connections[0].connected
        chunks.close()  # type: ignore[attr-defined] # it is a generator


def test_a_whole_answer_is_one_chunk_F17(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hello")))
    stream = client.create_chat_completion("Hello", "m", stream=True)
    assert [each.text for each in stream] == ["Hello"]
    assert stream.completion.usage is not None


@pytest.mark.parametrize("size", [1, 3])
def test_an_answer_in_single_bytes_is_the_same_F19(
    ask_own: Asker, server: ScriptedServer, size: int
) -> None:
    server.reply(SSE_HEAD, drip(stream_of("Grüß", " 👋"), every=0, size=size), close())
    assert ask_own(stream_to=print).text == "Grüß 👋"


# Leaving


def test_leaving_the_with_block_closes_the_connection_T21(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(*ENDLESS)
    with client.create_chat_completion("Hello", "m", stream=True) as stream:
        pass
    assert server.connections[0].wait_closed(1.0)
    assert stream.completion.text == ""
    assert stream.completion.finish_reason is None


def test_break_closes_the_connection_although_the_variable_lives_F56(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(*ENDLESS)
    stream = client.create_chat_completion("Hello", "m", stream=True)
    for each in stream:
        if each.text:
            break
    assert server.connections[0].wait_closed(1.0)
    assert stream.completion.text == "Half"
    assert stream.completion.finish_reason is None


def test_an_exception_in_the_loop_body_closes_the_connection_F56(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(*ENDLESS)
    stream = client.create_chat_completion("Hello", "m", stream=True)

    def body() -> None:
        for each in stream:
            if each.text:
                raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        body()
    # IPython keeps the traceback, and with it the frame of the loop
    assert caught.value.__traceback__ is not None
    assert server.connections[0].wait_closed(1.0)
    assert stream.completion.text == "Half"


def test_closing_keeps_what_has_arrived_and_may_be_repeated_T22(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(*ENDLESS)
    stream = client.create_chat_completion("Hello", "m", stream=True)
    for each in stream:
        if each.text:
            stream.close()
            stream.close()
            break
    assert server.connections[0].wait_closed(1.0)
    assert stream.completion.text == "Half"


def test_break_closes_the_asynchronous_connection_F56_T23(server: ScriptedServer) -> None:
    server.reply(*ENDLESS)

    async def script(stream: AsyncChatStream) -> None:
        async for each in stream:
            if each.text:
                break
        assert await left(server)
        assert stream.completion.text == "Half"

    run(server, script)


def test_an_exception_in_the_asynchronous_loop_closes_the_connection_F56_T23(
    server: ScriptedServer,
) -> None:
    server.reply(*ENDLESS)

    async def script(stream: AsyncChatStream) -> None:
        async def body() -> None:
            async for each in stream:
                if each.text:
                    raise KeyError("mine")

        with pytest.raises(KeyError) as caught:
            await body()
        assert await left(server)
        assert caught.value.__traceback__ is not None

    run(server, script)


def test_leaving_the_asynchronous_with_block_closes_the_connection_T21(
    server: ScriptedServer,
) -> None:
    server.reply(*ENDLESS)

    async def script(stream: AsyncChatStream) -> None:
        async with stream:
            pass
        assert await left(server)
        await stream.aclose()

    run(server, script)


def test_cancelling_the_task_closes_the_connection_T20(server: ScriptedServer) -> None:
    server.reply(*ENDLESS)

    async def script(stream: AsyncChatStream) -> None:
        arrived = asyncio.Event()

        async def read() -> None:
            async for each in stream:
                if each.text:
                    arrived.set()

        task = asyncio.create_task(read())
        await asyncio.wait_for(arrived.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await left(server)
        assert stream.completion.text == "Half"

    run(server, script)


# Endings


def test_done_ends_the_answer_although_the_server_stays_F38(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, stream_of("Hi"), stall())
    assert ask_own(stream_to=print).text == "Hi"
    assert server.connections[0].wait_closed(1.0)


def test_nothing_after_done_is_read_F38_T25(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, stream_of("Hi"), b"data: no json\n\n" * 100, close())
    assert ask_own(stream_to=print).text == "Hi"


BROKEN: dict[str, tuple[tuple[Step, ...], type[APIError]]] = {
    "no end F35": ((SSE_HEAD, HALF, close()), StreamInterruptedError),
    "cut frame F34": ((event_stream(HALF)[:-1], b"50\r\ndata: ", close()), APIConnectionError),
    "cut chunked body F34": ((event_stream(HALF)[:-1], close()), APIConnectionError),
    "reported F42": ((SSE_HEAD, HALF, sse(error("full", code="over")), close()), StreamError),
    "not closed by a blank line F37": (
        (SSE_HEAD, HALF, sse(error("full")).rstrip(b"\n"), close()),
        StreamError,
    ),
    "no JSON F26": ((SSE_HEAD, HALF, b"data: oops\n\n", stall()), StreamError),
}


@pytest.mark.parametrize(("script", "kind"), BROKEN.values(), ids=BROKEN)
def test_a_failure_is_raised_and_holds_the_partial_answer(
    client: ChatClient, server: ScriptedServer, script: tuple[Step, ...], kind: type[APIError]
) -> None:
    server.reply(script)
    stream = client.create_chat_completion("Hello", "m", stream=True)
    with pytest.raises(kind) as caught:
        list(stream)
    assert stream.error is caught.value
    assert caught.value.completion == stream.completion
    assert stream.completion.text == "Half"
    assert server.connections[0].wait_closed(1.0) or server.connections[0].closed_by == "server"
    assert len(server.requests) == 1


@pytest.mark.parametrize(("script", "kind"), BROKEN.values(), ids=BROKEN)
def test_a_failure_is_raised_asynchronously_and_holds_the_partial_answer(
    server: ScriptedServer, script: tuple[Step, ...], kind: type[APIError]
) -> None:
    server.reply(script)

    async def read(stream: AsyncChatStream) -> None:
        with pytest.raises(kind) as caught:
            _ = [each async for each in stream]
        assert stream.error is caught.value
        assert caught.value.completion == stream.completion
        assert stream.completion.text == "Half"

    run(server, read)


@pytest.mark.parametrize(("script", "kind"), BROKEN.values(), ids=BROKEN)
def test_a_failure_without_a_stream_holds_the_partial_answer_too(
    ask_own: Asker, server: ScriptedServer, script: tuple[Step, ...], kind: type[APIError]
) -> None:
    server.reply(script)
    with pytest.raises(kind) as caught:
        ask_own()
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"


def test_a_refusal_is_raised_before_there_is_a_stream(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(json_response(error("No such model"), 404))
    with pytest.raises(NotFoundError, match="No such model"):
        client.create_chat_completion("Hello", "m", stream=True)


def test_a_stall_is_a_timeout_F39(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    with pytest.raises(APITimeoutError, match="not complete within 1 s") as caught:
        list(client.create_chat_completion("Hello", "m", stream=True, timeout=1))
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"
    assert server.connections[0].wait_closed(1.0)


def test_a_stall_before_the_first_byte_is_a_timeout_F39(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(stall())
    with pytest.raises(APITimeoutError, match="Give a longer timeout="):
        ask_own(timeout=0.5)  # a busy machine takes its time to send
    assert len(server.requests) == 1


# Compression


def deflated(body: bytes) -> bytes:
    return zlib.compress(body)


def zlib_flushed(body: bytes) -> bytes:
    """Return a body that is compressed so that all of it can be read, and does not end."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("deflate", deflated)],
    ids=["gzip", "deflate"],
)
def test_a_compressed_stream_is_read_F31(
    ask: Asker, server: ScriptedServer, encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    body = encode(stream_of("Grüß", " Gott"))
    server.reply(event_stream(*split(body, 7), content_encoding=encoding))
    assert ask(stream_to=print).text == "Grüß Gott"


BROKEN: dict[str, tuple[str, list[bytes], str]] = {
    "no gzip": ("gzip", [b"this is no gzip"], ""),
    "no deflate": ("deflate", [b"\xff" * 20], ""),
    "garbled": ("gzip", [zlib_flushed(sse(chunk("Half"))), b"\xff" * 50], "Half"),
    "a wrong sum": ("gzip", [gzip.compress(sse(chunk("Half")))[:-8], b"\0" * 8], "Half"),
}


@pytest.mark.parametrize(("encoding", "body", "text"), BROKEN.values(), ids=BROKEN)
def test_an_answer_that_cannot_be_decompressed_is_no_failure_of_the_connection_F31_T29(
    ask: Asker, server: ScriptedServer, encoding: str, body: list[bytes], text: str
) -> None:
    server.otherwise(event_stream(*body, content_encoding=encoding)[:-1], stall())
    with pytest.raises(StreamError, match=r"The answer of .* cannot be decompressed: ") as caught:
        ask.run("Hello", "m", {"retries": 2}, {"stream_to": print})
    assert caught.value.completion is not None
    assert caught.value.completion.text == text
    assert server.connections[0].wait_closed(1.0)
    # another try would bring the same again, and be paid for
    assert len(server.requests) == 1


def test_nor_is_a_list_of_models_that_cannot_be_decompressed_F31(server: ScriptedServer) -> None:
    server.otherwise(response(b"this is no gzip", content_encoding="gzip"))
    with (
        ChatClient(server.url) as client,
        pytest.raises(StreamError, match="cannot be decompressed"),
    ):
        client.list_models()
    assert len(server.requests) == 1


# Odd heads


@pytest.mark.parametrize(
    "content_type",
    [
        "text/event-stream; charset=iso-8859-1",
        "TEXT/EVENT-STREAM",
        "text/plain",
        "application/octet-stream",
    ],
)
def test_the_charset_and_the_case_of_the_content_type_do_not_matter(
    ask_own: Asker, server: ScriptedServer, content_type: str
) -> None:
    server.reply(event_stream(stream_of("Grüß"), content_type=content_type))
    assert ask_own().text == "Grüß"


def test_a_stream_without_a_content_type_is_read(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(head(connection="close"), stream_of("Hi"), close())
    assert ask_own().text == "Hi"


def test_a_stream_comes_although_none_was_asked_D21(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))
    assert ask_own().text == "Hi"
    assert "stream" not in server.requests[0].json


def test_a_web_page_is_an_error_that_says_so_F18(ask: Asker, server: ScriptedServer) -> None:
    page = b"<html>Please sign in</html>"
    server.reply(head(content_type="text/html", content_length=len(page)) + page)
    with pytest.raises(StreamInterruptedError, match="The server sent a web page"):
        ask()


@pytest.mark.parametrize("status", [200, 204])
def test_an_empty_answer_is_an_error_that_says_so_F18(
    ask: Asker, server: ScriptedServer, status: int
) -> None:
    server.reply(head(status, content_length=0))
    with pytest.raises(APIError, match="no answer"):
        ask()


# A streamed answer equals the same answer fetched whole


def _whole(text: str, **message: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    answer = completion(text, **{"usage": usage})  # noqa: PIE804 - usage is one of the extras
    answer["choices"][0]["message"] |= message
    return answer


CALLS = [
    {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
    {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
]
TOKENS = [
    {"token": each, "logprob": -0.5, "bytes": None, "top_logprobs": [{"token": "x", "logprob": -1}]}
    for each in ("Hel", "lo")
]


def _streamed(answer: dict[str, Any]) -> bytes:
    """Cut a whole answer into the chunks that a server would send."""
    chunks = []
    for choice in answer["choices"]:
        message, index = choice["message"], choice["index"]
        chunks.append(chunk(None, index, delta={"role": message["role"], "content": None}))
        for field in ("content", "refusal", "reasoning_content"):
            text = message.get(field)
            if text is not None:
                cut = len(text) // 2
                chunks += [
                    chunk(None, index, delta={field: piece}) for piece in (text[:cut], text[cut:])
                ]
        for at, call in enumerate(message.get("tool_calls") or ()):
            function = call["function"]
            first = call | {"index": at, "function": function | {"arguments": ""}}
            chunks.append(chunk(None, index, delta={"tool_calls": [first]}))
            for letter in function["arguments"]:
                piece = {"index": at, "function": {"arguments": letter}}
                chunks.append(chunk(None, index, delta={"tool_calls": [piece]}))
        for entry in (choice["logprobs"] or {"content": []})["content"]:
            piece = chunk(None, index)
            piece["choices"][0]["logprobs"] = {"content": [entry], "refusal": None}
            chunks.append(piece)
        chunks.append(chunk(None, index, finish_reason=choice["finish_reason"]))
    chunks.append(chunk(choices=[], usage=answer["usage"]))
    return sse(*chunks) + done()


def _two() -> dict[str, Any]:
    answer = _whole("First")
    second = json.loads(json.dumps(answer["choices"][0])) | {"index": 1, "finish_reason": "length"}
    second["message"]["content"] = "Second"
    answer["choices"].append(second)
    return answer


def _with_logprobs() -> dict[str, Any]:
    answer = _whole("Hello")
    answer["choices"][0]["logprobs"] = {"content": TOKENS, "refusal": None}
    return answer


ANSWERS: dict[str, dict[str, Any]] = {
    "text": _whole("Grüß Gott 👋"),
    "empty text": _whole(""),
    "refusal": _whole("", content=None, refusal="I cannot."),
    "reasoning": _whole("42", reasoning_content="Hm. Well."),
    "tool calls": _whole("", content=None, tool_calls=CALLS),
    "text and tool calls": _whole("Wait.", tool_calls=CALLS),
    "two choices": _two(),
    "log probabilities": _with_logprobs(),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_streamed_answer_equals_the_same_answer_fetched_whole(
    ask_own: Asker, server: ScriptedServer, answer: dict[str, Any]
) -> None:
    server.reply(json_response(answer))
    server.reply(event_stream(_streamed(answer)))
    assert ask_own() == ask_own(stream_to=lambda event: None)


# The connection


def test_a_whole_answer_leaves_the_connection_to_the_next_request(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.otherwise(json_response(completion("Hi")))
    for _ in range(3):
        client.create_chat_completion("Hello", "m")
    assert [each.connection for each in server.requests] == [0, 0, 0]


@pytest.mark.usefixtures("either_transport")
def test_many_streams_leave_no_connection_behind_T24_T30(
    client: ChatClient, server: ScriptedServer
) -> None:
    scripts: list[tuple[Step, ...]] = [
        (event_stream(stream_of("Hi")),),
        (SSE_HEAD, HALF, close()),
        (json_response(error("no"), 500),),
        (SSE_HEAD, HALF, pause(0.3)),
    ]
    for script in scripts:
        server.reply(*script)
        try:
            for each in client.create_chat_completion("Hello", "m", stream=True):
                if each.text == "Half":
                    break
        except APIError:
            pass
    pool = client._http._transport._pool
    assert all(connection.is_idle() for connection in pool.connections)
