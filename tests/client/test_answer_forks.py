"""A fork at a token: the answer begins as it did, has another token, and goes on from there."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import chatwidget
from chatwidget import (
    APIStatusError,
    ChatClient,
    ChatCompletion,
    ConfigurationError,
    ParameterError,
)
from chatwidget.client import continuing
from chatwidget.client.answer_fork import fork_prefill
from chatwidget.client.wire.types import (
    ChatCompletionMessage,
    Choice,
    ChoiceLogprobs,
    TokenLogprob,
    TopLogprob,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUESTION = "What does temperature do?"


@pytest.fixture(autouse=True)
def _nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuing, "_found", {})
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")


@pytest.fixture
def practice() -> Iterator[ChatClient]:
    with ChatClient("practice") as client:
        yield client


def asked(client: ChatClient, **options: Any) -> ChatCompletion:
    wanted = {"max_tokens": 16, "logprobs": True, "top_logprobs": 5, "seed": 3, "temperature": 1}
    return client.create_chat_completion(QUESTION, **(wanted | options))


@pytest.mark.parametrize("position", [0, 4, 15])
def test_a_fork_begins_as_the_answer_did_with_another_token(
    practice: ChatClient, position: int
) -> None:
    answer = asked(practice)
    tokens = answer.tokens()
    there = answer.choices[0].logprobs.content[position]
    other = next(each for each in there.top_logprobs if each.token != there.token)
    forked = answer.fork(position, other.token)
    assert forked.text.startswith("".join(each.text for each in tokens[:position]) + other.token)
    assert "".join(each.text for each in forked.tokens()) == forked.text
    assert forked.tokens()[position].token == other.token
    assert forked.tokens()[position].alternatives == tokens[position].alternatives


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("position", [0, 3, 9])
def test_a_fork_at_the_token_that_was_drawn_is_the_answer_itself(
    practice: ChatClient, position: int, seed: int
) -> None:
    answer = asked(practice, seed=seed, frequency_penalty=0.5)
    forked = answer.fork(position, answer.choices[0].logprobs.content[position].token)
    assert forked.text == answer.text
    assert forked.finish_reason == answer.finish_reason
    assert [each.logprob for each in forked.tokens()] == pytest.approx(
        [each.logprob for each in answer.tokens()]
    )


def test_a_fork_of_a_fork_keeps_the_limit_of_the_answer(practice: ChatClient) -> None:
    answer = asked(practice, seed=1)
    again = answer.fork(2, 1).fork(8, 1).fork(3, 0)
    assert len(again.tokens()) <= len(answer.tokens())
    assert again.finish_reason in ("stop", "length")


def test_a_rank_names_a_token_too(practice: ChatClient) -> None:
    answer = asked(practice)
    listed = answer.choices[0].logprobs.content[2].top_logprobs
    assert answer.fork(2, 3).tokens()[2].token == listed[3].token


def told(*tokens: tuple[str, bytes | None]) -> ChatCompletion:
    """An answer whose tokens each have an end and a part of a character as alternatives."""
    top = (
        TopLogprob("<|end|>", -1.0),
        TopLogprob("\\xe2", -2.0, (0xE2,)),
        TopLogprob(" other", -3.0),
    )
    listed = [
        TokenLogprob(text, -0.5, spelled and tuple(spelled), top_logprobs=top)
        for text, spelled in tokens
    ]
    message = ChatCompletionMessage(content="".join(text for text, _ in tokens))
    return ChatCompletion([Choice(0, message, "stop", ChoiceLogprobs(content=listed))])


@pytest.mark.parametrize(
    ("position", "token", "why"),
    [
        (0, "<|end|>", "ends the answer"),
        (0, "\\xe2", "within a character"),
        (0, " absent", "none of the tokens"),
        (1, 0, "none at position 1"),
        (-1, 0, "none at position -1"),
        (0, 9, "none of the tokens"),
    ],
)
def test_where_nothing_can_go_on_a_fork_says_why(position: int, token: Any, why: str) -> None:
    with pytest.raises(ParameterError, match=why):
        fork_prefill(told(("a", None)), position, token)


def test_an_answer_without_probabilities_cannot_be_forked(practice: ChatClient) -> None:
    answer = practice.create_chat_completion(QUESTION, max_tokens=3)
    with pytest.raises(ParameterError, match="0 tokens with log probabilities") as caught:
        answer.fork(0, 0)
    assert "logprobs=True" in str(caught.value)


def test_an_answer_from_elsewhere_does_not_know_its_request() -> None:
    with pytest.raises(ConfigurationError, match="does not know any more"):
        told(("a", None)).fork(0, " other")


def test_a_beginning_goes_with_one_answer(practice: ChatClient) -> None:
    with pytest.raises(ParameterError, match="one answer"):
        practice.create_chat_completion("Hi", prefill="The", n=2)
    for wrong in ("", 3, ChatCompletion([])):
        with pytest.raises(ParameterError, match="takes a text"):
            practice.create_chat_completion("Hi", prefill=wrong)  # type: ignore[arg-type] # it is wrong


@pytest.mark.parametrize("how", ["whole", "streamed"])
def test_an_answer_begins_with_its_beginning_however_it_comes(
    practice: ChatClient, how: str
) -> None:
    options: Any = {"prefill": "The answer", "max_tokens": 4, "seed": 1}
    if how == "streamed":
        with practice.stream(QUESTION, **options) as chunks:
            heard = "".join(chunk.text for chunk in chunks)
            answer = chunks.result()
        assert heard == answer.text
    else:
        answer = practice.create_chat_completion(QUESTION, **options)
    assert answer.text.startswith("The answer")
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 4  # what is counted is what was written


def test_the_asynchronous_client_goes_on_as_well() -> None:
    said: list[Any] = []

    async def ask() -> ChatCompletion:
        async with chatwidget.AsyncChatClient("practice") as client:
            return await client.create_chat_completion(
                QUESTION, prefill="The answer", max_tokens=4, stream_to=said.append
            )

    answer = asyncio.run(ask())
    assert said[0].chunk.text == "The answer"
    assert answer.text.startswith("The answer")


# A server of two tokens, which answers any request by a function.


def served(answer: Callable[[dict[str, Any]], list[str] | int]) -> tuple[ChatClient, list[Any]]:
    """Return a client of a server, and what that is asked."""
    bodies: list[Any] = []
    continuing._found.clear()  # rows of a table share what is known

    def respond(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        bodies.append(body)
        words = answer(body)
        if isinstance(words, int):
            return httpx.Response(words, json={"error": {"message": "not now"}})
        if not words:
            return httpx.Response(400, json={"error": {"message": "no such role at the end"}})
        listed = [_entry(word) for word in words[: body.get("max_tokens", 2)]]
        content = "".join(each["token"] for each in listed)
        choice = {"index": 0, "message": {"role": "assistant", "content": content}}
        choice |= {"finish_reason": "length", "logprobs": {"content": listed}}
        return httpx.Response(200, json={"choices": [choice], "model": "m"})

    http = httpx.Client(transport=httpx.MockTransport(respond))
    return ChatClient("http://127.0.0.1:9/v1", http_client=http, retries=0), bodies


def _entry(word: str) -> dict[str, Any]:
    shares = {word: 0.7, f"{word}!": 0.2}
    top = [{"token": each, "logprob": math.log(share)} for each, share in shares.items()]
    return {"token": word, "logprob": math.log(0.7), "top_logprobs": top}


def _begun(body: dict[str, Any]) -> bool:
    return bool(body["messages"][-1]["role"] == "assistant")


def test_a_server_that_goes_on_is_found_out_once() -> None:
    client, bodies = served(lambda body: [" b"] if _begun(body) else ["a", " b"])
    for _ in range(2):
        continuing.check_continues(client, "m", [{"role": "user", "content": "Hi"}])
    assert len(bodies) == 2
    assert bodies[1]["continue_final_message"] is True
    assert bodies[1]["messages"][-1] == {"role": "assistant", "content": "a"}


@pytest.mark.parametrize(
    "again",
    [["a", " b"], [], ["c"]],
    ids=["begins anew", "refuses", "says something else"],
)
def test_a_server_that_does_not_go_on_says_so_in_a_sentence(again: list[str]) -> None:
    client, bodies = served(lambda body: again if _begun(body) else ["a", " b"])
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="does not continue an answer") as caught:
            continuing.check_continues(client, "m", [{"role": "user", "content": "Hi"}])
    assert "llama.cpp" in str(caught.value)
    assert len(bodies) == 2


@pytest.mark.parametrize("status", [401, 429, 500, 503])
@pytest.mark.parametrize("fails", [1, 2])
def test_a_server_that_is_busy_is_told_as_it_is_and_asked_again(status: int, fails: int) -> None:
    def answer(body: dict[str, Any]) -> list[str] | int:
        if len(bodies) == fails:
            return status
        return [" b"] if _begun(body) else ["a", " b"]

    client, bodies = served(answer)
    question = [{"role": "user", "content": "Hi"}]
    with pytest.raises(APIStatusError, match="not now"):
        continuing.check_continues(client, "m", question)
    continuing.check_continues(client, "m", question)
    assert len(bodies) == fails + 2


@pytest.mark.parametrize(
    ("said", "listed", "answer"),
    [
        ("The city", [" city"], "The city"),  # llama.cpp says all of it in a whole answer
        ("The city", [], "The city"),
        (" city", [" city"], "The city"),
        ("TheThe", ["The", "The"], "TheTheThe"),  # the model stammers
        ("The", ["The"], "TheThe"),
        ("", [], "The"),
    ],
)
def test_a_beginning_that_a_server_says_once_more_is_no_part_of_what_follows(
    said: str, listed: list[str], answer: str
) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        assert not json.loads(request.content).get("stream")
        choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": said}}
        choice |= {"finish_reason": "stop", "logprobs": None}
        if listed:
            choice["logprobs"] = {"content": [_entry(each) for each in listed]}
        return httpx.Response(200, json={"choices": [choice], "model": "m"})

    http = httpx.Client(transport=httpx.MockTransport(respond))
    client = ChatClient("http://127.0.0.1:9/v1", http_client=http)
    assert client.create_chat_completion("Hi", "m", prefill="The").text == answer
