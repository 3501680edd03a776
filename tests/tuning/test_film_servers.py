"""A server that cannot be filmed is told so, in one sentence."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from chatwidget import ChatClient, ConfigurationError
from chatwidget.tuning.film.questions import Asking, check_server

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = {"a": math.log(0.6), "b": math.log(0.3)}
SECOND = {"a": math.log(0.2), "c": math.log(0.7)}


def served(reply: Callable[[dict[str, Any]], list[dict[str, float]]]) -> ChatClient:
    """A client of a server whose tokens have these alternatives."""

    def handle(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        tokens = [
            {
                "token": max(each, key=each.__getitem__),
                "logprob": max(each.values()),
                "top_logprobs": [{"token": t, "logprob": p} for t, p in each.items()],
            }
            for each in reply(body)
        ]
        text = "".join(token["token"] for token in tokens)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text or "x"},
            "finish_reason": "length",
            "logprobs": {"content": tokens} if tokens else None,
        }
        return httpx.Response(200, json={"choices": [choice], "model": "m"})

    http_client = httpx.Client(transport=httpx.MockTransport(handle))
    return ChatClient("http://127.0.0.1:9/v1", http_client=http_client)


def continuing(body: dict[str, Any]) -> list[dict[str, float]]:
    begun = body["messages"][-1]["role"] == "assistant"
    return [SECOND] if begun else [FIRST, SECOND][: body["max_tokens"]]


def starting_anew(body: dict[str, Any]) -> list[dict[str, float]]:
    return [FIRST, SECOND][: body["max_tokens"]]


def processed(body: dict[str, Any]) -> list[dict[str, float]]:
    return [{t: p / (body["temperature"] or 1) for t, p in FIRST.items()}]


def silent(_: dict[str, Any]) -> list[dict[str, float]]:
    return []


def check(client: ChatClient) -> None:
    asking = Asking(client, "m", [{"role": "user", "content": "Hi"}], most=10)
    check_server(asking, client, "m")


def test_a_server_that_continues_an_answer_can_be_filmed() -> None:
    check(served(continuing))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (starting_anew, "does not continue an answer that has begun"),
        (processed, "tells processed log probabilities"),
        (silent, "tells no raw log probabilities"),
    ],
)
def test_another_server_says_why_not(
    reply: Callable[[dict[str, Any]], list[dict[str, float]]], why: str
) -> None:
    with pytest.raises(ConfigurationError, match=why):
        check(served(reply))
