from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget import APIStatusError, AuthenticationError, ChatClient, ConfigurationError
from chatwidget.client.base import call_headers
from wire.replies import chunk, completion, event_stream, head, json_response, sse

if TYPE_CHECKING:
    from collections.abc import Callable

    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

CANARY = "canary0123456789abcdef"


def test_who_pays_goes_into_headers() -> None:
    assert call_headers("org-1", "proj-1") == {
        "OpenAI-Organization": "org-1",
        "OpenAI-Project": "proj-1",
    }
    assert call_headers(None) == call_headers("", "") == {}


@pytest.mark.parametrize(
    "value", ["a\r\nX-Evil: 1", "a\n", "\x00", "\u00f6", "a\x7f", 5], ids=ascii
)
def test_a_value_that_breaks_the_header_is_refused_without_being_shown_S34(value: object) -> None:
    for headers in ({"organization": value}, {"project": value}, {"extra": {"X-Mine": value}}):
        with pytest.raises(ConfigurationError) as caught:
            call_headers(**headers)
        assert repr(value) not in str(caught.value)


@pytest.mark.parametrize("name", ["", "X Mine", "X:", "X\n", "Authorization", "host", 5], ids=ascii)
def test_a_name_that_cannot_be_sent_or_is_the_clients_is_refused(name: object) -> None:
    with pytest.raises(ConfigurationError):
        call_headers(extra={name: "1"})


def test_extra_headers_are_no_list() -> None:
    with pytest.raises(ConfigurationError, match="a dictionary"):
        call_headers(extra=["X-Mine"])


def test_the_headers_of_a_client_and_of_a_call_are_sent(server: ScriptedServer) -> None:
    server.otherwise(json_response(completion()))
    with ChatClient(server.url, openai_project="proj-1") as client:
        client.create_chat_completion("Hi", "m", extra_headers={"X-Mine": "1"})
        client.create_chat_completion("Hi", "m", openai_project="proj-2")
    first, second = (request.headers for request in server.requests)
    assert (first["openai-project"], first["x-mine"]) == ("proj-1", "1")
    assert second["openai-project"] == "proj-2"
    assert "x-mine" not in second


# Headers that are keys

SECRETS = {
    "api-key": CANARY,
    "X-Api-Key": CANARY,
    "Authorization": f"Bearer {CANARY}",
    "authorization": f"Basic {CANARY}",
    "Proxy-Authorization": f"Token {CANARY}",
    "Ocp-Apim-Subscription-Key": CANARY,
    "x-goog-api-key": CANARY,
    "Helicone-Auth": f"Bearer {CANARY}",
    "Cookie": f"session={CANARY}; a=b",
    "X-Custom": f"sk-{CANARY}",
}
ECHO = {"error": {"message": f"Wrong: {CANARY}.", "code": CANARY, "type": "x"}}


@pytest.mark.parametrize(("name", "value"), SECRETS.items(), ids=SECRETS)
def test_a_header_that_looks_like_a_secret_is_sent_and_shown_nowhere(
    ask: Asker,
    server: ScriptedServer,
    shown: Callable[[BaseException], str],
    name: str,
    value: str,
) -> None:
    server.reply(json_response({"error": {"message": f"Wrong: {value}.", "code": value}}, 401))
    with pytest.raises(AuthenticationError) as caught:
        ask(extra_headers={name: value})
    assert server.requests[0].headers[name.lower()] == value
    assert CANARY not in shown(caught.value)
    assert f"The key came from the header {name}." in str(caught.value)


def test_it_goes_beside_the_key_and_in_the_place_of_the_same_header(
    ask: Asker, server: ScriptedServer
) -> None:
    server.otherwise(json_response(completion()))
    client = {"openai_api_key": "sk-the-usual-one"}
    ask.run("Hello", "m", client, {"extra_headers": {"api-key": CANARY, "X-Mine": "1"}})
    ask.run("Hello", "m", client, {"extra_headers": {"Authorization": f"Basic {CANARY}"}})
    first, second = (request.headers for request in server.requests)
    assert first["authorization"] == "Bearer sk-the-usual-one"
    assert (first["api-key"], first["x-mine"]) == (CANARY, "1")
    assert second["authorization"] == f"Basic {CANARY}"


def test_an_answer_that_holds_it_has_a_placeholder_in_its_place(
    ask: Asker, server: ScriptedServer
) -> None:
    pieces = [f"It is {CANARY[:9]}", CANARY[9:], " and sk-the-usual-one."]
    end = sse(chunk("", finish_reason="stop"))
    server.reply(event_stream(*(sse(chunk(piece)) for piece in pieces), end))
    answer = ask.run(
        "Hello",
        "m",
        {"openai_api_key": "sk-the-usual-one"},
        {"extra_headers": {"x-api-key": CANARY}, "stream_to": print},
    )
    assert answer.text == "It is [key] and [key]."


def start_and_wait(*arguments: Any, **options: Any) -> Any:
    return chatwidget.start_chat_completion(*arguments, **options).result(5)


def acall(*arguments: Any, **options: Any) -> Any:
    return asyncio.run(chatwidget.acreate_chat_completion(*arguments, **options))


def test_the_functions_show_it_in_no_frame(
    server: ScriptedServer, shown: Callable[[BaseException], str]
) -> None:
    server.otherwise(json_response(ECHO, 401))
    for call in (chatwidget.create_chat_completion, start_and_wait, acall):
        with pytest.raises(AuthenticationError) as caught:
            call("Hi", "m", server=server.url, extra_headers={"api-key": CANARY})
        assert CANARY not in shown(caught.value)
    assert [each.headers["api-key"] for each in server.requests] == [CANARY] * 3


def test_it_stays_at_its_origin(ask: Asker, server: ScriptedServer) -> None:
    server.reply(head(307, location="http://127.0.0.1:1/v1/chat/completions", content_length=0))
    with pytest.raises(APIStatusError):
        ask(extra_headers={"api-key": CANARY})
    server.reply(head(307, location="/v2/chat/completions", content_length=0))
    server.reply(json_response(completion("Hi")))
    assert ask(extra_headers={"api-key": CANARY}).text == "Hi"
    assert server.requests[-1].headers["api-key"] == CANARY


def test_a_preview_holds_it_as_a_key() -> None:
    client = ChatClient("openai", openai_api_key="sk-the-usual-one")
    preview = client.draft("Hi", "m", extra_headers={"api-key": CANARY})
    assert CANARY not in repr(preview)
    assert preview.key is not None
    alone = ChatClient("ollama").draft("Hi", "m", extra_headers={"api-key": CANARY})
    assert "the header api-key for http://127.0.0.1:11434" in repr(alone.key)


@pytest.mark.parametrize("name", ["X Key", "api-key:", "Host", "content-length", ""], ids=repr)
def test_a_secret_in_no_header_is_refused_unshown(client: ChatClient, name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client.create_chat_completion("Hi", "m", extra_headers={name: f"sk-{CANARY}"})
    assert CANARY not in str(caught.value)


def test_an_idempotency_key_is_no_secret(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(json_response(completion("The key is order-12345.")))
    headers = {"Idempotency-Key": "order-12345"}
    answer = client.create_chat_completion("Hi", "m", extra_headers=headers)
    assert answer.text == "The key is order-12345."
