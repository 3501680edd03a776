"""Questions of a panel: one at a time, in the background, and all of them are kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.errors import ConfigurationError, StoppedError
from chatwidget.panel.deeds import Deeds
from chatwidget.panel.exchange import Exchange
from notebook.calling import answering, calling
from notebook.pages import Page
from wire.replies import SSE_HEAD, chunk, done, error, json_response, sse, stream_of
from wire.scripted_server import close, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from wire.scripted_server import ScriptedServer

PATIENCE = 20.0


class Panel:
    """An exchange, the page that shows it, and what a person does there."""

    def __init__(self, session: ChatSession) -> None:
        self.session = session
        self.pinned: list[Turn] = []
        self.page = Page(lambda action: self.deeds.do(action))  # noqa: PLW0108 - the deeds come later
        self.exchange = Exchange(session, self.page)
        say, pin = self.page.say, self.pinned.append
        self.deeds = Deeds(session, self.exchange, say, pin)

    def ask(self, prompt: str, **more: Any) -> None:
        self.exchange.ask(prompt, **more)
        self.wait()

    def do(self, name: str, place: int = -1, **more: Any) -> None:
        """Do something with a turn, the last one by default, and wait for what comes of it."""
        self.page.do(name, turn=self.page.turns[place]["id"], **more)
        self.wait()

    def wait(self) -> None:
        self.until(lambda: not self.exchange.running)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for what other threads bring about."""
        tick, deadline = threading.Event(), PATIENCE / 0.01
        while not condition():
            deadline -= 1
            assert deadline > 0
            tick.wait(0.01)

    @property
    def texts(self) -> list[str]:
        return [" ".join(turn["texts"]) for turn in self.page.turns]

    @property
    def place(self) -> str:
        """Such as 2/3, of the last turn."""
        last = self.page.turns[-1]
        return f"{last['versions'].index(last['id']) + 1}/{len(last['versions'])}"


@pytest.fixture
def panel(server: ScriptedServer) -> Panel:
    session = ChatSession(server.url)
    session.model = "scripted"
    return Panel(session)


def replies(server: ScriptedServer, *texts: str) -> None:
    for text in texts:
        server.reply(SSE_HEAD, stream_of(text), close())


def asked(server: ScriptedServer, index: int = -1) -> list[Any]:
    return [message["content"] for message in server.requests[index].json["messages"]]


def test_an_answer_is_shown_and_kept(panel: Panel, server: ScriptedServer) -> None:
    replies(server, "**Hello**", "Again")
    panel.ask("Hi")
    panel.ask("And now?")
    assert panel.page.prompts == ["Hi", "And now?"]
    assert panel.texts == ["**Hello**", "Again"]
    assert asked(server) == ["Hi", "**Hello**", "And now?"]
    panel.exchange.wait(PATIENCE)
    assert panel.exchange.completion.text == "Again"
    assert "<strong>Hello</strong>" in panel.page.turns[0]["parts"][0]["settled"][0]


def test_whoever_hears_of_an_answer_may_ask_the_next(panel: Panel, server: ScriptedServer) -> None:
    replies(server, "One", "Two")
    heard, is_held = [], []

    def hear(change: dict[str, Any]) -> None:
        heard.append(change["new"].text)
        other = threading.Thread(target=panel.exchange.show)
        other.start()
        other.join(5)
        is_held.append(other.is_alive())
        if len(heard) == 1:
            panel.exchange.ask("And?")

    panel.exchange.observe(hear, "completion")
    panel.exchange.ask("Hi")
    panel.until(lambda: len(is_held) == 2)
    panel.wait()
    assert (heard, is_held) == (["One", "Two"], [False, False])
    assert [turn.status for turn in panel.session.conversation.path()] == ["complete"] * 2


def test_while_an_answer_grows_its_question_is_shown(panel: Panel, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(chunk("Hel"), chunk("lo ")), stall())
    panel.exchange.ask("Hi")
    panel.until(
        lambda: any("Hello" in part["add"] for part in panel.page.whole["growing"]["parts"])
    )
    (turn,) = panel.page.turns
    assert turn["running"]
    assert panel.exchange.running
    panel.exchange.stop()
    (turn,) = panel.page.turns
    assert (turn["running"], turn["texts"]) == (False, ["Hello "])
    assert turn["notice"].startswith("Stopped")
    assert server.connections[0].wait_closed(1)
    assert isinstance(panel.exchange._task.exception(0), StoppedError)  # type: ignore[union-attr]


def test_the_next_question_stops_the_one_before(panel: Panel, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    replies(server, "Two")
    panel.exchange.ask("One?")
    panel.until(lambda: len(server.requests) == 1)
    panel.ask("Two?")
    assert panel.page.prompts == ["One?", "Two?"]
    assert asked(server) == ["Two?"]
    assert panel.texts[1] == "Two"


def test_to_ask_again_stands_beside(panel: Panel, server: ScriptedServer) -> None:
    replies(server, "One", "Two", "Three")
    panel.ask("Hi")
    panel.do("regenerate")
    panel.do("regenerate")
    assert (panel.texts, panel.place) == (["Three"], "3/3")
    assert asked(server) == ["Hi"]
    first = panel.page.turns[0]["versions"][0]
    panel.page.do("show", turn=panel.page.turns[0]["id"])
    panel.session.change(lambda it: it.showing(first))
    assert (panel.texts, panel.place) == (["One"], "1/3")


def test_to_ask_again_keeps_to_its_place_in_the_middle(
    panel: Panel, server: ScriptedServer
) -> None:
    replies(server, "One", "Two", "Other")
    panel.ask("First?")
    panel.ask("Second?")
    panel.do("regenerate", 0)
    assert panel.page.prompts == ["First?"]
    assert panel.texts == ["Other"]
    assert asked(server) == ["First?"]
    assert len(panel.session.conversation.turns) == 3


def test_the_first_question_asked_again_stands_alone_while_it_runs(
    panel: Panel, server: ScriptedServer
) -> None:
    replies(server, "One", "Two")
    server.reply(SSE_HEAD, sse(chunk("x")), stall())
    panel.ask("First?")
    panel.ask("Second?")
    first = panel.page.turns[0]["id"]
    panel.page.do("regenerate", turn=first)
    panel.until(lambda: len(server.requests) == 3)
    assert panel.page.prompts == ["First?"]
    assert panel.page.turns[0]["running"]
    panel.exchange.stop()


def test_an_edited_question_branches(panel: Panel, server: ScriptedServer) -> None:
    replies(server, "One", "Two", "Other")
    panel.ask("First?")
    panel.ask("Second?")
    panel.do("edit", text="Second, but otherwise?")
    assert panel.page.prompts == ["First?", "Second, but otherwise?"]
    assert asked(server) == ["First?", "One", "Second, but otherwise?"]
    assert panel.place == "2/2"
    panel.do("edit", text="  ")
    assert len(server.requests) == 3


def test_an_edited_question_keeps_its_images(panel: Panel, server: ScriptedServer) -> None:
    replies(server, "One", "Two")
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    panel.ask("What?", content=[{"type": "text", "text": "What?"}, picture])
    assert panel.page.turns[0]["pictures"] == ["data:image/png;base64,AAAA"]
    panel.do("edit", text="Who?")
    assert asked(server) == [[{"type": "text", "text": "Who?"}, picture]]


def test_delete_and_choose_and_pin(panel: Panel, server: ScriptedServer) -> None:
    two = sse(chunk("One"), chunk("Two", index=1)) + sse(
        *(chunk(None, index=index, finish_reason="stop") for index in (0, 1))
    )
    server.reply(SSE_HEAD, two + done(), close())
    replies(server, "Three")
    panel.ask("Hi", n=2)
    assert panel.page.turns[0]["texts"] == ["One", "Two"]
    panel.do("choose", index=1)
    panel.do("choose", index=2)
    assert panel.page.turns[0]["chosen"] == 1
    panel.ask("Next")
    assert asked(server) == ["Hi", "Two", "Next"]
    panel.do("pin")
    assert [turn.prompt for turn in panel.pinned] == ["Next"]
    panel.do("delete")
    assert panel.page.prompts == ["Hi"]


def test_the_settings_of_an_answer_are_used_again(panel: Panel, server: ScriptedServer) -> None:
    replies(server, "One")
    panel.session.settings.temperature = 0.2  # type: ignore[attr-defined]
    panel.session.system = "Be brief."
    panel.session.extra_body = {"top_k": 4}
    panel.ask("Hi")
    panel.session.settings.replace({"top_p": 0.5})
    panel.session.system, panel.session.extra_body = "", {}
    panel.do("adopt")
    assert panel.session.settings.sent() == {"temperature": 0.2}
    assert (panel.session.system, panel.session.extra_body) == ("Be brief.", {"top_k": 4})


def test_a_failure_is_told_and_the_question_stays(panel: Panel, server: ScriptedServer) -> None:
    server.reply(json_response(error("There is no model scripted."), 404))
    panel.ask("Hi")
    assert panel.page.prompts == ["Hi"]
    assert "There is no model scripted." in panel.page.turns[0]["notice"]
    assert "Check the name of the model" in panel.page.sentence
    replies(server, "One")
    panel.do("regenerate")
    assert panel.texts == ["One"]
    assert panel.page.sentence == ""


def test_what_cannot_be_asked_is_refused_and_leaves_no_trace(server: ScriptedServer) -> None:
    panel = Panel(ChatSession(server.url))
    with pytest.raises(ConfigurationError, match="No model is chosen"):
        panel.exchange.ask("Hi")
    panel.page.do("ask", text="Hi")
    assert "No model is chosen" in panel.page.sentence
    assert panel.page.prompts == []
    assert not panel.exchange.running
    assert server.requests == []


def test_panels_on_one_session_show_the_same(panel: Panel, server: ScriptedServer) -> None:
    other = Panel(panel.session)
    replies(server, "One", "Two")
    panel.ask("Hi")
    other.ask("And you?")
    assert panel.page.turns == other.page.turns
    assert panel.texts == ["One", "Two"]


def test_another_conversation_is_shown_and_the_answer_finds_home(
    panel: Panel, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    panel.exchange.ask("Hi")
    panel.until(lambda: len(server.requests) == 1)
    panel.session.begin("elsewhere")
    assert panel.page.prompts == []
    panel.exchange.stop()
    assert panel.page.prompts == []
    panel.session.current = "main"
    assert panel.page.prompts == ["Hi"]


def test_actions_on_a_turn_that_is_not_recorded_yet_do_nothing(
    panel: Panel, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    panel.exchange.ask("Hi")
    panel.until(lambda: len(server.requests) == 1)
    name = panel.page.turns[0]["id"]
    for action in ("edit", "regenerate", "show", "choose", "delete", "adopt", "pin"):
        panel.page.do(action, turn=name, text="x")
    assert panel.exchange.running
    assert len(server.requests) == 1
    panel.exchange.stop()


class Tools:
    """A function for the model, and how often it ran."""

    def __init__(self) -> None:
        self.ran: list[tuple[int, int]] = []

    def add(self, a: int, b: int) -> int:
        """Add two numbers."""
        self.ran.append((a, b))
        return a + b


@pytest.fixture
def tools(panel: Panel) -> Tools:
    tools = Tools()
    panel.session.settings.tools = [tools.add]  # type: ignore[attr-defined]
    return tools


def asks(panel: Panel) -> str:
    """Wait for the question whether a function may run; return its token."""
    panel.until(lambda: panel.page.whole["growing"].get("token"))
    token: str = panel.page.whole["growing"]["token"]
    return token


def decide(panel: Panel, token: str, name: str = "approve", **more: Any) -> None:
    panel.page.do(name, turn=panel.page.turns[-1]["id"], text=token, **more)


def test_a_call_waits_for_approval_and_is_shown_whole(
    panel: Panel, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 19, "b": 23})))
    server.reply(*answering("They make 42."))
    panel.exchange.ask("19 and 23?")
    token = asks(panel)
    shown = "".join(part["add"] for part in panel.page.whole["growing"]["parts"])
    assert "19" in shown
    assert "23" in shown
    decide(panel, "another")
    assert tools.ran == []
    assert panel.exchange.running
    decide(panel, token)
    panel.wait()
    assert tools.ran == [(19, 23)]
    assert panel.texts == ["They make 42."]
    (turn,) = panel.page.turns
    html = "".join(part["settled"][0] for part in turn["parts"])
    assert "<details" in html
    assert "→ 42" in html
    assert panel.page.sentence == ""
    assert panel.session.conversation.path()[0].steps[1]["content"] == "42"


def test_a_call_that_is_denied_does_not_run(
    panel: Panel, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*answering("Then not."))
    panel.exchange.ask("Add!")
    decide(panel, asks(panel), "deny")
    panel.wait()
    assert tools.ran == []
    assert panel.texts == ["Then not."]
    assert "did not allow" in server.requests[1].json["messages"][-1]["content"]


def test_always_asks_once(panel: Panel, server: ScriptedServer, tools: Tools) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("Done."))
    panel.exchange.ask("Add!")
    decide(panel, asks(panel), always=True)
    panel.wait()
    assert tools.ran == [(1, 2), (3, 4)]


def test_a_second_click_does_not_decide_on_the_next_call(
    panel: Panel, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("Done."))
    panel.exchange.ask("Add!")
    first = asks(panel)
    decide(panel, first)
    panel.until(lambda: panel.page.whole["growing"]["token"] not in ("", first))
    decide(panel, first)
    assert tools.ran == [(1, 2)]
    decide(panel, asks(panel), "deny")
    panel.wait()
    assert tools.ran == [(1, 2)]


def test_stop_ends_the_wait_for_a_decision(
    panel: Panel, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    panel.exchange.ask("Add!")
    token = asks(panel)
    panel.exchange.stop()
    assert not panel.exchange.running
    decide(panel, token)
    assert tools.ran == []
    assert panel.page.turns[0]["notice"].startswith("Stopped")
    assert panel.page.whole["growing"]["token"] == ""
    assert len(server.requests) == 1
