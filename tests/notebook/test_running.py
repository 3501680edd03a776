"""Answers in the background: where they land, how they are stopped, who hears of failures."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError, NotFoundError
from chatwidget.client.events import Error
from forked import can_fork, in_children
from wire.replies import SSE_HEAD, chunk, done, error, event_stream, json_response, sse, stream_of
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

HALF = sse(chunk("Half"))


@pytest.fixture
def session(server: ScriptedServer) -> ChatSession:
    session = ChatSession(server.url)
    session.model = "scripted"
    return session


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    return cells


class Heard:
    """A sink that tells when the first text has come."""

    def __init__(self) -> None:
        self.text = threading.Event()

    def __call__(self, event: object) -> None:
        if getattr(getattr(event, "chunk", None), "text", ""):
            self.text.set()


def start(session: ChatSession, prompt: str = "Hi", **options: object) -> Heard:
    heard = Heard()
    session.start(session.question(prompt, **options), stream_to=heard)
    return heard


def test_a_turn_is_recorded_when_its_answer_has_ended(
    session: ChatSession, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, HALF, pause(go_on), sse(chunk(" whole")) + done(), close())
    assert start(session).text.wait(5)
    assert session.conversation.path() == []
    go_on.set()
    session.running.wait()
    (turn,) = session.conversation.path()
    assert (turn.answer.content, turn.status) == ("Half whole", "complete")


def test_running_answers_are_listed_with_numbers(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.otherwise(SSE_HEAD, HALF, stall())
    start(session, "a")
    start(session, "b")
    assert [(each.number, each.question.prompt) for each in session.running] == [(1, "a"), (2, "b")]
    assert session.running.stop(1) == 1
    session.running.stop()
    session.running.wait()
    assert list(session.running) == []
    assert [turn.status for turn in session.conversation.turns.values()] == ["stopped"] * 2


def test_to_stop_an_unknown_number_is_refused(session: ChatSession) -> None:
    with pytest.raises(ConfigurationError, match="No answer of number 7"):
        session.running.stop(7)


def test_waiting_raises_the_first_failure_once(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(json_response(error("No such model"), 404))
    server.reply(event_stream(stream_of("Hi")))
    session.start(session.question("a"), stream_to=Heard()).exception()
    start(session, "b")
    with pytest.raises(NotFoundError):
        session.running.wait()
    session.running.wait()


def test_a_cell_that_asks_anew_stops_what_it_asked_before_F61(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    server.reply(event_stream(stream_of("New")))
    asked_by_then: list[int] = []
    begun = threading.Event()

    def slow(event: object) -> None:
        begun.set()
        if isinstance(event, Error):
            time.sleep(0.2)
            asked_by_then.append(len(server.requests))

    session.start(session.question("Hi", cell_id="one"), stream_to=slow)
    assert begun.wait(5)
    session.ask(session.question("Hi", cell_id="one"), stream_to=Heard())
    assert asked_by_then == [1]
    assert server.connections[0].wait_closed(1)
    (turn,) = session.conversation.path()
    assert turn.answer.content == "New"
    assert len(session.conversation.versions(turn.id)) == 2


def test_what_cannot_be_sent_is_refused_at_once(session: ChatSession) -> None:
    with pytest.raises(TypeError):
        session.start(session.question("Hi"), stream_to=5)  # type: ignore[arg-type]
    assert list(session.running) == []


def test_a_cell_in_the_background_sets_its_variable_when_the_answer_has_come(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(event_stream(stream_of("Hi")))
    asking.run("%%chat --background --out reply\nHi\n")
    assert "Hi" in asking.stdout + asking.run("%chat wait")
    assert asking.shell.user_ns["reply"].text == "Hi"


def test_a_terminal_prints_an_answer_of_the_background_in_one_piece(
    asking: Cells, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, HALF, pause(go_on), sse(chunk(" whole")) + done(), close())
    asking.shell.user_ns["heard"] = heard = Heard()
    shown = asking.run("%%chat --background --stream-to heard\nHi\n")
    assert heard.text.wait(5)
    assert shown == ""
    asking.shell.user_ns["go_on"] = go_on
    shown = asking.run("go_on.set()\n%chat wait")
    assert shown.startswith("Half whole\n")


def test_a_question_says_that_it_goes_without_an_answer_that_is_not_complete(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, HALF, stall())
    server.otherwise(event_stream(stream_of("Hi")))
    asking.run("%%chat --background\nFirst")
    server.wait_for_requests(1)
    assert "was still being written" in asking.run("%%chat\nSecond")
    assert "was still being written" not in asking.run("%%chat -c other\nThird")
    asking.run("%chat stop")
    asking.run("%chat wait")
    assert "was still being written" not in asking.run("%%chat\nFourth")


def test_tasks_are_listed_and_stopped_by_commands(asking: Cells, server: ScriptedServer) -> None:
    server.otherwise(SSE_HEAD, HALF, stall())
    assert "Nothing runs" in asking.run("%chat tasks")
    asking.run("%%chat --background\nWhy is the sky blue?")
    server.wait_for_requests(1)
    asking.run("%chat tasks")
    (table,) = asking.outputs or [None]
    listed = asking.stdout + (repr(table.data) if table else "")
    assert "Why is the sky blue?" in listed
    assert "1 answer stopped." in asking.run("%chat stop 1")
    assert server.connections[0].wait_closed(1)
    asking.run("%chat wait")
    assert "Nothing runs" in asking.run("%chat stop")


def test_stop_takes_a_number(asking: Cells) -> None:
    asking.run("%chat stop everything")
    assert "takes the number of an answer" in str(asking.error)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--background --to-cell", "--background and --to-cell do not go together"),
        ("--cached --tool hear", "--cached and --tool do not go together"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(
    asking: Cells, server: ScriptedServer, flags: str, said: str
) -> None:
    asking.run(f"%%chat {flags}\nHi")
    assert isinstance(asking.error, ConfigurationError)
    assert said in str(asking.error)
    assert server.requests == []


def test_functions_of_the_session_do_not_go_with_stored_answers_either(
    asking: Cells, server: ScriptedServer
) -> None:
    def moons(planet: str) -> int:
        """Count moons."""
        return len(planet)

    current_session().settings.tools = [moons]
    asking.run("%%chat --cached\nHi")
    assert "%chat unset tools" in str(asking.error)
    assert server.requests == []


def test_a_failure_of_what_is_no_exchange_is_told_in_the_cell(
    asking: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("unexpected")

    monkeypatch.setattr(type(current_session().client), "_open_in_background", broken)
    shown = asking.run("%%chat --background\nHi")
    shown += asking.run("%chat wait")
    assert isinstance(asking.error, LookupError)
    assert "No answer: LookupError." in shown


@can_fork
def test_a_forked_child_asks_in_the_background_and_waits_for_no_answer_of_its_parent(
    asking: Cells, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, HALF, pause(go_on), sse(chunk(" whole")) + done(), close())
    server.reply(event_stream(stream_of("Of the child")))
    asking.shell.user_ns["heard"] = heard = Heard()
    asking.run("%%chat --background --stream-to heard --out parent\nHi\n")
    assert heard.text.wait(5)

    def child() -> str:
        asking.run("%%chat --background --out reply\nHi\n")
        asking.run("%chat wait")
        text: str = asking.shell.user_ns["reply"].text
        return text

    assert in_children(child) == ["Of the child"]
    go_on.set()
    asking.run("%chat wait")
    assert asking.shell.user_ns["parent"].text == "Half whole"
