"""What a server refuses is left out, once it has said so, and the ledger tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.errors import BadRequestError, StreamError
from chatwidget.client.request.unsupported import (
    UnsupportedParameters,
    shared_unsupported_parameters,
)
from chatwidget.practice.transport import PracticeTransport
from wire.replies import chunk, completion, done, error, event_stream, json_response, sse, stream_of

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

ANSWER = json_response(completion("Hi"))
COUNTED = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def refusal(name: str, status: int = 400) -> bytes:
    """A server's answer to a request with a parameter that it does not take."""
    return json_response(error(words(name), param=name, code="unsupported_parameter"), status)


def words(name: str) -> str:
    """What the server says about it."""
    return f"Unsupported parameter: '{name}' is not supported with this model."


def sent(server: ScriptedServer) -> list[dict[str, Any]]:
    """The parameters of each request that came."""
    bodies = [request.json for request in server.requests]
    return [{k: v for k, v in body.items() if k not in ("model", "messages")} for body in bodies]


# One call


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_parameter_is_left_out(
    ask_own: Asker, server: ScriptedServer, status: int
) -> None:
    server.reply(refusal("top_p", status))
    server.reply(ANSWER)
    answer = ask_own(top_p=0.5, seed=1)
    assert sent(server) == [{"top_p": 0.5, "seed": 1}, {"seed": 1}]
    assert answer.text == "Hi"
    assert answer.ledger is not None
    assert answer.ledger.asked == {"top_p": 0.5, "seed": 1}
    assert answer.ledger.sent == {"seed": 1}
    assert answer.ledger.refused == {"top_p": words("top_p")}
    (note,) = answer.ledger.notes()
    assert note == f"The server refused top_p, so it was not sent: {words('top_p')}"


REPORT = sse(error(words("top_p"), param="top_p", code="unsupported_parameter"))


@pytest.mark.parametrize(
    "report",
    [REPORT, b"event: error\n" + REPORT, sse({"error": {"message": words("top_p"), "code": 400}})],
    ids=["data", "event", "without param"],
)
def test_a_parameter_that_is_refused_in_place_of_the_stream_is_left_out_D4(
    ask: Asker, server: ScriptedServer, report: bytes
) -> None:
    server.reply(event_stream(report, done()))
    server.reply(event_stream(stream_of("Hi")))
    events: list[Any] = []
    answer = ask(top_p=0.5, seed=1, stream_to=events.append)
    assert [sorted(each) for each in sent(server)] == [
        ["seed", "stream", "stream_options", "top_p"],
        ["seed", "stream", "stream_options"],
    ]
    assert answer.text == "Hi"
    assert answer.ledger is not None
    assert answer.ledger.refused == {"top_p": words("top_p")}
    assert shared_unsupported_parameters().known(server.url, "m") == {"top_p": words("top_p")}
    assert "".join(event.chunk.text for event in events[:-1]) == "Hi"


def test_a_parameter_that_is_refused_after_the_answer_began_is_an_error_D4(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(sse(chunk("Half")), REPORT))
    with pytest.raises(StreamError, match="'top_p' is not supported") as caught:
        ask_own(top_p=0.5, stream_to=lambda event: None)
    assert (caught.value.param, caught.value.code) == ("top_p", "unsupported_parameter")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "report",
    [
        error("top_p must be between 0 and 1.", param="top_p", code="invalid_value"),
        error("Overloaded.", "overloaded_error", param="top_p"),
        error("Unsupported parameter: 'seed'.", param="seed", code="unsupported_parameter"),
    ],
    ids=["value", "overload", "not sent"],
)
def test_another_error_in_place_of_the_stream_refuses_no_parameter_D4(
    ask_own: Asker, server: ScriptedServer, report: dict[str, Any]
) -> None:
    server.reply(event_stream(sse(report)))
    with pytest.raises(StreamError):
        ask_own(top_p=0.5, stream_to=lambda event: None)
    assert len(server.requests) == 1


def test_servers_name_one_parameter_at_a_time(ask_own: Asker, server: ScriptedServer) -> None:
    options: dict[str, Any] = {"temperature": 0, "top_p": 1, "presence_penalty": 1, "seed": 1}
    for name in options:
        server.reply(refusal(name))
    server.reply(ANSWER)
    assert ask_own(**options).ledger.refused.keys() == options.keys()
    assert sent(server)[-1] == {}


def test_a_server_that_refuses_everything_is_not_asked_forever(
    ask_own: Asker, server: ScriptedServer
) -> None:
    names = ["temperature", "top_p", "presence_penalty", "seed", "n", "store"]
    for name in names:
        server.reply(refusal(name))
    with pytest.raises(BadRequestError, match="'n' is not supported"):
        ask_own(**dict.fromkeys(names[:4], 1), n=1, store=True)
    assert len(server.requests) == 5


def test_a_server_that_repeats_itself_is_asked_once_more(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.otherwise(refusal("top_p"))
    with pytest.raises(BadRequestError):
        ask_own(top_p=0.5)
    assert len(server.requests) == 2


def test_a_wrong_value_is_the_users_to_change(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(error("n must be at most 4.", param="n", code="invalid_value"), 400))
    with pytest.raises(BadRequestError):
        ask_own(n=5)
    assert len(server.requests) == 1


def test_what_the_user_insists_on_is_sent(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(refusal("top_p"))
    with pytest.raises(BadRequestError):
        ask_own(extra_body={"top_p": 0.5})
    server.reply(ANSWER)
    answer = ask_own(extra_body={"top_k": 5}, seed=1)
    assert answer.ledger.asked == answer.ledger.sent == {"seed": 1, "top_k": 5}


def test_what_depends_on_a_refused_parameter_goes_with_it(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(refusal("logprobs"))
    server.reply(ANSWER)
    answer = ask_own(logprobs=True, top_logprobs=2)
    assert sent(server)[1] == {}
    assert answer.ledger.refused.keys() == {"logprobs", "top_logprobs"}


def test_a_changed_request_is_a_new_one(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(refusal("top_p"))
    server.reply(ANSWER)
    ask_own(top_p=0.5)
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert len(set(keys)) == 2


def test_the_usage_of_a_stream_is_not_insisted_on(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(refusal("stream_options"))
    server.reply(event_stream(stream_of("Hi")))
    answer = ask_own(stream_to=[].append, stream_options=None)
    assert sent(server) == [
        {"stream": True, "stream_options": {"include_usage": True}},
        {"stream": True},
    ]
    assert answer.ledger.refused.keys() == {"stream_options"}
    assert (answer.ledger.asked, answer.ledger.sent, answer.ledger.ignored) == ({}, {}, {})
    assert answer.ledger.notes() == []


# The ledger


def test_a_streamed_answer_has_the_ledger_of_a_whole_one(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(stream_of("Hi", usage=COUNTED)))
    server.reply(ANSWER)
    streamed = ask_own(stream_to=[].append, n=2, logprobs=True)
    whole = ask_own(n=2, logprobs=True)
    assert streamed.ledger == whole.ledger
    assert whole.ledger.ignored.keys() == {"n", "logprobs"}


def test_what_broke_off_has_a_ledger_in_which_nothing_is_ignored(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(sse({"choices": [{"delta": {"content": "Ha"}}]})))
    with pytest.raises(StreamError) as raised:
        ask_own(stream_to=[].append, n=2)
    assert raised.value.completion is not None
    ledger = raised.value.completion.ledger
    assert ledger is not None
    assert (ledger.sent, ledger.ignored) == ({"n": 2}, {})


def test_a_server_does_not_write_the_ledger(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi", ledger={"asked": {"n": 9}})))
    assert ask_own().ledger.asked == {}


def test_a_stream_has_a_ledger_at_any_moment(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of("Hi")))
    stream = client.stream("Hello", "m", n=2)
    assert stream.completion.ledger is not None
    assert (stream.completion.ledger.sent, stream.completion.ledger.ignored) == ({"n": 2}, {})
    list(stream)
    assert stream.completion.ledger.ignored.keys() == {"n", "usage"}


# From call to call


@pytest.fixture
def chat(server: ScriptedServer) -> Any:
    with ChatClient(server.url, retries=0, refusals=UnsupportedParameters()) as client:
        yield client.create_chat_completion


def test_a_refusal_is_remembered_for_the_model(chat: Any, server: ScriptedServer) -> None:
    server.reply(refusal("top_p"))
    server.otherwise(ANSWER)
    first, second, other = (chat("Hello", model, top_p=0.5) for model in ("m", "m", "other"))
    assert first.ledger == second.ledger
    assert other.ledger.sent == {"top_p": 0.5}
    assert sent(server) == [{"top_p": 0.5}, {}, {}, {"top_p": 0.5}]


def test_a_refusal_that_did_not_explain_the_failure_is_not_remembered(
    chat: Any, server: ScriptedServer
) -> None:
    server.reply(refusal("top_p"))
    server.reply(json_response(error("It is something else."), 400))
    server.reply(ANSWER)
    with pytest.raises(BadRequestError):
        chat("Hello", "m", top_p=0.5)
    assert chat("Hello", "m", top_p=0.5).ledger.sent == {"top_p": 0.5}


def test_clients_share_what_they_learn_by_default(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(refusal("top_p"))
    server.otherwise(ANSWER)
    ask_own(top_p=0.5)
    ask_own(top_p=0.5)
    assert len(server.requests) == 3
    shared_unsupported_parameters().forget()
    ask_own(top_p=0.5)
    assert sent(server)[-1] == {"top_p": 0.5}


def test_a_model_that_does_not_think_may_sample(chat: Any, server: ScriptedServer) -> None:
    server.reply(refusal("top_p"))
    server.otherwise(ANSWER)
    chat("Hello", "m", top_p=0.5, reasoning_effort="low")
    chat("Hello", "m", top_p=0.5, reasoning_effort="none")
    assert sent(server)[1:] == [
        {"reasoning_effort": "low"},
        {"top_p": 0.5, "reasoning_effort": "none"},
    ]


def test_how_long_a_model_thinks_counts_only_where_it_can_be_said(
    chat: Any, server: ScriptedServer
) -> None:
    for name in ("reasoning_effort", "top_p"):
        server.reply(refusal(name))
    server.otherwise(ANSWER)
    for _ in range(2):
        chat("Hello", "m", top_p=0.5, reasoning_effort="none")
    assert sent(server)[2:] == [{}, {}]


# The limit of tokens

OLD, NEW = {"max_tokens": 5}, {"max_completion_tokens": 5}


@pytest.mark.parametrize(("asked", "other"), [(OLD, NEW), (NEW, OLD)])
def test_a_refused_limit_goes_under_its_other_name_to_all_models(
    chat: Any, server: ScriptedServer, asked: dict[str, int], other: dict[str, int]
) -> None:
    server.reply(refusal(*asked))
    server.otherwise(ANSWER)
    answer = chat("Hello", "m", **asked)
    chat("Hello", "other", **asked)
    assert sent(server) == [asked, other, other]
    assert (answer.ledger.asked, answer.ledger.sent) == (asked, other)
    assert f"so {''.join(other)} was sent in its place" in answer.ledger.notes()[0]


def test_a_model_may_differ_from_the_others_of_its_server(
    chat: Any, server: ScriptedServer
) -> None:
    for name in (*OLD, *NEW):
        server.reply(refusal(name))
        server.reply(ANSWER)
    server.otherwise(ANSWER)
    for model in ("new", "old", "new", "old"):
        chat("Hello", model, **OLD)
    assert sent(server) == [OLD, NEW, NEW, OLD, NEW, OLD]


def test_a_server_may_have_no_limit(chat: Any, server: ScriptedServer) -> None:
    server.reply(refusal("max_tokens"))
    server.reply(refusal("max_completion_tokens"))
    server.otherwise(ANSWER)
    answers = [chat("Hello", "m", **OLD) for _ in range(2)]
    assert sent(server) == [OLD, NEW, {}, {}]
    assert answers[0].ledger == answers[1].ledger
    assert answers[0].ledger.refused.keys() == {"max_tokens"}


def test_two_limits_are_not_mixed(chat: Any, server: ScriptedServer) -> None:
    server.reply(refusal("max_tokens"))
    server.reply(ANSWER)
    chat("Hello", "m", max_tokens=5, max_completion_tokens=7)
    assert sent(server)[1] == {"max_completion_tokens": 7}


def test_an_ignored_limit_goes_under_its_old_name_next_time(
    chat: Any, server: ScriptedServer
) -> None:
    long = json_response(completion("Hi", usage={"completion_tokens": 40}))
    server.otherwise(long)
    first, second = (chat("Hello", "m", **NEW) for _ in range(2))
    assert sent(server) == [NEW, OLD]
    assert first.ledger.ignored.keys() == {"max_completion_tokens"}
    assert second.ledger.ignored.keys() == {"max_tokens"}
    chat("Hello", "m", **NEW)
    assert sent(server)[-1] == OLD


def test_a_limit_that_is_refused_and_ignored_is_sent_still(
    chat: Any, server: ScriptedServer
) -> None:
    server.reply(refusal("max_tokens"))
    server.otherwise(json_response(completion("Hi", usage={"completion_tokens": 40})))
    for _ in range(2):
        chat("Hello", "m", **OLD)
    assert sent(server) == [OLD, NEW, NEW]


def test_a_limit_that_is_nearly_kept_keeps_its_name(chat: Any, server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("Hi", usage={"completion_tokens": 6})))
    for _ in range(2):
        assert chat("Hello", "m", **NEW).ledger.ignored.keys() == {"max_completion_tokens"}
    assert sent(server) == [NEW, NEW]


# The practice model


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that reach the practice model."""
    bodies: list[bytes] = []
    handle = PracticeTransport.handle_request

    def spy(self: PracticeTransport, request: Any) -> Any:
        bodies.append(request.content)
        return handle(self, request)

    monkeypatch.setattr(PracticeTransport, "handle_request", spy)
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    return bodies


def test_the_practice_model_refuses_and_is_understood(requests: list[bytes]) -> None:
    said = "Unsupported parameter: 'reasoning_effort' is not supported with this model."
    with ChatClient("practice") as client:
        for expected in (2, 3):
            answer = client.create_chat_completion(
                "Hello", stream_to=[].append, reasoning_effort="low", temperature=0, max_tokens=4
            )
            assert len(requests) == expected
            assert answer.ledger is not None
            assert answer.ledger.sent == {"temperature": 0, "max_tokens": 4}
            assert answer.ledger.refused == {"reasoning_effort": said}
            assert answer.ledger.ignored == {}


def test_the_practice_model_ignores_nothing(requests: list[bytes]) -> None:
    with ChatClient("practice") as client:
        answer = client.create_chat_completion(
            "What is temperature?",
            n=2,
            logprobs=True,
            top_logprobs=2,
            stop=["."],
            max_completion_tokens=8,
            response_format={"type": "json_object"},
        )
    assert answer.ledger is not None
    assert answer.ledger.notes() == []


def test_the_background_learns_too(server: ScriptedServer) -> None:
    server.reply(refusal("top_p"))
    server.reply(event_stream(stream_of("Hi")))
    with ChatClient(server.url) as client:
        task = client.start_chat_completion("Hello", "m", top_p=0.5)
        answer = task.result(5)
    assert answer.ledger is not None
    assert answer.ledger.sent == {}


def test_both_twins_take_a_memory_of_their_own() -> None:
    memory = UnsupportedParameters()
    for twin in (ChatClient, AsyncChatClient):
        assert twin("practice", refusals=memory).refusals is memory
        assert twin("practice").refusals is shared_unsupported_parameters()
