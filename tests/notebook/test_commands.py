"""%chat looks at the session and changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.client.errors import ConfigurationError, NotFoundError, ParameterError
from chatwidget.conversation import Turn
from chatwidget.notebook.session import current_session
from wire.replies import error, json_response

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

CANARY = "sk-canary-0123456789"


def test_alone_it_shows_the_state(cells: Cells) -> None:
    cells.run("%chat set temperature=0")
    current_session().change(lambda it: it.with_turn(Turn(prompt="a", status="failed")))
    shown = cells.run("%chat")
    assert "server        practice (in this process)" in shown
    assert "model         practice" in shown
    assert "none is needed" in shown
    assert "temperature=0" in shown
    assert "1 turn" in shown


def test_the_state_tells_where_the_key_is_from_and_never_the_key(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    cells.run("%chat use openai")
    shown = cells.run("%chat")
    assert "from the variable OPENAI_API_KEY, for https://api.openai.com" in shown
    assert CANARY not in shown


def test_a_missing_key_is_told_with_what_to_do(cells: Cells) -> None:
    cells.run("%chat use openai")
    assert "set OPENAI_API_KEY or run %chat key" in cells.run("%chat")


def test_use_takes_an_address(cells: Cells, server: ScriptedServer) -> None:
    assert server.url in cells.run(f"%chat use {server.url}")
    assert current_session().server.base_url == server.url


def test_an_address_from_a_cell_gets_no_key_from_the_environment_S11(
    cells: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    server.reply(json_response({"data": []}))
    cells.run(f"%chat use {server.url}")
    cells.run("%chat models")
    assert "authorization" not in server.requests[0].headers


def test_key_asks_without_showing_and_binds_to_the_server(
    cells: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatwidget.notebook.commands.getpass", lambda _prompt: CANARY)
    server.reply(json_response({"data": [{"id": "m"}]}))
    cells.run(f"%chat use {server.url}")
    assert CANARY not in cells.run("%chat key") + cells.run("%chat")
    cells.run("%chat models")
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


def test_a_key_on_the_line_is_refused_and_not_repeated_S6(cells: Cells) -> None:
    shown = cells.run(f"%chat key {CANARY}")
    assert isinstance(cells.error, ConfigurationError)
    assert CANARY not in shown + str(cells.error)


def test_models_lists_those_that_contain_the_word(cells: Cells, server: ScriptedServer) -> None:
    server.otherwise(json_response({"data": [{"id": "small-1"}, {"id": "large-1"}]}))
    cells.run(f"%chat use {server.url}")
    assert cells.run("%chat models").split() == ["small-1", "large-1"]
    assert cells.run("%chat models lar").split() == ["large-1"]


def test_models_of_a_server_that_refuses_is_an_error(cells: Cells, server: ScriptedServer) -> None:
    server.reply(json_response(error("nothing here"), 404))
    cells.run(f"%chat use {server.url}")
    cells.run("%chat models")
    assert isinstance(cells.error, NotFoundError)


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("temperature=0", "temperature", 0),
        ("temperature = 0.5", "temperature", 0.5),
        ("logprobs=true", "logprobs", True),
        ("stop=END", "stop", "END"),
        ('stop=["a", "b"]', "stop", ["a", "b"]),
        ("reasoning_effort=low", "reasoning_effort", "low"),
    ],
)
def test_set_sets_and_unset_takes_it_back(
    cells: Cells, line: str, name: str, value: object
) -> None:
    cells.run(f"%chat set {line}")
    assert getattr(current_session().settings, name) == value
    cells.run(f"%chat unset {name}")
    assert getattr(current_session().settings, name) is None


def test_unset_alone_takes_all_back(cells: Cells) -> None:
    cells.run("%chat set temperature=0")
    cells.run("%chat set seed=1")
    cells.run("%chat unset")
    assert current_session().settings.sent() == {}


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("%chat sett", ConfigurationError, "Did you mean %chat set?"),
        ("%chat whatever", ConfigurationError, "%chat help lists the commands"),
        ("%chat set temperature", ConfigurationError, "NAME=VALUE"),
        ("%chat set temprature=1", ParameterError, "Did you mean temperature?"),
        ("%chat set temperature=9", ParameterError, "from 0 to 2; got 9"),
        ("%chat unset temprature", ParameterError, "Did you mean temperature?"),
        ("%chat use", ConfigurationError, "%chat use ollama"),
        ("%chat use olama", ConfigurationError, "Did you mean ollama?"),
        ("%chat use http://example.com/v1", ConfigurationError, "Use https"),
        ("%chat model", ConfigurationError, "the name of a model"),
        ("%chat help zzzzzz", ConfigurationError, "The handbook has no page"),
    ],
)
def test_a_wrong_command_is_an_error_that_says_what_to_do(
    cells: Cells, line: str, kind: type[Exception], said: str
) -> None:
    cells.run(line)
    assert type(cells.error) is kind
    assert said in str(cells.error)


def test_new_forgets_the_turns_and_keeps_the_settings(cells: Cells) -> None:
    cells.run("%chat set seed=1")
    current_session().change(lambda it: it.with_turn(Turn(prompt="a", status="failed")))
    cells.run("%chat new")
    assert current_session().conversation.path() == []
    assert current_session().settings.seed == 1


def test_system_sets_the_system_message(cells: Cells) -> None:
    cells.run("%chat system Be brief")
    assert current_session().system == "Be brief"


def test_help_lists_every_command_and_every_page(cells: Cells) -> None:
    result = cells.shell.run_line_magic("chat", "help").data
    for command in ("use", "set", "panel", "key", "traceback"):
        assert f"`%chat {command}`" in result
    assert "`penalties`" in result


def test_help_shows_a_page_of_the_handbook(cells: Cells) -> None:
    assert cells.shell.run_line_magic("chat", "help penalties").data.startswith("# ")
    assert cells.shell.run_line_magic("chat", "help sampling math").data.startswith("# ")


def test_traceback_shows_the_last_error_in_full(cells: Cells) -> None:
    cells.run("%chat set temperature=9")
    assert "parameter.py" in cells.run("%chat traceback")
