"""Questions of a session's panels: one at a time, in the background, and all of them are kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.controller import Approval, Begun, Ended, Progress
from chatwidget.chat.request_config import RequestConfig
from chatwidget.chat.session import ChatSession
from chatwidget.client.errors import ConfigurationError, NotFoundError, ParameterError, StoppedError
from chatwidget.tools.registry import Decision
from notebook.calling import answering, calling
from notebook.pages import until
from wire.replies import SSE_HEAD, chunk, error, json_response, sse, stream_of
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from chatwidget.chat.controller import ChatController, ControllerEvent
    from wire.scripted_server import ScriptedServer

PATIENCE = 20.0


class Heard(list["ControllerEvent"]):
    """What a listener heard."""

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self]

    def is_over(self) -> bool:
        return bool(self) and isinstance(self[-1], Ended)


@pytest.fixture
def session(server: ScriptedServer) -> ChatSession:
    session = ChatSession(server.url)
    session.model = "scripted"
    return session


@pytest.fixture
def controller(session: ChatSession) -> ChatController:
    return session.controller


@pytest.fixture
def heard(controller: ChatController) -> Heard:
    heard = Heard()
    controller.subscribe(heard.append)
    return heard


def replies(server: ScriptedServer, *texts: str) -> None:
    for text in texts:
        server.reply(SSE_HEAD, stream_of(text), close())


def ask(controller: ChatController, prompt: str, **more: Any) -> None:
    controller.ask(prompt, **more)
    until(lambda: controller.question is None)


def asked(server: ScriptedServer, index: int = -1) -> list[Any]:
    return [message["content"] for message in server.requests[index].json["messages"]]


def begin(controller: ChatController, server: ScriptedServer, prompt: str = "One?") -> None:
    """Ask something that is never answered whole."""
    before = len(server.requests)
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    controller.ask(prompt)
    until(lambda: len(server.requests) > before and controller.partial)
    until(lambda: controller.partial and controller.partial.text)


def test_who_listens_hears_of_the_question_of_what_comes_and_of_the_end(
    controller: ChatController, server: ScriptedServer, heard: Heard
) -> None:
    replies(server, "**Hello**")
    controller.ask("Hi")
    until(heard.is_over)
    begun, *progress, ended = heard
    assert isinstance(begun, Begun)
    assert begun.question.prompt == "Hi"
    assert {type(event) for event in progress} == {Progress}
    assert isinstance(ended, Ended)
    assert ended.question is begun.question
    assert ended.event is not None
    assert ended.event.completion.text == "**Hello**"
    assert controller.wait(PATIENCE) == controller.completion == ended.event.completion


def test_when_the_end_is_told_the_turn_is_recorded(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    replies(server, "Hello")
    recorded: list[Any] = []
    controller.subscribe(
        lambda event: isinstance(event, Ended) and recorded.extend(session.conversation.path())
    )
    controller.ask("Hi")
    until(lambda: recorded)
    assert [turn.prompt for turn in recorded] == ["Hi"]
    assert controller.question is None


def test_the_answers_before_go_along_with_the_next_question(
    controller: ChatController, server: ScriptedServer
) -> None:
    replies(server, "Hello", "Again")
    ask(controller, "Hi")
    ask(controller, "And now?")
    assert asked(server) == ["Hi", "Hello", "And now?"]


def test_whoever_hears_of_an_answer_may_ask_the_next(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    replies(server, "One", "Two")
    heard, is_held = [], []

    def hear(event: ControllerEvent) -> None:
        if not isinstance(event, Ended):
            return
        heard.append(event.event and event.event.completion.text)
        other = threading.Thread(target=controller.subscribe, args=[print])
        other.start()
        other.join(5)
        is_held.append(other.is_alive())
        if len(heard) == 1:
            controller.ask("And?")

    controller.subscribe(hear)
    controller.ask("Hi")
    until(lambda: len(is_held) == 2)
    until(lambda: controller.question is None)
    assert (heard, is_held) == (["One", "Two"], [False, False])
    assert [turn.status for turn in session.conversation.path()] == ["complete"] * 2


def test_who_has_left_hears_nothing_more_and_the_others_do(
    controller: ChatController, server: ScriptedServer, heard: Heard
) -> None:
    replies(server, "One", "Two")
    gone: list[Any] = []
    leave = controller.subscribe(gone.append)
    ask(controller, "Hi")
    until(heard.is_over)
    count = len(gone)
    assert count == len(heard)
    leave()
    leave()
    ask(controller, "Hi")
    until(lambda: heard.names().count("Ended") == 2)
    assert len(gone) == count


def test_stop_closes_the_connection_and_keeps_what_is_there(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    begin(controller, server)
    controller.stop()
    assert controller.question is None
    (turn,) = session.conversation.path()
    assert (turn.status, turn.answers[0].content) == ("stopped", "Hel")
    assert server.connections[0].wait_closed(1)
    with pytest.raises(StoppedError):
        controller.wait(0)
    controller.stop()
    assert len(session.conversation.turns) == 1


def test_the_answer_that_is_written_can_be_looked_at(
    controller: ChatController, server: ScriptedServer
) -> None:
    assert controller.partial is None
    begin(controller, server)
    assert controller.partial is not None
    assert controller.partial.text == "Hel"
    controller.stop()
    assert controller.partial is None


def test_the_next_question_stops_the_one_before(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    begin(controller, server, "One?")
    replies(server, "Two")
    ask(controller, "Two?")
    assert server.connections[0].wait_closed(1)
    assert [turn.status for turn in session.conversation.path()] == ["stopped", "complete"]
    assert asked(server) == ["Two?"]


def test_what_cannot_be_asked_is_refused_leaves_no_trace_and_stops_nothing(
    session: ChatSession, controller: ChatController, server: ScriptedServer, heard: Heard
) -> None:
    begin(controller, server)
    before, model = list(heard), session.model
    session.model = ""
    with pytest.raises(ConfigurationError, match="No model is chosen"):
        controller.ask("Hi")
    assert list(heard) == before
    assert controller.question is not None
    session.model = model
    controller.stop()
    assert len(server.requests) == 1
    assert len(session.conversation.turns) == 1


def test_what_the_client_refuses_is_over_at_once(
    session: ChatSession, controller: ChatController, server: ScriptedServer, heard: Heard
) -> None:
    session.extra_body = {"top_k": object()}
    with pytest.raises(ParameterError, match="top_k"):
        controller.ask("Hi")
    assert controller.question is None
    assert heard.names() == ["Begun", "Ended"]
    assert session.conversation.turns == {}


def test_a_failure_is_told_and_the_question_is_kept(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    server.reply(json_response(error("There is no model scripted."), 404))
    ask(controller, "Hi")
    with pytest.raises(NotFoundError):
        controller.wait(PATIENCE)
    (turn,) = session.conversation.path()
    assert turn.status == "failed"
    assert "no model scripted" in turn.facts["error"]


def test_before_the_first_question_there_is_nothing_to_wait_for(controller: ChatController) -> None:
    with pytest.raises(RuntimeError, match="Nothing was asked"):
        controller.wait(0)
    controller.stop()


def test_to_ask_again_stands_beside(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    replies(server, "One", "Two", "Other")
    ask(controller, "First?")
    ask(controller, "Second?")
    first, second = session.conversation.path()
    ask(controller, "First?", beside=first.id)
    assert asked(server) == ["First?"]
    assert session.conversation.versions(first.id)[0] is first
    assert len(session.conversation.path()) == 1
    assert second.id in session.conversation.turns


def test_a_question_may_have_a_configuration_of_its_own(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    replies(server, "One")
    session.settings.update({"temperature": 0.2, "top_p": 0.5})
    ask(controller, "Hi", config=RequestConfig.of(temperature=0.9))
    sent = server.requests[0].json
    assert (sent["temperature"], sent["top_p"]) == (0.9, 0.5)
    assert session.settings.sent() == {"temperature": 0.2, "top_p": 0.5}


class Tools:
    """A function for the model, and how often it ran; one of its calls waits for the test."""

    def __init__(self) -> None:
        self.ran: list[tuple[int, int]] = []
        self.waits = threading.Event()
        self.go_on = threading.Event()

    def add(self, a: int, b: int) -> int:
        """Add two numbers."""
        self.ran.append((a, b))
        if a == 0:
            self.waits.set()
            self.go_on.wait(PATIENCE)
        return a + b


@pytest.fixture
def tools(session: ChatSession) -> Tools:
    tools = Tools()
    session.settings.update({"tools": [tools.add]})
    return tools


def waiting(controller: ChatController) -> str:
    """Wait for the question whether a function may run; return what it is asked under."""
    until(lambda: controller.approval.approval_id)
    return controller.approval.approval_id


def test_a_call_waits_for_a_decision_which_has_to_name_it(
    session: ChatSession, controller: ChatController, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 19, "b": 23})))
    server.reply(*answering("They make 42."))
    controller.ask("19 and 23?")
    name = waiting(controller)
    assert controller.approval == Approval(name, "add")
    assert not controller.approvals.decide("another", Decision.YES)
    assert not controller.approvals.decide("", Decision.YES)
    assert tools.ran == []
    assert controller.approvals.decide(name, Decision.YES)
    assert controller.wait(PATIENCE).text == "They make 42."
    assert tools.ran == [(19, 23)]
    assert session.conversation.path()[0].steps[1]["content"] == "42"
    assert controller.approval == Approval("", "")


def test_a_call_that_is_denied_does_not_run(
    controller: ChatController, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*answering("Then not."))
    controller.ask("Add!")
    controller.approvals.decide(waiting(controller), Decision.NO)
    assert controller.wait(PATIENCE).text == "Then not."
    assert tools.ran == []
    assert "did not allow" in server.requests[1].json["messages"][-1]["content"]


def test_always_asks_once(controller: ChatController, server: ScriptedServer, tools: Tools) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("Done."))
    controller.ask("Add!")
    controller.approvals.decide(waiting(controller), Decision.ALWAYS)
    controller.wait(PATIENCE)
    assert tools.ran == [(1, 2), (3, 4)]


def test_a_second_click_does_not_decide_on_the_next_call(
    controller: ChatController, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("Done."))
    controller.ask("Add!")
    first = waiting(controller)
    controller.approvals.decide(first, Decision.YES)
    until(lambda: controller.approval.approval_id not in ("", first))
    assert not controller.approvals.decide(first, Decision.YES)
    assert tools.ran == [(1, 2)]
    controller.approvals.decide(waiting(controller), Decision.NO)
    controller.wait(PATIENCE)
    assert tools.ran == [(1, 2)]


def test_stop_ends_the_wait_for_a_decision(
    session: ChatSession, controller: ChatController, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    controller.ask("Add!")
    name = waiting(controller)
    controller.stop()
    assert controller.approval == Approval("", "")
    assert not controller.approvals.decide(name, Decision.YES)
    assert tools.ran == []
    assert [turn.status for turn in session.conversation.path()] == ["stopped"]
    assert len(server.requests) == 1


def test_an_answer_that_ends_late_takes_no_question_from_the_one_that_came_after(
    controller: ChatController,
    server: ScriptedServer,
    tools: Tools,
    heard: Heard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chatwidget.chat.controller._PATIENCE", 0.1)
    server.reply(*calling(("add", {"a": 0, "b": 1})))
    controller.ask("Slow?")
    controller.approvals.decide(waiting(controller), Decision.YES)
    assert tools.waits.wait(PATIENCE)
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("7"))
    controller.ask("Quick?")
    name = waiting(controller)
    tools.go_on.set()
    until(lambda: "Ended" in heard.names())  # the first one has
    assert controller.approval == Approval(name, "add")
    assert controller.question is not None
    assert controller.approvals.decide(name, Decision.YES)
    assert controller.wait(PATIENCE).text == "7"


def test_while_a_question_is_begun_another_thread_can_stop_it(
    controller: ChatController, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(pause(go_on), SSE_HEAD, sse(chunk("x")), stall())
    threads: list[threading.Thread] = []

    def stop_at_once(event: ControllerEvent) -> None:
        if isinstance(event, Begun):
            threads.append(threading.Thread(target=controller.stop))
            threads[0].start()

    controller.subscribe(stop_at_once)
    controller.ask("Hi")
    threads[0].join(PATIENCE)
    assert not threads[0].is_alive()
    go_on.set()
    assert controller.question is None


def test_when_nobody_listens_any_more_no_setting_asks_again(
    session: ChatSession, controller: ChatController, server: ScriptedServer
) -> None:
    leave, leave_too = controller.subscribe(print), controller.subscribe(repr)
    controller.rerun.enabled = True
    leave()
    assert controller.rerun.enabled
    leave_too()
    assert not controller.rerun.enabled
