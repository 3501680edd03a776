"""Cells and panels share the pace of studies: they wait for none, and a study gives way to them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.errors import RateLimitError
from chatwidget.client.events import Data
from wire.replies import error, event_stream, json_response, stream_of
from wire.scripted_server import stall

if TYPE_CHECKING:
    from chatwidget.client.pace.pace import Pace
    from wire.scripted_server import ScriptedServer


@pytest.fixture
def session(server: ScriptedServer) -> ChatSession:
    session = ChatSession(server.url)
    session.model = "scripted"
    return session


@pytest.fixture
def pace(session: ChatSession) -> Pace:
    """The pace that a study of the same server would have."""
    return session.client.pace("scripted")


def test_a_question_of_a_cell_counts_as_under_way(
    session: ChatSession, server: ScriptedServer, pace: Pace
) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    seen: list[int] = []
    session.ask(session.question("a"), stream_to=lambda _: seen.append(pace.now.in_flight))
    assert {*seen} == {1}
    assert pace.now.in_flight == 0


def test_a_question_in_the_background_counts_until_its_end(
    session: ChatSession, server: ScriptedServer, pace: Pace
) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    began, go_on = threading.Event(), threading.Event()

    def hear(event: Any) -> None:
        if isinstance(event, Data):
            began.set()
            go_on.wait()

    task = session.start(session.question("a"), stream_to=hear)
    began.wait()
    assert pace.now.in_flight == 1
    ended = threading.Event()
    task.add_done_callback(lambda _: ended.set())
    go_on.set()
    ended.wait()
    assert pace.now.in_flight == 0


def test_a_question_that_is_stopped_counts_no_longer(
    session: ChatSession, server: ScriptedServer, pace: Pace
) -> None:
    server.reply(*event_stream(stream_of("Hi"))[:-1], stall())
    began, ended = threading.Event(), threading.Event()
    task = session.start(session.question("a"), stream_to=lambda _: began.set())
    began.wait()
    task.add_done_callback(lambda _: ended.set())
    task.cancel()
    ended.wait()
    assert pace.now.in_flight == 0


def test_a_refusal_of_a_cell_slows_studies_down(
    session: ChatSession, server: ScriptedServer, pace: Pace
) -> None:
    server.reply(json_response(error("Slow down."), 429, x_should_retry="false"))
    before = pace.now.limit
    with pytest.raises(RateLimitError):
        session.ask(session.question("a"))
    assert pace.now.limit < before
    assert pace.now.in_flight == 0


def test_a_question_that_cannot_be_sent_counts_for_nothing(
    session: ChatSession, pace: Pace
) -> None:
    for send in (session.ask, session.start):
        with pytest.raises(TypeError):
            send(session.question("a"), stream_to=object())
    assert pace.now.in_flight == 0
