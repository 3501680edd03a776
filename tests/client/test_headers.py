from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget import ChatClient, ConfigurationError
from chatwidget.client.base import call_headers
from wire.replies import completion, json_response

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer


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
