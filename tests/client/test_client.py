"""`ChatClient` and `AsyncChatClient`, which ask as `create_chat_completion` does."""

from __future__ import annotations

import asyncio
import inspect
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.auth.servers import Server
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.errors import (
    APIError,
    AuthenticationError,
    ChatWidgetError,
    ConfigurationError,
    ParameterError,
)
from chatwidget.client.wire.types import Model
from wire.ports import refusing_port
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    error,
    event_stream,
    head,
    json_response,
    response,
    sse,
    stream_of,
)
from wire.scripted_server import ScriptedServer, close, pause, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from client.conftest import Asker
    from wire.scripted_server import Step

CANARY = "sk-canary" + "0123456789abcdef"
OTHER = "sk-other" + "fedcba9876543210"
HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))


def bearer(server: ScriptedServer, number: int = 0) -> str | None:
    """The key that came with a request."""
    return server.requests[number].headers.get("authorization")


# Asking


def test_an_answer(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hello")))
    answer = ask()
    assert (answer.text, answer.finish_reason, answer.model) == ("Hello", "stop", "scripted")
    assert answer.usage is not None
    assert answer.usage.total_tokens == 2


def test_only_what_is_set_is_sent(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    ask_own(temperature=0, n=None, stop="", logprobs=False, extra_body={"top_k": 5})
    body = server.requests[0].json
    del body["messages"]
    assert body == {"model": "m", "temperature": 0, "stop": "", "logprobs": False, "top_k": 5}


def test_a_stream_is_asked_for_when_it_goes_somewhere(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(stream_of("Hi")))
    ask_own(stream_to=print, stream=False)
    assert server.requests[0].json["stream"] is True
    assert server.requests[0].json["stream_options"] == {"include_usage": True}


def test_the_answer_of_one_turn_is_a_message_of_the_next(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.otherwise(json_response(completion("Hello")))
    answer = client.create_chat_completion("Hi", "m")
    question = {"role": "user", "content": "Again"}
    client.create_chat_completion([answer.choices[0].message, question], "m")
    assert server.requests[1].json["messages"] == [
        {"role": "assistant", "content": "Hello"},
        question,
    ]


@pytest.mark.parametrize(
    ("messages", "options"),
    [
        ([], {}),
        ("Hello", {"temperature": 9}),
        ("Hello", {"temprature": 1}),
        ("Hello", {"extra_body": {"x": b"bytes"}}),
        ([{"role": "user", "content": float("nan")}], {}),
    ],
    ids=str,
)
def test_a_wrong_request_is_refused_before_it_is_sent_F6(
    ask_own: Asker, server: ScriptedServer, messages: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(ParameterError):
        ask_own(messages, **options)
    assert server.connections == []


def test_a_server_without_a_default_model_asks_for_one(
    ask_own: Asker, server: ScriptedServer
) -> None:
    for model in (None, ""):
        with pytest.raises(ConfigurationError, match=r"No model is chosen, and 127\.0\.0\.1"):
            ask_own(model=model)
    assert server.connections == []


def test_the_default_model_of_a_server_is_used(server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    with ChatClient(Server("mine", server.url, default_model="best")) as client:
        client.create_chat_completion("Hello")
    assert server.requests[0].json["model"] == "best"


def test_threads_may_share_a_client_F60(client: ChatClient, server: ScriptedServer) -> None:
    server.otherwise(event_stream(stream_of("Hi")))
    answers: list[str] = []

    def ask() -> None:
        answers.append(client.create_chat_completion("Hello", "m", stream_to=lambda _: None).text)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["Hi"] * 8


@pytest.mark.usefixtures("either_transport")
def test_many_answers_at_once_asynchronously(server: ScriptedServer) -> None:
    server.otherwise(event_stream(stream_of("Hi")))

    async def main() -> list[str]:
        async with AsyncChatClient(server.url) as client:
            calls = [client.create_chat_completion("Hello", "m") for _ in range(16)]
            return [answer.text for answer in await asyncio.gather(*calls)]

    assert asyncio.run(main()) == ["Hi"] * 16


def test_a_sync_call_works_inside_a_running_loop_F59(server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))

    async def cell() -> str:
        with ChatClient(server.url) as client:
            return client.create_chat_completion("Hello", "m").text

    assert asyncio.run(cell()) == "Hi"


# Models


MODELS = {"object": "list", "data": [{"id": "a", "owned_by": "me"}, {"id": "b"}]}


def test_models_are_listed(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(json_response(MODELS))
    assert client.list_models() == [Model("a", "me"), Model("b")]
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("GET", "/v1/models", b"")


@pytest.mark.usefixtures("either_transport")
def test_models_are_listed_asynchronously(server: ScriptedServer) -> None:
    server.reply(json_response(MODELS))

    async def main() -> list[Model]:
        async with AsyncChatClient(server.url, openai_api_key=CANARY) as client:
            return await client.list_models()

    assert asyncio.run(main()) == [Model("a", "me"), Model("b")]
    assert bearer(server) == f"Bearer {CANARY}"


@pytest.mark.parametrize(
    "script",
    [json_response(error("no"), 401), response(b"<html>", content_type="text/html"), close()],
    ids=["401", "page", "cut"],
)
def test_models_that_cannot_be_listed_are_an_error(
    client: ChatClient, server: ScriptedServer, script: Step
) -> None:
    server.reply(script)
    with pytest.raises(APIError):
        client.list_models()


# Keys


def test_the_key_of_the_client_is_sent(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    ask.run("Hello", "m", {"openai_api_key": CANARY}, {})
    assert bearer(server) == f"Bearer {CANARY}"


def test_the_key_of_a_call_is_for_that_call(client: ChatClient, server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("Hi")))
    client.use_key(CANARY)
    client.create_chat_completion("Hello", "m", openai_api_key=OTHER)
    client.create_chat_completion("Hello", "m")
    assert [bearer(server), bearer(server, 1)] == [f"Bearer {OTHER}", f"Bearer {CANARY}"]


def test_the_organisation_of_the_client_and_of_a_call(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.otherwise(json_response(completion("Hi")))
    organisation = {"openai_organization_key": "org-1"}
    ask_own.run("Hello", "m", organisation, {})
    ask_own.run("Hello", "m", organisation, {"openai_organization_key": "org-2"})
    sent = [each.headers["openai-organization"] for each in server.requests]
    assert sent == ["org-1", "org-2"]


def test_keys_are_not_in_the_body(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    ask_own(openai_api_key=CANARY, openai_organization_key="org-1", timeout=5)
    assert sorted(server.requests[0].json) == ["messages", "model"]


def test_the_key_of_the_environment_goes_to_the_server_it_names(
    ask_own: Asker, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.otherwise(json_response(completion("Hi")))
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    ask_own()
    assert bearer(server) == f"Bearer {CANARY}"


def test_the_key_of_the_environment_goes_nowhere_else_S11(
    ask_own: Asker, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.otherwise(json_response(completion("Hi")))
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    ask_own()
    with ScriptedServer() as named:
        monkeypatch.setenv("OPENAI_BASE_URL", named.url)
        ask_own()
    assert [bearer(server), bearer(server, 1)] == [None, None]


def test_a_bad_key_is_refused_before_anything_is_sent_S2(
    ask_own: Asker, server: ScriptedServer, shown: Callable[[BaseException], str]
) -> None:
    for where in ("client", "call"):
        key = {"openai_api_key": f"{CANARY}\n{CANARY}"}
        with pytest.raises(ConfigurationError) as caught:
            ask_own.run("Hello", "m", key if where == "client" else {}, key)
        assert "canary" not in shown(caught.value)
    assert server.connections == []


ECHO = f"Incorrect API key provided: {CANARY}. Bearer {CANARY}"
SCRIPTS: dict[str, tuple[Step, ...]] = {
    "401 that echoes": (json_response(error(ECHO, code=CANARY, param=CANARY), 401),),
    "401 that echoes as text": (response(ECHO.encode(), 401),),
    "500 that echoes": (json_response({"detail": ECHO}, 500),),
    "page that echoes": (response(f"<html>{ECHO}".encode(), 502, "text/html"),),
    "stream that echoes": (SSE_HEAD, HALF, sse(error(ECHO, CANARY, code=CANARY)), close()),
    "event that echoes": (SSE_HEAD, HALF, b"event: error\ndata: ", ECHO.encode(), b"\n\n", close()),
    "bad JSON that echoes": (SSE_HEAD, b"data: ", ECHO.encode(), b"\n\n", close()),
    "JSON error that echoes": (json_response(error(ECHO)),),
    "JSON that echoes": (json_response({"echo": ECHO}),),
    "cut stream": (SSE_HEAD, HALF, close()),
    "cut frame": (event_stream(HALF)[:-1], b"50\r\ndata: ", close()),
    "cut before the answer": (close(),),
    "bad head": (b"nonsense\r\n\r\n", close()),
    "stall": (head(), stall()),
}


@pytest.mark.parametrize("options", [{}, {"stream_to": lambda event: None}], ids=["whole", "sink"])
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_no_failure_shows_the_key_S3_S4_S8(
    ask: Asker,
    server: ScriptedServer,
    shown: Callable[[BaseException], str],
    script: tuple[Step, ...],
    options: dict[str, Any],
) -> None:
    server.reply(script)
    client = {"openai_api_key": CANARY, "retries": 0}
    # only a stall is waited for; a busy machine may take long to send a request
    timeout = 1 if script is SCRIPTS["stall"] else 30
    with pytest.raises(ChatWidgetError) as caught:
        ask.run("Hello", "m", client, {"openai_api_key": CANARY, "timeout": timeout, **options})
    assert bearer(server) == f"Bearer {CANARY}"
    seen = shown(caught.value)
    assert "canary" not in seen
    # a fixture that shows nothing would find nothing
    assert "chatwidget/client/client.py" in seen
    assert "self = " in seen


def test_a_refused_connection_does_not_show_the_key_S3(
    ask: Asker, shown: Callable[[BaseException], str]
) -> None:
    with refusing_port() as port:
        ask.url = f"http://127.0.0.1:{port}/v1"
        with pytest.raises(APIError) as caught:
            ask.run("Hello", "m", {"openai_api_key": CANARY}, {"openai_api_key": CANARY})
    assert "canary" not in shown(caught.value)


def test_an_interrupt_does_not_show_the_key_S3(
    ask_own: Asker, server: ScriptedServer, shown: Callable[[BaseException], str]
) -> None:
    main = threading.main_thread().ident
    assert main is not None
    interrupt = [pause(0.05), lambda _: signal.pthread_kill(main, signal.SIGINT), stall()]
    server.reply(SSE_HEAD, HALF, interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        ask_own.run("Hello", "m", {"openai_api_key": CANARY}, {"openai_api_key": CANARY})
    assert "canary" not in shown(caught.value)


@pytest.mark.parametrize(
    "options", [{"temperature": 9}, {"temprature": 1}, {"extra_body": {"x": b""}}, {"stream_to": 7}]
)
def test_a_wrong_call_does_not_show_the_key_S3(
    ask_own: Asker, shown: Callable[[BaseException], str], options: dict[str, Any]
) -> None:
    with pytest.raises((ParameterError, TypeError)) as caught:
        ask_own.run("Hello", "m", {"openai_api_key": CANARY}, {"openai_api_key": OTHER, **options})
    seen = shown(caught.value)
    assert "canary" not in seen
    assert "sk-other" not in seen


def test_the_error_says_where_the_key_came_from_F8(
    client: ChatClient, server: ScriptedServer
) -> None:
    server.otherwise(json_response(error("Wrong key"), 401))
    with pytest.raises(AuthenticationError, match="No key was sent"):
        client.create_chat_completion("Hello", "m")
    with pytest.raises(AuthenticationError, match="The key came from openai_api_key="):
        client.create_chat_completion("Hello", "m", openai_api_key=CANARY)


def test_a_client_shows_its_server_and_where_its_key_came_from_S1() -> None:
    client = ChatClient("openai", openai_api_key=CANARY)
    shown = "<ApiKey from openai_api_key= for https://api.openai.com>"
    assert repr(client) == f"ChatClient('openai', key={shown})"
    assert repr(AsyncChatClient("ollama")) == "AsyncChatClient('ollama', key=None)"


# Twins


def test_the_twins_have_the_same_arguments_T75() -> None:
    assert inspect.signature(ChatClient) == inspect.signature(AsyncChatClient)
    for name in ("create_chat_completion", "stream", "list_models", "use_key"):
        plain = inspect.signature(getattr(ChatClient, name)).parameters
        later = inspect.signature(getattr(AsyncChatClient, name)).parameters
        assert plain == later


def test_nothing_is_opened_before_it_is_needed_S15() -> None:
    client = ChatClient("openai", openai_api_key=CANARY)
    assert client._http is None
    client.close()
