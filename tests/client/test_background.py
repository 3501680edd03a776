"""Answers in the background: several at once, stopped at will, and nobody waits for a listener."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import io
import queue
import threading
from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError, NotFoundError, ParameterError, StoppedError
from chatwidget.client.events import Data, Error, Finish
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    error,
    event_stream,
    json_response,
    sse,
    stream_of,
)
from wire.scripted_server import split, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.scripted_server import ScriptedServer

HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))


def kinds(events: list[Any]) -> list[type]:
    """Return the types of events."""
    return [type(event) for event in events]


def test_an_answer_comes_in_the_background(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(event_stream(*split(stream_of("Hel", "lo"), 50)))
    events: list[Any] = []
    task = client.start_chat_completion("Hello", "m", stream_to=events.append)
    answer = task.result(5)
    assert answer.text == "Hello"
    assert task.done()
    assert task.completion == answer
    assert kinds(events) == [Data, Data, Data, Data, Finish]
    assert not task.cancel()


def test_without_a_listener_it_is_kept_for_the_result(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(json_response(completion("Hi")))
    assert client.start_chat_completion("Hello", "m").result(5).text == "Hi"


def test_it_works_inside_a_running_loop_F59(client: ChatClient, server: ScriptedServer) -> None:
    server.otherwise(event_stream(stream_of("Hi")))

    async def cell() -> tuple[str, list[type]]:
        blocking = client.start_chat_completion("Hello", "m").result(5).text
        events: asyncio.Queue[Any] = asyncio.Queue()
        client.start_chat_completion("Hello", "m", stream_to=events)
        return blocking, [type(await asyncio.wait_for(events.get(), 5)) for _ in range(4)]

    assert asyncio.run(cell()) == ("Hi", [Data, Data, Data, Finish])


def test_a_coroutine_function_runs_where_the_task_was_started(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(event_stream(stream_of("Hi")))

    async def cell() -> set[str]:
        threads = set()

        async def listener(event: Any) -> None:
            threads.add(threading.current_thread().name)

        task = client.start_chat_completion("Hello", "m", stream_to=listener)
        await asyncio.to_thread(task.result, 5)
        return threads

    assert asyncio.run(cell()) == {threading.current_thread().name}


def test_listeners_of_all_kinds_are_fed(client: ChatClient, server: ScriptedServer) -> None:
    server.otherwise(event_stream(stream_of("Hi")))
    text, events = io.StringIO(), queue.Queue[Any]()
    client.start_chat_completion("Hello", "m", stream_to=(text, events)).result(5)
    assert text.getvalue() == "Hi"
    assert kinds(list(events.queue)) == [Data, Data, Data, Finish]

    async def listener(event: Any) -> None:
        events.put(event)

    client.start_chat_completion("Hello", "m", stream_to=listener).result(5)
    assert kinds(list(events.queue)) == [Data, Data, Data, Finish] * 2


def test_stopping_closes_the_connection_and_tells_the_listener(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    events: queue.Queue[Any] = queue.Queue()
    task = client.start_chat_completion("Hello", "m", stream_to=events)
    events.get(timeout=5)
    events.get(timeout=5)
    assert not task.done()
    assert task.completion.text == "Half"
    assert task.cancel()
    last = events.get(timeout=1)
    assert isinstance(last, Error)
    assert isinstance(last.error, StoppedError)
    assert last.completion.text == "Half"
    assert server.connections[0].wait_closed(1.0)
    with pytest.raises(StoppedError, match="was stopped") as caught:
        task.result(1)
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"


def test_stopping_before_the_answer_begins_works_too(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(stall())
    events: queue.Queue[Any] = queue.Queue()
    task = client.start_chat_completion("Hello", "m", stream_to=events)
    server.wait_for_requests(1)
    task.cancel()
    task.cancel()
    assert isinstance(events.get(timeout=1).error, StoppedError)
    assert server.connections[0].wait_closed(1.0)
    with pytest.raises(StoppedError):
        task.result(1)


def test_stopping_twice_is_told_to_a_busy_listener(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    heard: list[Any] = []
    free = threading.Event()

    def listener(event: Any) -> None:
        assert free.wait(5)
        heard.append(event)

    task = client.start_chat_completion("Hello", "m", stream_to=listener)
    server.wait_for_requests(1)
    task.cancel()
    assert server.connections[0].wait_closed(1.0)
    task.cancel()
    free.set()
    with pytest.raises(StoppedError):
        task.result(1)
    assert isinstance(heard[-1].error, StoppedError)


def test_stopping_at_once_is_stopping(client: ChatClient, server: ScriptedServer) -> None:
    server.otherwise(SSE_HEAD, HALF, stall())
    for _ in range(20):
        task = client.start_chat_completion("Hello", "m")
        task.cancel()
        with pytest.raises(StoppedError):
            task.result(1)


def test_a_listener_that_blocks_holds_nobody_else_up_F53(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    server.reply(event_stream(stream_of("Hi")))
    full: queue.Queue[Any] = queue.Queue(maxsize=1)
    stuck = client.start_chat_completion("Hello", "m", stream_to=full)
    server.wait_for_requests(1)
    assert client.start_chat_completion("Hello", "m").result(5).text == "Hi"
    stuck.cancel()
    assert server.connections[0].wait_closed(1.0)
    heard = [full.get(timeout=1)]
    while not isinstance(heard[-1], Error):  # one chunk or both, whichever was under way
        heard.append(full.get(timeout=1))
    assert set(kinds(heard[:-1])) == {Data}


def test_a_listener_that_fails_fails_the_task_F52(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())

    def listener(event: Any) -> None:
        raise OSError("mine")

    task = client.start_chat_completion("Hello", "m", stream_to=listener)
    with pytest.raises(OSError, match="mine"):
        task.result(5)
    assert server.connections[0].wait_closed(1.0)


def test_a_refusal_is_raised_by_the_result(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(json_response(error("No such model"), 404))
    events: list[Any] = []
    task = client.start_chat_completion("Hello", "m", stream_to=events.append)
    with pytest.raises(NotFoundError, match="No such model"):
        task.result(5)
    assert kinds(events) == [Error]


@pytest.mark.parametrize(
    ("options", "kind"),
    [({"temperature": 9}, ParameterError), ({"stream_to": 7}, TypeError)],
    ids=["parameter", "listener"],
)
def test_what_is_wrong_from_the_start_is_raised_at_once(
    client: ChatClient, server: ScriptedServer, options: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        client.start_chat_completion("Hello", "m", **options)
    assert server.requests == []


def test_a_client_of_the_user_is_not_passed_over_in_silence(
    server: ScriptedServer, library: Any
) -> None:
    with library.Client() as http_client:
        client = ChatClient(server.url, http_client=http_client)
        with pytest.raises(ConfigurationError, match="cannot send in the background"):
            client.start_chat_completion("Hello", "m")
    assert server.connections == []


def test_a_result_may_be_waited_for_in_vain(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    task = client.start_chat_completion("Hello", "m")
    with pytest.raises(TimeoutError):
        task.result(0.01)
    assert not task.done()
    task.cancel()


def test_many_answers_at_once_share_one_thread_F60_T82(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.otherwise(event_stream(stream_of("Hi")))
    tasks = [client.start_chat_completion("Hello", "m") for _ in range(30)]
    assert {task.result(10).text for task in tasks} == {"Hi"}
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("chatwidget-background") == 1


def test_threads_of_listeners_end_with_their_answers(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.otherwise(event_stream(stream_of("Hi")))
    for _ in range(3):
        client.start_chat_completion("Hello", "m", stream_to=lambda event: None).result(5)
    feeders = [each for each in threading.enumerate() if each.name == "chatwidget-sink"]
    for thread in feeders:
        thread.join(1)
        assert not thread.is_alive()


def test_closing_the_client_closes_the_connections(server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))
    with ChatClient(server.url) as client:
        client.start_chat_completion("Hello", "m").result(5)
        assert server.connections[0].connected
    assert server.connections[0].wait_closed(1.0)


def test_the_function_does_as_the_method(server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))
    start: Callable[..., Any] = chatwidget.start_chat_completion
    assert start("Hello", "m", server=server.url).result(5).text == "Hi"


def test_a_listener_hears_of_a_stop_that_came_before_the_request(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.otherwise(SSE_HEAD, HALF, stall())
    for _ in range(20):
        events: list[Any] = []
        task = client.start_chat_completion("Hello", "m", stream_to=events.append)
        task.cancel()
        assert isinstance(task.exception(5), StoppedError)
        assert kinds(events)[-1:] == [Error]


def test_the_end_of_a_task_is_told(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    task = client.start_chat_completion("Hello", "m")
    task.add_done_callback(ended.put)
    assert ended.get(timeout=5) is task
    assert task.exception() is None
    task.add_done_callback(ended.put)
    assert ended.get_nowait() is task


def test_a_listener_has_the_context_of_its_caller(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.reply(event_stream(stream_of("Hi")))
    cell = contextvars.ContextVar("cell", default="none")
    cell.set("mine")
    seen: set[str] = set()
    listen = lambda event: seen.add(cell.get())  # noqa: E731 - it is no more than this
    client.start_chat_completion("Hello", "m", stream_to=listen).result(5)
    assert seen == {"mine"}


def test_a_client_that_is_let_go_closes_its_connections(server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))
    client = ChatClient(server.url)
    client.start_chat_completion("Hello", "m").result(5)
    assert server.connections[0].connected
    del client
    gc.collect()
    assert server.connections[0].wait_closed(2.0)
