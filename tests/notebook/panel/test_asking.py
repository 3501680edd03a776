"""Questions in a panel: what is shown of them and of their answers, and what can be done there."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.render.display.messages import PartKey
from chatwidget.render.markup.rendering import Frame
from notebook.calling import answering, calling
from notebook.pages import Page, until
from wire.replies import SSE_HEAD, chunk, done, error, json_response, sse, stream_of
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def replies(server: ScriptedServer, *texts: str) -> None:
    for text in texts:
        server.reply(SSE_HEAD, stream_of(text), close())


def asked(server: ScriptedServer, index: int = -1) -> list[Any]:
    return [message["content"] for message in server.requests[index].json["messages"]]


def begin(page: Page, server: ScriptedServer, prompt: str = "Hi") -> str:
    """Ask something that is not answered whole, and return the turn when the page shows some."""
    server.reply(SSE_HEAD, sse(chunk("**Hel**"), chunk("lo")), stall())
    assert page.write(prompt) == ""
    until(lambda: "lo" in page.html(page.order[-1]))
    return page.order[-1]


def do(page: Page, kind: str, place: int = -1, **fields: Any) -> None:
    """Do something with a turn, and wait for what comes of it."""
    page.do_with(kind, place, **fields)
    page.settle()


def test_an_answer_is_shown_and_kept(page: Page, server: ScriptedServer) -> None:
    replies(server, "**Hello**", "Again")
    page.ask("Hi")
    page.ask("And now?")
    assert page.prompts == ["Hi", "And now?"]
    assert page.texts == ["**Hello**", "Again"]
    assert asked(server) == ["Hi", "**Hello**", "And now?"]
    assert page.html(page.order[0]) == "<p><strong>Hello</strong></p>\n"
    assert page.state["prompts"] == ["Hi", "And now?"]
    assert page.later().seen() == page.seen()


def test_while_an_answer_grows_its_question_is_shown(page: Page, server: ScriptedServer) -> None:
    name = begin(page, server)
    (turn,) = page.turns
    assert (turn["prompt"], turn["running"], page.state["running"]) == ("Hi", True, name)
    assert turn["facts"] == ["scripted", page.session.server.name]
    assert page.html(name) == "<p><strong>Hel</strong>lo</p>\n"
    page.do("Stop")
    (turn,) = page.turns
    assert (turn["running"], turn["texts"]) == (False, ["**Hel**lo"])
    assert turn["notice"].startswith("Stopped")
    assert page.state["running"] == ""
    assert server.connections[0].wait_closed(1)
    page.do("Stop")
    assert len(page.turns) == 1


def test_a_view_that_comes_late_sees_the_answer_that_grows(
    page: Page, server: ScriptedServer
) -> None:
    name = begin(page, server)
    later = page.later()
    assert later.seen() == page.seen()
    assert later.html(name) == page.html(name)
    page.do("Stop")


def test_a_panel_that_is_opened_late_shows_the_answer_that_grows(
    page: Page, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    rest = sse(chunk("there"), chunk(None, finish_reason="stop")) + done()
    server.reply(SSE_HEAD, sse(chunk("Hello ")), pause(go_on), rest, close())
    page.write("Hi")
    until(lambda: "Hello" in page.html(page.order[-1]))
    other = Page(page.session, view="b")
    (turn,) = other.turns
    assert turn["running"]
    until(lambda: "Hello" in other.html(turn["id"]))
    go_on.set()
    page.settle()
    other.settle()
    assert other.turns == page.turns
    assert other.texts == ["Hello there"]


def test_an_answer_that_nobody_sees_is_drawn_when_somebody_looks(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    page = Page(scripted, view="")
    server.reply(SSE_HEAD, sse(chunk("**Hel**"), chunk("lo")), stall())
    page.write("Hi")
    until(lambda: scripted.controller.partial and "lo" in scripted.controller.partial.text)
    page.look()
    until(lambda: page.html(page.order[0]) == "<p><strong>Hel</strong>lo</p>\n")
    page.do("Stop")
    assert page.texts == ["**Hel**lo"]


def test_a_view_that_comes_back_misses_nothing_of_the_answer(
    page: Page, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, sse(chunk("One ")), pause(go_on), sse(chunk("two")), stall())
    page.write("Hi")
    until(lambda: "One" in page.html(page.order[0]))
    page.do("Leave", view="a")
    count = len(page.messages)
    go_on.set()
    until(lambda: "two" in page.session.controller.partial.text)  # type: ignore[union-attr]
    assert len(page.messages) == count
    page.look("another")
    until(lambda: page.html(page.order[0]) == "<p>One two</p>\n")
    page.do("Stop")


def test_what_is_drawn_when_the_answer_has_ended_or_nobody_looks_is_not_sent(
    page: Page, server: ScriptedServer
) -> None:
    begin(page, server)
    growing = page.model._growing
    assert growing is not None
    late = [(PartKey(0, 0, "content"), Frame([], "<p>late</p>"))]
    page.do("Leave", view="a")
    count = len(page.messages)
    growing._change(late)
    assert len(page.messages) == count
    page.look()
    page.do("Stop")
    count = len(page.messages)
    growing._change(late)
    assert len(page.messages) == count
    assert page.texts == ["**Hel**lo"]


def test_the_next_question_stops_the_one_before(page: Page, server: ScriptedServer) -> None:
    begin(page, server, "One?")
    replies(server, "Two")
    page.ask("Two?")
    assert page.prompts == ["One?", "Two?"]
    assert asked(server) == ["Two?"]
    assert page.texts == ["**Hel**lo", "Two"]


def test_to_ask_again_stands_beside(page: Page, server: ScriptedServer) -> None:
    replies(server, "One", "Two", "Three")
    page.ask("Hi")
    do(page, "Regenerate")
    do(page, "Regenerate")
    assert (page.texts, page.version) == (["Three"], "3/3")
    assert asked(server) == ["Hi"]
    for _ in range(2):
        page.do("ShowVersion", turn=page.turns[0]["versions"][0])
        assert (page.texts, page.version) == (["One"], "1/3")
    assert len(server.requests) == 3


def test_to_ask_again_keeps_to_its_place_in_the_middle(page: Page, server: ScriptedServer) -> None:
    replies(server, "One", "Two", "Other")
    page.ask("First?")
    page.ask("Second?")
    do(page, "Regenerate", 0)
    assert (page.prompts, page.texts) == (["First?"], ["Other"])
    assert asked(server) == ["First?"]
    assert len(page.session.conversation.turns) == 3


def test_a_question_that_is_asked_again_stands_last_while_it_runs(
    page: Page, server: ScriptedServer
) -> None:
    replies(server, "One", "Two")
    page.ask("First?")
    page.ask("Second?")
    server.reply(SSE_HEAD, sse(chunk("x")), stall())
    page.do_with("Regenerate", 0)
    assert page.prompts == ["First?"]
    assert page.turns[0]["running"]
    page.do("Stop")


def test_an_edited_question_branches(page: Page, server: ScriptedServer) -> None:
    replies(server, "One", "Two", "Other")
    page.ask("First?")
    page.ask("Second?")
    do(page, "Edit", text="Second, but otherwise?")
    assert page.prompts == ["First?", "Second, but otherwise?"]
    assert asked(server) == ["First?", "One", "Second, but otherwise?"]
    assert page.version == "2/2"
    do(page, "Edit", text="  ")
    assert len(server.requests) == 3


def test_an_edited_question_keeps_its_images(page: Page, server: ScriptedServer) -> None:
    replies(server, "One", "Two")
    page.session.controller.ask("What?", content=[{"type": "text", "text": "What?"}, PICTURE])
    page.settle()
    assert page.turns[0]["pictures"] == ["data:image/png;base64,AAAA"]
    do(page, "Edit", text="Who?")
    assert asked(server) == [[{"type": "text", "text": "Who?"}, PICTURE]]


def test_to_ask_again_takes_along_what_was_sent(page: Page, server: ScriptedServer) -> None:
    replies(server, "One", "Two")
    page.session.controller.ask("{{x}}?", content="Filled in?")
    page.settle()
    do(page, "Regenerate")
    assert asked(server) == ["Filled in?"]
    assert page.prompts == ["{{x}}?"]


def two_answers(server: ScriptedServer) -> None:
    two = sse(chunk("One"), chunk("Two", index=1)) + sse(
        *(chunk(None, index=index, finish_reason="stop") for index in (0, 1))
    )
    server.reply(SSE_HEAD, two + done(), close())


def test_the_conversation_goes_on_with_the_answer_that_was_chosen(
    page: Page, server: ScriptedServer
) -> None:
    two_answers(server)
    page.do("SetParameter", name="n", value=2)
    page.ask("Hi")
    assert page.turns[0]["texts"] == ["One", "Two"]
    for index in (1, 1, 2, -1):
        page.do_with("Choose", index=index)
        assert page.turns[0]["chosen"] == 1
    replies(server, "Three")
    page.ask("Next")
    assert asked(server) == ["Hi", "Two", "Next"]


def test_a_turn_that_is_deleted_can_be_brought_back(page: Page, server: ScriptedServer) -> None:
    replies(server, "One", "Two", "Three")
    for prompt in ("First?", "Second?", "Third?"):
        page.ask(prompt)
    before = page.session.conversation
    assert page.do_with("DeleteTurn", 1) == "Deleted, with 1 that answered to it."
    assert (page.prompts, page.undo) == (["First?"], "Undo")
    assert page.do("Undo") == ""
    assert page.session.conversation == before
    assert page.undo == ""
    page.do("Undo")
    assert page.session.conversation == before
    assert page.do_with("DeleteTurn") == "Deleted."


def test_what_was_undone_is_not_undone_again_later(page: Page, server: ScriptedServer) -> None:
    replies(server, "One")
    page.ask("First?")
    page.do_with("DeleteTurn")
    page.do("Undo")
    page.session.change(lambda it: it.without(page.order[0]))
    page.do("Undo")
    assert page.prompts == []


def test_what_was_deleted_comes_back_in_its_own_conversation(
    page: Page, server: ScriptedServer
) -> None:
    replies(server, "One", "Two")
    page.ask("First?")
    page.ask("Second?")
    page.do_with("DeleteTurn")
    page.session.begin("elsewhere")
    page.do("Undo")
    assert page.prompts == []
    page.do("SwitchConversation", name="main")
    assert page.prompts == ["First?", "Second?"]


def test_what_was_deleted_comes_back_beside_what_was_asked_meanwhile(
    page: Page, server: ScriptedServer
) -> None:
    replies(server, "One", "Two")
    page.ask("First?")
    page.do_with("DeleteTurn")
    server.reply(SSE_HEAD, stream_of("Two"), close())
    page.session.controller.ask("Second?")
    page.settle()
    page.do("Undo")
    assert page.prompts == ["Second?"]
    assert len(page.session.conversation.turns) == 2
    assert page.version == "2/2"


def test_the_offer_to_undo_stays_until_the_next_question(
    page: Page, server: ScriptedServer
) -> None:
    replies(server, "One", "Two")
    page.ask("First?")
    page.ask("Second?")
    go_on = threading.Event()
    server.reply(SSE_HEAD, pause(go_on), stream_of("Three"), close())
    page.write("Third?")
    page.do_with("DeleteTurn", 0)
    go_on.set()
    page.settle()
    assert page.undo == "Undo"
    replies(server, "Four")
    page.ask("Fourth?")
    assert page.undo == ""


def test_the_settings_of_an_answer_are_used_again_and_put_back(
    page: Page, server: ScriptedServer
) -> None:
    session = page.session
    replies(server, "One")
    session.settings.update({"temperature": 0.2})
    session.system, session.extra_body = "Be brief.", {"top_k": 4}
    page.ask("Hi")
    session.settings.replace({"top_p": 0.5})
    session.system, session.extra_body = "", {}
    before = session.settings.request_config()
    for _ in range(2):
        assert page.do_with("UseSettings") == "The settings are those of this answer."
        assert session.settings.sent() == {"temperature": 0.2}
        assert (session.system, session.extra_body) == ("Be brief.", {"top_k": 4})
    page.do("Undo")  # the second time nothing was changed
    session.settings.replace({"top_p": 0.5})
    session.system, session.extra_body = "", {}
    page.do_with("UseSettings")
    page.do("Undo")
    assert session.settings.request_config() == before


def test_an_answer_at_another_value_is_brought_back_with_its_settings(
    page: Page, server: ScriptedServer
) -> None:
    replies(server, "One", "Two")
    page.do("SetParameter", name="temperature", value=0.5)
    page.ask("Hi")
    page.do("SetParameter", name="temperature", value=1.5)
    do(page, "Regenerate")
    marks = page.parameter("temperature")["marks"]
    assert [(mark["value"], mark["shown"]) for mark in marks] == [(0.5, False), (1.5, True)]
    page.do("BringBack", turn=marks[0]["turn"])
    assert page.texts == ["One"]
    assert page.parameter("temperature")["value"] == 0.5
    assert [mark["shown"] for mark in page.parameter("temperature")["marks"]] == [True, False]
    assert len(server.requests) == 2


def test_a_failure_is_told_and_mended(page: Page, server: ScriptedServer) -> None:
    server.reply(json_response(error("There is no model scripted."), 404))
    page.ask("Hi")
    assert page.prompts == ["Hi"]
    assert "There is no model scripted." in page.turns[0]["notice"]
    assert "Check the name of the model" in page.sentence
    replies(server, "One")
    do(page, "Regenerate")
    assert page.texts == ["One"]
    assert page.sentence == ""


def test_a_wait_is_told_until_the_answer_is_there(page: Page, server: ScriptedServer) -> None:
    go_on = threading.Event()
    server.reply(json_response(error("Too many"), 429, retry_after="0.05", connection="close"))
    server.reply(pause(go_on), SSE_HEAD, stream_of("One"), close())
    page.write("Hi")
    until(lambda: "Trying again" in page.sentence)
    go_on.set()
    page.settle()
    assert page.sentence == ""


def test_what_cannot_be_asked_is_refused_and_leaves_no_trace(server: ScriptedServer) -> None:
    page = Page(ChatSession(server.url))
    page.do("KeepDraft", text="Hi")
    for _ in range(2):
        assert "No model is chosen" in page.write("Hi")
    assert page.prompts == []
    assert page.later().state["draft"] == "Hi"
    assert server.requests == []


def test_who_asks_from_an_earlier_turn_is_told_what_is_wrong(
    page: Page, server: ScriptedServer
) -> None:
    replies(server, "One")
    page.ask("Hi")
    page.session.model = ""
    assert "No model is chosen" in page.do_with("Regenerate")
    assert page.texts == ["One"]


def test_the_draft_is_kept_for_a_page_that_is_loaded_anew_until_it_is_asked(
    page: Page, server: ScriptedServer
) -> None:
    page.do("KeepDraft", text="What is")
    assert page.later().state["draft"] == "What is"
    replies(server, "One")
    page.ask("What is it?")
    assert page.state["draft"] == page.later().state["draft"] == ""


def test_panels_on_one_session_show_the_same(page: Page, server: ScriptedServer) -> None:
    other = Page(page.session, view="b")
    replies(server, "One", "Two")
    page.ask("Hi")
    other.settle()
    other.ask("And you?")
    page.settle()
    assert page.turns == other.turns
    assert page.texts == ["One", "Two"]
    assert len(server.requests) == 2


def test_another_conversation_is_shown_and_the_answer_finds_home(
    page: Page, server: ScriptedServer
) -> None:
    name = begin(page, server)
    page.session.begin("elsewhere")
    assert (page.prompts, page.state["running"]) == ([], "")
    page.session.current = "main"
    assert (page.prompts, page.state["running"]) == (["Hi"], name)
    assert page.html(name) == page.later().html(name) == "<p><strong>Hel</strong>lo</p>\n"
    page.session.current = "elsewhere"
    page.do("Stop")
    assert page.prompts == []
    page.do("SwitchConversation", name="main")
    assert page.texts == ["**Hel**lo"]


def test_an_answer_that_went_on_out_of_sight_is_whole_when_one_comes_back(
    page: Page, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, sse(chunk("One ")), pause(go_on), sse(chunk("two")), stall())
    page.write("Hi")
    name = page.order[0]
    until(lambda: "One" in page.html(name))
    page.session.begin("elsewhere")
    go_on.set()
    until(lambda: page.model._growing and "two" in str(page.model._growing.whole()))
    page.do("SwitchConversation", name="main")
    assert page.html(name) == "<p>One two</p>\n"
    page.do("Stop")


def test_actions_on_a_turn_that_is_not_recorded_yet_do_nothing(
    page: Page, server: ScriptedServer
) -> None:
    begin(page, server)
    before = page.seen()
    for kind, fields in {
        "Edit": {"text": "x"},
        "Regenerate": {},
        "ShowVersion": {},
        "Choose": {"index": 0},
        "DeleteTurn": {},
        "UseSettings": {},
        "BringBack": {},
        "Compare": {},
    }.items():
        page.do_with(kind, **fields)
        page.do(kind, turn="there-is-none", **fields)
    assert page.seen() == before
    assert len(server.requests) == 1
    page.do("Stop")


class Tools:
    """A function for the model, and how often it ran."""

    def __init__(self) -> None:
        self.ran: list[tuple[int, int]] = []

    def add(self, a: int, b: int) -> int:
        """Add two numbers."""
        self.ran.append((a, b))
        return a + b


@pytest.fixture
def tools(scripted: ChatSession) -> Tools:
    tools = Tools()
    scripted.settings.update({"tools": [tools.add]})
    return tools


def pending(page: Page, other_than: str = "") -> str:
    """Wait until the page asks whether a function may run; return what it is asked under."""
    until(lambda: (page.state["approval"] or {}).get("approval_id", other_than) != other_than)
    name: str = page.state["approval"]["approval_id"]
    return name


def test_a_call_waits_for_approval_and_is_shown_whole(
    page: Page, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 19, "b": 23})))
    server.reply(*answering("They make 42."))
    page.write("19 and 23?")
    name = pending(page)
    (turn,) = page.order
    assert page.state["approval"] == {"approval_id": name, "turn": turn, "function": "add"}
    assert "19" in page.html(turn)
    assert "23" in page.html(turn)
    assert page.later().state["approval"] == page.state["approval"]
    page.do("Approve", approval_id="another")
    assert tools.ran == []
    page.do("Approve", approval_id=name)
    page.do("Approve", approval_id=name)
    page.settle()
    assert tools.ran == [(19, 23)]
    assert page.texts == ["They make 42."]
    assert "<details" in page.html(turn)
    assert "→ 42" in page.html(turn)
    assert (page.sentence, page.state["approval"]) == ("", None)


def test_a_call_that_is_denied_does_not_run(
    page: Page, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*answering("Then not."))
    page.write("Add!")
    name = pending(page)
    page.do("Deny", approval_id=name)
    page.do("Approve", approval_id=name)
    page.settle()
    assert tools.ran == []
    assert page.texts == ["Then not."]
    assert "did not allow" in server.requests[1].json["messages"][-1]["content"]


def test_always_asks_once(page: Page, server: ScriptedServer, tools: Tools) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("Done."))
    page.write("Add!")
    page.do("Approve", approval_id=pending(page), always=True)
    page.settle()
    assert tools.ran == [(1, 2), (3, 4)]


def test_a_second_click_does_not_decide_on_the_next_call(
    page: Page, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("Done."))
    page.write("Add!")
    first = pending(page)
    page.do("Approve", approval_id=first)
    second = pending(page, other_than=first)
    page.do("Approve", approval_id=first)
    assert tools.ran == [(1, 2)]
    page.do("Deny", approval_id=second)
    page.settle()
    assert tools.ran == [(1, 2)]


def test_stop_ends_the_wait_for_a_decision(
    page: Page, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    page.write("Add!")
    name = pending(page)
    page.do("Stop")
    page.do("Approve", approval_id=name)
    assert tools.ran == []
    assert page.turns[0]["notice"].startswith("Stopped")
    assert page.state["approval"] is None
    assert len(server.requests) == 1


def test_a_decision_is_asked_for_only_where_its_question_is_shown(
    page: Page, server: ScriptedServer, tools: Tools
) -> None:
    server.reply(*calling(("add", {"a": 1, "b": 2})))
    page.write("Add!")
    pending(page)
    page.session.begin("elsewhere")
    assert page.state["approval"] is None
    page.do("SwitchConversation", name="main")
    assert pending(page)
    page.do("Stop")


def test_what_comes_late_of_a_question_is_not_shown_in_the_next_one(
    page: Page, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatwidget.chat.controller._PATIENCE", 0.1)
    runs, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        """Take your time."""
        runs.set()
        go_on.wait(20)
        return "late"

    page.session.settings.update({"tools": [slow]})
    server.reply(*calling(("slow", {})))
    page.write("Slow?")
    page.do("Approve", approval_id=pending(page))
    assert runs.wait(20)
    page.session.settings.update({"tools": None})
    name = begin(page, server, "Quick?")
    go_on.set()
    until(lambda: len(page.session.conversation.turns) == 1)
    assert "late" not in page.html(name)
    assert page.sentence == ""
    page.do("Stop")
