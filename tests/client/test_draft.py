"""A request to look at before it is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.errors import ParameterError
from wire.replies import error, event_stream, json_response, stream_of

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer

OPTIONS: dict[str, Any] = {"temperature": 0, "stop": ["END"], "extra_body": {"top_k": 3}}


@pytest.mark.parametrize("twin", [ChatClient, AsyncChatClient])
def test_it_is_what_a_stream_would_send(twin: type[ChatClient], server: ScriptedServer) -> None:
    draft = twin(server.url).draft("Hello", "m", **OPTIONS)
    assert server.requests == []
    server.reply(event_stream(stream_of("Hi")))
    with ChatClient(server.url) as client:
        client.create_chat_completion("Hello", "m", stream_to=print, **OPTIONS)
    (request,) = server.requests
    assert json.loads(draft.body) == request.json
    assert draft.url == f"{server.url}/chat/completions"
    assert draft.wanted == draft.body


def test_what_the_server_refuses_is_left_out_and_named(server: ScriptedServer) -> None:
    refusal = error("Unsupported parameter: 'top_p'", param="top_p", code="unsupported_parameter")
    server.reply(json_response(refusal, 400))
    server.reply(event_stream(stream_of("Hi")))
    with ChatClient(server.url) as client:
        client.create_chat_completion("Hello", "m", stream_to=print, top_p=0.5)
        draft = client.draft("Hello", "m", top_p=0.5)
    assert "top_p" not in json.loads(draft.body)
    assert json.loads(draft.wanted)["top_p"] == 0.5
    assert draft.ledger.asked == {"top_p": 0.5}
    assert list(draft.ledger.refused) == ["top_p"]


def test_looking_teaches_nothing(server: ScriptedServer) -> None:
    client = ChatClient(server.url)
    client.draft("Hello", "m", top_p=0.5)
    assert client.unsupported_parameters.known(server.url, "m") == {}


def test_what_cannot_be_sent_is_refused(server: ScriptedServer) -> None:
    with pytest.raises(ParameterError, match="from 0 to 2"):
        ChatClient(server.url).draft("Hello", "m", temperature=3)


def test_neither_key_nor_prompt_is_in_its_repr(server: ScriptedServer) -> None:
    canary = "sk-canary-0123456789abcdef"
    draft = ChatClient(server.url, openai_api_key=canary).draft("A prompt like no other", "m")
    assert draft.key is not None
    assert canary not in repr(draft)
    assert "like no other" not in repr(draft)
