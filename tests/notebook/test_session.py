"""One session holds the settings and the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    ParameterError,
    StreamInterruptedError,
)
from chatwidget.client.events import Finish
from wire.replies import chunk, error, event_stream, json_response, sse, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from wire.scripted_server import ScriptedServer


def ask(session: ChatSession, prompt: str, **options: object) -> list[object]:
    events: list[object] = []
    session.ask(session.question(prompt, **options), stream_to=events.append)
    return events


@pytest.fixture
def session(server: ScriptedServer) -> ChatSession:
    session = ChatSession(server.url)
    session.model = "scripted"
    return session


def test_a_setting_is_sent_and_an_override_wins_for_one_question(
    session: ChatSession, server: ScriptedServer
) -> None:
    session.settings.temperature = 0
    session.settings.seed = 7
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    ask(session, "a", temperature=1.5)
    ask(session, "b")
    first, second = (request.json for request in server.requests)
    assert (first["temperature"], first["seed"]) == (1.5, 7)
    assert (second["temperature"], second["seed"]) == (0, 7)
    assert "top_p" not in first


def test_the_sink_hears_the_answer_and_the_conversation_keeps_it(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(*event_stream(stream_of("Hel", "lo")))
    events = ask(session, "a", cell_id="1")
    assert isinstance(events[-1], Finish)
    (turn,) = session.conversation.path()
    assert (turn.prompt, turn.answer.content, turn.status) == ("a", "Hello", "complete")
    assert turn.cell_id == "1"


def test_the_next_request_carries_the_conversation_and_the_system_message(
    session: ChatSession, server: ScriptedServer
) -> None:
    session.system = "Be brief"
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    ask(session, "a")
    ask(session, "b", system="Be long")
    assert [m["content"] for m in server.requests[1].json["messages"]] == [
        "Be long",
        "a",
        "Hi",
        "b",
    ]


def test_a_broken_answer_is_kept_as_failed_and_not_sent_again(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(*event_stream(sse(chunk("Hel")))[:-1], close())
    server.reply(*event_stream(stream_of("Hi")))
    with pytest.raises(APIConnectionError) as failure:
        ask(session, "a")
    assert failure.value.completion.text == "Hel"
    assert session.conversation.path()[0].status == "failed"
    assert session.conversation.path()[0].answer.content == "Hel"
    ask(session, "b")
    assert len(server.requests[1].json["messages"]) == 1


def test_an_answer_that_ends_early_is_no_complete_turn(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(*event_stream(sse(chunk("Hel"))))
    with pytest.raises(StreamInterruptedError):
        ask(session, "a")
    assert session.conversation.path()[0].status == "failed"


def test_a_refused_question_is_recorded_without_an_answer(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(json_response(error("no", param="temperature"), 400))
    with pytest.raises(BadRequestError):
        ask(session, "a")
    assert session.conversation.path()[0].answer is None


def test_a_setting_out_of_range_is_refused_and_the_old_one_stays(session: ChatSession) -> None:
    session.settings.temperature = 1
    with pytest.raises(ParameterError, match="from 0 to 2"):
        session.settings.temperature = 3
    assert session.settings.temperature == 1


def test_clearing_the_settings_sends_none(session: ChatSession) -> None:
    session.settings.temperature = 0
    session.settings.clear()
    assert session.settings.sent() == {}


def test_another_server_means_another_model(session: ChatSession) -> None:
    session.use("practice")
    assert session.model == ""
    assert session.request_config().model == "practice"


def test_a_server_without_a_default_model_asks_for_one(server: ScriptedServer) -> None:
    with pytest.raises(ConfigurationError, match="%chat models lists"):
        ChatSession(server.url).question("a")
    assert server.requests == []


def test_a_text_is_asked_as_the_session_asks(session: ChatSession, server: ScriptedServer) -> None:
    session.settings.seed = 7
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hello")))
    assert session.ask("a").text == "Hello"
    session.ask("b", temperature=0, conversation="other")
    first, second = (request.json for request in server.requests)
    assert (first["seed"], second["seed"], second["temperature"]) == (7, 7, 0)
    assert [turn.prompt for turn in session.conversation.path()] == ["a"]
    assert [turn.prompt for turn in session.conversations["other"].path()] == ["b"]


@pytest.mark.parametrize("options", [{"temperature": 3}, {"temprature": 0}])
def test_a_text_that_cannot_be_asked_sends_and_leaves_nothing(
    session: ChatSession, server: ScriptedServer, options: dict[str, object]
) -> None:
    with pytest.raises(ParameterError):
        session.ask("a", **options)
    assert (server.requests, session.conversation.path()) == ([], [])


def test_a_prepared_question_takes_no_settings_any_more(session: ChatSession) -> None:
    with pytest.raises(TypeError, match="temperature"):
        session.ask(session.question("a"), temperature=0)


def test_a_key_stays_with_the_server_it_was_given_for(server: ScriptedServer) -> None:
    session = ChatSession(server.url)
    session.client.use_key("sk-canary-000")
    session.use("practice")
    assert session.client.key is None
    session.use(server.url)
    assert session.client.key is not None


def test_each_shell_has_one_session(shell: InteractiveShell) -> None:
    assert current_session() is current_session()


def test_conversations_do_not_hear_of_each_other(
    session: ChatSession, server: ScriptedServer
) -> None:
    for _ in range(3):
        server.reply(*event_stream(stream_of("Hi")))
    ask(session, "a")
    ask(session, "b", conversation="other")
    ask(session, "c")
    assert [len(request.json["messages"]) for request in server.requests] == [1, 1, 3]
    assert list(session.conversations) == ["main", "other"]


def test_a_question_without_history_sends_none_and_leaves_none(
    session: ChatSession, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    ask(session, "a")
    ask(session, "b", keep=False)
    assert len(server.requests[1].json["messages"]) == 1
    assert [turn.prompt for turn in session.conversation.path()] == ["a"]


def test_a_fork_goes_on_and_leaves_the_conversation_as_it_is(
    session: ChatSession, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    ask(session, "a")
    assert session.fork() == "main-2"
    ask(session, "b")
    assert len(server.requests[1].json["messages"]) == 3
    assert [turn.prompt for turn in session.conversations["main"].path()] == ["a"]
    assert session.fork() == "main-3"
    with pytest.raises(ConfigurationError, match="%chat switch main"):
        session.fork("main")


def test_an_answer_that_comes_after_another_stands_after_it(
    session: ChatSession, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    early = session.question("asked first")
    ask(session, "asked second")
    session.ask(early, stream_to=print)
    assert [turn.prompt for turn in session.conversation.path()] == ["asked second", "asked first"]


def test_whoever_observes_the_session_hears_of_each_turn(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    heard: list[int] = []
    session.observe(lambda _: heard.append(len(session.conversation.path())), "conversations")
    ask(session, "a")
    assert heard == [1]


def test_a_turn_says_how_its_answer_came(session: ChatSession, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    ask(session, "a", temperature=0)
    (turn,) = session.conversation.path()
    assert turn.facts["parameters"] == {"temperature": 0}
    assert turn.facts["status"] == "complete"
    assert turn.facts["timing"]["total_s"] >= 0


def test_a_question_may_go_to_another_server_once(
    session: ChatSession, server: ScriptedServer
) -> None:
    question = session.question("a", server="practice")
    assert (question.server.name, question.config.model) == ("practice", "practice")
    assert session.server.base_url == server.url
