"""A changed setting asks the last question again, once, and never more often than allowed."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.parameters import PARAMETERS
from chatwidget.panel.controls import ControlFactory
from chatwidget.panel.exchange import Exchange
from chatwidget.panel.settings import SettingsPane
from chatwidget.panel.tuning import CallBudget, Tuner
from notebook.pages import Page
from wire.replies import SSE_HEAD, json_response, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.scripted_server import ScriptedServer


class Timer:
    """A timer that runs out when the test says so."""

    waiting: ClassVar[list[Timer]] = []

    def __init__(self, _seconds: float, call: Callable[[], object]) -> None:
        self.call = call
        self.daemon = False

    def start(self) -> None:
        self.waiting.append(self)

    def cancel(self) -> None:
        if self in self.waiting:
            self.waiting.remove(self)

    @classmethod
    def run_out(cls) -> int:
        due, cls.waiting = cls.waiting, []
        for timer in due:
            timer.call()
        return len(due)


class Bench:
    """A tuner on a scripted server, with a clock of its own."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.now = 0.0
        self.session = ChatSession(server.url)
        self.session.model = "scripted"
        self.page = Page()
        self.exchange = Exchange(self.session, self.page)
        self.tuner = Tuner(self.session, self.exchange, self.page.say, CallBudget(lambda: self.now))
        server.otherwise(SSE_HEAD, stream_of("An answer."), close())

    def ask(self, prompt: str = "Hi") -> None:
        self.exchange.ask(prompt)
        self.exchange.wait(20)
        self.settle()

    def set(self, **settings: Any) -> int:
        """Let go of some controls, and wait for what comes of it; return the timers that ran."""
        for name, value in settings.items():
            setattr(self.session.settings, name, value)
        ran = Timer.run_out()
        self.settle()
        return ran

    def settle(self) -> None:
        tick = threading.Event()
        while self.exchange.running:
            tick.wait(0.01)

    @property
    def calls(self) -> int:
        return len(self.server.requests)

    @property
    def shown(self) -> Any:
        """The parameters of the answer that is shown."""
        conversation = self.session.conversation
        return conversation.path()[-1].facts["parameters"]


@pytest.fixture
def bench(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(Timer, "waiting", [])
    monkeypatch.setattr("chatwidget.panel.tuning.threading", SimpleNamespace(Timer=Timer))
    return Bench(server)


def test_nothing_is_asked_again_unless_it_is_told_to(bench: Bench) -> None:
    bench.ask()
    assert bench.set(temperature=0.5) == 0
    assert bench.calls == 1


def test_a_change_asks_again_and_many_at_once_ask_once(bench: Bench) -> None:
    bench.ask()
    bench.tuner.reruns = True
    assert bench.set(temperature=0.5, top_p=0.2, seed=3) == 1
    assert bench.calls == 2
    assert bench.shown == {"temperature": 0.5, "top_p": 0.2, "seed": 3}
    assert len(bench.page.turns) == 1
    assert bench.tuner.used == 1


def test_a_flag_that_moves_a_slider_asks_nothing_again(bench: Bench) -> None:
    bench.ask()
    bench.tuner.reruns = True
    bench.session.settings.move_sliders({"temperature": 0.5})
    assert Timer.run_out() == 0
    assert bench.set(temperature=0.6) == 1


def test_without_a_question_there_is_nothing_to_ask_again(bench: Bench) -> None:
    bench.tuner.reruns = True
    bench.set(temperature=0.5)
    assert bench.calls == 0


def test_a_setting_that_was_tried_brings_its_answer_back_without_a_request(bench: Bench) -> None:
    bench.ask()
    bench.tuner.reruns = True
    bench.set(temperature=0.5)
    bench.set(temperature=1.5)
    assert bench.calls == 3
    visited = bench.tuner.visited("temperature")
    assert [value for value, _ in visited] == [0.5, 1.5]
    bench.tuner.bring_back(visited[0][1])
    assert Timer.run_out() == 0
    assert bench.shown == {"temperature": 0.5}
    assert bench.session.settings.sent() == {"temperature": 0.5}
    bench.set(temperature=1.5)
    assert bench.calls == 3
    assert bench.shown == {"temperature": 1.5}


def test_answers_that_were_asked_otherwise_leave_no_tick(bench: Bench) -> None:
    bench.session.settings.temperature = 0.5  # type: ignore[attr-defined]
    bench.ask()
    assert len(bench.tuner.visited("temperature")) == 1
    for change in (
        {"system": "Be brief."},
        {"model": "another"},
        {"extra_body": {"top_k": 3}},
    ):
        before = {name: getattr(bench.session, name) for name in change}
        for name, value in change.items():
            setattr(bench.session, name, value)
        assert bench.tuner.visited("temperature") == []
        for name, value in before.items():
            setattr(bench.session, name, value)
    bench.set(top_p=0.5)
    assert bench.tuner.visited("temperature") == []
    bench.set(top_p=None)
    assert len(bench.tuner.visited("temperature")) == 1


def test_another_model_is_asked_anew(bench: Bench) -> None:
    bench.session.settings.temperature = 0.5  # type: ignore[attr-defined]
    bench.ask()
    bench.session.model = "another"
    bench.tuner.rerun()
    bench.settle()
    assert bench.calls == 2


def test_a_minute_has_its_limit_which_is_told(bench: Bench) -> None:
    bench.ask()
    bench.tuner.reruns, bench.tuner.per_minute = True, 2
    for value in (0.1, 0.2, 0.3):
        bench.set(temperature=value)
    assert bench.calls == 3
    assert bench.page.sentence.startswith("2 requests were sent within a minute")
    assert bench.tuner.used == 2
    bench.now = 61
    bench.set(temperature=0.4)
    assert bench.calls == 4
    assert bench.tuner.used == 1


def test_what_cannot_be_asked_again_is_told(bench: Bench) -> None:
    bench.ask()
    bench.session.model = ""
    bench.tuner.rerun()
    assert "No model is chosen" in bench.page.sentence


def test_ticks_stand_where_answers_are(bench: Bench) -> None:
    pane = SettingsPane(bench.session, bench.tuner, ControlFactory({}, int), print)
    bench.ask()
    bench.tuner.reruns = True
    bench.set(temperature=0.5)
    bench.set(temperature=1.5)
    ticks = pane._ticks["temperature"]
    assert [(mark["value"], mark["shown"]) for mark in ticks.marks] == [(0.5, False), (1.5, True)]
    assert (ticks.minimum, ticks.maximum) == (0, 2)
    ticks._handle_message(ticks, {"type": "choose", "name": ticks.marks[0]["name"]}, [])
    assert [mark["shown"] for mark in ticks.marks] == [True, False]
    assert bench.calls == 3
    row = pane.rows["temperature"]
    assert row.children[1].choice == 0.5


def test_rows_are_built_when_a_group_is_opened(session: ChatSession) -> None:
    exchange = Exchange(session, Page())
    tuner = Tuner(session, exchange, print)
    pane = SettingsPane(session, tuner, ControlFactory({}, int), print)
    assert "temperature" in pane.rows
    assert "max_tokens" not in pane.rows
    folds = pane._groups
    folds[1].selected_index = 0
    assert "max_tokens" in pane.rows
    for fold in folds:
        fold.selected_index = 0
    assert len(pane.rows) > 20
    assert pane.rows.keys() <= PARAMETERS.keys()


def test_a_failed_answer_is_asked_again(bench: Bench, server: ScriptedServer) -> None:
    server.reply(json_response({"error": {"message": "No."}}, 400))
    bench.exchange.ask("Hi")
    bench.settle()
    bench.tuner.rerun()
    bench.settle()
    assert bench.calls == 2
