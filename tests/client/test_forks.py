"""Forked processes: each begins anew, and leaves to its parent what belongs to it."""

from __future__ import annotations

import asyncio
import multiprocessing
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import StoppedError
from chatwidget.client.forks import fork_safe
from chatwidget.client.transport import http as transport
from chatwidget.client.transport.retry import RetryBudget
from forked import can_fork, in_children
from wire.replies import chunk, done, event_stream, frame, head, sse, stream_of
from wire.scripted_server import pause, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    import trustme

    from wire.scripted_server import Connection, ScriptedServer

pytestmark = can_fork

HEAD = head(200, content_type="text/event-stream", transfer_encoding="chunked")


def echo(connection: Connection) -> None:
    """Answer with the question."""
    question = connection.requests[-1].json["messages"][-1]["content"]
    connection.perform(event_stream(stream_of(question)))


@pytest.fixture
def server(server: ScriptedServer) -> ScriptedServer:
    server.otherwise(echo)
    return server


def questions(name: str, count: int = 5) -> list[str]:
    return [f"{name} {number}" for number in range(count)]


def connections_of(server: ScriptedServer, name: str) -> set[int]:
    """Return the numbers of the connections on which questions of a name came."""
    asked = [(each.json["messages"][-1]["content"], each.connection) for each in server.requests]
    return {connection for question, connection in asked if question.startswith(name)}


def check_workers(server: ScriptedServer, ask: Callable[[str], str]) -> None:
    """Ask in the parent, in workers at once, and in the parent again: nobody shares anything."""
    assert ask("parent 0") == "parent 0"

    def worker(name: str) -> Callable[[], list[str]]:
        return lambda: [ask(question) for question in questions(name)]

    names = ["one", "two", "three"]
    answers = in_children(*map(worker, names))
    assert answers == [questions(name) for name in names]
    assert ask("parent 1") == "parent 1"
    own = [connections_of(server, name) for name in ("parent", *names)]
    assert [len(each) for each in own] == [1] * 4
    assert len(set.union(*own)) == 4


@pytest.mark.parametrize("client", ["own", "given"])
def test_workers_that_share_a_client_get_their_own_answers(
    server: ScriptedServer, library: Any, client: str
) -> None:
    http_client = library.Client() if client == "given" else None
    with ChatClient(server.url, retries=0, http_client=http_client) as chat:
        check_workers(server, lambda text: chat.create_chat_completion(text, "m").text)
    if http_client is not None:
        http_client.close()


def test_workers_that_stream_get_their_own_answers(server: ScriptedServer) -> None:
    with ChatClient(server.url, retries=0) as client:
        check_workers(server, lambda text: "".join(c.text for c in client.stream(text, "m")))


def test_workers_that_call_the_function_get_their_own_answers(server: ScriptedServer) -> None:
    check_workers(
        server,
        lambda text: chatwidget.create_chat_completion(text, "m", server=server.url).text,
    )


def test_workers_that_ask_in_the_background_get_their_own_answers(server: ScriptedServer) -> None:
    with ChatClient(server.url, retries=0) as client:
        check_workers(server, lambda text: client.start_chat_completion(text, "m").result(10).text)


def test_workers_get_their_own_answers_over_tls(
    tls_server: ScriptedServer, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    monkeypatch.setattr(transport, "_certificates", lambda: trust)
    tls_server.otherwise(echo)
    with ChatClient(tls_server.url, retries=0) as client:
        check_workers(tls_server, lambda text: client.create_chat_completion(text, "m").text)


@pytest.mark.usefixtures("either_transport")
def test_workers_that_await_get_their_own_answers(server: ScriptedServer) -> None:
    loop = asyncio.new_event_loop()
    client = AsyncChatClient(server.url, retries=0)
    loop.run_until_complete(client.create_chat_completion("parent 0", "m"))

    async def ask() -> list[str]:
        return [(await client.create_chat_completion(q, "m")).text for q in questions("one")]

    assert in_children(lambda: asyncio.run(ask())) == [questions("one")]
    again = loop.run_until_complete(client.create_chat_completion("parent 1", "m"))
    loop.run_until_complete(client.aclose())
    loop.close()
    assert again.text == "parent 1"
    assert not connections_of(server, "parent") & connections_of(server, "one")


def test_a_stream_goes_on_in_the_parent_while_a_child_asks(server: ScriptedServer) -> None:
    go_on = threading.Event()
    server.reply(HEAD, frame(sse(chunk("One"))), pause(go_on), *event_stream(stream_of("Two"))[1:])
    with ChatClient(server.url, retries=0) as client, client.stream("parent", "m") as stream:
        chunks = iter(stream)
        texts = [next(chunks).text]
        assert in_children(lambda: client.create_chat_completion("child", "m").text) == ["child"]
        go_on.set()
        texts += [each.text for each in chunks]
    assert "".join(texts) == "OneTwo"


def test_a_child_that_lives_on_keeps_no_connection_of_its_parent_open(
    server: ScriptedServer,
) -> None:
    server.reply(HEAD, frame(sse(chunk("Half"))), stall())
    server.reply(HEAD, frame(sse(chunk("Half"))), stall())
    client = ChatClient(server.url, retries=0)
    stream = client.stream("parent", "m")
    heard = threading.Event()
    task = client.start_chat_completion("parent", "m", stream_to=lambda _: heard.set())
    assert heard.wait(5)
    fork = multiprocessing.get_context("fork")
    begun, may_end = fork.Event(), fork.Event()
    living = threading.Thread(target=in_children, args=[lambda: (begun.set(), may_end.wait(10))])
    living.start()
    assert begun.wait(10)
    stream.close()
    task.cancel()
    closed = [each.wait_closed(5) for each in server.connections]
    may_end.set()
    living.join()
    client.close()
    assert closed == [True, True]


def test_the_clocks_of_a_child_end_no_answer_of_its_parent(server: ScriptedServer) -> None:
    over = threading.Event()
    pieces = [[frame(sse(chunk("x"))), pause(0.1)] for _ in range(8)]
    server.reply(HEAD, frame(sse(chunk("x"))), *pieces, frame(done()), b"0\r\n\r\n")
    server.reply(pause(over), echo)
    texts: list[str] = []
    begun = threading.Event()

    def hear(event: Any) -> None:
        begun.set()

    def read() -> None:
        limits = Deadlines(idle=0.4)
        answer = client.create_chat_completion("parent", "m", timeout=limits, stream_to=hear)
        texts.append(answer.text)
        over.set()

    with ChatClient(server.url, retries=0) as client:
        reading = threading.Thread(target=read)
        reading.start()
        assert begun.wait(5)
        assert in_children(lambda: client.create_chat_completion("child", "m").text) == ["child"]
        reading.join()
    assert texts == ["x" * 9]


def test_an_answer_of_the_parent_is_over_for_a_child_and_goes_on(server: ScriptedServer) -> None:
    go_on, heard = threading.Event(), threading.Event()
    server.reply(HEAD, frame(sse(chunk("Half"))), pause(go_on), *event_stream(stream_of("."))[1:])
    with ChatClient(server.url, retries=0) as client:
        task = client.start_chat_completion("parent", "m", stream_to=lambda _: heard.set())
        assert heard.wait(5)

        def child() -> tuple[bool, bool, str, str]:
            error = task.exception(5)
            assert isinstance(error, StoppedError)
            assert error.completion is not None
            return task.done(), task.cancel(), str(error), error.completion.text

        said = "The answer goes on in the process that asked. Ask again."
        assert in_children(child) == [(True, False, said, "Half")]
        go_on.set()
        assert task.result(5).text == "Half."


def test_an_answer_that_was_complete_is_so_in_a_child(server: ScriptedServer) -> None:
    with ChatClient(server.url, retries=0) as client:
        task = client.start_chat_completion("Hello", "m")
        task.result(5)
        assert in_children(lambda: task.result(5).text) == ["Hello"]


def test_a_child_waits_for_no_lock_that_a_thread_of_its_parent_holds() -> None:
    budget = RetryBudget()
    locks = [fork_safe(threading.Lock()), fork_safe(threading.RLock()), budget._lock]
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with locks[0], locks[1], locks[2]:
            held.set()
            over.wait(10)

    holding = threading.Thread(target=hold)
    holding.start()
    assert held.wait(5)
    free = in_children(lambda: [lock.acquire(timeout=5) for lock in locks])
    assert not any(lock.acquire(blocking=False) for lock in locks)
    over.set()
    holding.join()
    assert free == [[True] * 3]


def test_a_child_gives_back_the_lock_that_it_was_forked_with() -> None:
    lock = fork_safe(threading.RLock())

    def child() -> bool:
        lock.release()
        return lock.acquire(blocking=False)

    with lock:
        assert in_children(child) == [True]
