"""An observer that raises stops neither the other observers nor whoever made the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget.chat.conversation import Turn
from chatwidget.chat.session import ChatSession
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel.actions import Ready, SetParameter
from chatwidget.panel.model import PanelModel
from chatwidget.panel.panel import ChatPanel

if TYPE_CHECKING:
    from collections.abc import Callable

TURN = Turn(prompt="Hi", answers=[ChatCompletionMessage(content="Hello")])
CHANGES: dict[str, tuple[Callable[[ChatSession], Any], str, Callable[[ChatSession], object]]] = {
    "a setting": (
        lambda session: session.settings,
        "temperature",
        lambda session: setattr(session.settings, "temperature", 0.5),
    ),
    "several settings at once": (
        lambda session: session.settings,
        "temperature",
        lambda session: session.settings.update({"temperature": 0.5, "top_p": 0.2}),
    ),
    "the current conversation": (
        lambda session: session,
        "current",
        lambda session: session.begin("another"),
    ),
    "a turn": (
        lambda session: session,
        "conversations",
        lambda session: session.change(lambda it: it.with_turn(Turn(prompt="Hi"))),
    ),
    "re-runs": (
        lambda session: session.controller.rerun,
        "enabled",
        lambda session: setattr(session.controller.rerun, "enabled", True),
    ),
    "a control": (
        lambda session: session.control("temperature"),
        "state",
        lambda session: setattr(session.settings, "temperature", 0.5),
    ),
    "a slider": (
        lambda session: session.control("temperature").slider,
        "value",
        lambda session: setattr(session.settings, "temperature", 0.5),
    ),
    "a slider of whole numbers": (
        lambda session: session.control("top_logprobs").slider,
        "value",
        lambda session: setattr(session.settings, "top_logprobs", 3),
    ),
    "a panel": (
        ChatPanel,
        "messages",
        lambda session: session.change(lambda it: it.with_turn(TURN)),
    ),
}


def fail(_change: object) -> None:
    raise KeyError("mine")


@pytest.mark.parametrize(("subject", "name", "change"), CHANGES.values(), ids=CHANGES)
def test_the_other_observers_hear_of_a_change_and_it_is_made(
    caplog: pytest.LogCaptureFixture,
    subject: Callable[[ChatSession], Any],
    name: str,
    change: Callable[[ChatSession], object],
) -> None:
    session = ChatSession("practice")
    observed = subject(session)
    before: list[object] = []
    after: list[object] = []
    for observer in (before.append, fail, after.append):
        observed.observe(observer, name)
    change(session)
    assert len(before) == len(after) >= 1
    assert "The observer fail failed" in caplog.text
    assert "KeyError: 'mine'" in caplog.text


def test_an_observer_is_taken_back_as_it_was_given() -> None:
    session = ChatSession("practice")
    heard: list[object] = []
    session.settings.observe(heard.append, "temperature")
    session.settings.observe(heard.append, "temperature")  # the same one twice is one
    session.settings.temperature = 0.5
    session.settings.unobserve(heard.append, "temperature")
    session.settings.temperature = 0.6
    assert len(heard) == 1


def test_a_listener_of_answers_that_raises_stops_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    session = ChatSession("practice")
    heard: list[object] = []
    session.controller.subscribe(fail)
    unsubscribe = session.controller.subscribe(heard.append)
    session.controller.ask("What is top_p?")
    answer = session.controller.wait(10)
    assert answer.choices[0].finish_reason
    assert len(heard) > 3
    assert session.conversation.path()[0].status == "complete"
    failures = [each for each in caplog.records if "observer" in each.getMessage()]
    assert len(failures) == 1, "what it raises again and again is logged once"
    unsubscribe()


def test_a_panel_follows_though_an_observer_raises() -> None:
    session = ChatSession("practice")
    session.settings.observe(fail, "temperature")
    session.observe(fail, "conversations")
    sent: list[Any] = []
    model = PanelModel(session, sent.append)
    model.handle(Ready("view"))
    model.handle(SetParameter("temperature", 0.5))
    session.change(lambda it: it.with_turn(Turn(prompt="Hi")))
    assert model.state.parameters["temperature"].value == 0.5
    assert [turn.prompt for turn in model.turns] == ["Hi"]


def test_an_interrupt_goes_through() -> None:
    session = ChatSession("practice")

    def interrupt(_change: object) -> None:
        raise KeyboardInterrupt

    session.settings.observe(interrupt, "temperature")
    with pytest.raises(KeyboardInterrupt):
        session.settings.temperature = 0.5


def test_a_value_that_cannot_be_is_refused_as_before() -> None:
    session = ChatSession("practice")
    with pytest.raises(chatwidget.ParameterError):
        session.settings.temperature = 7
