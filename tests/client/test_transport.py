from __future__ import annotations

import datetime as dt
import logging
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    StreamError,
)
from chatwidget.client.transport.http import check_http_client, map_transport_errors
from wire.certificates import tls_context
from wire.ports import refusing_port, silent_port
from wire.replies import completion, error, head, json_response, response
from wire.scripted_server import ScriptedServer, close, pause, reset, stall

if TYPE_CHECKING:
    import trustme

    from client.conftest import Asker

CANARY = "sk-canary" + "0123456789abcdef"


# Whose client


class OwnClient(httpx.Client):
    """A client derived by the user."""


class Client:
    """A client of something else."""


def test_clients_of_both_families_are_taken(library: Any) -> None:
    check_http_client(library.Client(verify=False), asynchronous=False)
    check_http_client(library.AsyncClient(verify=False), asynchronous=True)


def test_a_derived_client_is_taken() -> None:
    with OwnClient(verify=False) as http_client:
        check_http_client(http_client, asynchronous=False)


def test_the_wrong_twin_is_refused(library: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"Give an httpx\.Client or an httpx2\.Client"):
        ChatClient("ollama", http_client=library.AsyncClient(verify=False))
    with pytest.raises(
        ConfigurationError, match=r"Give an httpx\.AsyncClient or an httpx2\.AsyncC"
    ):
        AsyncChatClient("ollama", http_client=library.Client(verify=False))


@pytest.mark.parametrize("wrong", ["client", 7, object(), httpx, httpx.Client, Client()], ids=repr)
def test_what_is_no_client_is_refused(wrong: object) -> None:
    for asynchronous in (False, True):
        with pytest.raises(ConfigurationError, match="http_client is"):
            check_http_client(wrong, asynchronous=asynchronous)


def test_a_client_of_the_user_stays_open(server: ScriptedServer, library: Any) -> None:
    server.otherwise(json_response(completion("Hi")))
    with library.Client(verify=False) as http_client:
        with ChatClient(server.url, http_client=http_client) as client:
            client.create_chat_completion("Hello", "m")
        assert not http_client.is_closed
        assert ChatClient(server.url, http_client=http_client).list_models() == []


def test_a_client_of_our_own_is_closed_and_made_anew(server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("Hi")))
    client = ChatClient(server.url)
    client.create_chat_completion("Hello", "m")
    http_client = client._http
    client.close()
    assert http_client.is_closed
    assert client.create_chat_completion("Hello", "m").text == "Hi"
    client.close()
    client.close()


def test_our_own_clients_may_be_of_either_library(server: ScriptedServer, own_library: Any) -> None:
    server.otherwise(json_response(completion("Hi")))
    with ChatClient(server.url) as client:
        assert client.create_chat_completion("Hello", "m").text == "Hi"
        assert type(client._http) is own_library.Client
        assert client.start_chat_completion("Hello", "m").result(5).text == "Hi"
        assert type(client._background_http) is own_library.AsyncClient


def test_a_library_raises_its_own_errors() -> None:
    assert not issubclass(httpx2.ReadError, httpx.RequestError)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ConnectError", APIConnectionError),
        ("ReadError", APIConnectionError),
        ("WriteError", APIConnectionError),
        ("RemoteProtocolError", APIConnectionError),
        ("ProxyError", APIConnectionError),
        ("UnsupportedProtocol", APIConnectionError),
        ("DecodingError", StreamError),
        ("TooManyRedirects", APIConnectionError),
        ("ConnectTimeout", APITimeoutError),
        ("ReadTimeout", APITimeoutError),
        ("WriteTimeout", APITimeoutError),
        ("PoolTimeout", APITimeoutError),
    ],
)
def test_errors_of_a_library_become_ours_T27(library: Any, name: str, kind: type[APIError]) -> None:
    request = library.Request("POST", "https://example", headers={"Authorization": CANARY})
    with (
        library.Client(verify=False) as http_client,
        pytest.raises(kind) as caught,
        map_transport_errors(http_client, "example"),
    ):
        raise getattr(library, name)("lost.", request=request)
    assert type(caught.value) is kind
    assert "example" in str(caught.value)
    assert ".." not in str(caught.value)
    # the library's error holds the request, and the request the key
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("failure", [ValueError("x"), OSError("x"), KeyboardInterrupt()], ids=repr)
def test_errors_of_our_own_code_are_not_relabelled_T28(failure: BaseException) -> None:
    with (
        httpx.Client(verify=False) as http_client,
        pytest.raises(type(failure)) as caught,
        map_transport_errors(http_client, "example"),
    ):
        raise failure
    assert caught.value is failure


# No answer


def test_a_refused_connection_names_the_host_F1(ask: Asker) -> None:
    with refusing_port() as port:
        ask.url = f"http://127.0.0.1:{port}/v1"
        with pytest.raises(APIConnectionError, match=rf"to 127\.0\.0\.1:{port} failed") as caught:
            ask()
    assert type(caught.value) is APIConnectionError
    assert "Is the server running" in caught.value.hint
    assert caught.value.completion is None


def test_a_reset_while_connecting_is_a_connection_error_F1(
    ask: Asker, server: ScriptedServer
) -> None:
    server.on_connect(reset())
    with pytest.raises(APIConnectionError):
        ask()


def test_a_connection_that_hangs_is_a_timeout_F2(library: Any) -> None:
    with silent_port() as port, library.Client(verify=False) as http_client:
        client = ChatClient(
            f"http://127.0.0.1:{port}/v1",
            http_client=http_client,
            timeout=Deadlines(connect=0.05),
            retries=0,
        )
        with pytest.raises(APITimeoutError, match=r"in time \(connect\)") as caught:
            client.create_chat_completion("Hello", "m")
    assert caught.value.phase == "connect"


def test_no_answer_is_no_silence_F32(ask: Asker, server: ScriptedServer) -> None:
    server.reply(close())
    with pytest.raises(APIConnectionError):
        ask()


@pytest.mark.parametrize("host", ["127.0.0.1", "elsewhere.example"], ids=["unknown", "wrong name"])
def test_a_certificate_that_cannot_be_trusted_is_an_error_F3_T53(
    authority: trustme.CA, library: Any, host: str
) -> None:
    trust = ssl.create_default_context()
    if host != "127.0.0.1":
        authority.configure_trust(trust)
    with (
        ScriptedServer(tls_context(authority, host)) as server,
        library.Client(verify=trust) as http_client,
    ):
        client = ChatClient(server.url, http_client=http_client, openai_api_key=CANARY)
        with pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED") as caught:
            client.create_chat_completion("Hello", "m")
        assert caught.value.phase == "tls"
        assert "SSL_CERT_FILE" in caught.value.hint
        assert "verify" not in caught.value.hint
        assert server.requests == []
        # it is not tried again
        assert len(server.connections) == 1


def test_an_expired_certificate_is_an_error_F3(authority: trustme.CA, library: Any) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    expired = tls_context(authority, not_after=dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc))
    with ScriptedServer(expired) as server, library.Client(verify=trust) as http_client:
        client = ChatClient(server.url, http_client=http_client)
        with pytest.raises(APIConnectionError, match="expired") as caught:
            client.create_chat_completion("Hello", "m")
        assert caught.value.phase == "tls"
        assert len(server.connections) == 1


def test_our_own_client_verifies_certificates_S14(tls_server: ScriptedServer) -> None:
    with (
        ChatClient(tls_server.url, openai_api_key=CANARY) as client,
        pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.create_chat_completion("Hello", "m")
    assert tls_server.requests == []


def test_a_trusted_server_answers_over_tls(
    tls_server: ScriptedServer, authority: trustme.CA
) -> None:
    tls_server.reply(json_response(completion("Hi")))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with httpx.Client(verify=trust) as http_client:
        client = ChatClient(tls_server.url, http_client=http_client)
        assert client.create_chat_completion("Hello", "m").text == "Hi"


def test_loopback_is_reached_without_the_proxy_of_the_environment_S14(
    ask_own: Asker, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(json_response(completion("Hi")))
    with refusing_port() as port:
        for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://user:secret@127.0.0.1:{port}")
        assert ask_own().text == "Hi"


def test_the_password_of_a_proxy_is_not_shown_F4(
    monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    with refusing_port() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:hunter2@127.0.0.1:{port}")
        client = ChatClient("https://example.invalid/v1", retries=0)
        with client, pytest.raises(APIConnectionError) as caught:
            client.create_chat_completion("Hello", "m")
    assert "hunter2" not in shown(caught.value)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_not_followed_F15_F16_T51(
    ask: Asker, server: ScriptedServer, status: int
) -> None:
    with ScriptedServer() as elsewhere:
        server.reply(head(status, location=elsewhere.url, content_length=0))
        with pytest.raises(APIStatusError, match="Redirects are not followed") as caught:
            ask(openai_api_key=CANARY)
        assert caught.value.status_code == status
        assert elsewhere.connections == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("path", ["/v2/chat", "http://127.0.0.1:{port}/v2/chat"])
def test_a_redirect_to_another_path_is_followed_with_its_body_and_its_key_F15_T50(
    ask: Asker, server: ScriptedServer, status: int, path: str
) -> None:
    server.reply(head(status, location=path.format(port=server.port), content_length=0))
    server.reply(json_response(completion("Hi")))
    assert ask(openai_api_key=CANARY).text == "Hi"
    first, second = server.requests
    assert second.path == "/v2/chat"
    assert (second.method, second.body) == ("POST", first.body)
    assert second.headers["authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_may_lose_the_body_is_refused_F15(
    ask: Asker, server: ScriptedServer, status: int
) -> None:
    server.reply(head(status, location="/v2/chat", content_length=0))
    with pytest.raises(APIStatusError, match="Redirects are not followed"):
        ask()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1:{port}/x",
        "//localhost:{port}/x",
        "http://user@127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}@example.invalid/x",
        "http://127.0.0.1:{port}.example.invalid/x",
        "file:///etc/passwd",
        "http://[",
        "",
    ],
)
def test_a_redirect_by_a_trick_is_refused_F16_T51(
    ask_own: Asker, server: ScriptedServer, location: str
) -> None:
    server.reply(head(307, location=location.format(port=server.port), content_length=0))
    with pytest.raises(APIError):
        ask_own(openai_api_key=CANARY)
    assert len(server.requests) == 1


def test_redirects_without_end_are_an_error_F15(ask_own: Asker, server: ScriptedServer) -> None:
    server.otherwise(head(307, location="/again", content_length=0))
    with pytest.raises(APIStatusError, match="Redirects are not followed"):
        ask_own()
    assert len(server.requests) == 5


@pytest.mark.parametrize("status", [302, 307])
def test_a_client_that_follows_redirects_does_not_follow_them_for_us_S13_T51(
    server: ScriptedServer, library: Any, status: int
) -> None:
    with ScriptedServer() as elsewhere, library.Client(follow_redirects=True) as http_client:
        server.reply(head(status, location=f"{elsewhere.url}/x", content_length=0))
        elsewhere.otherwise(json_response(completion("Hi")))
        client = ChatClient(server.url, http_client=http_client, openai_api_key=CANARY)
        with pytest.raises(APIStatusError, match="Redirects are not followed"):
            client.create_chat_completion("Hello", "m")
        assert elsewhere.connections == []
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


# What is sent


def test_the_request_is_json_posted_to_the_address_T47(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    ask("Grüß Gott", temperature=0)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "model": "m",
        "messages": [{"role": "user", "content": "Grüß Gott"}],
        "temperature": 0,
    }


def test_without_a_key_no_header_speaks_of_one(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    ask()
    assert "authorization" not in server.requests[0].headers
    assert "openai-organization" not in server.requests[0].headers


# Logs


@pytest.mark.parametrize(
    "script",
    [
        (json_response(completion("Hi")),),
        (json_response(error(f"Incorrect API key provided: {CANARY}"), 401),),
        (response(CANARY.encode(), 500),),
        (head(), b"data: ", close()),
        (stall(),),
        (pause(0.01), reset()),
    ],
    ids=["answer", "401", "500", "cut", "timeout", "reset"],
)
def test_no_log_at_any_level_holds_the_key_T54(
    ask: Asker, server: ScriptedServer, caplog: pytest.LogCaptureFixture, script: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    server.reply(script)
    with suppress(APIError):
        ask(openai_api_key=CANARY, timeout=0.5)  # a busy machine takes its time to send
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert caplog.records
    for record in caplog.records:
        assert "canary" not in record.getMessage() + repr(record.args) + str(record.exc_info)
