"""How a connection comes about, or does not, and what is told of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import APIConnectionError, APITimeoutError, ConfigurationError
from chatwidget.client.limits import Limits
from chatwidget.client.transport import http as transport
from wire.replies import completion, event_stream, head, json_response, stream_of
from wire.scripted_server import drip, pause, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    import trustme

    from client.conftest import Asker
    from wire.scripted_server import Connection, ScriptedServer, Step

ANSWER = event_stream(stream_of("Hi"))
SLOW_HEAD = head(x_slow="x" * 1000)


# Names


def test_a_name_that_nobody_knows_is_told_F1(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def unknown(host: Any, *_: Any, **__: Any) -> Any:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    ask.url = "https://api.nowhere.invalid/v1"
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(APIConnectionError) as caught:
            ask.run("Hello", "m", {"retries": 1, "openai_api_key": "sk-x"}, {"timeout": 5})
    assert type(caught.value) is APIConnectionError
    assert caught.value.phase == "dns"
    assert str(caught.value) == (
        "The host api.nowhere.invalid was not found. "
        "Check its spelling, the network, and HTTPS_PROXY if there is a proxy."
    )
    # a network that has just come up deserves another try
    assert len(asked) == 2


# Pools


def one_connection(library: Any, kind: str) -> Any:
    """Return an HTTP client that has no more than one connection."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return getattr(library, kind)(verify=trust, limits=library.Limits(max_connections=1))


IN_USE = r"all connections of the HTTP client are in use \(max_connections=1\)\. Close a stream"
IMPATIENT = Deadlines(total=0.2)


def test_a_pool_that_is_used_up_is_told_and_the_next_call_works_F2(
    server: ScriptedServer, library: Any
) -> None:
    server.reply(ANSWER[:2], stall())
    server.reply(ANSWER)
    with one_connection(library, "Client") as http_client:
        client = ChatClient(server.url, http_client=http_client, timeout=IMPATIENT)
        with client.stream("Hello", "m", timeout=10) as held:
            chunks = iter(held)
            next(chunks)
            begun = time.monotonic()
            with pytest.raises(APITimeoutError, match=IN_USE) as caught:
                client.create_chat_completion("Hello", "m")
            assert time.monotonic() - begun < 1
            assert caught.value.phase == "pool"
        assert client.create_chat_completion("Hello", "m", timeout=10).text == "Hi"
    assert len(server.requests) == 2


def test_a_pool_that_is_used_up_is_told_to_those_who_await_F2(
    server: ScriptedServer, library: Any
) -> None:
    server.reply(ANSWER[:2], stall())
    server.reply(ANSWER)

    async def main() -> None:
        async with one_connection(library, "AsyncClient") as http_client:
            client = AsyncChatClient(server.url, http_client=http_client, timeout=IMPATIENT)
            async with await client.stream("Hello", "m", timeout=10) as held:
                chunks = aiter(held)
                await anext(chunks)
                with pytest.raises(APITimeoutError, match=IN_USE) as caught:
                    await asyncio.wait_for(client.create_chat_completion("Hello", "m"), 1)
                assert caught.value.phase == "pool"
            again = await client.create_chat_completion("Hello", "m", timeout=10)
            assert again.text == "Hi"

    asyncio.run(main())
    assert len(server.requests) == 2


MANY = 130
IN_A_HURRY = Deadlines(connect=10, first_event=30)


@pytest.fixture
def busy_server(server: ScriptedServer) -> ScriptedServer:
    """A server that answers nobody before all have asked."""
    all_have_asked = threading.Event()

    def answer(connection: Connection) -> None:
        if len(server.requests) == MANY:
            all_have_asked.set()
        connection.wait(all_have_asked)
        connection.perform(ANSWER)

    server.otherwise(answer)
    return server


def at_once(ask: Callable[[], str], count: int) -> list[str]:
    """Ask on so many threads at once, and return what each got."""
    with ThreadPoolExecutor(count) as threads:
        return [*threads.map(lambda _: ask(), range(count))]


def test_more_than_a_hundred_may_ask_at_once(busy_server: ScriptedServer) -> None:
    with ChatClient(busy_server.url, retries=0, timeout=IN_A_HURRY) as client:
        texts = at_once(lambda: client.create_chat_completion("Hello", "m").text, MANY)
    assert texts == ["Hi"] * MANY


def test_those_who_ask_first_at_the_same_time_share_one_pool(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.otherwise(ANSWER)
    built, together = [], threading.Barrier(2)

    def build(*arguments: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            together.wait(0.2)
        built.append(transport.build_http_client(*arguments))
        return built[-1]

    monkeypatch.setattr("chatwidget.client.client.build_http_client", build)
    with ChatClient(server.url, retries=0) as client:
        at_once(lambda: client.create_chat_completion("Hello", "m").text, 2)
    for each in built:
        each.close()
    assert len(built) == 1


@pytest.mark.usefixtures("either_transport")
def test_more_than_a_hundred_may_await_at_once(busy_server: ScriptedServer) -> None:
    async def main() -> list[str]:
        async with AsyncChatClient(busy_server.url, retries=0, timeout=IN_A_HURRY) as client:
            calls = [client.create_chat_completion("Hello", "m") for _ in range(MANY)]
            return [each.text for each in await asyncio.gather(*calls)]

    assert asyncio.run(main()) == ["Hi"] * MANY


def test_more_than_a_hundred_may_be_answered_in_the_background(
    busy_server: ScriptedServer,
) -> None:
    with ChatClient(busy_server.url, retries=0, timeout=IN_A_HURRY) as client:
        tasks = [client.start_chat_completion("Hello", "m") for _ in range(MANY)]
        assert [task.result(20).text for task in tasks] == ["Hi"] * MANY


def test_all_connections_of_those_who_asked_at_once_are_kept(server: ScriptedServer) -> None:
    all_have_asked = threading.Event()
    server.otherwise(pause(all_have_asked), json_response(completion("Hi")))
    with ChatClient(server.url, retries=0) as client, ThreadPoolExecutor(30) as threads:
        asked = [threads.submit(client.create_chat_completion, "Hello", "m") for _ in range(30)]
        server.wait_for_requests(30)
        all_have_asked.set()
        assert [each.result().text for each in asked] == ["Hi"] * 30
        for _ in range(30):
            client.create_chat_completion("Hello", "m")
    assert len(server.connections) == 30


WAITING = Deadlines(connect=1, first_event=1)


class Counter:
    """Answers after a moment, of which a few last longer than `WAITING`, and counts how many."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, connection: Connection) -> None:
        self._count(1)
        connection.wait(0.25)
        self._count(-1)
        connection.perform(ANSWER)

    def _count(self, more: int) -> None:
        with self._lock:
            self._now += more
            self.most = max(self.most, self._now)


@pytest.mark.parametrize("kind", ["own", "given"])
def test_waiting_for_a_connection_is_no_time_of_the_server(
    server: ScriptedServer, library: Any, kind: str
) -> None:
    server.otherwise(counter := Counter())
    given = {"http_client": one_connection(library, "Client")} if kind == "given" else {}
    own = {"limits": Limits(connections=1)}
    with ChatClient(server.url, retries=0, timeout=WAITING, **given, **own) as client:
        texts = at_once(lambda: client.create_chat_completion("Hello", "m").text, 6)
    for http_client in given.values():
        http_client.close()
    assert texts == ["Hi"] * 6
    assert counter.most == 1


@pytest.mark.usefixtures("either_transport")
def test_who_awaits_a_connection_does_not_wait_for_the_server(server: ScriptedServer) -> None:
    server.otherwise(counter := Counter())

    async def main() -> list[str]:
        limits = Limits(connections=2)
        async with AsyncChatClient(server.url, retries=0, timeout=WAITING, limits=limits) as client:
            calls = [client.create_chat_completion("Hello", "m") for _ in range(10)]
            return [each.text for each in await asyncio.gather(*calls)]

    assert asyncio.run(main()) == ["Hi"] * 10
    assert counter.most == 2


def test_after_waiting_for_a_connection_the_clocks_run(server: ScriptedServer) -> None:
    server.reply(pause(0.3), ANSWER)
    server.otherwise(drip(SLOW_HEAD, every=0.01))
    with (
        ChatClient(server.url, retries=0, timeout=WAITING, limits=Limits(connections=1)) as client,
        ThreadPoolExecutor(2) as threads,
    ):
        first = threads.submit(client.create_chat_completion, "Hello", "m")
        server.wait_for_requests(1)
        with pytest.raises(APITimeoutError, match="no answer began within 1 s"):
            client.create_chat_completion("Hello", "m")
        assert first.result().text == "Hi"


@pytest.mark.parametrize("connections", [0, -1, 1.5, True, "2"], ids=repr)
def test_a_limit_of_connections_is_a_whole_number_above_0(connections: Any) -> None:
    with pytest.raises(ConfigurationError, match="limit connections is a whole number above 0"):
        Limits(connections=connections)


# Headers that do not end


DRIPS: dict[str, Step] = {
    "bytes of a header": [drip(SLOW_HEAD, every=0.01), stall()],
    "bytes of the status line": [drip(b"HTTP/1.1 200 " + b"x" * 1000, every=0.01), stall()],
    "lines": drip(b"HTTP/1.1 200 OK\r\n" + b"x-slow: x\r\n" * 1000, every=0.01, size=11),
}


@pytest.mark.parametrize("slow", DRIPS.values(), ids=DRIPS)
def test_headers_that_drip_are_bounded_by_the_clock_of_the_first_event_F39_F40(
    ask: Asker, server: ScriptedServer, slow: Step
) -> None:
    server.reply(slow)
    begun = time.monotonic()
    with pytest.raises(APITimeoutError, match=r"no answer began within 0\.2 s"):
        ask(timeout=Deadlines(first_event=0.2))
    assert 0.2 <= time.monotonic() - begun < 1
    assert server.connections[0].wait_closed(1.0)


def test_headers_that_drip_on_a_kept_connection_are_bounded_too_F40(
    server: ScriptedServer, library: Any
) -> None:
    server.reply(json_response(completion("Hi")))
    server.reply(drip(SLOW_HEAD, every=0.01))
    with one_connection(library, "Client") as http_client:
        client = ChatClient(server.url, http_client=http_client, retries=0)
        assert client.create_chat_completion("Hello", "m").text == "Hi"
        with pytest.raises(APITimeoutError, match=r"not complete within 0\.2 s"):
            client.create_chat_completion("Hello", "m", timeout=0.2)
    assert len(server.connections) == 1


def test_another_call_of_the_same_client_does_not_hear_of_it_F40(server: ScriptedServer) -> None:
    server.reply(ANSWER[:2], pause(0.4), ANSWER[2:])
    server.reply(drip(SLOW_HEAD, every=0.01))
    with ChatClient(server.url, retries=0) as client, client.stream("Hello", "m") as other:
        with pytest.raises(APITimeoutError):
            client.create_chat_completion("Hello", "m", timeout=0.1)
        assert [chunk.text for chunk in other] == ["", "Hi", ""]


# A list of models


BODIES: dict[str, Step] = {
    "silent": [head(content_length=1000), b'{"data": [', stall()],
    "dripping": [head(content_length=100_000), drip(b'{"data": [' + b" " * 1000, every=0.01)],
    "without a length": [head(connection="close"), b'{"data": [', stall()],
    "no head": stall(),
}


@pytest.mark.parametrize("slow", BODIES.values(), ids=BODIES)
@pytest.mark.usefixtures("either_transport")
def test_a_list_of_models_that_takes_too_long_is_a_timeout_F39(
    server: ScriptedServer, slow: Step
) -> None:
    server.otherwise(slow)
    limits = Deadlines(first_event=0.4)
    said = r"is too slow: no answer began within 0\.4 s .* Give a longer timeout="
    with (
        ChatClient(server.url, timeout=limits) as client,
        pytest.raises(APITimeoutError, match=said),
    ):
        client.list_models()

    async def main() -> None:
        async with AsyncChatClient(server.url, timeout=limits) as client:
            with pytest.raises(APITimeoutError, match=said):
                await client.list_models()

    asyncio.run(main())
    assert len(server.requests) == 2
    for connection in server.connections:
        assert connection.wait_closed(1.0)


# The other end


@pytest.fixture(params=["http", "https"])
def any_server(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    authority: trustme.CA,
    own_library: Any,
) -> ScriptedServer:
    """A server without and with TLS, whose authority our own clients trust."""

    def trust() -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    monkeypatch.setattr(transport, "_certificates", trust)
    name = "server" if request.param == "http" else "tls_server"
    server: ScriptedServer = request.getfixturevalue(name)
    server.reply(ANSWER[:2], stall())
    return server


def check_keepalive(response: Any) -> None:
    """The socket asks after a minute of silence, and each minute after that."""
    connection = response.extensions["network_stream"].get_extra_info("socket")
    connection = getattr(connection, "shared_socket", connection)  # of the fast transport
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    wanted = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
    for name, value in wanted.items():
        if hasattr(socket, name):
            option = getattr(socket, name)
            assert connection.getsockopt(socket.IPPROTO_TCP, option) == value


def test_our_own_sockets_ask_whether_the_other_end_is_there(any_server: ScriptedServer) -> None:
    with ChatClient(any_server.url) as client, client.stream("Hello", "m") as answer:
        check_keepalive(answer._response)


@pytest.mark.usefixtures("either_transport")
def test_our_own_asynchronous_sockets_do_so_too(any_server: ScriptedServer) -> None:
    async def main() -> None:
        async with (
            AsyncChatClient(any_server.url) as client,
            await client.stream("Hello", "m") as answer,
        ):
            check_keepalive(answer._response)

    asyncio.run(main())
