"""The model of a panel: its page shows the session as it is, and is sent what changed of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chatwidget.chat.conversation import Turn
from chatwidget.chat.request_config import RequestConfig
from chatwidget.chat.session import ChatSession
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel.messages import FrameMessage, Snapshot, StateMessage, TurnsMessage
from chatwidget.panel.panel_state import group_names
from chatwidget.render.display.messages import PartKey
from chatwidget.render.markup.rendering import Frame
from notebook.pages import Page, until
from wire.replies import SSE_HEAD, chunk, error, json_response, sse, stream_of
from wire.scripted_server import close, pause, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.scripted_server import ScriptedServer

ALWAYS = ["temperature", "top_p", "presence_penalty", "frequency_penalty"]


@pytest.fixture
def page(session: ChatSession) -> Page:
    """A page of a session on the practice model."""
    return Page(session)


def said(prompt: str, *answers: str, **more: Any) -> Turn:
    messages = [ChatCompletionMessage(content=text) for text in answers or ("An answer.",)]
    return Turn(prompt=prompt, answers=messages, **more)


def add(session: ChatSession, *prompts: str) -> None:
    for prompt in prompts:
        session.change(lambda it, prompt=prompt: it.with_turn(said(prompt, parent=it.head)))


# What is sent


def test_a_view_is_told_all_of_it_once_and_then_what_changes(session: ChatSession) -> None:
    add(session, "Hi")
    page = Page(session)
    (snapshot,) = page.messages
    assert isinstance(snapshot, Snapshot)
    assert page.prompts == ["Hi"]
    assert page.state["parameters"].keys() == PARAMETERS.keys()
    add(session, "And now?")
    assert [type(message) for message in page.messages[1:]] == [TurnsMessage, StateMessage]


def test_of_the_turns_only_those_that_changed_are_sent(page: Page) -> None:
    for prompt in ("a", "b"):
        page.session.change(
            lambda it, prompt=prompt: it.with_turn(said(prompt, "1", "2", parent=it.head))
        )
    page.messages.clear()
    page.session.change(lambda it: it.choosing(page.order[0], 1))
    add(page.session, "c")
    page.session.change(lambda it: it)
    first, second = (each for each in page.messages if isinstance(each, TurnsMessage))
    assert [turn.prompt for turn in first.turns] == ["a"]
    assert [turn.prompt for turn in second.turns] == ["c"]
    assert second.order == page.order


def test_of_the_state_only_the_fields_that_changed_are_sent(page: Page) -> None:
    page.messages.clear()
    page.session.system = "Be brief."
    page.session.system = "Be brief."
    (message,) = page.messages
    assert isinstance(message, StateMessage)
    assert message.fields == {"system": "Be brief."}


def test_of_the_parameters_only_those_that_changed_are_sent_and_the_others_stay(page: Page) -> None:
    page.messages.clear()
    page.do("SetParameter", name="temperature", value=0.25)
    page.do("SetParameter", name="temperature", value=0.25)
    (message,) = page.messages
    assert isinstance(message, StateMessage)
    assert list(message.fields) == ["parameters"]
    assert list(message.fields["parameters"]) == ["temperature"]
    assert page.parameter("temperature")["value"] == 0.25
    assert page.state["parameters"].keys() == PARAMETERS.keys()
    assert page.later().seen() == page.seen()


def test_while_nobody_looks_nothing_is_sent(scripted: ChatSession, server: ScriptedServer) -> None:
    server.otherwise(SSE_HEAD, stream_of("One"), close())
    page = Page(scripted, view="")
    scripted.settings.update({"temperature": 0.5})
    scripted.controller.ask("Hi")
    scripted.controller.wait(20)
    scripted.begin("elsewhere")
    assert page.messages == []
    page.look()
    assert len(page.messages) == 1
    page.do("Leave", view="a")
    scripted.settings.update({"temperature": 0.7})
    scripted.current = "main"
    assert len(page.messages) == 1
    page.look()
    assert page.prompts == ["Hi"]
    assert page.parameter("temperature")["value"] == 0.7


def test_as_long_as_one_of_several_views_is_there_it_is_told(page: Page) -> None:
    page.look("b")
    page.look("b")
    page.do("Leave", view="a")
    page.do("Leave", view="a")
    page.session.system = "Be brief."
    assert page.state["system"] == "Be brief."
    page.do("Leave", view="b")
    page.session.system = ""
    assert page.state["system"] == "Be brief."


def test_a_panel_that_is_closed_sends_nothing_more(page: Page) -> None:
    page.model.close()
    page.model.close()
    page.messages.clear()
    page.session.settings.update({"temperature": 0.5})
    add(page.session, "Hi")
    assert page.messages == []


def test_the_bytes_of_an_answer_grow_with_its_length(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    def cost(tokens: int) -> int:
        page = Page(scripted)
        server.reply(SSE_HEAD, stall())
        page.write("Hi")
        growing, key, tail = page.model._growing, PartKey(0, 0, "content"), ""
        assert growing is not None
        page.messages.clear()
        for number in range(tokens):
            tail = f"{tail} word{number % 10}" if number % 100 else " word"
            settled = [f"<p>{'word ' * 100}</p>"] if number and not number % 100 else []
            growing._change([(key, Frame(settled, tail))])
        sent = sum(len(msgspec.json.encode(each)) for each in page.messages)
        assert page.html(page.order[-1]).count("<p>") == (tokens - 1) // 100
        assert all(isinstance(each, FrameMessage) for each in page.messages)
        page.do("Stop")
        page.model.close()
        return sent

    assert cost(2_000) < 1.1 * 2 * cost(1_000)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from("abc")),
        st.tuples(st.just("delete"), st.integers(0, 3)),
        st.tuples(st.just("version"), st.integers(0, 3)),
        st.tuples(st.just("undo")),
        st.tuples(st.just("new")),
        st.tuples(st.just("switch"), st.integers(0, 3)),
        st.tuples(st.just("drop"), st.integers(0, 3)),
        st.tuples(st.just("set"), st.sampled_from(ALWAYS), st.sampled_from([None, 0.0, 0.5])),
        st.tuples(st.just("system"), st.sampled_from(["", "x"])),
        st.tuples(st.just("compare"), st.integers(0, 3)),
        st.tuples(st.just("grow"), st.text(max_size=5), st.text(max_size=5)),
        st.tuples(st.just("cell"), st.sampled_from([None, 0.1])),
    ),
    max_size=25,
)


def beside(page: Page, number: int) -> None:
    """Record another version of a turn, if it is there."""
    turn = page.session.conversation.turns.get(named(page, number))
    if turn is not None:
        version = said("again", parent=turn.parent)
        page.session.change(lambda it: it.with_turn(version))


def grow(page: Page, settled: str, tail: str) -> None:
    growing, frame = page.model._growing, Frame([settled] if settled else [], tail)
    assert growing is not None
    growing._change([(PartKey(0, 0, "content"), frame)])


def named(page: Page, number: int) -> str:
    return (page.order[number:] or ["none"])[0]


def conversation(page: Page, number: int) -> str:
    names = page.session.names
    return names[number % len(names)]


def ask_in_a_cell(page: Page, value: float | None) -> None:
    config = None if value is None else RequestConfig.of(temperature=value)
    page.session.cell_config = config


TAKE: dict[str, Callable[..., object]] = {
    "ask": lambda page, prompt: add(page.session, prompt),
    "delete": lambda page, number: page.do("DeleteTurn", turn=named(page, number)),
    "version": beside,
    "compare": lambda page, number: page.do("Compare", turn=named(page, number)),
    "undo": lambda page: page.do("Undo"),
    "new": lambda page: page.do("NewConversation"),
    "switch": lambda page, it: page.do("SwitchConversation", name=conversation(page, it)),
    "drop": lambda page, it: page.do("DeleteConversation", name=conversation(page, it)),
    "set": lambda page, name, value: page.do("SetParameter", name=name, value=value),
    "system": lambda page, text: page.do("SetSystem", text=text),
    "cell": ask_in_a_cell,
    "grow": grow,
}


class _NoAnswer:
    """A task that never ends."""

    completion = None

    def cancel(self) -> bool:
        return False


@examples(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_a_view_that_comes_late_sees_what_the_others_see(steps: list[Any]) -> None:
    session = ChatSession("practice")
    session.start = lambda *_, **__: _NoAnswer()  # type: ignore[assignment, method-assign]
    page = Page(session)
    page.write("A question that is answered all the time")
    for step in steps:
        TAKE[step[0]](page, *step[1:])
        assert not page.broken
    assert page.later().seen() == page.seen()
    page.model.close()


def test_views_that_come_while_an_answer_grows_miss_nothing_and_see_nothing_twice(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    words = [f"word{number} " for number in range(400)]
    server.reply(
        SSE_HEAD, [(sse(chunk(word)), pause(0.001)) for word in words], sse(chunk(".")), stall()
    )
    page = Page(scripted)
    page.write("Hi")
    pages = []
    for number in range(40):
        pages.append(Page(scripted, view=f"panel-{number}") if number % 10 == 0 else page)
        page.look(f"view-{number}")
    until(lambda: "word399" in page.html(page.order[-1]))
    assert page.later().seen() == page.seen()
    assert not page.broken
    page.do("Stop")
    for each in {id(it): it for it in pages}.values():
        each.settle()
        assert each.texts == ["".join(words) + "."]


# Settings


def test_a_parameter_is_shown_in_its_three_states(page: Page) -> None:
    shown = page.parameter("temperature")
    assert (shown["status"], shown["value"], shown["default"]) == ("unsent", None, 1)
    page.do("SetParameter", name="temperature", value=0)
    shown = page.parameter("temperature")
    assert (shown["status"], shown["value"], shown["text"]) == ("sent", 0, "0")
    session = page.session
    session.client.unsupported_parameters.learn(
        session.server.base_url, "practice", "temperature", "Not <b>so</b>"
    )
    add(session, "Hi")
    shown = page.parameter("temperature")
    assert (shown["status"], shown["reason"]) == ("unsupported", "Not <b>so</b>")


def test_a_value_that_cannot_be_used_is_told_and_changes_nothing(page: Page) -> None:
    page.do("SetParameter", name="temperature", value=0.5)
    assert "temperature" in page.do("SetParameter", name="temperature", value=9)
    assert "temperature" in page.do("SetParameter", name="temperature", value="warm")
    assert page.parameter("temperature")["value"] == 0.5


def test_code_and_page_change_the_same_settings(page: Page) -> None:
    page.session.settings.update({"temperature": 0.5, "stop": ["END"]})
    assert page.parameter("temperature")["value"] == 0.5
    assert page.parameter("stop")["text"] == '"END"'
    page.do("SetParameter", name="stop", value=None)
    assert page.session.settings.sent() == {"temperature": 0.5}


def test_what_a_cell_was_asked_with_is_a_ghost_until_the_panel_asks(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    server.otherwise(SSE_HEAD, stream_of("One"), close())
    page = Page(scripted)
    page.do("SetParameter", name="temperature", value=0.5)
    scripted.cell_config = RequestConfig.of(temperature=0.2, top_p=0.9)
    shown = page.parameter("temperature")
    assert (shown["ghost"], shown["value"]) == (0.2, 0.5)
    assert page.parameter("top_p")["ghost"] == 0.9
    assert scripted.settings.sent() == {"temperature": 0.5}
    scripted.cell_config = RequestConfig.of(temperature=0.5)
    assert page.parameter("temperature")["ghost"] is None
    assert page.parameter("top_p")["ghost"] is None
    scripted.cell_config = RequestConfig.of(temperature=0.2)
    page.ask("Hi")
    assert page.parameter("temperature")["ghost"] is None
    assert server.requests[0].json["temperature"] == 0.5


def test_a_parameter_has_a_control_when_its_group_is_open_or_it_is_wanted(page: Page) -> None:
    assert page.state["rows"] == ALWAYS
    page.do("OpenGroup", name="length", open=True)
    page.do("OpenGroup", name="length", open=True)
    assert set(page.state["rows"]) == {*ALWAYS, *group_names("length")}
    (length,) = (group for group in page.state["groups"] if group["name"] == "length")
    assert (length["open"], length["parameters"]) == (True, group_names("length"))
    page.do("OpenGroup", name="length", open=False)
    assert page.state["rows"] == ALWAYS
    page.do("ShowRow", name="seed")
    page.session.settings.update({"user": "me"})
    assert set(page.state["rows"]) == {*ALWAYS, "seed", "user"}
    page.do("ShowRow", name="no-such-thing")
    page.do("OpenGroup", name="no-such-thing", open=True)
    page.session.settings.clear()
    assert set(page.state["rows"]) == {*ALWAYS, "seed", "user"}


def test_whoever_makes_the_controls_hears_when_others_are_wanted(session: ChatSession) -> None:
    page = Page(session)
    heard: list[list[str]] = []
    page.model.on_rows(lambda: heard.append(page.model.builder.rows()))
    page.do("ShowRow", name="seed")
    page.do("Leave", view="a")
    session.settings.update({"user": "me"})
    page.do("OpenGroup", name="length", open=True)
    assert [len(rows) for rows in heard] == [5, 6, 6 + len(group_names("length"))]


def test_every_current_parameter_stands_in_one_group(page: Page) -> None:
    listed = [name for group in page.state["groups"] for name in group["parameters"]]
    assert len(listed) == len(set(listed))
    left_out = PARAMETERS.keys() - set(listed)
    assert all(PARAMETERS[name].replaced_by for name in left_out)
    assert {"max_tokens", "seed", "user"} <= set(listed)


def test_other_fields_of_the_request_are_json(page: Page) -> None:
    page.do("SetExtraBody", text='{"top_k": 40}')
    assert page.session.extra_body == {"top_k": 40}
    assert page.state["extra_body"] == '{\n "top_k": 40\n}'
    for text in ("[1]", "{", "[" * 100_000, "nothing"):
        page.do("SetExtraBody", text=text)
        assert page.state["extra_body_problem"].startswith("This is no JSON object")
        assert page.session.extra_body == {"top_k": 40}
    page.do("SetExtraBody", text=" ")
    assert (page.session.extra_body, page.state["extra_body_problem"]) == ({}, "")
    assert page.state["extra_body"] == ""


def test_whether_enter_sends_is_kept(page: Page) -> None:
    page.do("SetEnterSends", enabled=False)
    assert page.state["enter_sends"] is False
    assert page.later().state["enter_sends"] is False


def test_re_runs_are_those_of_the_session(page: Page) -> None:
    other = Page(page.session, view="b")
    page.do("SetRerun", enabled=True, per_minute=7)
    rerun = page.session.controller.rerun
    assert (rerun.enabled, rerun.per_minute) == (True, 7)
    assert (
        other.state["rerun"]
        == page.state["rerun"]
        == {
            "enabled": True,
            "per_minute": 7,
            "used": 0,
        }
    )
    other.do("SetRerun", enabled=False, per_minute=7)
    assert page.state["rerun"]["enabled"] is False


def test_a_problem_of_a_re_run_is_told_until_it_is_mended(page: Page) -> None:
    page.session.controller.rerun.problem = "Too many."
    assert page.sentence == "Too many."
    page.session.controller.rerun.used = 3
    page.session.controller.rerun.problem = ""
    assert page.sentence == ""
    page.session.controller.rerun.problem = "Too many."
    page.do("SavePreset", name="x")
    page.session.controller.rerun.problem = ""
    assert page.sentence == "Saved as x."


# Who is asked


def test_what_is_chosen_is_what_the_session_asks(page: Page) -> None:
    server = page.state["server"]
    assert (server["name"], server["model"]) == ("practice", "practice")
    assert set(server["profiles"]) == set(PROFILES)
    page.do("ChooseModel", model=" small ")
    page.do("SetSystem", text="Be brief.")
    assert (page.session.model, page.session.system) == ("small", "Be brief.")
    page.do("ChooseServer", server=" ollama ")
    assert page.session.server is PROFILES["ollama"]
    server = page.state["server"]
    assert (page.session.model, server["model"]) == ("", "")
    assert server["location"] == "http://127.0.0.1:11434/v1"


def test_what_code_changes_is_shown(page: Page) -> None:
    page.session.use("http://127.0.0.1:9999/v1")
    page.session.model, page.session.system = "mine", "Be kind."
    server = page.state["server"]
    assert (server["name"], server["model"]) == ("http://127.0.0.1:9999/v1", "mine")
    assert page.state["system"] == "Be kind."


@pytest.mark.parametrize("wanted", ["olama", "http://example.com/v1", "https://a:hunter2@b.com/v1"])
def test_a_server_that_there_is_not_is_refused_and_the_old_one_stays(
    wanted: str, page: Page
) -> None:
    page.do("ChooseServer", server=wanted)
    assert page.session.server is PROFILES["practice"]
    server = page.state["server"]
    assert server["name"] == "practice"
    assert server["problem"]
    assert "hunter2" not in server["problem"]
    page.do("ChooseModel", model="small")
    assert page.state["server"]["problem"] == ""


@pytest.mark.parametrize("address", ["http://ollama:11434/v1", "http://model-server.lan:8080/v1"])
def test_a_server_of_ones_own_network_gets_plain_http_by_a_button(address: str, page: Page) -> None:
    page.do("ChooseServer", server=address)
    assert page.state["server"]["unprotected"] == address
    assert "unprotected" in page.state["server"]["problem"]
    assert page.session.server is PROFILES["practice"]
    page.do("ChooseServer", server=address, consent=True)
    assert page.session.server.base_url == address
    assert page.state["server"]["unprotected"] == ""
    page.do("ChooseServer", server="practice")
    page.do("ChooseServer", server=address)
    assert page.session.server.base_url == address
    until(lambda: not page.state["server"]["listing"])


@pytest.mark.parametrize(
    "address", ["http://example.com/v1", "http://8.8.8.8/v1", "olama", "http:"]
)
def test_no_button_offers_plain_http_to_a_public_server(address: str, page: Page) -> None:
    page.do("ChooseServer", server=address)
    assert page.state["server"]["unprotected"] == ""
    page.do("ChooseServer", server=address, consent=True)
    assert page.session.server is PROFILES["practice"]


def listed(*names: str) -> bytes:
    models = [{"id": name, "object": "model"} for name in names]
    return json_response({"object": "list", "data": models})


def test_models_are_those_that_the_server_lists(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    page, go_on = Page(scripted), threading.Event()
    server.reply(pause(go_on), listed("b-model", "a-model"))
    page.do("ListModels")
    page.do("ListModels")
    assert page.state["server"]["listing"]
    page.session.system = "The page is not held up."
    go_on.set()
    until(lambda: not page.state["server"]["listing"])
    assert set(page.state["server"]["models"]) == {"a-model", "b-model"}
    assert len(server.requests) == 1
    server.reply(json_response(error("Not here."), 404))
    page.do("ListModels")
    until(lambda: not page.state["server"]["listing"])
    assert "Not here." in page.state["server"]["problem"]
    assert page.state["server"]["models"] == []
    server.reply(listed("a-model"))
    page.do("ListModels")
    until(lambda: page.state["server"]["models"])
    assert page.state["server"]["problem"] == ""


def test_a_server_that_is_chosen_is_asked_for_its_models(
    session: ChatSession, server: ScriptedServer
) -> None:
    page = Page(session)
    server.reply(listed("a-model"))
    page.do("ChooseServer", server=server.url)
    until(lambda: page.state["server"]["models"] == ["a-model"])


def test_of_two_servers_the_one_that_was_chosen_last_is_listed(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    page, go_on = Page(scripted), threading.Event()
    server.reply(pause(go_on), listed("old-model"))
    page.do("ListModels")
    server.wait_for_requests(1)
    server.reply(listed("new-model"))
    page.do("ChooseServer", server=server.url.replace("/v1", "/other"))
    go_on.set()
    until(lambda: page.state["server"]["models"])
    assert page.state["server"]["models"] == ["new-model"]
    assert [request.path for request in server.requests] == ["/v1/models", "/other/models"]


def test_that_the_practice_model_answers_is_said_once_and_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    page = Page(ChatSession())
    page.ask("What is a penalty?")
    assert page.sentence.startswith("No key and no server are set, so the practice model answers")
    page.ask("What is a seed?")
    assert page.sentence == ""


# Conversations


def test_conversations_are_listed_begun_and_gone_to(page: Page) -> None:
    assert [(it["name"], it["turns"]) for it in page.state["conversations"]] == [("main", 0)]
    page.do("NewConversation")
    assert page.session.current == "main"  # nothing was asked in it
    add(page.session, "  What is\n this?  ", "And this?")
    page.do("NewConversation")
    page.do("NewConversation")
    add(page.session, "x" * 100)
    first, second = page.state["conversations"]
    assert (first["title"], first["turns"], first["current"]) == ("What is this?", 2, False)
    assert (second["turns"], second["current"]) == (1, True)
    assert second["title"] == "x" * 59 + "…"
    page.do("SwitchConversation", name="no-such-thing")
    assert page.prompts == ["x" * 100]
    page.do("SwitchConversation", name="main")
    assert page.prompts == ["  What is\n this?  ", "And this?"]


def test_new_stops_the_first_answer_of_a_conversation_and_keeps_it(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    page = Page(scripted)
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    page.write("Hi")
    until(lambda: "Hel" in page.html(page.order[-1]))
    page.do("NewConversation")
    assert page.prompts == []
    assert server.connections[0].wait_closed(1)
    page.do("SwitchConversation", name="main")
    assert page.texts == ["Hel"]


@pytest.mark.parametrize("others", [[], ["other"]])
def test_a_conversation_that_is_deleted_can_be_brought_back(page: Page, others: list[str]) -> None:
    session = page.session
    add(session, "Hi")
    for name in others:
        session.begin(name)
        session.current = "main"
    before = session.conversations
    assert page.do("DeleteConversation", name="main") == "Deleted the conversation main."
    assert (page.undo, page.prompts) == ("Undo", [])
    page.do("Undo")
    assert session.conversations == before
    assert (session.current, page.prompts) == ("main", ["Hi"])
    page.do("Undo")
    assert session.conversations == before


def test_a_conversation_comes_back_beside_one_that_has_taken_its_name(page: Page) -> None:
    session = page.session
    add(session, "Old")
    page.do("DeleteConversation", name="main")
    add(session, "New")
    page.do("Undo")
    assert page.prompts == ["Old"]
    page.do("SwitchConversation", name="main")
    assert page.prompts == ["New"]


def test_another_conversation_than_the_one_that_is_shown_can_be_deleted(page: Page) -> None:
    session = page.session
    add(session, "Hi")
    session.begin("other")
    add(session, "There")
    page.do("DeleteConversation", name="main")
    assert (session.current, page.prompts) == ("other", ["There"])
    page.do("Undo")
    assert (session.current, page.prompts) == ("other", ["There"])
    assert set(session.names) == {"main", "other"}
    assert "no-such-thing" in page.do("DeleteConversation", name="no-such-thing")


def test_a_conversation_that_is_deleted_while_it_is_answered_stays_deleted(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    page = Page(scripted)
    add(scripted, "Hi")
    scripted.begin("other")
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    page.write("There")
    until(lambda: "Hel" in page.html(page.order[-1]))
    page.do("DeleteConversation", name="other")
    assert server.connections[0].wait_closed(1)
    assert scripted.names == ["main"]
    page.do("Undo")
    assert page.texts == ["Hel"]


# The comparison


def test_the_comparison_follows_the_newest_answer_until_it_is_closed(page: Page) -> None:
    session = page.session
    session.change(lambda it: it.with_turn(said("Hi", "One fish", facts={"model": "m"})))
    for _ in range(2):
        page.do_with("Compare")
        assert page.state["comparison"] is None  # the newest one is it
        assert page.state["notice"]["sentence"] == "Pinned: it will stand beside the next answer."
    session.change(lambda it: it.with_turn(said("And?", "Two fish", parent=it.head)))
    shown = page.state["comparison"]
    assert shown["columns"] == [
        "<p><mark>One</mark> fish</p>\n",
        "<p><mark>Two</mark> fish</p>\n",
    ]
    assert shown["titles"] == ["m", ""]
    page.do("Compare", turn=None)
    page.do("Compare", turn=None)
    assert page.state["comparison"] is None


def test_a_pinned_answer_stays_though_its_turn_is_deleted(page: Page) -> None:
    session = page.session
    session.change(lambda it: it.with_turn(said("Hi", "One fish")))
    page.do_with("Compare")
    page.do_with("DeleteTurn")
    session.change(lambda it: it.with_turn(said("And?", "Two fish")))
    assert "One" in page.state["comparison"]["columns"][0]


def test_a_pinned_answer_can_be_let_go_before_there_is_another_one(page: Page) -> None:
    session = page.session
    session.change(lambda it: it.with_turn(said("Hi", "One fish")))
    page.do_with("Compare")
    page.do("Undo")
    session.change(lambda it: it.with_turn(said("And?", "Two fish", parent=it.head)))
    assert page.state["comparison"] is None


# The Request tab


def test_the_request_is_written_while_somebody_looks_at_it(page: Page) -> None:
    session = page.session
    assert page.state["request"] is None
    page.do("ShowRequest", shown=True, text="Why?")
    assert page.state["request"]["magic"] == "%%chat --model=practice\nWhy?"
    page.do("SetParameter", name="temperature", value=0.3)
    session.extra_body = {"top_k": 40}
    session.system = "Be brief."
    shown = page.state["request"]
    line = "%%chat --model=practice '--system=Be brief.' --temperature=0.3 --set=top_k=40"
    assert shown["magic"] == f"{line}\nWhy?"
    assert "temperature=0.3" in shown["python"]
    assert msgspec.json.decode(shown["messages"]) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
    ]
    add(session, "Earlier")
    assert "Earlier" in page.state["request"]["messages"]
    page.do("ShowRequest", shown=False)
    page.messages.clear()
    page.do("SetParameter", name="temperature", value=0.4)
    assert page.state["request"] is None
    assert "request" not in str(page.messages)


def test_no_key_is_in_the_request(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sk-abcdefghijklmnopqrstuvwxyz0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    page.session.use("openai")
    page.session.model = "a-model"
    assert page.session.client.key is not None
    page.do("ShowRequest", shown=True)
    assert "Bearer $OPENAI_API_KEY" in page.state["request"]["curl"]
    assert secret not in str(page.seen())


def test_what_is_pasted_sets_the_session_and_can_be_taken_back(page: Page) -> None:
    session = page.session
    page.do("SetParameter", name="top_p", value=0.1)
    before = session.settings.request_config()
    page.do("ShowRequest", shown=True)
    for _ in range(2):
        said_ = page.do("AdoptRequest", text="%%chat -t 0.7 --stop END --set top_k=3\nWhatever")
        assert session.settings.sent() == {"temperature": 0.7, "stop": ["END"]}
        assert session.extra_body == {"top_k": 3}
        assert said_ == page.state["request"]["adopted"]
        assert "temperature, stop, top_k" in said_
    call = "client.create_chat_completion([{'role': 'system', 'content': 'S'}], 'm', seed=3)"
    page.do("AdoptRequest", text=call)
    assert session.settings.sent() == {"seed": 3}
    assert (session.model, session.system) == ("m", "S")
    page.do("LoadPreset", name="")
    session.settings.replace(before.parameters)
    session.model, session.system, session.extra_body = "", "", {}
    page.do("AdoptRequest", text=call)
    page.do("Undo")
    assert session.settings.request_config() == before


def test_everything_that_is_shown_can_be_pasted_back(page: Page) -> None:
    session = page.session
    settings = {
        "temperature": 0.25,
        "logit_bias": {"5": -3},
        "stop": ["a b", "c"],
        "logprobs": True,
    }
    for form in ("magic", "python", "official", "curl"):
        session.use("http://127.0.0.1:9/v1")
        session.model = "m"
        session.settings.replace(settings)
        page.do("ShowRequest", shown=True)
        text = page.state["request"][form]
        session.settings.clear()
        page.do("AdoptRequest", text=text)
        assert session.settings.sent() == settings, text
        assert page.state["request"]["problem"] == ""


@pytest.mark.parametrize(
    "text", ["hello", "%%chat --temperature=9", "create_chat_completion([], n=open('x'))", ""]
)
def test_what_is_wrong_with_a_pasted_request_is_said_and_changes_nothing(
    text: str, page: Page
) -> None:
    page.do("SetParameter", name="top_p", value=0.1)
    page.do("ShowRequest", shown=True)
    before = page.session.settings.request_config()
    page.do("AdoptRequest", text=text)
    assert page.state["request"]["problem"]
    assert page.session.settings.request_config() == before
    page.do("AdoptRequest", text="%%chat -t 0.5\nHi")
    assert page.state["request"]["problem"] == ""


def test_a_pasted_request_to_another_server_moves_there_and_says_so(page: Page) -> None:
    page.do("ShowRequest", shown=True)
    said_ = page.do("AdoptRequest", text="%%chat --server ollama -m x -t 0.5\nHi")
    assert page.session.server is PROFILES["ollama"]
    assert "Questions go to http://127.0.0.1:11434/v1 now." in said_
    page.do("Undo")
    assert page.session.server is PROFILES["practice"]


def test_questions_that_were_asked_can_be_brought_back(page: Page) -> None:
    add(page.session, *(f"Number {number}" for number in range(30)))
    assert page.state["prompts"] == [f"Number {number}" for number in range(10, 30)]
