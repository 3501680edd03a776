"""The fast transport: when it is used, and what is its own. The tests of the wire run on it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
from aiohttp import TCPConnector

from chatwidget.client.client import AsyncChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import APIConnectionError, APITimeoutError
from chatwidget.client.limits import Limits
from chatwidget.client.transport import http as transport
from wire.certificates import tls_context
from wire.replies import chunk, event_stream, head, sse, stream_of
from wire.scripted_server import ScriptedServer, close, stall

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

    from wire.scripted_server import Connection

ANSWER = event_stream(stream_of("Hi"))
FAST = "FastTransport"


@pytest.fixture
def server() -> Any:
    with ScriptedServer() as server:
        server.otherwise(ANSWER)
        yield server


def transport_of(client: AsyncChatClient) -> str:
    """Return the kind of transport by which a client reaches its server."""
    http_client: Any = client._http_client()
    url = http_client.base_url.join(client.server.base_url)
    return type(http_client._transport_for_url(url)).__name__


def ask(*urls: str, **options: Any) -> list[str]:
    """Ask once for each address with clients of their own."""

    async def main() -> list[str]:
        texts = []
        for url in urls:
            async with AsyncChatClient(url, retries=0, **options) as client:
                texts.append((await client.create_chat_completion("Hello", "m")).text)
        return texts

    return asyncio.run(main())


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/v1", "https://example.org/v1"])
def test_an_asynchronous_client_is_on_it_where_it_is_installed(url: str) -> None:
    assert transport_of(AsyncChatClient(url)) == FAST


def test_where_it_is_not_installed_httpx_has_its_own(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport._fast_transport.cache_clear()
    for name in [*sys.modules]:
        if name.startswith("chatwidget.client.transport.aiohttp"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
    monkeypatch.setitem(sys.modules, "httpx_aiohttp.transport", None)
    try:
        assert transport_of(AsyncChatClient(server.url)) == "AsyncHTTPTransport"
        assert ask(server.url) == ["Hi"]
    finally:
        transport._fast_transport.cache_clear()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
def test_through_a_proxy_httpx_has_its_own(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    client = AsyncChatClient("https://example.org/v1")
    assert transport_of(client) == "AsyncHTTPTransport"
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert transport_of(AsyncChatClient("https://example.org/v1")) == FAST


def test_another_library_and_a_client_of_the_user_are_left_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = httpx.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert transport_of(AsyncChatClient("ollama", http_client=given)) == "AsyncHTTPTransport"
    monkeypatch.setattr(transport, "httpx", httpx2)
    assert transport_of(AsyncChatClient("ollama")) == "AsyncHTTPTransport"


def test_the_practice_model_needs_none() -> None:
    assert transport_of(AsyncChatClient("practice")) == "AsyncPracticeTransport"


def test_a_client_that_waits_does_not_load_it(server: ScriptedServer) -> None:
    code = (
        "import sys; from chatwidget import ChatClient\n"
        f"client = ChatClient({server.url!r}); client.create_chat_completion('Hello', 'm')\n"
        "client.start_chat_completion('Hello', 'm').result(); client.close()\n"
        "print('aiohttp' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_a_client_may_go_on_in_another_event_loop(server: ScriptedServer) -> None:
    client = AsyncChatClient(server.url, retries=0)

    async def main() -> str:
        return (await client.create_chat_completion("Hello", "m")).text

    async def last() -> str:
        async with client:
            return await main()

    server.otherwise([head(content_type="text/event-stream"), stream_of("Hi"), close()])
    assert [asyncio.run(main()), asyncio.run(main()), asyncio.run(last())] == ["Hi"] * 3


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore:Exception ignored in")
def test_a_client_that_nobody_closes_is_not_complained_about(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    async def main() -> None:
        client = AsyncChatClient(server.url, retries=0)
        await client.create_chat_completion("Hello", "m")
        stream = await client.stream("Hello", "m")
        del client, stream
        gc.collect()
        await asyncio.sleep(0)
        gc.collect()

    asyncio.run(main())
    gc.collect()
    assert caplog.records == []


def test_an_address_goes_out_as_it_is(server: ScriptedServer) -> None:
    ask(f"{server.url}/%7Euser/a%2Fb?api-version=a%2Bb%20c")
    assert server.requests[0].path == "/v1/%7Euser/a%2Fb/chat/completions?api-version=a%2Bb%20c"


def test_headers_may_be_long(server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hi"), x_policy="p" * 60_000))
    assert ask(server.url) == ["Hi"]


def test_a_connection_is_kept_and_cookies_are_the_business_of_httpx(server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hi"), set_cookie="a=1; Path=/"))

    async def main() -> None:
        async with AsyncChatClient(server.url, retries=0) as client:
            for _ in range(3):
                await client.create_chat_completion("Hello", "m")
            http_client: Any = client._http
            assert dict(http_client.cookies) == {"a": "1"}

    asyncio.run(main())
    assert {each.connection for each in server.requests} == {0}
    assert [each.headers.get("cookie") for each in server.requests] == [None, "a=1", "a=1"]


def test_what_came_before_a_reset_is_kept_however_late_it_is_read(server: ScriptedServer) -> None:
    half = event_stream(*[sse(chunk("word "))] * 50)[:-1]
    server.reply(*half, close())

    async def main() -> str:
        async with AsyncChatClient(server.url, retries=0) as client:
            stream = await client.stream("Hello", "m")
            server.connections[0].wait_closed(5)
            await asyncio.sleep(0)
            with pytest.raises(APIConnectionError):
                async for _ in stream:
                    pass
            return stream.completion.text

    assert asyncio.run(main()) == "word " * 50


class Farewell:
    """Waits, at the end of a script, for the end of a connection below TLS."""

    def __init__(self) -> None:
        self.awaited = threading.Event()  # a script that writes to who has left would break off
        self.came = threading.Event()

    def __call__(self, connection: Connection) -> None:
        self.awaited.set()
        with socket.socket(fileno=os.dup(connection._socket.fileno())) as below:
            below.settimeout(TEST_TIMEOUT)
            with suppress(ConnectionError):
                while below.recv(65536):
                    pass
        self.came.set()


TEST_TIMEOUT = 10
BEGUN = {"before the head": [], "after the head": ANSWER[:1], "in the middle": ANSWER[:-1]}


@pytest.mark.usefixtures("either_transport")
def test_over_tls_it_is_said_which_http_is_spoken(
    authority: trustme.CA, own_library: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = tls_context(authority)
    context.set_alpn_protocols(["http/1.1"])
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setattr(transport, "_certificates", transport._load_certificates)
    spoken: list[str | None] = []

    def note(connection: Connection) -> None:
        secured: Any = connection._socket
        spoken.append(secured.selected_alpn_protocol())

    with ScriptedServer(context) as server:
        server.reply(note, *ANSWER)
        assert ask(server.url) == ["Hi"]
    assert spoken == ["http/1.1"]


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own clients trust the authority of these tests."""
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    monkeypatch.setattr(transport, "_certificates", lambda: trust)


@pytest.mark.usefixtures("trusted", "either_transport")
@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
def test_who_is_cancelled_leaves_the_server_at_once_over_tls(
    tls_server: ScriptedServer, begun: list[bytes]
) -> None:
    farewell = Farewell()
    tls_server.reply(*begun, farewell)

    async def main() -> bool:
        async with AsyncChatClient(tls_server.url, retries=0) as client:
            asked = asyncio.ensure_future(client.create_chat_completion("Hello", "m", stream=False))
            assert await asyncio.to_thread(farewell.awaited.wait, 5)
            asked.cancel()
            await asyncio.wait([asked])
            return await asyncio.to_thread(farewell.came.wait, 5)

    assert asyncio.run(main())


@pytest.mark.usefixtures("trusted", "either_transport")
def test_a_stream_that_is_closed_leaves_the_server_at_once_over_tls(
    tls_server: ScriptedServer,
) -> None:
    farewell = Farewell()
    tls_server.reply(*ANSWER[:-1], farewell)

    async def main() -> bool:
        async with AsyncChatClient(tls_server.url, retries=0) as client:
            stream = await client.stream("Hello", "m")
            assert await asyncio.to_thread(farewell.awaited.wait, 5)
            await stream.aclose()
            return await asyncio.to_thread(farewell.came.wait, 5)

    assert asyncio.run(main())


def test_who_is_cancelled_while_a_long_question_is_sent_leaves_at_once(
    server: ScriptedServer,
) -> None:
    """The server reads nothing of what has been sent, and more is left to send."""
    connected, farewell = threading.Event(), Farewell()

    def read_nothing(connection: Connection) -> None:
        connected.set()
        left.wait(TEST_TIMEOUT)
        farewell(connection)

    left = threading.Event()
    server.on_connect(read_nothing)

    async def main() -> bool:
        async with AsyncChatClient(server.url, retries=0) as client:
            asked = asyncio.ensure_future(client.create_chat_completion("Hello " * 1_500_000, "m"))
            assert await asyncio.to_thread(connected.wait, 5)
            asked.cancel()
            await asyncio.wait([asked])
            left.set()
            return await asyncio.to_thread(farewell.came.wait, 5)

    assert asyncio.run(main())


def test_who_is_cancelled_just_when_the_connection_is_there_is_cancelled(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect: Any = TCPConnector._create_connection
    asked: list[asyncio.Task[Any]] = []

    async def cancel(*arguments: Any) -> Any:
        made = await connect(*arguments)
        asked[0].cancel()
        return made

    async def main() -> None:
        async with AsyncChatClient(server.url, retries=0) as client:
            asked.append(asyncio.ensure_future(client.create_chat_completion("Hello", "m")))
            await asyncio.wait(asked)
            assert asked[0].cancelled()

    monkeypatch.setattr(TCPConnector, "_create_connection", cancel)
    asyncio.run(main())


@pytest.mark.parametrize("length", [1, 70_000, 3_000_000])
def test_a_question_of_any_length_goes_out_whole(server: ScriptedServer, length: int) -> None:
    async def main() -> None:
        async with AsyncChatClient(server.url, retries=0) as client:
            await client.create_chat_completion("x" * length, "m")

    asyncio.run(main())
    [request] = server.requests
    assert request.json["messages"][0]["content"] == "x" * length
    assert int(request.headers["content-length"]) == len(request.body)


def test_who_waits_too_long_for_a_connection_is_told_why(server: ScriptedServer) -> None:
    server.otherwise([*ANSWER[:-1], stall()])

    async def main() -> None:
        limits = Limits(connections=1)
        async with AsyncChatClient(server.url, retries=0, limits=limits) as client:
            stream = await client.stream("Hello", "m")
            with pytest.raises(APITimeoutError, match="max_connections=1"):
                await client.create_chat_completion("Hello", "m", timeout=0.2)
            await stream.aclose()

    asyncio.run(main())


def test_a_name_that_nobody_answers_for_is_bounded_by_the_clock_of_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        async def look_up(*_: Any, **__: Any) -> Any:
            await asyncio.Event().wait()

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", look_up)
        async with AsyncChatClient(
            "https://nobody.invalid/v1", retries=0, timeout=Deadlines(connect=0.1)
        ) as client:
            with pytest.raises(APITimeoutError) as caught:
                await client.create_chat_completion("Hello", "m")
            assert caught.value.phase == "connect"

    asyncio.run(main())


def test_sockets_of_both_families_are_made() -> None:
    fast: Any = transport._fast_transport()
    made = fast(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), None, 5.0, transport._KEEPALIVE)
    for family in (socket.AF_INET, socket.AF_INET6):
        with made._socket((family, socket.SOCK_STREAM, 0, "", None)) as each:
            assert each.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert each.gettimeout() == 0
