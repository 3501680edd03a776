"""Who is asked: the server, the model and the system message, in the panel and in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.chat.session import ChatSession
from chatwidget.client.servers import PROFILES
from chatwidget.panel.server import ServerPane
from wire.replies import error, json_response

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer


class Pane:
    """The fields, as a person uses them."""

    def __init__(self, session: ChatSession) -> None:
        server, model, system, self.note = ServerPane(session).children
        self.server, self.model, self.system = (
            server.children[1],
            model.children[1],
            system.children[1],
        )
        self.refresh: Any = model.children[2]


def test_what_is_chosen_is_what_the_session_asks(session: ChatSession) -> None:
    pane = Pane(session)
    assert (pane.server.value, pane.model.placeholder) == ("practice", "practice")
    pane.model.value = " small "
    pane.system.value = "Be brief."
    assert (session.model, session.system) == ("small", "Be brief.")
    pane.server.value = "ollama"
    assert session.server is PROFILES["ollama"]
    assert (session.model, pane.model.value) == ("", "")
    assert pane.note.value == "Questions go to http://127.0.0.1:11434/v1."


def test_what_code_changes_is_shown(session: ChatSession) -> None:
    pane = Pane(session)
    session.use("http://127.0.0.1:9999/v1")
    session.model, session.system = "mine", "Be kind."
    assert pane.server.value == "http://127.0.0.1:9999/v1"
    assert (pane.model.value, pane.system.value) == ("mine", "Be kind.")


def test_a_server_that_there_is_not_is_refused_and_the_old_one_stays(session: ChatSession) -> None:
    pane = Pane(session)
    for wanted in ("olama", "http://example.com/v1", "https://user:secret@example.com/v1"):
        pane.server.value = wanted
        assert session.server is PROFILES["practice"]
        assert pane.server.value == "practice"
        assert pane.note.value
        assert "secret" not in pane.note.value


def test_models_are_those_that_the_server_lists(server: ScriptedServer) -> None:
    pane = Pane(ChatSession(server.url))
    listed = [{"id": "b-model", "object": "model"}, {"id": "a-model", "object": "model"}]
    server.reply(json_response({"object": "list", "data": listed}))
    pane.refresh.click()
    assert set(pane.model.options) == {"a-model", "b-model"}
    assert pane.note.value == "2 models to choose from."
    server.reply(json_response(error("Not here."), 404))
    pane.refresh.click()
    assert "Not here." in pane.note.value
