"""Proxies and certificates that the environment names: what cannot be used is told by its name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.auth.servers import Server
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.errors import ChatWidgetError, ConfigurationError
from chatwidget.client.events import Error
from chatwidget.client.transport import http as transport
from chatwidget.doctor import run_checks

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://127.0.0.1:9/v1"
SECRET = "pass-phrase"
SOCKS = r"%pip install 'httpx\[socks\]'"

SETTINGS: dict[str, tuple[dict[str, str], str]] = {
    "socks": ({"ALL_PROXY": "socks://127.0.0.1:1"}, rf"ALL_PROXY=socks://127.*socks5://.*{SOCKS}"),
    "socks4": ({"all_proxy": "socks4://h:1"}, rf"all_proxy=socks4://h:1 .*{SOCKS}"),
    "socks without its package": (
        {"HTTPS_PROXY": f"socks5h://me:{SECRET}@h:1"},
        rf"HTTPS_PROXY=socks5h://h:1 .*Install .*{SOCKS}",
    ),
    "socks for others, too": (
        {"HTTP_PROXY": "socks://h:1", "HTTPS_PROXY": "http://h:1"},
        "HTTP_PROXY=socks://h:1",
    ),
    "an unknown kind": (
        {"HTTPS_PROXY": f"ftp://me:{SECRET}@h:1"},
        "HTTPS_PROXY=ftp://h:1 is no address of a proxy.*http://host:port",
    ),
    "a port that is none": (
        {"HTTPS_PROXY": f"http://me:{SECRET}@h:port"},
        "HTTPS_PROXY=http://h:port is no address",
    ),
    "no certificate there": (
        {"SSL_CERT_FILE": "/no/such/file.pem"},
        "SSL_CERT_FILE names /no/such/file.pem, which is not there. Correct SSL_CERT_FILE",
    ),
    "no certificate in it": (
        {"SSL_CERT_FILE": __file__},
        "SSL_CERT_FILE names .*test_environment.py, which holds no certificates",
    ),
    "a folder of certificates": (
        {"SSL_CERT_FILE": str(Path(__file__).parent)},
        "SSL_CERT_FILE names .*client, which holds no certificates",
    ),
}


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set, and no certificates were loaded before."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(transport, "_certificates", transport._load_certificates)


def ask(**options: Any) -> None:
    with ChatClient(URL, retries=0, timeout=5) as client:
        client.create_chat_completion("Hello", "m", **options)


def await_answer() -> None:
    async def main() -> None:
        async with AsyncChatClient(URL, retries=0, timeout=5) as client:
            await client.create_chat_completion("Hello", "m")

    asyncio.run(main())


def ask_in_background() -> None:
    with ChatClient(URL, retries=0, timeout=5) as client:
        client.start_chat_completion("Hello", "m").result(10)


def list_models() -> None:
    with ChatClient(URL, retries=0, timeout=5) as client:
        client.list_models()


CALLS = {
    "sync": ask,
    "async": await_answer,
    "background": ask_in_background,
    "models": list_models,
}


@pytest.mark.usefixtures("own_library")
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_what_the_environment_names_and_cannot_be_used_is_told(
    monkeypatch: pytest.MonkeyPatch,
    setting: tuple[dict[str, str], str],
    call: Callable[[], None],
    shown: Callable[[BaseException], str],
) -> None:
    variables, said = setting
    with monkeypatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        with pytest.raises(ConfigurationError, match=said) as caught:
            call()
    assert SECRET not in shown(caught.value)


def test_a_range_of_addresses_without_a_proxy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    for value in ("::1/128", "localhost,[::1],10.0.0.0/8"):
        monkeypatch.setenv("NO_PROXY", value)
        with pytest.raises(ConfigurationError, match=r"NO_PROXY=.*::1.*localhost,127\.0\.0\.1"):
            ask()


def test_without_a_proxy_no_exception_from_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "::1/128")
    with pytest.raises(ChatWidgetError, match=r"connection to 127\.0\.0\.1:9 failed"):
        ask()


def test_a_log_of_keys_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/no/such/folder/log")
    with pytest.raises(ConfigurationError, match="SSLKEYLOGFILE names /no/such/folder/log, which"):
        ask()


def test_a_transport_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks://h:1")
    server = Server("x", "http://127.0.0.1:9/v1", transport="no_such_module:Transport")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = ChatClient(server, retries=0)
    with pytest.raises(ConfigurationError, match="could not be made: ModuleNotFoundError: No mod"):
        client.create_chat_completion("Hello", "m")


def test_a_sink_hears_of_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    events: list[Any] = []
    with pytest.raises(ConfigurationError):
        ask(stream_to=events.append)
    with ChatClient(URL, retries=0) as client, pytest.raises(ConfigurationError):
        client.start_chat_completion("Hello", "m", stream_to=events.append).result(10)
    assert [type(event) for event in events] == [Error, Error]
    assert all("not there" in event.error.message for event in events)


def test_when_it_is_put_right_the_same_client_works(
    monkeypatch: pytest.MonkeyPatch, tls_server: Any, authority: Any, tmp_path: Path
) -> None:
    from wire.replies import completion, json_response

    tls_server.reply(json_response(completion("Hi")))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    with ChatClient(tls_server.url, retries=0) as client:
        with pytest.raises(ConfigurationError):
            client.create_chat_completion("Hello", "m")
        authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))
        assert client.create_chat_completion("Hello", "m").text == "Hi"


DOCTORED = {name: "certificates" if "certificate" in name else "proxy" for name in SETTINGS}


@pytest.mark.parametrize(("name", "subject"), DOCTORED.items(), ids=DOCTORED)
@pytest.mark.usefixtures("either_transport")
def test_the_doctor_says_so_in_place_of_a_tick_and_asks_no_more(
    monkeypatch: pytest.MonkeyPatch, name: str, subject: str
) -> None:
    variables, _ = SETTINGS[name]
    with monkeypatch.context() as patch:
        for variable, value in variables.items():
            patch.setenv(variable, value)
        findings = {each.subject: each for each in run_checks(ChatSession(URL))}
    assert findings[subject].mark == "✗"
    assert next(iter(variables)) in str(findings[subject])
    assert SECRET not in "".join(map(str, findings.values()))
    assert "connection" not in findings
    assert findings["the rest"].told == "It was not tried: first, this must be put right."
