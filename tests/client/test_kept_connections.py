"""Kept connections that the server has closed: the request goes out again, and costs no retry."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import APIConnectionError, APITimeoutError
from chatwidget.client.transport.retry import RetryPolicy
from chatwidget.doctor import run_checks
from wire.replies import completion, event_stream, head, json_response, stream_of
from wire.scripted_server import close, pause, reset, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.scripted_server import Connection, ScriptedServer

ANSWERS = {
    "whole": json_response(completion("Hi")),
    "streamed": event_stream(stream_of("Hi")),
}
ENDS = {"closes": close(), "resets": reset()}


CLOSED = close()


def answers_once(answer: Any, end: Any = CLOSED) -> Callable[[Connection], None]:
    """Answer the first request of a connection, and close at the next, as if just before it."""

    def script(connection: Connection) -> None:
        connection.perform(answer if len(connection.requests) == 1 else end)

    return script


class Asking:
    """Asks again and again by one client, of either kind."""

    def __init__(self, url: str, *, asynchronous: bool, **options: Any) -> None:
        self._loop = asyncio.new_event_loop() if asynchronous else None
        self._client: Any = (AsyncChatClient if asynchronous else ChatClient)(url, **options)

    def __call__(self, **options: Any) -> str:
        return str(self._do(self._client.create_chat_completion("Hello", "m", **options)).text)

    def models(self) -> list[str]:
        return [each.id for each in self._do(self._client.list_models())]

    def at_once(self, count: int) -> None:
        """Ask so often at the same time."""
        if self._loop is None:
            threads = [threading.Thread(target=self) for _ in range(count)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
        else:
            self._loop.run_until_complete(self._gather(count))

    async def _gather(self, count: int) -> None:
        ask = self._client.create_chat_completion
        await asyncio.gather(*[ask("Hello", "m") for _ in range(count)])

    def close(self) -> None:
        if self._loop is None:
            self._client.close()
        else:
            self._loop.run_until_complete(self._client.aclose())
            self._loop.close()

    def _do(self, awaited: Any) -> Any:
        async def wait() -> Any:
            return await awaited

        return awaited if self._loop is None else self._loop.run_until_complete(wait())


@pytest.fixture(params=["sync", "async", "fast"])
def asking(server: ScriptedServer, request: pytest.FixtureRequest) -> Any:
    """Return what makes an `Asking`, and close what it made."""
    made: list[Asking] = []
    if request.param == "fast":
        request.getfixturevalue("fast")

    def make(**options: Any) -> Asking:
        made.append(Asking(server.url, asynchronous=request.param != "sync", **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def keys(server: ScriptedServer) -> list[str]:
    return [each.headers["idempotency-key"] for each in server.requests]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_kept_connection_may_be_stale_and_no_request_fails_F5(
    asking: Any, server: ScriptedServer, answer: Any, end: Any
) -> None:
    server.otherwise(answers_once(answer, end))
    ask = asking(retries=0)
    assert {ask() for _ in range(20)} == {"Hi"}
    # each went out twice but the first, on a kept connection and on a new one, as the same
    assert len(server.requests) == 39
    assert len(set(keys(server))) == 20


def test_no_retry_is_counted_and_no_budget_used_F5(asking: Any, server: ScriptedServer) -> None:
    server.otherwise(answers_once(ANSWERS["streamed"]))
    retries = RetryPolicy()
    waits: list[Any] = []

    class Sink:
        def handle_data(self, event: Any) -> None: ...

        handle_finish = handle_error = handle_data

        def handle_wait(self, wait: Any) -> None:
            waits.append(wait)

    ask = asking(retries=retries)
    assert {ask(stream_to=Sink()) for _ in range(120)} == {"Hi"}
    assert waits == []
    spent = sum(retries.budget.spend() for _ in range(200))
    assert spent == 100


def test_the_next_one_is_new_though_others_are_kept_F5(asking: Any, server: ScriptedServer) -> None:
    arrived = threading.Barrier(4)
    together = [lambda _: arrived.wait(5) and None, ANSWERS["whole"]]
    script = answers_once(together)
    server.otherwise(script)
    ask = asking(retries=0)
    ask.at_once(4)
    server.otherwise(answers_once(ANSWERS["whole"]))
    assert ask() == "Hi"
    assert len(server.requests) == 6
    assert server.requests[-1].connection == 4


def test_a_request_is_sent_again_but_once_F5(asking: Any, server: ScriptedServer) -> None:
    server.reply(ANSWERS["whole"])
    server.otherwise(close())
    ask = asking(retries=0)
    ask()
    with pytest.raises(APIConnectionError):
        ask()
    assert len(server.requests) == 3


def test_a_lost_connection_that_was_new_counts_as_a_failure_F5(
    asking: Any, server: ScriptedServer
) -> None:
    server.otherwise(close())
    with pytest.raises(APIConnectionError):
        asking(retries=0)()
    assert len(server.requests) == 1


BEGUN = {
    "half a status line": [b"HTTP/1.1 2", close()],
    "half a header": [b"HTTP/1.1 200 OK\r\ncontent-le", close()],
    "no body": [head(content_length=10), close()],
    "half a body": [head(content_length=10), b"12345", reset()],
}


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
def test_after_the_first_byte_of_an_answer_nothing_is_sent_again_by_itself_F5(
    asking: Any, server: ScriptedServer, begun: Any
) -> None:
    server.otherwise(answers_once(ANSWERS["whole"], begun))
    ask = asking(retries=0)
    ask()
    with pytest.raises(APIConnectionError):
        ask()
    assert len(server.requests) == 2


def test_a_server_that_is_silent_on_a_kept_connection_may_be_at_work_F5_F39(
    asking: Any, server: ScriptedServer
) -> None:
    server.otherwise(answers_once(ANSWERS["whole"], stall()))
    ask = asking(retries=2, timeout=Deadlines(first_event=0.2))
    ask()
    with pytest.raises(APITimeoutError, match="no answer began"):
        ask()
    assert len(server.requests) == 2


def test_a_list_of_models_is_asked_for_again_F5(asking: Any, server: ScriptedServer) -> None:
    server.otherwise(answers_once(json_response({"data": [{"id": "m"}]})))
    ask = asking(retries=0)
    assert [ask.models() for _ in range(3)] == [["m"]] * 3
    assert len(server.requests) == 5


def test_it_holds_for_a_client_of_the_user_F5(server: ScriptedServer, library: Any) -> None:
    server.otherwise(answers_once(ANSWERS["streamed"]))
    with library.Client() as http_client:
        client = ChatClient(server.url, retries=0, http_client=http_client)
        for _ in range(5):
            assert client.create_chat_completion("Hello", "m").text == "Hi"
    assert len(server.requests) == 9


def test_it_holds_in_the_background_F5(server: ScriptedServer) -> None:
    server.otherwise(answers_once(ANSWERS["streamed"]))
    with ChatClient(server.url, retries=0) as client:
        for _ in range(5):
            assert client.start_chat_completion("Hello", "m").result(10).text == "Hi"


def test_a_large_question_is_sent_again_whole_F5(asking: Any, server: ScriptedServer) -> None:
    server.otherwise(answers_once(ANSWERS["whole"], [pause(0.01), reset()]))
    ask = asking(retries=0)
    ask(user="x" * 1_000_000)
    assert ask(user="x" * 1_000_000) == "Hi"
    assert len({each.body for each in server.requests}) == 1


def test_the_doctor_does_not_take_it_for_a_failure_F5(server: ScriptedServer) -> None:
    def answer(connection: Connection) -> None:
        if len(connection.requests) > 1:
            connection.close()
        is_list = connection.requests[0].method == "GET"
        models = json_response({"data": [{"id": "m"}]})
        connection.perform(models if is_list else event_stream(stream_of("one ", "two")))

    server.otherwise(answer)
    findings = [*run_checks(ChatSession(server.url))]
    assert [each.subject for each in findings if each.mark == "✗"] == []
    assert "answer" in [each.subject for each in findings]
