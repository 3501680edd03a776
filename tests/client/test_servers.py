from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.client.auth.servers import (
    PROFILES,
    Server,
    allow_plain_http,
    default_notice,
    default_server,
    find_server,
)
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from wire.replies import completion, json_response

if TYPE_CHECKING:
    from pathlib import Path

    from wire.scripted_server import ScriptedServer

CANARY = "sk-canary" + "0123456789abcdef"


def refused(address: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        find_server(address)
    return str(caught.value)


def test_the_profiles() -> None:
    assert list(PROFILES) == [
        *("practice", "local", "openai", "ollama", "lm-studio", "llama.cpp", "vllm"),
    ]


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_keeps_the_rules_of_addresses(name: str) -> None:
    server = find_server(name)
    assert server is PROFILES[name]
    assert server.base_url.endswith("/v1")
    if server.transport is None:
        assert find_server(server.base_url).base_url == server.base_url


def test_only_the_vendor_gets_the_vendors_key() -> None:
    assert [name for name, each in PROFILES.items() if each.key_variable] == ["openai"]


def test_the_practice_model_is_in_this_process_and_needs_no_name() -> None:
    practice = PROFILES["practice"]
    assert (practice.place, practice.default_model) == ("in this process", "practice")
    assert practice.key_variable is None
    # a name that no resolver knows: nothing can leave the process
    assert practice.base_url.startswith("http://practice.invalid/")


@pytest.mark.parametrize(
    ("wrong", "near"), [("olama", "ollama"), ("openAI", "openai"), ("lmstudio", "lm-studio")]
)
def test_an_unknown_profile_suggests_the_nearest(wrong: str, near: str) -> None:
    assert refused(wrong) == f"There is no server profile {wrong!r}. Did you mean {near}?"


def test_a_key_in_the_place_of_a_server_is_not_shown_S8() -> None:
    assert "canary" not in refused(CANARY)


def test_an_unknown_profile_like_no_other_lists_all() -> None:
    assert ", ".join(PROFILES) in refused("zzz")


def test_a_server_is_taken_as_it_is() -> None:
    server = Server("mine", "https://example/v1")
    assert find_server(server) is server


# What the environment names


def test_nothing_set_is_the_practice_model() -> None:
    assert default_server() is find_server(None) is PROFILES["practice"]


def test_nothing_set_is_the_local_model_where_one_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chatwidget.local.catalog.has_default_model", lambda: True)
    assert default_server() is PROFILES["local"]
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert default_server() is PROFILES["openai"]


@pytest.mark.parametrize("named", ["ollama", "https://example/v1", "practice", "local:tiny"])
def test_a_server_that_is_named_in_the_environment_comes_first(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("CHATWIDGET_SERVER", named)
    assert default_server() == find_server(named)
    assert default_notice(default_server()) == ""


def test_an_unknown_server_in_the_environment_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATWIDGET_SERVER", "olama")
    with pytest.raises(ConfigurationError, match="no server profile 'olama'"):
        default_server()


def test_who_answers_is_said_where_nobody_has_chosen() -> None:
    assert "so the practice model answers in this process" in default_notice(PROFILES["practice"])
    assert "so the local model answers on this machine" in default_notice(PROFILES["local"])
    assert default_notice(PROFILES["ollama"]) == ""


@pytest.mark.parametrize("blank", ["", "  "])
def test_blank_variables_are_not_set(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("CHATWIDGET_SERVER", blank)
    monkeypatch.setenv("OPENAI_BASE_URL", blank)
    monkeypatch.setenv("OPENAI_API_KEY", blank)
    assert default_server() is PROFILES["practice"]


def test_a_key_alone_is_for_the_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert default_server() is PROFILES["openai"]


def test_an_address_in_the_environment_gets_the_key_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", " https://example:8443/v1/ ")
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    server = default_server()
    assert (server.name, server.base_url) == ("example:8443", "https://example:8443/v1")
    key = ChatClient().key
    assert key is not None
    assert (key.origin, key.source) == ("https://example:8443", "the variable OPENAI_API_KEY")


def test_an_address_in_the_environment_keeps_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://example/v1")
    with pytest.raises(ConfigurationError, match="Plain http to example"):
        default_server()


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere/v1",
        "https://api.openai.com.evil/v1",
        "https://api.openai.com:8443/v1",
        "https://evil/api.openai.com/v1",
        "http://127.0.0.1:11434/v1",
    ],
)
def test_an_address_from_a_cell_gets_no_key_of_the_environment_S11(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert find_server(address).key_variable is None
    assert ChatClient(address).key is None


def test_the_address_that_the_environment_names_gets_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://example/v1")
    assert ChatClient("https://example/v1/").key is not None
    assert ChatClient("https://example/v2").key is None
    assert ChatClient("ollama").key is None


def test_the_key_of_the_environment_is_looked_up_at_each_call_T43(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = ChatClient("openai")
    assert client.key is None
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert client.key is not None


# Addresses


@pytest.mark.parametrize(
    ("address", "base_url"),
    [
        ("https://example/v1", "https://example/v1"),
        ("https://example/v1/", "https://example/v1"),
        ("https://example", "https://example"),
        (" https://example/v1\n", "https://example/v1"),
        ("HTTPS://example/v1", "https://example/v1"),
        ("https://example:8443/a/b", "https://example:8443/a/b"),
        ("https://[2001:db8::1]:8443/v1", "https://[2001:db8::1]:8443/v1"),
        ("https://example/v1/chat/completions", "https://example/v1"),
        ("https://example/v1//chat/completions/", "https://example/v1"),
        ("https://example/chat/completions", "https://example"),
        ("https://example/v1?", "https://example/v1"),
    ],
)
def test_an_address_is_kept_without_its_last_slash_T47(address: str, base_url: str) -> None:
    server = find_server(address)
    assert server.base_url == base_url
    assert server.place == base_url


def test_the_name_and_origin_of_an_address() -> None:
    server = find_server("https://example:8443/v1")
    assert (server.name, server.origin) == ("example:8443", "https://example:8443")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "[::1]"])
def test_plain_http_reaches_this_machine_S12(host: str) -> None:
    assert find_server(f"http://{host}:8000/v1").base_url == f"http://{host}:8000/v1"


@pytest.mark.parametrize(
    "host",
    [
        "example",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "localhost.example",
        "127.0.0.1.example",
        "xn--localhost",
        "2130706433",
        "[::ffff:10.0.0.1]",
        "[fe80::1]",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_plain_http_reaches_nobody_else_S12(scheme: str, host: str) -> None:
    assert "would send prompts and keys unprotected" in refused(f"{scheme}://{host}:80/v1")


@pytest.mark.parametrize(
    "address",
    [
        f"https://user:{CANARY}@example/v1",
        f"https://{CANARY}@example/v1",
        f"https:/user:{CANARY}@example/v1",
        f"ftp://user:{CANARY}@example",
        f"https://exa mple:{CANARY}@example/v1",
        "http://@127.0.0.1/v1",
        "http://127.0.0.1\\@example/v1",
        f"https://example/v1?api_key={CANARY}",
        f"https://example/v1?api-version=1&x={CANARY}",
        "https://example/v1?subscription-key=canary",
        "https://example/v1?sig=canary%2B&api-version=1",
        f"https://example/v1#{CANARY}",
        "https://example/v1#",
        "http://127.0.0.1#@example/v1",
    ],
)
def test_user_password_fragment_and_secrets_are_refused_unshown_S9_S12(address: str) -> None:
    text = refused(address)
    assert text.startswith("A server's address holds no user name, password, fragment or secret")
    assert "canary" not in text


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://example/v1",
        "javascript:alert(1)",
        "//example/v1",
        "https://",
        "https:///v1",
        "https://:8000/v1",
        "example/v1",
        "localhost:8000/v1",
        "http://[::1/v1",
        "https://example:99999/v1",
        "https://example:port/v1",
        "https://exa mple/v1",
        "https://example/\n/v1",
        "http://127.0.0.1\t.example/v1",
        "http://127.0.0.1\\.example/v1",
        "https://example\u202e/v1",
        "/v1",
        ":",
    ],
    ids=ascii,
)
def test_what_is_no_address_is_refused_S12(address: str) -> None:
    assert (
        refused(address) == f"{address!r} is no address of a server. It looks like https://host/v1."
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://example/openai/deployments/gpt?api-version=2024-10-21",
        "https://example/openai/deployments/gpt/?api-version=2024-10-21",
        "https://example/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
    ],
)
def test_a_query_goes_with_each_request(address: str) -> None:
    server = find_server(address)
    assert (server.base_url, server.query) == (
        "https://example/openai/deployments/gpt",
        "api-version=2024-10-21",
    )
    assert server.place == "https://example/openai/deployments/gpt?api-version=2024-10-21"
    assert find_server(server.place) == server
    assert ChatClient(address).draft("Hello", "m").url == (
        "https://example/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    )


def test_requests_and_lists_of_models_have_the_query(server: ScriptedServer) -> None:
    server.reply(json_response({"data": [{"id": "m"}]}))
    server.reply(json_response(completion("Hi")))
    with ChatClient(f"{server.url}/chat/completions?a=1&b=%20x&a=2") as client:
        assert [each.id for each in client.list_models()] == ["m"]
        assert client.create_chat_completion("Hello", "m").text == "Hi"
    assert [each.path for each in server.requests] == [
        "/v1/models?a=1&b=%20x&a=2",
        "/v1/chat/completions?a=1&b=%20x&a=2",
    ]


@pytest.mark.parametrize("query", ["a=b c", "a=\u202e", "a=\n1"], ids=ascii)
def test_a_query_that_cannot_be_sent_is_refused(query: str) -> None:
    assert "is no address of a server" in refused(f"https://example/v1?{query}")


def test_the_address_of_the_environment_may_have_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://example/v1/chat/completions?api-version=1")
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert ChatClient().key is not None
    assert ChatClient("https://example/v1?api-version=1").key is not None
    assert ChatClient("https://example/v1?api-version=2").key is None


# Plain http nearby

NEAR = [
    "http://ollama:11434",
    "http://192.168.1.20:8000",
    "http://10.0.0.1",
    "http://172.17.0.1:11434",
    "http://host.docker.internal:11434",
    "http://gpu-box.local:8000",
    "http://vllm.models.svc.cluster.local",
    "http://[fd00::1]:8000",
]


@pytest.mark.parametrize("origin", NEAR)
def test_plain_http_to_a_host_nearby_is_asked_about_once_and_remembered(origin: str) -> None:
    said = refused(f"{origin}/v1")
    assert "would send prompts and keys unprotected" in said
    assert f"%chat use {origin}/v1 --insecure" in said
    allow_plain_http(f"{origin}/v1/chat/completions")
    assert find_server(f"{origin}/v1").base_url == f"{origin}/v1"
    assert "--insecure" in refused("http://another:1/v1")


@pytest.mark.parametrize(
    "host",
    [
        *("example.com", "8.8.8.8", "134744072", "0x8080808", "169.254.169.254", "0.0.0.0"),
        *("internal.example", "local.", "xn--local.com", "[2001:4860:4860::8888]", "[fe80::1]"),
    ],
)
def test_plain_http_to_all_others_is_refused_whoever_consents(host: str) -> None:
    address = f"http://{host}:8000/v1"
    allow_plain_http(address)
    assert "Use https" in refused(address)


def test_a_consent_is_for_one_origin() -> None:
    allow_plain_http("http://ollama:11434/v1")
    assert find_server("http://ollama:11434/other").origin == "http://ollama:11434"
    for other in ("http://ollama:1/v1", "http://ollama/v1", "http://ollama2:11434/v1"):
        assert "--insecure" in refused(other)


def test_a_file_of_consents_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "chatwidget-data"
    folder.mkdir()
    (folder / "consent.json").write_text('{"plain_http": 7}')
    assert "--insecure" in refused("http://ollama:11434/v1")
    allow_plain_http("http://ollama:11434/v1")
    assert find_server("http://ollama:11434/v1").name == "ollama:11434"
