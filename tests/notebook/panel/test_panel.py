"""The panel is one object with its session, and code may watch all of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from chatwidget import ChatPanel
from chatwidget.chat.shell_session import current_session
from chatwidget.panel.help import HelpPage
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    import pytest

    from chatwidget.chat.session import ChatSession
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


def test_what_it_has_can_be_watched(session: ChatSession) -> None:
    panel = ChatPanel(session)
    seen: list[str] = []
    panel.observe(lambda change: seen.append(change["name"]), ["messages", "completion"])
    panel.settings.observe(lambda change: seen.append(change["name"]), "temperature")
    assert panel.session is session
    assert (panel.messages, panel.completion) == ([], None)
    completion = panel.ask("How do penalties change an answer?", 20)
    panel.settings.temperature = 0.1
    panel.stop()
    assert completion.text
    assert [message["role"] for message in panel.messages[:1]] == ["user"]
    assert len(panel.messages) == 2
    assert {"messages", "temperature"} <= set(seen)


def test_the_magic_and_the_panel_are_one(cells: Cells) -> None:
    cells.run("from chatwidget import ChatPanel; panel = ChatPanel()")
    panel: ChatPanel = cells.shell.user_ns["panel"]
    assert panel.session is current_session()
    cells.run("%chat set temperature=0.3")
    row = panel.controls.rows["temperature"]
    assert row.children[1].choice == 0.3
    row.children[1].children[0].value = 0.0
    cells.run("%%chat\nWhat is a penalty?")
    (turn,) = panel._transcript.get_state("snapshot")["snapshot"]["turns"]
    assert turn["prompt"] == "What is a penalty?"
    assert "temperature = 0.0" in turn["why"]


def test_a_flag_moves_the_slider_of_a_panel_that_is_shown(cells: Cells) -> None:
    cells.run("%%chat -t 0.2 -n 2\nHi")
    assert current_session().settings.sent() == {}
    cells.run("panel = __import__('chatwidget').ChatPanel(); display(panel)")
    cells.run("%%chat -t 0.2 --dry-run\nHi")
    assert current_session().settings.sent() == {}
    cells.run("%%chat -t 0.2 --presence-penalty 0 -n 2\nHi")
    assert current_session().settings.sent() == {"temperature": 0.2, "presence_penalty": 0.0}
    panel: ChatPanel = cells.shell.user_ns["panel"]
    assert panel.controls.rows["temperature"].children[1].choice == 0.2
    panel.close()
    cells.run("%%chat -t 0.4\nHi")
    assert current_session().settings.temperature == 0.2


def test_it_is_shown_as_a_widget_and_as_a_copy(cells: Cells) -> None:
    cells.run("from chatwidget import ChatPanel; ChatPanel()")
    widget, copy = cells.outputs
    assert "application/vnd.jupyter.widget-view+json" in widget.data
    assert "Nothing has been asked" in copy.data["text/html"]


def test_help_stands_in_place_of_the_controls_until_it_is_closed(session: ChatSession) -> None:
    panel = ChatPanel(session)
    panel.controls.rows["temperature"].children[0].children[2].click()
    (page,) = panel._side.children
    assert isinstance(page, HelpPage)
    assert "top_p" in page.children[1].value
    page.children[0].click()
    assert panel._side.children == (panel.controls,)


def test_the_settings_can_be_put_away(session: ChatSession) -> None:
    panel = ChatPanel(session)
    (toggle,) = [each for each in all_of(panel) if isinstance(each, widgets.ToggleButton)]
    toggle.value = False
    assert panel._side.layout.display == "none"
    toggle.value = True
    assert panel._side.layout.display is None


def test_no_key_is_in_the_state_of_any_widget(
    session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-abcdefghijklmnopqrstuvwxyz0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    session.use("openai")
    assert session.client.key is not None
    panel = ChatPanel(session)
    for group in panel.controls._pages:
        panel.controls.build(group)
    states = [widget.get_state() for widget in all_of(panel)]
    assert len(states) > 100
    assert secret not in json.dumps(states, default=str)


def all_of(widget: Any) -> list[widgets.Widget]:
    found = [widget]
    for child in getattr(widget, "children", ()):
        found += all_of(child)
    return found


def test_the_copy_has_the_turns_of_the_magic_too(cells: Cells, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hello")))
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    cells.run("%chat panel")
    cells.run("%%chat\nWho is there?")
    copies = [out.data["text/html"] for out in cells.outputs if "text/html" in out.data]
    assert "Who is there?" in copies[-1]
    assert "Hello" in copies[-1]
