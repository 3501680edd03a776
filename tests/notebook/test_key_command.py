"""%chat key takes a key unseen; the line, the outputs and the history never hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.error import StdinNotImplementedError

from chatwidget.chat.shell_session import current_session
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.commands import servers
from wire.replies import json_response

if TYPE_CHECKING:
    from chatwidget.client.auth.keys import ApiKey
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

CANARY = "sk-canary-0123456789"


@pytest.fixture
def typing(cells: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Cells:
    """Somebody types the canary whenever a key is asked for."""
    monkeypatch.setattr("getpass.getpass", lambda _prompt: CANARY)
    server.otherwise(json_response({"data": [{"id": "m"}]}))
    cells.run(f"%chat use {server.url}")
    return cells


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> dict[str, ApiKey]:
    """A keyring in memory."""
    kept: dict[str, ApiKey] = {}
    monkeypatch.setattr(servers, "save_key", lambda key: kept.__setitem__(key.origin, key))
    monkeypatch.setattr(servers, "delete_key", lambda origin: kept.pop(origin, None) is not None)
    monkeypatch.setattr("chatwidget.client.base.saved_key", kept.get)
    return kept


def sent_key(cells: Cells, server: ScriptedServer) -> str | None:
    cells.run("%chat models")
    return server.requests[-1].headers.get("authorization")


def test_key_asks_without_showing_and_binds_to_the_server(
    typing: Cells, server: ScriptedServer, drawer: dict[str, ApiKey]
) -> None:
    assert CANARY not in typing.run("%chat key") + typing.run("%chat")
    assert sent_key(typing, server) == f"Bearer {CANARY}"
    assert drawer == {}


@pytest.mark.parametrize("line", [CANARY, f"--save {CANARY}", f"--saved={CANARY}"])
def test_a_key_on_the_line_is_refused_and_not_repeated_S6(typing: Cells, line: str) -> None:
    shown = typing.run(f"%chat key {line}")
    assert isinstance(typing.error, ConfigurationError)
    assert CANARY not in shown + str(typing.error)


def test_save_keeps_the_key_for_later_sessions(
    typing: Cells, server: ScriptedServer, drawer: dict[str, ApiKey]
) -> None:
    assert "saved in the keyring" in typing.run("%chat key --save")
    assert list(drawer) == [current_session().server.origin]
    with ChatClient(server.url) as later:
        later.list_models()
    assert server.requests[-1].headers["authorization"] == f"Bearer {CANARY}"


def test_forget_takes_it_out_of_the_session_and_the_keyring(
    typing: Cells, server: ScriptedServer, drawer: dict[str, ApiKey]
) -> None:
    typing.run("%chat key --save")
    assert "in the keyring too" in typing.run("%chat key --forget")
    assert drawer == {}
    assert sent_key(typing, server) is None
    assert "in the keyring" not in typing.run("%chat key --forget")


def test_forget_says_what_is_sent_from_now_on(
    cells: Cells, drawer: dict[str, ApiKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    cells.run("%chat use openai")
    shown = cells.run("%chat key --forget")
    assert "The one from the variable OPENAI_API_KEY is sent from now on." in shown


def test_the_practice_model_takes_no_key(cells: Cells) -> None:
    assert "needs no key" in cells.run("%chat key")


@pytest.mark.parametrize("error", [StdinNotImplementedError("no"), EOFError()])
def test_where_nobody_can_be_asked_the_environment_is_named(
    typing: Cells, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def nobody(_prompt: str) -> str:
        raise error

    monkeypatch.setattr("getpass.getpass", nobody)
    typing.run("%chat key")
    assert "environment variable" in str(typing.error)
