"""The panel is one object with its session, and code may watch all of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from ipywidgets.widgets.widget import _instances

from chatwidget import ChatPanel
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import NotFoundError
from chatwidget.panel.panel_state import GROUPS
from notebook.pages import until
from wire.replies import SSE_HEAD, chunk, error, event_stream, json_response, sse, stream_of
from wire.scripted_server import close, stall

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


MOST_MODELS = 60
"""How many widget models a panel may open with."""


class Sent(ChatPanel):
    """A panel that keeps what it sends to its page."""

    def __init__(self, session: ChatSession | None = None) -> None:
        self.sent: list[Any] = []
        super().__init__(session)

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(json.loads(json.dumps(content)))

    def do(self, kind: str, *files: bytes, **fields: Any) -> None:
        """Do something, as the page's message says it."""
        buffers = list(map(memoryview, files))
        self._handle_message(self, {"type": kind, **fields}, buffers)

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]


def test_what_it_has_can_be_watched(session: ChatSession) -> None:
    panel = ChatPanel(session)
    seen: list[str] = []
    panel.observe(lambda change: seen.append(change["name"]), ["messages", "completion"])
    panel.settings.observe(lambda change: seen.append(change["name"]), "temperature")
    assert panel.session is session
    assert (panel.messages, panel.completion) == ([], None)
    completion = panel.ask("How do penalties change an answer?", 20)
    panel.settings.temperature = 0.1  # type: ignore[attr-defined]
    panel.stop()
    assert completion.text
    until(lambda: panel.completion == completion)
    assert [message["role"] for message in panel.messages[:1]] == ["user"]
    assert len(panel.messages) == 2
    assert {"messages", "completion", "temperature"} <= set(seen)


def test_code_that_asks_is_told_what_went_wrong(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    panel = ChatPanel(scripted)
    server.reply(json_response(error("There is no model scripted."), 404))
    with pytest.raises(NotFoundError, match="no model scripted"):
        panel.ask("Hi", 20)


def test_code_can_stop_what_the_page_asked(scripted: ChatSession, server: ScriptedServer) -> None:
    panel = Sent(scripted)
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    panel.do("Ask", text="Hi", attachments=[])
    until(lambda: scripted.controller.partial and scripted.controller.partial.text)
    panel.stop()
    assert [turn.status for turn in scripted.conversation.path()] == ["stopped"]


def test_the_page_is_sent_json_and_is_heard(scripted: ChatSession, server: ScriptedServer) -> None:
    panel = Sent(scripted)
    server.reply(SSE_HEAD, stream_of("**Hello**"), close())
    assert panel.sent == []
    panel.do("Ready", view="a")
    assert panel.kinds() == ["Snapshot"]
    panel.do("Ask", b"x,y", text="Hi", attachments=["a.csv"])
    until(
        lambda: any("texts" in str(message) and "Hello" in str(message) for message in panel.sent)
    )
    until(lambda: scripted.controller.question is None)
    assert {"Snapshot", "TurnsMessage", "StateMessage", "Answered"} <= set(panel.kinds())
    text, file = server.requests[0].json["messages"][0]["content"]
    assert (text["text"], "x,y" in file["text"]) == ("Hi", True)


@pytest.mark.parametrize(
    "content", [None, 3, "Stop", [], {}, {"type": "Stop", "more": 1}, {"type": "close"}]
)
def test_what_is_no_action_does_nothing(content: Any, session: ChatSession) -> None:
    panel = Sent(session)
    panel._handle_message(panel, {"type": "Ready", "view": "a"}, [])
    panel.sent.clear()
    panel._handle_message(panel, content, [])
    assert panel.sent == []


def test_without_a_shell_it_has_a_session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    InteractiveShell.clear_instance()
    one, other = ChatPanel(), ChatPanel()
    one.settings.temperature = 0  # type: ignore[attr-defined]
    assert one.ask("What does top_p do?", 20).text
    assert (len(one.messages), other.messages, other.settings.sent()) == (2, [], {})
    display(one)


def test_the_magic_and_the_panel_are_one(cells: Cells) -> None:
    cells.run("from chatwidget import ChatPanel; panel = ChatPanel()")
    panel: ChatPanel = cells.shell.user_ns["panel"]
    assert panel.session is current_session()
    cells.run("%chat set temperature=0.3")
    slider = panel.controls["temperature"].slider
    assert slider.value == 0.3
    slider.value = 0.0
    cells.run("%%chat\nWhat is a penalty?")
    (turn,) = panel.model.turns
    assert turn.prompt == "What is a penalty?"
    assert "temperature = 0.0" in turn.why
    assert "temperature 0" in turn.facts


def test_a_flag_holds_for_its_cell_and_leaves_a_mark(cells: Cells) -> None:
    cells.run("panel = __import__('chatwidget').ChatPanel(); display(panel)")
    panel: ChatPanel = cells.shell.user_ns["panel"]
    cells.run("%chat set temperature=0.5")
    cells.run("%%chat -t 0.2 --presence-penalty 0 -n 2\nHi")
    assert current_session().settings.sent() == {"temperature": 0.5}
    shown = panel.model.state.parameters
    assert (shown["temperature"].ghost, shown["temperature"].value) == (0.2, 0.5)
    assert shown["presence_penalty"].ghost == 0
    assert panel.controls["temperature"].slider.value == 0.5
    assert "temperature 0.2" in panel.model.turns[0].facts
    cells.run("%%chat\nAnd now?")
    assert panel.model.state.parameters["temperature"].ghost is None
    cells.run("%%chat -t 0.9 --dry-run\nHi")
    assert panel.model.state.parameters["temperature"].ghost is None


def test_it_is_shown_as_a_widget_and_as_a_copy(cells: Cells) -> None:
    cells.run("from chatwidget import ChatPanel; ChatPanel()")
    widget, copy, *ready = cells.outputs
    assert "application/vnd.jupyter.widget-view+json" in widget.data
    assert "Nothing was asked" in copy.data["text/html"]
    assert [each.data["text/plain"] for each in ready] == [""] * 3


def test_a_group_has_controls_only_while_it_is_open(session: ChatSession) -> None:
    before = len(_instances)
    panel = Sent(session)
    few = len(_instances) - before
    assert list(panel.controls) == list(panel.rows) == panel.model.state.rows
    for group in GROUPS:
        panel.do("OpenGroup", name=group, open=True)
    assert len(panel.controls) > 20
    many = len(_instances) - before
    for group in GROUPS:
        panel.do("OpenGroup", name=group, open=False)
    assert list(panel.controls) == panel.model.state.rows
    assert len(_instances) - before == few < many
    assert few <= MOST_MODELS


def test_a_panel_that_is_closed_leaves_no_widget(session: ChatSession) -> None:
    before = len(_instances)
    panel = Sent(session)
    panel.do("OpenGroup", name="length", open=True)
    panel.close()
    assert len(_instances) == before


def test_a_parameter_that_is_set_gets_a_control(session: ChatSession) -> None:
    panel = Sent(session)
    assert "seed" not in panel.controls
    session.settings.update({"seed": 3})
    assert "seed" in panel.controls
    assert panel.rows["seed"] is panel.controls["seed"]
    session.settings.update({"seed": None})
    assert "seed" in panel.controls


def test_no_key_is_in_the_state_of_any_widget_or_in_a_message(
    session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-abcdefghijklmnopqrstuvwxyz0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    session.use("openai")
    session.model = "a-model"
    assert session.client.key is not None
    before = set(_instances)
    panel = Sent(session)
    panel.do("Ready", view="a")
    for group in GROUPS:
        panel.do("OpenGroup", name=group, open=True)
    panel.do("ShowRequest", shown=True, text="Hi")
    states = [widget.get_state() for name, widget in _instances.items() if name not in before]
    assert len(states) > 30
    assert len(panel.sent) > 1
    assert secret not in json.dumps([states, panel.sent], default=str)
    panel.close()


def test_the_copy_has_the_turns_of_the_magic_too(cells: Cells, server: ScriptedServer) -> None:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    server.reply(*event_stream(stream_of("Hello")))
    cells.run("%chat panel")
    cells.run("%%chat\nWho is there?")
    copies = [out for out in cells.outputs if "chatwidget-panel-copy" in out.data["text/html"]]
    assert "Who is there?" in copies[-1].data["text/html"]
    assert "Hello" in copies[-1].data["text/html"]
    assert copies[-1].update
