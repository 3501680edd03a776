"""`create_chat_completion` and `acreate_chat_completion`, the functions of the module."""

from __future__ import annotations

import asyncio
import functools
import inspect
import queue
import warnings
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

import chatwidget
from chatwidget.client import api
from chatwidget.client.api import (
    PracticeModelWarning,
    acreate_chat_completion,
    create_chat_completion,
    start_chat_completion,
)
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.errors import APIConnectionError, ConfigurationError, ParameterError
from chatwidget.client.events import Data, Finish
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.request.prepared import CallOptions
from chatwidget.client.stream import AsyncChatStream, ChatStream
from wire.replies import SSE_HEAD, chunk, completion, event_stream, json_response, sse, stream_of
from wire.scripted_server import ScriptedServer, stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.client.events import StreamEvent

CANARY = "sk-canary" + "0123456789abcdef"


@pytest.fixture(autouse=True)
def _own_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clients that the functions make are closed with the test; the practice model hurries."""
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    made: list[ChatClient] = []

    @functools.lru_cache
    def client(server: Any) -> ChatClient:
        made.append(ChatClient(server))
        return made[-1]

    monkeypatch.setattr(api, "_client", client)
    yield
    for each in made:
        each.close()


def acall(*arguments: Any, **options: Any) -> Any:
    """Call the asynchronous twin, and close the client that it made."""

    async def main() -> Any:
        try:
            answer = await acreate_chat_completion(*arguments, **options)
            if isinstance(answer, AsyncChatStream):
                async with answer:
                    return answer
            return answer
        finally:
            for client in api._async_clients.get(asyncio.get_running_loop(), {}).values():
                await client.aclose()

    return asyncio.run(main())


both = pytest.mark.parametrize("call", [create_chat_completion, acall], ids=["sync", "async"])


# Signatures

FUNCTIONS = {
    "function": create_chat_completion,
    "function twin": acreate_chat_completion,
    "method": ChatClient.create_chat_completion,
    "method twin": AsyncChatClient.create_chat_completion,
}
ALL = FUNCTIONS | {
    "background function": start_chat_completion,
    "background method": ChatClient.start_chat_completion,
    "stream": ChatClient.stream,
    "stream twin": AsyncChatClient.stream,
}


@pytest.mark.parametrize("function", ALL.values(), ids=ALL)
def test_each_signature_names_every_parameter_of_the_table(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    assert [name for name in parameters if name in PARAMETERS] == list(PARAMETERS)
    for name in CallOptions.__annotations__:
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[name].default is None
        assert "None" in parameters[name].annotation
    assert not any(each.kind is each.VAR_KEYWORD for each in parameters.values())


@pytest.mark.parametrize("function", ALL.values(), ids=ALL)
def test_each_signature_begins_alike(function: Callable[..., Any]) -> None:
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    others = [
        name for name in names if name not in CallOptions.__annotations__ and name != "server"
    ]
    assert others in (
        ["messages", "model", "stream", "stream_to"],
        ["messages", "model", "stream_to"],
        ["messages", "model"],
    )
    assert {"openai_api_key", "openai_organization_key", "extra_body", "timeout"} < set(names)


def test_twins_and_methods_have_the_same_signature_T75() -> None:
    told = [dict(inspect.signature(each).parameters) for each in FUNCTIONS.values()]
    assert told[0] == told[1]
    assert told[2] == told[3]
    del told[0]["server"]
    del told[2]["self"]
    assert list(told[0].items()) == list(told[2].items())


def test_the_options_are_the_parameters_and_seven_more() -> None:
    account = {"openai_api_key", "openai_organization_key", "openai_project"}
    more = account | {"extra_body", "extra_headers", "prefill", "timeout"}
    assert set(CallOptions.__annotations__) - set(PARAMETERS) == more


def test_the_package_offers_both_functions() -> None:
    assert chatwidget.create_chat_completion is create_chat_completion
    assert chatwidget.acreate_chat_completion is acreate_chat_completion
    assert get_type_hints(PracticeModelWarning) == {}


# Asking


@both
def test_an_answer(call: Callable[..., Any], server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hello")))
    answer = call("Hi", "m", server=server.url, temperature=0)
    assert answer.text == "Hello"
    assert server.requests[0].json["temperature"] == 0


@both
def test_an_answer_that_streams(call: Callable[..., Any], server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hel", "lo")))
    events: queue.SimpleQueue[StreamEvent] = queue.SimpleQueue()
    answer = call("Hi", "m", server=server.url, stream_to=events)
    told = [events.get() for _ in range(events.qsize())]
    assert "".join(each.chunk.text for each in told if isinstance(each, Data)) == "Hello"
    assert told[-1] == Finish(answer)


def test_a_stream(server: ScriptedServer) -> None:
    server.otherwise(SSE_HEAD, sse(chunk("Half")), stall())
    stream = create_chat_completion("Hi", "m", server=server.url, stream=True)
    assert isinstance(stream, ChatStream)
    for each in stream:
        assert each.text == "Half"
        break
    assert server.connections[0].wait_closed(1.0)
    assert isinstance(acall("Hi", "m", server=server.url, stream=True), AsyncChatStream)


def test_the_connection_serves_the_next_call(server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("Hello")))
    for key in (None, CANARY):
        create_chat_completion("Hi", "m", server=server.url, openai_api_key=key)
    assert [each.connection for each in server.requests] == [0, 0]
    sent = [each.headers.get("authorization") for each in server.requests]
    assert sent == [None, f"Bearer {CANARY}"]


def test_each_loop_has_its_own_connections_F58(server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("Hello")))
    assert [acall("Hi", "m", server=server.url).text for _ in range(2)] == ["Hello", "Hello"]
    assert [each.connection for each in server.requests] == [0, 1]


def test_calls_in_one_loop_share_their_connections(server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("Hello")))

    async def main() -> None:
        for _ in range(2):
            await acreate_chat_completion("Hi", "m", server=server.url)
        (client,) = api._async_clients[asyncio.get_running_loop()].values()
        await client.aclose()

    asyncio.run(main())
    assert [each.connection for each in server.requests] == [0, 0]


@both
@pytest.mark.parametrize("options", [{"temperature": 9}, {"temprature": 1}], ids=str)
def test_a_wrong_parameter_is_refused_and_the_key_not_shown_S3(
    call: Callable[..., Any], shown: Callable[[BaseException], str], options: dict[str, Any]
) -> None:
    with pytest.raises(ParameterError) as caught:
        call("Hi", "m", server="ollama", openai_api_key=CANARY, **options)
    assert "canary" not in shown(caught.value)


@both
@pytest.mark.parametrize("address", ["http://127.0.0.1:1/v1", "olama", "http://example/v1"])
def test_no_failure_shows_the_key_S3(
    call: Callable[..., Any], shown: Callable[[BaseException], str], address: str
) -> None:
    with pytest.raises((APIConnectionError, ConfigurationError)) as caught:
        call("Hi", "m", server=address, openai_api_key=CANARY)
    assert "canary" not in shown(caught.value)
    assert "chatwidget/client/api.py" in shown(caught.value)


@both
def test_a_key_alone_is_for_the_vendor(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def refuse(self: Any, *arguments: Any, **options: Any) -> None:
        seen.append((self.server, options["openai_api_key"].origin))
        raise KeyError

    for kind in (ChatClient, AsyncChatClient):
        monkeypatch.setattr(kind, "create_chat_completion", refuse)
    with pytest.raises(KeyError):
        call("Hi", "m", openai_api_key=CANARY)
    assert seen == [(PROFILES["openai"], "https://api.openai.com")]


@both
def test_the_environment_names_the_server(
    call: Callable[..., Any], server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(json_response(completion("Hello")))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert call("Hi", "m").text == "Hello"
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


# The practice model


@both
def test_with_nothing_set_the_practice_model_answers_and_a_warning_says_so(
    call: Callable[..., Any],
) -> None:
    with pytest.warns(PracticeModelWarning, match="No key and no server are set") as warned:
        answer = call("What does temperature do?", temperature=0)
    assert answer.model == "practice"
    assert answer.text
    assert answer.finish_reason == "stop"
    assert len(warned) == 1


def test_the_warning_points_to_the_line_of_the_call() -> None:
    with pytest.warns(PracticeModelWarning) as warned:
        create_chat_completion("Hi", max_tokens=1)
    assert warned[0].filename == __file__


def test_the_warning_points_to_the_line_that_awaits() -> None:
    with pytest.warns(PracticeModelWarning) as warned:
        acall("Hi", max_tokens=1)
    assert warned[0].filename == __file__


@both
def test_the_practice_model_that_was_asked_for_is_silent(call: Callable[..., Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert call("Hi", server="practice", max_tokens=3).model == "practice"


@both
def test_the_practice_model_streams_the_answer_that_it_gives_whole(
    call: Callable[..., Any],
) -> None:
    options = {"server": "practice", "seed": 7, "n": 2, "logprobs": True, "top_logprobs": 2}
    whole = call("What does top_p do?", **options)
    events: list[StreamEvent] = []
    streamed = call("What does top_p do?", stream_to=events.append, **options)
    assert len(events) > 10
    assert streamed.choices == whole.choices
    assert streamed.usage == whole.usage


@both
def test_the_practice_model_gets_no_key(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert call("Hi", server="practice", max_tokens=3).text
    assert PROFILES["practice"].key_variable is None


def test_the_connections_of_a_loop_are_closed_with_it(server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("Hi")))

    async def main() -> None:
        for _ in range(2):
            await acreate_chat_completion("Hello", "m", server=server.url)
        assert server.connections[0].connected

    asyncio.run(main())
    assert server.connections[0].wait_closed(1.0)
    assert len(server.connections) == 1
