"""When servers, networks and listeners fail, it is tried again or said; never in silence."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    InternalServerError,
    RateLimitError,
    StreamError,
    StreamInterruptedError,
)
from chatwidget.client.events import Error, Wait
from chatwidget.client.limits import Limits
from chatwidget.client.transport.retry import RetryPolicy
from wire.ports import refusing_port
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    error,
    event_stream,
    frame,
    head,
    json_response,
    response,
    sse,
    stream_of,
)
from wire.scripted_server import close, drip, pause, reset, split, stall

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))
PING = b": ping\n\n"


class Handler:
    """A listener of everything."""

    def __init__(self) -> None:
        self.waits: list[Wait] = []
        self.events: list[Any] = []

    def handle_wait(self, wait: Wait) -> None:
        """Keep a wait."""
        self.waits.append(wait)

    def handle_data(self, event: Any) -> None:
        """Keep a chunk."""
        self.events.append(event)

    handle_error = handle_finish = handle_data


def patient(limit: int = 2, **fields: Any) -> dict[str, Any]:
    """Return a client's arguments: it retries, and waits hardly at all."""
    return {"retries": RetryPolicy(**{"limit": limit, "first_delay": 0.01} | fields)}


def text_of(ask: Asker, client: dict[str, Any] | None = None, **options: Any) -> str:
    """Ask with arguments for the client, and return the answer's text."""
    text: str = ask.run("Hello", "m", client or patient(), {"timeout": 10} | options).text
    return text


# Trying again


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_passing_failure_is_tried_again_F9_T38(
    ask_own: Asker, server: ScriptedServer, status: int
) -> None:
    server.reply(json_response(error("Later."), status))
    server.reply(json_response(error("Later."), status))
    server.reply(json_response(completion("Hi")))
    assert text_of(ask_own) == "Hi"
    assert len(server.requests) == 3


def test_a_failure_that_stays_is_raised_in_the_end_T45(ask: Asker, server: ScriptedServer) -> None:
    server.otherwise(json_response(error("Later."), 503))
    with pytest.raises(InternalServerError, match="Later"):
        text_of(ask)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "kind"), [(413, APIStatusError), (418, APIStatusError), (529, InternalServerError)]
)
def test_a_status_without_a_class_of_its_own_has_that_of_its_kind_F9(
    ask_own: Asker, server: ScriptedServer, status: int, kind: type[APIStatusError]
) -> None:
    server.reply(json_response(error("No."), status))
    with pytest.raises(APIStatusError) as caught:
        ask_own()
    assert type(caught.value) is kind
    assert caught.value.status_code == status


def test_what_will_not_pass_is_not_tried_again_F7_F12_T44(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(error("No quota.", code="insufficient_quota"), 429))
    with pytest.raises(RateLimitError, match="No quota"):
        text_of(ask)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("says", "requests"), [("true", 2), ("false", 1)])
def test_the_server_says_whether_to_try_again_F13(
    ask_own: Asker, server: ScriptedServer, says: str, requests: int
) -> None:
    status = 400 if says == "true" else 503
    server.otherwise(json_response(error("No."), status, x_should_retry=says))
    with pytest.raises(APIStatusError):
        text_of(ask_own, patient(1))
    assert len(server.requests) == requests


def test_a_kept_connection_that_the_server_closed_costs_one_instant_try_F5(
    server: ScriptedServer,
) -> None:
    server.reply(json_response(completion("First")), pause(0.02), close())
    server.reply(json_response(completion("Second")))
    handler = Handler()
    with ChatClient(server.url) as client:
        assert client.create_chat_completion("Hello", "m").text == "First"
        # the close is under way: it is noticed before the request or after
        server.connections[0].wait_closed(0.01)
        begun = time.monotonic()
        answer = client.create_chat_completion("Hello", "m", stream_to=handler)
        assert answer.text == "Second"
    assert time.monotonic() - begun < 0.4
    assert [wait.seconds for wait in handler.waits] in ([], [0.0])


def test_a_connection_that_ends_before_any_answer_is_tried_again_F5_F32(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(reset())
    server.reply(close())
    server.reply(json_response(completion("Hi")))
    assert text_of(ask) == "Hi"
    assert len({request.connection for request in server.requests}) == 3


@pytest.mark.parametrize(
    "nothing",
    [
        (SSE_HEAD, close()),
        (SSE_HEAD, PING, b"data: {", close()),
        (head(transfer_encoding="chunked"), frame(PING), reset()),
        (head(content_length=0),),
        (SSE_HEAD, sse(error("Overloaded", "overloaded_error")), close()),
    ],
    ids=["head", "pings", "cut", "empty", "overload F43"],
)
def test_an_answer_that_did_not_begin_is_asked_for_again_F18_F32_F43(
    ask_own: Asker, server: ScriptedServer, nothing: tuple[Step, ...]
) -> None:
    server.reply(nothing)
    server.reply(event_stream(stream_of("Hi")))
    assert text_of(ask_own, stream_to=lambda event: None) == "Hi"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "end",
    [close(), reset(), frame(sse(error("Overloaded", "overloaded_error")))],
    ids=["end", "reset", "said"],
)
def test_an_answer_that_has_begun_is_never_asked_for_again_F34_F35_F43(
    ask: Asker, server: ScriptedServer, end: Step
) -> None:
    server.reply(head(transfer_encoding="chunked"), frame(HALF), pause(0.01), [end])
    with pytest.raises(APIError) as caught:
        text_of(ask)
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"
    assert len(server.requests) == 1


def test_a_page_is_not_asked_for_again_F18(ask_own: Asker, server: ScriptedServer) -> None:
    server.otherwise(response(b"<html>", content_type="text/html"))
    with pytest.raises(StreamInterruptedError, match="a web page"):
        text_of(ask_own)
    assert len(server.requests) == 1


def test_a_refused_connection_is_tried_again_F1(ask_own: Asker) -> None:
    handler = Handler()
    with refusing_port() as port:
        ask_own.url = f"http://127.0.0.1:{port}/v1"
        with pytest.raises(APIConnectionError, match="Is the server running"):
            text_of(ask_own, stream_to=handler)
    assert [wait.retry for wait in handler.waits] == [1, 2]


def test_the_list_of_models_is_tried_again_too(server: ScriptedServer) -> None:
    server.reply(close())
    server.reply(json_response({"data": [{"id": "m"}]}))
    with ChatClient(server.url) as client:
        assert [model.id for model in client.list_models()] == ["m"]


def test_the_errors_of_the_list_of_models_hold_no_key_S8(
    server: ScriptedServer, shown: Any
) -> None:
    secret = "Tr0ub4dor&3"
    server.reply(json_response({"error": f"{secret} is wrong"}))
    server.reply(response(f"{secret} is wrong".encode()))
    with ChatClient(server.url, openai_api_key=secret) as client:
        for _ in range(2):
            with pytest.raises(StreamError) as caught:
                client.list_models()
            assert secret not in shown(caught.value)


def test_all_tries_of_a_request_have_one_key_and_each_request_its_own(
    ask: Asker, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(json_response(error("Later."), 500))
        server.reply(json_response(completion("Hi")))
        text_of(ask)
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert server.requests[0].body == server.requests[1].body


# Waiting


def test_a_wait_is_visible_to_whoever_listens_F10(ask: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(error("Later."), 429, retry_after_ms="20"))
    server.reply(event_stream(stream_of("Hi")))
    handler = Handler()
    assert text_of(ask, stream_to=(handler, lambda event: None)) == "Hi"
    (wait,) = handler.waits
    assert (wait.seconds, wait.retry) == (0.02, 1)
    assert isinstance(wait.error, RateLimitError)


def test_the_wait_that_the_server_asks_for_is_obeyed_F10(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(error("Later."), 429, retry_after="0.2", retry_after_ms="nonsense"))
    server.reply(json_response(completion("Hi")))
    assert text_of(ask_own) == "Hi"
    assert server.requests[1].time - server.requests[0].time >= 0.2


def test_a_wait_that_is_too_long_is_told_at_once_F11_T34(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(json_response(error("Later."), 429, retry_after="3600"))
    begun = time.monotonic()
    with pytest.raises(RateLimitError, match="asks to wait 3600 s") as caught:
        text_of(ask_own, timeout=9999)
    assert time.monotonic() - begun < 1
    assert caught.value.retry_after == 3600


@pytest.mark.parametrize("odd", ["-1", "nan", "inf", "9" * 400, "Fri, 01 Jan 100000 00:00:00 GMT"])
def test_an_odd_retry_after_never_hides_the_error_F11_T35(
    ask_own: Asker, server: ScriptedServer, odd: str
) -> None:
    server.otherwise(json_response(error("Bad."), 429, retry_after=odd))
    with pytest.raises(RateLimitError, match="Bad"):
        text_of(ask_own, patient(1))


def test_a_wait_beyond_the_time_for_the_whole_answer_is_not_begun_F1(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.otherwise(json_response(error("Later."), 429, retry_after="30"))
    begun = time.monotonic()
    with pytest.raises(RateLimitError):
        text_of(ask_own, timeout=5)
    assert time.monotonic() - begun < 1


def test_an_interrupt_ends_a_wait_at_once_F55(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(json_response(error("Later."), 429, retry_after="30"))
    handler = Handler()

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chatwidget.client.transport.retry.time.sleep", interrupted)
    with ChatClient(server.url) as client, pytest.raises(KeyboardInterrupt):
        client.create_chat_completion("Hello", "m", stream_to=handler)
    assert [type(event) for event in handler.events] == [Error]


@pytest.mark.usefixtures("either_transport")
def test_cancelling_ends_a_wait_at_once_F55(server: ScriptedServer) -> None:
    server.reply(json_response(error("Later."), 429, retry_after="30"))

    async def main() -> None:
        waiting = asyncio.Event()
        handler = Handler()
        handler.handle_wait = lambda wait: waiting.set()  # type: ignore[method-assign]
        async with AsyncChatClient(server.url) as client:
            call = client.create_chat_completion("Hello", "m", stream_to=handler)
            task = asyncio.create_task(call)
            await asyncio.wait_for(waiting.wait(), 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, 0.5)
        assert [type(event) for event in handler.events] == [Error]

    asyncio.run(main())


def test_an_outage_makes_no_storm_F67(server: ScriptedServer) -> None:
    server.otherwise(json_response(error("Down."), 503))
    policy = RetryPolicy(limit=20, first_delay=0.0001, longest_delay=0.001)
    with ChatClient(server.url, retries=policy) as client:
        for _ in range(20):
            with pytest.raises(InternalServerError):
                client.create_chat_completion("Hello", "m")
    assert len(server.requests) == 20 + 100


# Clocks


def test_an_answer_that_does_not_begin_is_a_timeout_F39_F70(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, drip(PING * 1000, every=0.01, size=len(PING)))
    begun = time.monotonic()
    with pytest.raises(APITimeoutError, match=r"no answer began within 0\.1 s \(a proxy"):
        text_of(ask, timeout=Deadlines(first_event=0.1))
    assert time.monotonic() - begun < 1
    assert len(server.requests) == 1
    assert server.connections[0].wait_closed(1.0)


SILENCES: dict[str, Step] = {
    "silence F39": stall(),
    "heartbeats F40": drip(PING * 1000, every=0.01, size=len(PING)),
    "single bytes F40": drip(b": " + b"x" * 1000, every=0.01),
    "a slow event F40": drip(sse(chunk("x" * 1000)), every=0.01),
}


@pytest.mark.parametrize("silence", SILENCES.values(), ids=SILENCES)
def test_only_content_keeps_an_answer_alive(
    ask: Asker, server: ScriptedServer, silence: Step
) -> None:
    server.reply(SSE_HEAD, HALF, silence)
    begun = time.monotonic()
    with pytest.raises(APITimeoutError, match=r"nothing more of the answer came for 0\.1 s") as e:
        text_of(ask, stream_to=lambda event: None, timeout=Deadlines(idle=0.1))
    assert time.monotonic() - begun < 1
    assert e.value.completion is not None
    assert e.value.completion.text == "Half"
    assert server.connections[0].wait_closed(1.0)


def test_an_answer_without_end_has_one_F41(ask: Asker, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, drip(sse(chunk("x")) * 1000, every=0.005, size=len(sse(chunk("x")))))
    begun = time.monotonic()
    with pytest.raises(APITimeoutError, match=r"not complete within 0\.2 s"):
        text_of(ask, stream_to=lambda event: None, timeout=0.2)
    assert time.monotonic() - begun < 1
    assert server.connections[0].wait_closed(1.0)


def test_the_whole_time_holds_before_the_first_byte_too_F41(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(stall())
    begun = time.monotonic()
    with pytest.raises(APITimeoutError):
        text_of(ask, timeout=0.1)
    assert time.monotonic() - begun < 1


def test_a_slow_listener_does_not_trip_the_idle_clock_F53(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(*split(stream_of("a", "b", "c"), 200)))
    options = {"timeout": Deadlines(idle=0.05), "stream_to": lambda event: time.sleep(0.1)}
    assert text_of(ask, **options) == "abc"


def test_a_refusal_whose_text_stalls_is_a_refusal(
    ask_own: Asker, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "chatwidget.client.transport.http._ERROR_BODY_DEADLINES", Deadlines(total=0.1)
    )
    server.reply(head(500, content_length=1000), b"Out of memory", stall())
    with pytest.raises(InternalServerError, match="Out of memory"):
        ask_own()


# The connection


@pytest.mark.parametrize("streams", [True, False])
def test_the_next_request_uses_the_same_connection_F38_T24(
    server: ScriptedServer,
    streams: bool,  # noqa: FBT001 - a parameter
) -> None:
    for _ in range(2):
        server.reply(event_stream(stream_of("Hi")))
    with ChatClient(server.url) as client:
        for _ in range(2):
            if streams:
                assert [each.text for each in client.stream("Hello", "m")] == ["", "Hi", ""]
            else:
                assert client.create_chat_completion("Hello", "m").text == "Hi"
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    "after",
    [stall(), drip(PING * 1000, every=0.01, size=3)],
    ids=["stall", "trickle"],
)
def test_a_server_that_does_not_end_after_done_costs_little_F38_T24_T26(
    ask: Asker, server: ScriptedServer, after: Step
) -> None:
    server.reply(SSE_HEAD, stream_of("Hi"), after)
    begun = time.monotonic()
    assert text_of(ask, stream_to=lambda event: None) == "Hi"
    assert time.monotonic() - begun < 0.5
    assert server.connections[0].wait_closed(1.0)


def test_a_listener_that_fails_ends_the_stream_F52(ask: Asker, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, HALF, stall())

    def listener(event: Any) -> None:
        raise OSError("mine")

    with pytest.raises(OSError, match="mine"):
        text_of(ask, stream_to=listener)
    assert server.connections[0].wait_closed(1.0)
    assert len(server.requests) == 1


def test_a_stream_is_iterated_once(server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))
    server.reply(SSE_HEAD, HALF, stall())
    server.reply(SSE_HEAD, HALF, close())
    with ChatClient(server.url) as client:
        whole = client.stream("Hello", "m")
        assert len(list(whole)) == 3
        assert list(whole) == []
        left = client.stream("Hello", "m")
        chunks = iter(left)
        next(chunks)
        left.close()
        assert list(chunks) == []
        assert list(left) == []
        assert left.error is None
        cut = client.stream("Hello", "m")
        with pytest.raises(StreamInterruptedError) as caught:
            list(cut)
        assert list(cut) == []
        assert cut.error is caught.value


# Size


def test_an_event_that_is_too_large_is_an_error_that_says_how_to_raise_the_limit_F30_S32(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, pause(0.05), b"data: " + b"x" * 5000, stall())
    with pytest.raises(StreamError, match=r"larger than 1,000 bytes.*Limits\(event=2000\)") as e:
        text_of(ask, {"limits": Limits(event=1000)})
    assert e.value.completion is not None
    assert e.value.completion.text == "Half"
    assert server.connections[0].wait_closed(1.0)


@pytest.mark.parametrize("endless", [b"x" * 100, b"data: x\n", b": x\n"], ids=repr)
def test_lines_without_end_are_bounded_F29(
    ask_own: Asker, server: ScriptedServer, endless: bytes
) -> None:
    server.reply(SSE_HEAD, (endless for _ in iter(int, 1)))
    with pytest.raises(StreamError, match="larger than"):
        text_of(ask_own, {"limits": Limits(event=100_000)})


def test_a_body_that_is_too_large_is_an_error_F30(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("x" * 5000)))
    with pytest.raises(StreamError, match=r"The answer is larger .* Limits\(body=2000\)|body=2000"):
        text_of(ask_own, {"limits": Limits(body=1000)})


def test_an_answer_is_counted_after_decompression_F30(ask: Asker, server: ScriptedServer) -> None:
    bomb = gzip.compress(b'{"x": "' + b"0" * 10_000_000)
    assert len(bomb) < 20_000
    server.reply(json_head(len(bomb)), bomb)
    with pytest.raises(StreamError, match="larger than 1,000,000 bytes"):
        text_of(ask, {"limits": Limits(body=1_000_000)})


def json_head(length: int) -> bytes:
    """Return the head of a compressed body."""
    return head(content_type="application/json", content_length=length, content_encoding="gzip")


def test_a_list_of_models_is_bounded_F30(server: ScriptedServer) -> None:
    server.reply(response(b"x" * 5000))
    with (
        ChatClient(server.url, limits=Limits(body=1000)) as client,
        pytest.raises(StreamError, match="larger than 1,000 bytes"),
    ):
        client.list_models()


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "1", None], ids=repr)
def test_a_limit_is_a_number_of_bytes(wrong: Any) -> None:
    for name in ("event", "body"):
        with pytest.raises(ConfigurationError, match=f"The limit {name}"):
            Limits(**{name: wrong})


# The arguments


def test_extra_body_is_a_dictionary(server: ScriptedServer, client: ChatClient) -> None:
    wrong: Any = "abc"
    with pytest.raises(ValueError, match="extra_body takes a dictionary of fields; got str"):
        client.create_chat_completion("Hello", "m", extra_body=wrong)
    assert server.requests == []


@pytest.mark.parametrize("value", [101, -101, "5", None, True, float("nan")], ids=repr)
def test_a_bias_is_a_number_from_minus_100_to_100(
    server: ScriptedServer, client: ChatClient, value: Any
) -> None:
    with pytest.raises(ValueError, match="logit_bias takes an object of numbers from -100 to 100"):
        client.create_chat_completion("Hello", "m", logit_bias={"7": value})
    assert server.requests == []


def test_a_widget_without_a_text_is_no_target(server: ScriptedServer, client: ChatClient) -> None:
    widgets = pytest.importorskip("ipywidgets")
    for widget in (widgets.IntSlider(), widgets.Checkbox(), widgets.Dropdown()):
        with pytest.raises(TypeError, match="stream_to cannot feed"):
            client.create_chat_completion("Hello", "m", stream_to=widget)
    assert server.requests == []
