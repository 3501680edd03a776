from __future__ import annotations

import contextlib
import itertools
import json
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from wire.certificates import tls_context
from wire.ports import refusing_port, silent_port
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    done,
    event_stream,
    head,
    json_response,
    sse,
    stream_of,
)
from wire.scripted_server import (
    ScriptedServer,
    close,
    drip,
    half_close,
    pause,
    reset,
    split,
    stall,
)

if TYPE_CHECKING:
    import trustme

REQUEST = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"


def connect(server: ScriptedServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=5)


def read_all(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_sends_the_very_bytes_of_the_script(server: ScriptedServer) -> None:
    server.reply(b"not even\xff HTTP", close())
    with connect(server) as client:
        client.sendall(REQUEST)
        assert read_all(client) == b"not even\xff HTTP"


def test_records_each_request_and_its_connection(server: ScriptedServer) -> None:
    server.reply(json_response(completion("one")))
    last = json_response(completion("two"), 429, retry_after="1", connection="close")
    server.reply(last, close())
    server.reply(json_response(completion("three")))
    before = time.monotonic()
    with httpx.Client(base_url=server.url) as client:
        replies = [
            client.post("/chat/completions", json={"n": n}, headers={"X-Key": "k"})
            for n in range(3)
        ]
    texts = [reply.json()["choices"][0]["message"]["content"] for reply in replies]
    assert texts == ["one", "two", "three"]
    assert [reply.status_code for reply in replies] == [200, 429, 200]
    assert replies[1].headers["retry-after"] == "1"
    assert [request.json for request in server.requests] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert [request.connection for request in server.requests] == [0, 0, 1]
    first = server.requests[0]
    assert (first.method, first.path) == ("POST", "/v1/chat/completions")
    assert first.headers["x-key"] == "k"
    assert before <= first.time <= time.monotonic()


def test_a_request_without_a_script_is_told_so(server: ScriptedServer) -> None:
    reply = httpx.get(server.url)
    assert reply.status_code == 418
    assert reply.json()["error"]["message"] == "The test has no script for request 1."
    server.otherwise(json_response([]))
    assert [httpx.get(server.url).json() for _ in range(2)] == [[], []]


def test_streams_in_chunks_and_to_the_end_of_the_connection(server: ScriptedServer) -> None:
    body = stream_of("Hel", "lo", usage={"total_tokens": 2})
    server.reply(event_stream(*split(body, 7)))
    server.reply(SSE_HEAD, split(body), close())
    assert [httpx.post(server.url).content for _ in range(2)] == [body, body]
    *events, last = body.decode().removesuffix("\n\n").split("\n\n")
    assert last + "\n\n" == done().decode()
    chunks = [json.loads(event.removeprefix("data: ")) for event in events]
    deltas = [choice["delta"] for each in chunks for choice in each["choices"]]
    assert deltas == [
        {"role": "assistant", "content": ""},
        {"content": "Hel"},
        {"content": "lo"},
        {},
    ]
    assert chunks[-1]["usage"] == {"total_tokens": 2}


def test_pauses_until_the_test_says_go(server: ScriptedServer) -> None:
    go = threading.Event()
    server.reply(SSE_HEAD, sse(chunk("a")), pause(go), drip(b": b", every=0.001), close())
    with httpx.stream("POST", server.url) as reply:
        parts = reply.iter_raw()
        assert next(parts) == sse(chunk("a"))
        assert server.connections[0].connected
        go.set()
        assert b"".join(parts) == b": b"


def test_resets_mid_stream_and_before_the_request(server: ScriptedServer) -> None:
    server.on_connect()
    server.on_connect(reset())
    server.reply(SSE_HEAD, sse(chunk()), pause(0.05), reset())
    with connect(server) as client:
        client.sendall(REQUEST)
        with pytest.raises(ConnectionResetError):
            read_all(client)
    # the reset may come as early as in connect()
    with pytest.raises(ConnectionResetError), connect(server) as client:
        client.recv(1)
    assert len(server.requests) == 1


def test_half_closes_and_still_listens(server: ScriptedServer) -> None:
    server.reply(b"bye", half_close())
    server.reply(stall())
    with connect(server) as client:
        client.sendall(REQUEST)
        assert read_all(client) == b"bye"
        client.sendall(REQUEST)
        server.wait_for_requests(2)
        assert server.connections[0].connected


@pytest.mark.parametrize(
    "script",
    [
        (SSE_HEAD, stall()),
        (SSE_HEAD, pause(60)),
        (SSE_HEAD, itertools.repeat(sse(chunk("x" * 10_000)))),
        (SSE_HEAD, half_close()),
        (head(content_length=9),),
    ],
    ids=["stalled", "paused", "streaming", "half-closed", "waiting for a request"],
)
@pytest.mark.parametrize("leave", ["closes", "resets"])
def test_sees_the_client_leave(server: ScriptedServer, script: tuple[bytes], leave: str) -> None:
    server.reply(*script)
    with connect(server) as client:
        client.sendall(REQUEST)
        client.recv(1)
        connection = server.connections[0]
        assert not connection.wait_closed(0.01)
        if leave == "resets":
            linger = b"\1\0\0\0\0\0\0\0"
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        left_at = time.monotonic()
    assert connection.wait_closed(1.0)
    assert connection.closed_at - left_at < 0.5


def test_its_own_close_is_not_the_clients(server: ScriptedServer) -> None:
    server.reply(close())
    with connect(server) as client:
        client.sendall(REQUEST)
        assert read_all(client) == b""
    assert not server.connections[0].wait_closed()
    assert server.connections[0].closed_by == "server"


def test_leaves_nothing_behind_however_busy() -> None:
    before = set(threading.enumerate())
    with contextlib.ExitStack() as clients, ScriptedServer() as server:
        for script in [stall()], [itertools.repeat(bytes(100_000))], []:
            server.reply(*script)
            clients.enter_context(connect(server)).sendall(REQUEST)
        clients.enter_context(connect(server))
        server.wait_for_requests(3)
    assert set(threading.enumerate()) == before
    assert {connection.closed_by for connection in server.connections} <= {"server", "client"}


def test_speaks_tls_to_those_who_trust_it(
    tls_server: ScriptedServer, authority: trustme.CA
) -> None:
    tls_server.otherwise(SSE_HEAD, sse(chunk()), stall())
    trust = ssl.create_default_context()
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(tls_server.url)
    authority.configure_trust(trust)
    with httpx.stream("GET", tls_server.url, verify=trust) as reply:
        assert next(reply.iter_raw()) == sse(chunk())
    assert len(tls_server.requests) == 1
    assert all(connection.wait_closed() for connection in tls_server.connections)
    with (
        ScriptedServer(tls_context(authority, "elsewhere.example")) as wrong,
        pytest.raises(httpx.ConnectError, match="mismatch"),
    ):
        httpx.get(wrong.url, verify=trust)


def test_ports_without_a_server() -> None:
    with refusing_port() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    with silent_port() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), timeout=0.1)
