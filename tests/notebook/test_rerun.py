"""A changed setting asks the last question again, once, and never more often than allowed."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from chatwidget.chat.request_config import RequestConfig
from chatwidget.chat.rerun import CallBudget, tried_values
from chatwidget.chat.session import ChatSession
from notebook.pages import Page, until
from wire.replies import SSE_HEAD, chunk, json_response, sse, stream_of
from wire.scripted_server import close, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.scripted_server import ScriptedServer


class Timer:
    """A timer that runs out when the test says so."""

    waiting: ClassVar[list[Timer]] = []

    def __init__(self, seconds: float, call: Callable[[], object]) -> None:
        self.seconds = seconds
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
    """A session on a scripted server, with a clock of its own."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.now = 0.0
        self.session = ChatSession(server.url)
        self.session.model = "scripted"
        self.controller = self.session.controller
        self.rerun = self.controller.rerun
        self.rerun._budget = CallBudget(lambda: self.now)
        server.otherwise(SSE_HEAD, stream_of("An answer."), close())

    def ask(self, prompt: str = "Hi", **more: Any) -> None:
        self.controller.ask(prompt, **more)
        self.settle()

    def set(self, **settings: Any) -> int:
        """Let go of some controls, and wait for what comes of it; return the timers that ran."""
        for name, value in settings.items():
            setattr(self.session.settings, name, value)
        ran = Timer.run_out()
        self.settle()
        return ran

    def settle(self) -> None:
        until(lambda: self.controller.question is None)

    def tried(self, parameter: str = "temperature") -> list[float]:
        return [value for value, _ in tried_values(self.session, parameter)]

    @property
    def calls(self) -> int:
        return len(self.server.requests)

    @property
    def shown(self) -> Any:
        """The parameters of the answer that is shown."""
        return self.session.conversation.path()[-1].facts["parameters"]


@pytest.fixture
def bench(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(Timer, "waiting", [])
    threads = SimpleNamespace(Timer=Timer, Lock=threading.Lock)
    monkeypatch.setattr("chatwidget.chat.rerun.threading", threads)
    return Bench(server)


def test_nothing_is_asked_again_unless_it_is_told_to(bench: Bench) -> None:
    bench.ask()
    assert bench.set(temperature=0.5) == 0
    assert bench.calls == 1


def test_a_change_asks_again_and_many_at_once_ask_once(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    assert bench.set(temperature=0.5, top_p=0.2, seed=3) == 1
    assert bench.calls == 2
    assert bench.shown == {"temperature": 0.5, "top_p": 0.2, "seed": 3}
    assert len(bench.session.conversation.path()) == 1
    assert bench.rerun.used == 1


def test_several_settings_at_once_are_one_change(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.session.settings.replace({"temperature": 0.5, "top_p": 0.2})
    assert bench.set() == 1
    assert bench.calls == 2


@pytest.mark.parametrize("change", [{"top_p": 0.5}, {"seed": 3}, {"stop": ["END"]}, {"n": 2}])
def test_whichever_parameter_changes_it_asks_again(change: dict[str, Any], bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.set(**change)
    assert (bench.calls, bench.shown) == (2, change)


def test_an_edited_question_is_another_question(bench: Bench) -> None:
    bench.ask("Hi")
    (first,) = bench.session.conversation.path()
    bench.rerun.enabled = True
    bench.session.settings.update({"temperature": 0.5})
    Timer.waiting.clear()
    bench.ask("Ho", beside=first.id)
    bench.set(temperature=None)
    assert bench.calls == 3
    assert bench.session.conversation.path()[-1].prompt == "Ho"


def test_a_change_waits_until_the_settings_rest(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.session.settings.update({"temperature": 0.5})
    (timer,) = Timer.waiting
    assert 0.1 <= timer.seconds <= 0.5
    assert timer.daemon
    assert bench.calls == 1


def test_what_is_switched_off_before_the_settings_rest_asks_nothing(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.session.settings.update({"temperature": 0.5})
    (timer,) = Timer.waiting
    bench.rerun.enabled = False
    assert Timer.waiting == []
    timer.call()  # it had run out already
    bench.set()
    assert bench.calls == 1


def test_a_flag_that_holds_for_its_cell_asks_nothing_again(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.session.cell_config = RequestConfig.of(temperature=0.5)
    assert Timer.waiting == []
    assert bench.set(temperature=0.6) == 1


def test_without_a_question_there_is_nothing_to_ask_again(bench: Bench) -> None:
    bench.rerun.enabled = True
    bench.set(temperature=0.5)
    assert (bench.calls, bench.rerun.used) == (0, 0)


def test_a_question_takes_its_files_along_again(bench: Bench) -> None:
    parts = [{"type": "text", "text": "What?"}, {"type": "text", "text": "File a.txt:\n\nx"}]
    bench.ask("What?", content=parts)
    bench.rerun.enabled = True
    bench.set(temperature=0.5)
    assert bench.server.requests[1].json["messages"][-1]["content"] == parts


def test_a_setting_that_was_tried_brings_its_answer_back_without_a_request(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.set(temperature=0.5)
    bench.set(temperature=1.5)
    assert bench.calls == 3
    assert bench.tried() == [0.5, 1.5]
    bench.set(temperature=0.5)
    assert (bench.calls, bench.shown) == (3, {"temperature": 0.5})
    bench.set(temperature=None)
    assert (bench.calls, bench.shown) == (3, {})
    assert bench.rerun.used == 2


def test_an_answer_is_brought_back_with_its_settings(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.set(temperature=0.5)
    bench.set(temperature=1.5)
    (_, first), _ = tried_values(bench.session, "temperature")
    for _ in range(2):
        bench.rerun.bring_back(first)
        bench.set()
        assert bench.calls == 3
        assert bench.shown == bench.session.settings.sent() == {"temperature": 0.5}


def test_the_same_settings_ask_once_however_often_it_is_said(bench: Bench) -> None:
    bench.ask()
    bench.session.settings.update({"temperature": 0.5})
    for _ in range(3):
        bench.rerun.now()
        bench.settle()
    assert bench.calls == 2
    assert bench.tried() == [0.5]


def test_a_change_while_an_answer_is_written_stops_it_and_asks_anew(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    bench.session.settings.update({"temperature": 0.5})
    Timer.run_out()
    until(lambda: bench.calls == 2)
    bench.set(temperature=1.5)
    assert bench.calls == 3
    assert bench.server.connections[1].wait_closed(1)
    assert bench.shown == {"temperature": 1.5}
    assert bench.tried() == [1.5]  # the one that was stopped is no answer


def test_going_back_while_an_answer_is_written_stops_it(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled = True
    bench.server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    bench.session.settings.update({"temperature": 0.5})
    Timer.run_out()
    until(lambda: bench.calls == 2)
    bench.set(temperature=None)
    assert bench.server.connections[1].wait_closed(1)
    assert (bench.calls, bench.shown) == (2, {})


def test_the_question_that_is_being_answered_is_the_last_one(bench: Bench) -> None:
    bench.ask("First?")
    bench.rerun.enabled = True
    bench.server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    bench.controller.ask("Second?")
    until(lambda: bench.calls == 2)
    bench.set(temperature=0.5)
    assert [turn.prompt for turn in bench.session.conversation.path()] == ["First?", "Second?"]
    assert bench.server.connections[1].wait_closed(1)
    assert (bench.calls, bench.shown) == (3, {"temperature": 0.5})
    assert bench.server.requests[2].json["messages"][-1]["content"] == "Second?"


def test_an_answer_that_is_written_with_these_settings_goes_on(bench: Bench) -> None:
    bench.rerun.enabled = True
    bench.server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    bench.controller.ask("Hi")
    until(lambda: bench.calls == 1)
    question = bench.controller.question
    bench.session.settings.update({"temperature": 0.5})
    bench.session.settings.update({"temperature": None})
    assert Timer.run_out() == 1
    assert bench.controller.question is question is not None
    bench.controller.stop()
    assert (bench.calls, bench.rerun.used) == (1, 0)


def test_at_the_limit_the_answer_that_is_written_goes_on(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled, bench.rerun.per_minute = True, 1
    bench.server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    bench.session.settings.update({"temperature": 0.5})
    Timer.run_out()
    bench.session.settings.update({"temperature": 0.6})
    Timer.run_out()
    assert bench.controller.question is not None
    assert bench.rerun.problem
    bench.controller.stop()


def test_answers_that_were_asked_otherwise_leave_no_mark(bench: Bench) -> None:
    bench.session.settings.update({"temperature": 0.5})
    bench.ask()
    assert bench.tried() == [0.5]
    for change in (
        {"system": "Be brief."},
        {"model": "another"},
        {"extra_body": {"top_k": 3}},
    ):
        before = {name: getattr(bench.session, name) for name in change}
        for name, value in change.items():
            setattr(bench.session, name, value)
        assert bench.tried() == []
        for name, value in before.items():
            setattr(bench.session, name, value)
    bench.set(top_p=0.5)
    assert bench.tried() == []
    bench.set(top_p=None)
    assert bench.tried() == [0.5]
    bench.ask("Another question")
    assert bench.tried() == [0.5]
    assert tried_values(bench.session, "temperature")[0][1].prompt == "Another question"


def test_another_model_is_asked_anew(bench: Bench) -> None:
    bench.session.settings.update({"temperature": 0.5})
    bench.ask()
    bench.session.model = "another"
    bench.rerun.now()
    bench.settle()
    assert bench.calls == 2


def test_a_minute_has_its_limit_which_is_told_until_it_is_over(bench: Bench) -> None:
    bench.ask()
    bench.rerun.enabled, bench.rerun.per_minute = True, 2
    for value in (0.1, 0.2, 0.3):
        bench.set(temperature=value)
    assert bench.calls == 3
    assert bench.rerun.problem.startswith("The limit of 2 re-runs a minute is reached")
    assert bench.rerun.used == 2
    bench.set(temperature=0.2)
    assert bench.rerun.problem == ""
    bench.now = 61
    bench.set(temperature=0.4)
    assert bench.calls == 4
    assert (bench.rerun.used, bench.rerun.problem) == (1, "")


def test_what_cannot_be_asked_again_is_told(bench: Bench) -> None:
    bench.ask()
    bench.session.model = ""
    bench.rerun.now()
    assert "No model is chosen" in bench.rerun.problem


def test_a_failed_answer_is_asked_again(bench: Bench) -> None:
    bench.server.reply(json_response({"error": {"message": "No."}}, 400))
    bench.ask()
    bench.rerun.now()
    bench.settle()
    assert bench.calls == 2


@pytest.mark.parametrize("count", [1, 3])
def test_however_many_panels_there_are_one_move_is_one_request(count: int, bench: Bench) -> None:
    bench.ask()
    pages = [Page(bench.session, view=f"view-{number}") for number in range(count)]
    for page in pages:
        page.do("SetRerun", enabled=True, per_minute=20)
    pages[0].do("SetParameter", name="temperature", value=0.5)
    assert Timer.run_out() == 1
    bench.settle()
    assert bench.calls == 2
    for page in pages:
        until(lambda page=page: page.state["running"] == "")
        assert page.state["rerun"] == {"enabled": True, "per_minute": 20, "used": 1}
        assert page.turns == pages[0].turns


def test_panels_share_the_limit_of_a_minute(bench: Bench) -> None:
    bench.ask()
    pages = [Page(bench.session) for _ in range(3)]
    pages[0].do("SetRerun", enabled=True, per_minute=2)
    for value, page in zip((0.1, 0.2, 0.3), pages, strict=True):
        page.do("SetParameter", name="temperature", value=value)
        Timer.run_out()
        bench.settle()
    assert bench.calls == 3
    assert all(page.sentence.startswith("The limit of 2") for page in pages)


def test_a_panel_that_is_closed_asks_nothing_more(bench: Bench) -> None:
    bench.ask()
    page = Page(bench.session)
    page.do("SetRerun", enabled=True, per_minute=20)
    bench.session.settings.update({"temperature": 0.2})
    page.model.close()
    bench.set()
    assert bench.set(temperature=0.5) == 0
    assert bench.calls == 1


def test_a_panel_that_stays_goes_on_when_another_is_closed(bench: Bench) -> None:
    bench.ask()
    page, other = Page(bench.session), Page(bench.session)
    page.do("SetRerun", enabled=True, per_minute=20)
    page.model.close()
    bench.set(temperature=0.5)
    assert bench.calls == 2
    assert other.state["rerun"]["used"] == 1
