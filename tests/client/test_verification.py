"""S14: nobody reads along without a word: certificates are checked, and secrets are not logged."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.transport.http import _certificates
from chatwidget.client.transport.httpx_internals import warn_if_unverified
from wire.replies import completion, event_stream, json_response, stream_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import trustme

    from wire.scripted_server import ScriptedServer


def only_a_valid_certificate() -> ssl.SSLContext:
    """Check that somebody is vouched for, whoever it is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


UNVERIFIED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "verify=False": lambda library: {"verify": False},
    "no host name": lambda library: {"verify": only_a_valid_certificate()},
    "through a proxy": lambda library: {"verify": False, "proxy": "http://127.0.0.1:1"},
    "transport": lambda library: {"transport": library.HTTPTransport(verify=False)},
    "mount": lambda library: {"mounts": {"https://": library.HTTPTransport(verify=False)}},
}
VERIFIED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "nothing": lambda library: {},
    "context": lambda library: {"verify": ssl.create_default_context()},
    "mount for others": lambda library: {
        "mounts": {"https://elsewhere.example": library.HTTPTransport(verify=False)}
    },
    "transport of one's own": lambda library: {
        "transport": library.MockTransport(lambda request: None)
    },
}


@pytest.mark.parametrize("options", UNVERIFIED.values(), ids=UNVERIFIED)
def test_a_client_that_checks_no_certificates_is_used_with_a_warning_S14(
    library: Any, options: Callable[[Any], dict[str, Any]]
) -> None:
    http_client = library.Client(**options(library))
    with pytest.warns(UserWarning, match="does not check that it talks to openai") as caught:
        ChatClient("openai", http_client=http_client)
    (warning,) = caught
    assert "can read the key, the prompts and the answers" in str(warning.message)
    assert warning.filename == __file__


def test_the_other_twin_warns_too_S14(library: Any) -> None:
    with pytest.warns(UserWarning, match="does not check that it talks to host"):
        AsyncChatClient("https://host/v1", http_client=library.AsyncClient(verify=False))


@pytest.mark.parametrize("options", VERIFIED.values(), ids=VERIFIED)
def test_a_client_that_checks_certificates_is_used_without_a_word_S14(
    library: Any, options: Callable[[Any], dict[str, Any]]
) -> None:
    ChatClient("openai", http_client=library.Client(**options(library)))


@pytest.mark.parametrize("server", ["ollama", "practice"])
def test_this_machine_needs_no_certificates_S14(library: Any, server: str) -> None:
    ChatClient(server, http_client=library.Client(verify=False))


def test_a_client_that_cannot_be_looked_into_is_trusted_S14(library: Any) -> None:
    warn_if_unverified(SimpleNamespace(base_url=library.URL("")), PROFILES["openai"])


def test_the_warning_comes_once_and_not_with_each_request_S14(
    tls_server: ScriptedServer, library: Any
) -> None:
    tls_server.otherwise(json_response(completion("Hi")))
    with (
        warnings.catch_warnings(record=True) as caught,
        library.Client(verify=False) as http_client,
    ):
        warnings.simplefilter("always")
        client = ChatClient(tls_server.url, http_client=http_client)
        for _ in range(3):
            assert client.create_chat_completion("Hello", "m").text == "Hi"
    assert len(caught) == 1


@pytest.fixture
def _certificates_of_this_test() -> Iterator[None]:
    """Read the certificates anew, as the environment names them now."""
    _certificates.cache_clear()
    yield
    _certificates.cache_clear()


@pytest.mark.usefixtures("_certificates_of_this_test")
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.usefixtures("either_transport")
def test_our_own_client_writes_no_secrets_for_others_to_read_along_S14(
    tls_server: ScriptedServer,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asynchronous: bool,  # noqa: FBT001 - a parameter
) -> None:
    secrets, trusted = tmp_path / "secrets", tmp_path / "trusted.pem"
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setenv("SSLKEYLOGFILE", str(secrets))
    tls_server.reply(event_stream(stream_of("Hi")))
    assert asked(tls_server.url, asynchronous=asynchronous) == "Hi"
    lines = secrets.read_text().splitlines() if secrets.exists() else []
    assert [line for line in lines if not line.startswith("#")] == []


def asked(url: str, *, asynchronous: bool) -> str:
    """Ask with a client that makes its own connection."""
    if not asynchronous:
        with ChatClient(url) as client:
            return client.create_chat_completion("Hello", "m").text

    async def ask() -> str:
        async with AsyncChatClient(url) as client:
            return (await client.create_chat_completion("Hello", "m")).text

    return asyncio.run(ask())
