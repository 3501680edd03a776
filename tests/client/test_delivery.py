"""What a sink hears: zero or more Data, then exactly one Finish or Error, then nothing."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient
from chatwidget.client.errors import (
    APIConnectionError,
    AuthenticationError,
    InternalServerError,
    StoppedError,
    StreamError,
    StreamInterruptedError,
)
from chatwidget.client.events import Data, Error, Finish
from wire.ports import refusing_port
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    error,
    event_stream,
    head,
    json_response,
    sse,
    stream_of,
)
from wire.scripted_server import close, pause, reset, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.events import StreamEvent
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))


def texts(events: list[StreamEvent]) -> list[str]:
    return [event.chunk.text for event in events if isinstance(event, Data)]


def kinds(events: list[StreamEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_data_and_then_one_finish(ask: Asker, server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hel", "lo")))
    events: list[StreamEvent] = []
    answer = ask(stream_to=events.append)
    assert texts(events) == ["", "Hel", "lo", ""]
    assert kinds(events) == ["Data"] * 4 + ["Finish"]
    assert events[-1] == Finish(answer)
    assert (answer.text, answer.finish_reason) == ("Hello", "stop")


def test_data_comes_while_the_answer_is_generated(ask: Asker, server: ScriptedServer) -> None:
    heard = threading.Event()
    server.reply(SSE_HEAD, HALF, pause(heard), stream_of(" more"), close())

    def sink(event: StreamEvent) -> None:
        if isinstance(event, Data) and event.chunk.text == "Half":
            heard.set()

    assert ask(stream_to=sink).text == "Half more"


def test_a_whole_answer_is_one_data_and_a_finish_F17(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(completion("Hello")))
    events: list[StreamEvent] = []
    ask_own(stream_to=events.append)
    assert kinds(events) == ["Data", "Finish"]
    assert texts(events) == ["Hello"]


def test_an_answer_without_text_ends_with_a_finish(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(event_stream(sse(chunk(None, finish_reason="stop")), b"data: [DONE]\n\n"))
    events: list[StreamEvent] = []
    assert ask_own(stream_to=events.append).text == ""
    assert "".join(event.chunk.text for event in events if isinstance(event, Data)) == ""
    assert kinds(events)[-1] == "Finish"


def test_an_end_without_an_answer_is_an_error_alone(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(event_stream(b"data: [DONE]\n\n"))
    events: list[StreamEvent] = []
    with pytest.raises(StreamInterruptedError):
        ask_own(stream_to=events.append)
    assert kinds(events) == ["Error"]


BROKEN: dict[str, tuple[tuple[Step, ...], type[Exception]]] = {
    "cut without an end F35": ((SSE_HEAD, HALF, close()), StreamInterruptedError),
    "cut in an event F33": ((SSE_HEAD, HALF, b"data: {", close()), StreamError),
    "cut in a frame F34": ((event_stream(HALF)[:-1], b"50\r\ndata: ", close()), APIConnectionError),
    "reset F34": ((SSE_HEAD, HALF, pause(0.05), reset()), APIConnectionError),
    "an error of the server F42": ((SSE_HEAD, HALF, sse(error("full")), close()), StreamError),
    "bad JSON F26": ((SSE_HEAD, HALF, b"data: {\n\n", close()), StreamError),
}


@pytest.mark.parametrize(("script", "kind"), BROKEN.values(), ids=BROKEN)
def test_a_failure_is_told_once_and_raised_with_the_partial_answer(
    ask: Asker, server: ScriptedServer, script: tuple[Step, ...], kind: type[Exception]
) -> None:
    server.reply(script)
    events: list[StreamEvent] = []
    with pytest.raises(kind) as caught:
        ask(stream_to=events.append)
    assert kinds(events) == ["Data", "Data", "Error"]
    last = events[-1]
    assert isinstance(last, Error)
    assert last.error is caught.value
    assert last.completion == caught.value.completion
    assert last.completion.text == "Half"
    assert last.completion.finish_reason is None
    assert len(server.requests) == 1


REFUSED: dict[str, tuple[Step, type[Exception]]] = {
    "status F8": (json_response(error("no"), 401), AuthenticationError),
    "server error F14": (json_response(error("no"), 500), InternalServerError),
    "no answer F32": (close(), APIConnectionError),
    "half a head": ((head()[:9], close()), APIConnectionError),
    "nothing but a head F18": ((SSE_HEAD, close()), StreamInterruptedError),
}


@pytest.mark.parametrize(("script", "kind"), REFUSED.values(), ids=REFUSED)
def test_a_failure_before_the_first_chunk_reaches_the_sink(
    ask: Asker, server: ScriptedServer, script: Step, kind: type[Exception]
) -> None:
    server.reply(script)
    events: list[StreamEvent] = []
    with pytest.raises(kind) as caught:
        ask(stream_to=events.append)
    assert kinds(events) == ["Error"]
    assert isinstance(events[0], Error)
    assert events[0].error is caught.value
    assert events[0].completion.choices == []


def test_a_refused_connection_reaches_the_sink_F1(ask: Asker) -> None:
    events: list[StreamEvent] = []
    with refusing_port() as port:
        ask.url = f"http://127.0.0.1:{port}/v1"
        with pytest.raises(APIConnectionError, match=f"127.0.0.1:{port} failed"):
            ask(stream_to=events.append)
    assert kinds(events) == ["Error"]


@pytest.mark.parametrize("wrong", [7, lambda: None, object(), (print, None)], ids=repr)
def test_a_wrong_target_is_refused_before_anything_is_sent(
    ask_own: Asker, server: ScriptedServer, wrong: Any
) -> None:
    with pytest.raises(TypeError, match="stream_to"):
        ask_own(stream_to=wrong)
    assert server.connections == []


# A sink that raises


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    "failure",
    [KeyError("mine"), OSError("disk full"), StreamError("mine"), SystemExit()],
    ids=repr,
)
def test_what_a_sink_raises_stops_the_stream_F52(
    ask_own: Asker, server: ScriptedServer, failure: BaseException, nth: int
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    events: list[StreamEvent] = []

    def sink(event: StreamEvent) -> None:
        events.append(event)
        if len(events) == nth:
            raise failure

    with pytest.raises(type(failure)) as caught:
        ask_own(stream_to=sink)
    assert caught.value is failure
    assert kinds(events[:nth]) == ["Data"] * nth
    if isinstance(failure, Exception):
        # the sink may have parts that still wait for the end
        (told,) = events[nth:]
        assert isinstance(told, Error)
        name = type(failure).__name__
        assert str(told.error) == f"What the answer was streamed to failed: {name}."
        assert told.completion.text == "".join(texts(events))
    assert server.connections[0].wait_closed(1.0)


def test_a_sink_that_raises_again_at_the_end_is_let_be_F52(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    failures = [KeyError("first"), KeyError("second")]

    def sink(event: StreamEvent) -> None:
        raise failures.pop(0)

    with pytest.raises(KeyError, match="first"):
        ask_own(stream_to=sink)
    assert failures == []
    assert server.connections[0].wait_closed(1.0)


def test_what_a_sink_raises_at_the_finish_reaches_the_caller_F52(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(stream_of("Hi")))
    events: list[StreamEvent] = []

    def sink(event: StreamEvent) -> None:
        events.append(event)
        if isinstance(event, Finish):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ask_own(stream_to=sink)
    assert kinds(events) == ["Data"] * 3 + ["Finish"]


def test_each_of_several_sinks_hears_the_end_when_one_raises_F52(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    before: list[StreamEvent] = []
    after: list[StreamEvent] = []

    def fail(event: StreamEvent) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ask_own(stream_to=(before.append, fail, after.append))
    assert kinds(before) == kinds(after) == ["Data", "Error"]
    assert server.connections[0].wait_closed(1.0)


# Stopping


def stopped(events: list[StreamEvent]) -> Error:
    last = events[-1]
    assert isinstance(last, Error)
    assert type(last.error) is StoppedError
    assert last.error.completion == last.completion
    return last


def test_an_interrupt_in_the_sink_stops_the_answer_F55(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    events: list[StreamEvent] = []

    def sink(event: StreamEvent) -> None:
        events.append(event)
        if texts(events) == ["", "Half"] and isinstance(event, Data):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_own(stream_to=sink)
    assert kinds(events) == ["Data", "Data", "Error"]
    assert stopped(events).completion.text == "Half"
    assert server.connections[0].wait_closed(1.0)


def interrupt_after(heard: threading.Event) -> Step:
    """Press Ctrl-C when the client waits for what comes next."""
    main = threading.main_thread().ident
    assert main is not None
    # the pause gives the client time to go back to reading
    return [pause(heard), pause(0.05), lambda _: signal.pthread_kill(main, signal.SIGINT), stall()]


def test_the_connection_is_closed_before_the_sink_is_told_F55(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    closed: list[bool] = []

    def sink(event: StreamEvent) -> None:
        if isinstance(event, Error):
            closed.append(server.connections[0].wait_closed(1.0))
        else:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_own(stream_to=sink)
    assert closed == [True]


def test_an_interrupt_while_reading_stops_the_answer_F55(
    ask_own: Asker, server: ScriptedServer
) -> None:
    heard = threading.Event()
    server.reply(SSE_HEAD, HALF, interrupt_after(heard))
    events: list[StreamEvent] = []

    def sink(event: StreamEvent) -> None:
        events.append(event)
        if len(events) == 2:
            heard.set()

    with pytest.raises(KeyboardInterrupt):
        ask_own(stream_to=sink)
    assert kinds(events) == ["Data", "Data", "Error"]
    assert stopped(events).completion.text == "Half"
    assert server.connections[0].wait_closed(1.0)


def test_an_interrupt_before_the_answer_begins_stops_it_F55(
    ask_own: Asker, server: ScriptedServer
) -> None:
    asked = threading.Event()
    asked.set()
    server.reply(interrupt_after(asked))
    events: list[StreamEvent] = []
    with pytest.raises(KeyboardInterrupt):
        ask_own(stream_to=events.append)
    assert kinds(events) == ["Error"]
    assert stopped(events).completion.choices == []
    assert server.connections[0].wait_closed(1.0)


def test_an_interrupt_without_a_sink_closes_the_connection_F55(
    ask_own: Asker, server: ScriptedServer
) -> None:
    asked = threading.Event()
    asked.set()
    server.reply(head(content_type="application/json"), b'{"choices"', interrupt_after(asked))
    with pytest.raises(KeyboardInterrupt):
        ask_own()
    assert server.connections[0].wait_closed(1.0)


def test_the_next_call_works_after_an_interrupt_F55(ask_own: Asker, server: ScriptedServer) -> None:
    asked = threading.Event()
    asked.set()
    server.reply(SSE_HEAD, HALF, interrupt_after(asked))
    server.reply(event_stream(stream_of("Hi")))
    with pytest.raises(KeyboardInterrupt):
        ask_own(stream_to=print)
    assert ask_own(stream_to=print).text == "Hi"


@pytest.mark.parametrize(
    ("script", "expected"),
    [((), []), ((SSE_HEAD,), []), ((SSE_HEAD, HALF), ["", "Half"])],
    ids=["before the head", "after the head", "in the middle"],
)
@pytest.mark.usefixtures("either_transport")
def test_cancelling_the_task_stops_the_answer_T20(
    server: ScriptedServer, script: tuple[Step, ...], expected: list[str]
) -> None:
    server.reply(script, stall())
    events: list[StreamEvent] = []
    waiting = threading.Event()

    async def main() -> None:
        arrived = asyncio.Event()

        async def sink(event: StreamEvent) -> None:
            events.append(event)
            if texts(events) == expected:
                arrived.set()

        async with AsyncChatClient(server.url) as client:
            task = asyncio.create_task(client.create_chat_completion("Hello", "m", stream_to=sink))
            if expected:
                await asyncio.wait_for(arrived.wait(), 5)
            else:
                await asyncio.to_thread(server.wait_for_requests, 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert task.cancelled()
            # the connection closes with the answer, not with the client
            assert await asyncio.to_thread(server.connections[0].wait_closed, 1.0)
        waiting.set()

    asyncio.run(main())
    assert waiting.is_set()
    assert texts(events) == expected
    assert kinds(events)[len(expected) :] == ["Error"]
    assert stopped(events).completion.text == "".join(expected)


@pytest.mark.usefixtures("either_transport")
def test_a_slow_asynchronous_sink_loses_nothing_F53(server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of(*map(str, range(100)))))
    heard: list[str] = []

    async def sink(event: StreamEvent) -> None:
        await asyncio.sleep(0)
        if isinstance(event, Data):
            heard.append(event.chunk.text)

    async def main() -> str:
        async with AsyncChatClient(server.url) as client:
            return (await client.create_chat_completion("Hello", "m", stream_to=sink)).text

    assert asyncio.run(main()) == "".join(heard) == "".join(map(str, range(100)))


def test_a_sink_may_ask_in_its_turn_F54(
    server: ScriptedServer, client: Any, shown: Callable[[BaseException], str]
) -> None:
    server.reply(event_stream(stream_of("outer")))
    server.reply(event_stream(stream_of("inner")))
    inner: list[str] = []

    def sink(event: StreamEvent) -> None:
        if isinstance(event, Data) and event.chunk.text:
            inner.append(client.create_chat_completion("Again", "m", stream_to=print).text)

    assert client.create_chat_completion("Hello", "m", stream_to=sink).text == "outer"
    assert inner == ["inner"]


class Waiting:
    """A sink that raises when it hears of a wait."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []

    def handle_wait(self, wait: object) -> None:
        raise KeyError("mine")

    handle_data = handle_finish = handle_error = lambda self, event: self.events.append(event)


def test_what_hears_of_a_wait_and_raises_stops_the_answer_and_each_sink_hears_it(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(error("Busy."), 503))
    failing, waits = Waiting(), []
    events: list[StreamEvent] = []

    class Listening:
        handle_wait = staticmethod(waits.append)
        handle_data = handle_finish = handle_error = staticmethod(events.append)

    with pytest.raises(KeyError, match="mine"):
        ask_own.run("Hi", "m", {"retries": 1}, {"stream_to": (failing, Listening())})
    assert len(waits) == 1
    assert kinds(failing.events) == kinds(events) == ["Error"]
    assert len(server.requests) == 1
