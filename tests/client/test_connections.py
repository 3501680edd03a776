"""How a connection comes about, or does not, and what is told of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import APIConnectionError, APITimeoutError
from chatwidget.client.transport import http as transport
from wire.replies import completion, event_stream, head, json_response, stream_of
from wire.scripted_server import drip, pause, stall

if TYPE_CHECKING:
    import trustme

    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

ANSWER = event_stream(stream_of("Hi"))


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
IMPATIENT = Deadlines(connect=0.1)


def test_a_pool_that_is_used_up_is_told_and_the_next_call_works_F2(
    server: ScriptedServer, library: Any
) -> None:
    server.reply(ANSWER[:2], stall())
    server.reply(ANSWER)
    with one_connection(library, "Client") as http_client:
        client = ChatClient(server.url, http_client=http_client, timeout=IMPATIENT)
        with client.stream("Hello", "m") as held:
            chunks = iter(held)
            next(chunks)
            begun = time.monotonic()
            with pytest.raises(APITimeoutError, match=IN_USE) as caught:
                client.create_chat_completion("Hello", "m")
            assert time.monotonic() - begun < 1
            assert caught.value.phase == "pool"
        assert client.create_chat_completion("Hello", "m").text == "Hi"
    assert len(server.requests) == 2


def test_a_pool_that_is_used_up_is_told_to_those_who_await_F2(
    server: ScriptedServer, library: Any
) -> None:
    server.reply(ANSWER[:2], stall())
    server.reply(ANSWER)

    async def main() -> None:
        async with one_connection(library, "AsyncClient") as http_client:
            client = AsyncChatClient(server.url, http_client=http_client, timeout=IMPATIENT)
            async with await client.stream("Hello", "m") as held:
                chunks = aiter(held)
                await anext(chunks)
                with pytest.raises(APITimeoutError, match=IN_USE) as caught:
                    await asyncio.wait_for(client.create_chat_completion("Hello", "m"), 1)
                assert caught.value.phase == "pool"
            assert (await client.create_chat_completion("Hello", "m")).text == "Hi"

    asyncio.run(main())
    assert len(server.requests) == 2


# Headers that do not end


SLOW_HEAD = head(x_slow="x" * 1000)
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
def test_a_list_of_models_that_takes_too_long_is_a_timeout_F39(
    server: ScriptedServer, slow: Step
) -> None:
    server.otherwise(slow)
    limits = Deadlines(first_event=0.1)
    said = r"is too slow: no answer began within 0\.1 s .* Give a longer timeout="
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
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    wanted = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
    for name, value in wanted.items():
        if hasattr(socket, name):
            option = getattr(socket, name)
            assert connection.getsockopt(socket.IPPROTO_TCP, option) == value


def test_our_own_sockets_ask_whether_the_other_end_is_there(any_server: ScriptedServer) -> None:
    with ChatClient(any_server.url) as client, client.stream("Hello", "m") as answer:
        check_keepalive(answer._response)


def test_our_own_asynchronous_sockets_do_so_too(any_server: ScriptedServer) -> None:
    async def main() -> None:
        async with (
            AsyncChatClient(any_server.url) as client,
            await client.stream("Hello", "m") as answer,
        ):
            check_keepalive(answer._response)

    asyncio.run(main())
