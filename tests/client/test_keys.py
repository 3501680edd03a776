from __future__ import annotations

import copy
import json
import pickle
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from chatwidget.client.auth.keys import ApiKey, key_from_environment, redact
from chatwidget.client.auth.servers import Server
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from cpu import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "sk-canary" + "0123456789abcdef"
ORIGIN = "https://api.example"


@pytest.fixture
def key() -> ApiKey:
    return ApiKey(CANARY, origin=ORIGIN, source="a test")


SHOWS: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "format": lambda key: f"{key} {key!r} {key!s} {key!a}",
    "percent": lambda key: "%s %r" % (key, key),  # noqa: UP031 - the old way is under test
    "in a list": lambda key: repr([key, {"key": key}]),
    "dir": lambda key: repr(dir(key)),
    "hash": lambda key: str(hash(key)),
    "client": lambda key: repr(_client(key)),
    "vars of client": lambda key: repr(vars(_client(key))),
}


def _client(key: ApiKey) -> ChatClient:
    return ChatClient(Server("example", f"{ORIGIN}/v1"), openai_api_key=key)


@pytest.mark.parametrize("show", SHOWS.values(), ids=SHOWS)
def test_a_key_does_not_show_S1(key: ApiKey, show: Callable[[Any], str]) -> None:
    assert "canary" not in show(key)


def test_a_key_says_where_it_came_from_S1(key: ApiKey) -> None:
    assert repr(key) == str(key) == f"<ApiKey from a test for {ORIGIN}>"


@pytest.mark.parametrize(
    "leave",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        vars,
        json.dumps,
        lambda key: pickle.dumps(_client(key)),
        lambda key: key.__getstate__(),
        lambda key: key.__reduce_ex__(4),
        lambda key: pickle.dumps(key.finder()),
        lambda key: copy.copy(key.finder()),
        lambda key: key.finder().__getstate__(),
    ],
    ids=[
        *("pickle", "copy", "deepcopy", "vars", "json", "pickled client", "state", "reduction"),
        *("pickled finder", "copied finder", "state of a finder"),
    ],
)
def test_a_key_cannot_be_copied_out_S1(key: ApiKey, leave: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError) as caught:
        leave(key)
    assert "canary" not in str(caught.value)


def test_a_key_is_put_into_a_request(key: ApiKey) -> None:
    request = httpx.Request("POST", ORIGIN)
    assert key.authorize(request) is request
    assert request.headers["authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize("around", [" ", "\n", "\r\n", "\t "], ids=repr)
def test_white_space_around_a_key_is_dropped_S2(around: str) -> None:
    request = httpx.Request("POST", ORIGIN)
    ApiKey(f"{around}{CANARY}{around}", origin=ORIGIN, source="a test").authorize(request)
    assert request.headers["authorization"] == f"Bearer {CANARY}"


BAD = {
    "newline": f"{CANARY}\n{CANARY}",
    "CRLF": f"{CANARY}\r\nX-Evil: 1",
    "space": f"{CANARY} {CANARY}",
    "NUL": f"{CANARY}\0",
    "non-ASCII": f"{CANARY}ü",
    "soft hyphen": f"{CANARY}\u00ad{CANARY}",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_key_that_no_header_can_carry_is_refused_unshown_S2(
    bad: str, shown: Callable[[BaseException], str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ApiKey(bad, origin=ORIGIN, source="a test")
    text = str(caught.value)
    assert "The key from a test cannot be used" in text
    assert str(len(bad.strip())) in text
    assert "canary" not in shown(caught.value)


@pytest.mark.parametrize("empty", ["", "  ", "\n"], ids=repr)
def test_an_empty_key_is_refused_S2(empty: str) -> None:
    with pytest.raises(ConfigurationError, match="The key from a test is empty"):
        ApiKey(empty, origin=ORIGIN, source="a test")


def test_a_key_is_found_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", f" {CANARY}\n")
    key = key_from_environment("SOME_KEY", origin=ORIGIN)
    assert key is not None
    assert (key.source, key.origin) == ("the variable SOME_KEY", ORIGIN)
    assert key.redact_in(CANARY) == "<key from the variable SOME_KEY>"


@pytest.mark.parametrize("value", [None, "", "  "], ids=repr)
def test_no_key_in_the_environment_is_none(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv("SOME_KEY", value)
    assert key_from_environment("SOME_KEY", origin=ORIGIN) is None


# A key belongs to one origin


def test_a_key_of_another_origin_is_refused_S11(key: ApiKey) -> None:
    with pytest.raises(ConfigurationError, match=r"is no key for http://127\.0\.0\.1:1"):
        ChatClient("http://127.0.0.1:1/v1", openai_api_key=key)
    client = ChatClient("http://127.0.0.1:1/v1")
    with pytest.raises(ConfigurationError, match=r"is no key for http://127\.0\.0\.1:1"):
        client.create_chat_completion("Hello", "m", openai_api_key=key)
    with pytest.raises(ConfigurationError, match=r"is no key for http://127\.0\.0\.1:1"):
        client.use_key(key)
    assert client.key is None


@pytest.mark.parametrize(
    "other", ["http://api.example", "https://api.example:8443", "https://api.example.evil"]
)
def test_scheme_host_and_port_are_the_origin_S11(key: ApiKey, other: str) -> None:
    with pytest.raises(ConfigurationError):
        ChatClient(Server("other", f"{other}/v1"), openai_api_key=key)


def test_a_key_of_the_same_origin_is_taken(key: ApiKey) -> None:
    assert _client(key).key is key


@pytest.mark.parametrize("wrong", [CANARY.encode(), 7, [CANARY]], ids=lambda v: type(v).__name__)
def test_what_is_no_text_is_no_key_and_not_shown_S3(
    wrong: Any, shown: Callable[[BaseException], str]
) -> None:
    with pytest.raises(ConfigurationError, match="is no key for") as caught:
        ChatClient("http://127.0.0.1:1/v1", openai_api_key=wrong)
    assert "canary" not in shown(caught.value)


# Scrubbing


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: {CANARY}.",
        f"Authorization: Bearer {CANARY}",
        f"bearer\n{CANARY}",
        "Incorrect API key provided: sk-cana************cdef.",
        "Your api key: ****cdef is invalid",
        "gsk_canary****cdef",
        "sk-proj-canary_0123-4567",
    ],
)
def test_what_is_shaped_like_a_key_is_masked_F8_S8(text: str) -> None:
    told = redact(text)
    assert "cana" not in told
    assert "cdef" not in told
    assert "<key>" in told


def test_the_live_key_is_masked_whatever_its_shape_S8() -> None:
    key = ApiKey("Tr0ub4dor&3", origin=ORIGIN, source="a test")
    assert (
        redact("no Tr0ub4dor&3, no Tr0ub4dor&3", key)
        == "no <key from a test>, no <key from a test>"
    )


AWKWARD = "Tr0u\\b'4\"dor/&3{x}$"
QUOTED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "by JSON": json.dumps,
    "by JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "by PHP": lambda text: json.dumps(text).replace("/", "\\/"),
    "by Python": repr,
    "by Python, within both kinds of quotes": lambda text: repr(f"'{text}'"),
    "by Python, of JSON": lambda text: ascii(json.dumps({"key": text})),
}


@pytest.mark.parametrize("quote", QUOTED.values(), ids=QUOTED)
def test_a_key_is_masked_also_within_quotes_S8(quote: Callable[[str], str]) -> None:
    key = ApiKey(AWKWARD, origin=ORIGIN, source="a test")
    told = key.redact_in(quote(f"Wrong key: {AWKWARD}, sorry."))
    assert re.fullmatch(r"\W*(key\W+)?Wrong key: <key from a test>, sorry\.\W*", told)


@pytest.mark.parametrize("quote", QUOTED.values(), ids=QUOTED)
@pytest.mark.parametrize("length", range(10, len(AWKWARD)))
def test_a_beginning_of_a_key_is_masked_S8(quote: Callable[[str], str], length: int) -> None:
    key = ApiKey(AWKWARD, origin=ORIGIN, source="a test")
    told = key.redact_in(quote(f"No {AWKWARD[:length]}"))
    assert re.fullmatch(r"\W*(key\W+)?No <key from a test>\W*", told)


@pytest.mark.parametrize("short", ["ollama", "x", "secret7"])
def test_a_very_short_key_is_a_placeholder_and_hidden_in_no_word_S8(short: str) -> None:
    key = ApiKey(short, origin=ORIGIN, source="a test")
    text = f"x ollama llama.cpp secret7 secret78 {short}"
    assert redact(text, key) == text


def test_a_key_of_eight_letters_is_a_secret_S8() -> None:
    key = ApiKey("secret78", origin=ORIGIN, source="a test")
    assert key.redact_in("no secret78, secret7") == "no <key from a test>, secret7"


@pytest.mark.parametrize(
    "text", ["The task-runner is asleep.", "n must be 2 * 3", "**bold** words", "key-ring", ""]
)
def test_other_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "*", "sk-", "bearer ", "sk-*", "a*", "\\", "sk-ca\\", "sk-canar"]
)
def test_scrubbing_costs_linear_time_S33(key: ApiKey, piece: str) -> None:
    assert cpu_seconds(lambda: redact((piece * 300_000)[:1_000_000], key)) < 1
