"""Errors as a notebook shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.client.errors import (
    APIError,
    BadRequestError,
    ChatWidgetError,
    ConfigurationError,
    StreamError,
    StreamInterruptedError,
)
from wire.replies import SSE_HEAD, chunk, error, event_stream, json_response, sse, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer, Step

CANARY = "sk-canary-0123456789abcdef"
HOSTILE = f"No.\x1b]0;title\x07\x1b[31m {CANARY} \u202etxt"


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Cells:
    monkeypatch.setattr("chatwidget.magic.commands.servers.getpass.getpass", lambda _: CANARY)
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    cells.run("%chat key")
    return cells


REPLIES: dict[str, tuple[type[ChatWidgetError], list[Step]]] = {
    "a refusal": (BadRequestError, [json_response(error(HOSTILE), 400)]),
    "an error in the stream": (StreamError, [SSE_HEAD, sse(error(HOSTILE)), close()]),
    "an end too early": (StreamInterruptedError, [SSE_HEAD, sse(chunk("Hello")), close()]),
    "a web page": (APIError, [*event_stream(f"<html>{HOSTILE}".encode())]),
}


@pytest.mark.parametrize("what", REPLIES)
def test_whatever_fails_is_one_short_true_error_without_key_and_controls(
    asking: Cells, server: ScriptedServer, what: str
) -> None:
    kind, steps = REPLIES[what]
    server.reply(*steps)
    shown = asking.run("%%chat\nHi")
    assert isinstance(asking.error, kind)
    told = shown[shown.index(f"\x1b[31m{type(asking.error).__name__}: ") :]
    assert len(told.strip().splitlines()) <= 3
    assert "Traceback" not in shown
    assert CANARY not in shown
    assert "\x07" not in shown
    assert "\x1b]" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    "cell",
    [
        "%%chat --nonsense\nHi",
        "%%chat -t nine\nHi",
        "%%chat --out 5\nHi",
        "%%chat --system 'unclosed\nHi",
        "%%chat --stream-to nothing\nHi",
        "%%chat --schema nothing\nHi",
        "%%chat --tool nothing\nHi",
        "%%chat --file /nothing/here\nHi",
        "%%chat --set =5\nHi",
        "%%chat --server olama\nHi",
        "%%chat --format html\nHi",
        "%chat nonsense",
        "%chat use olama",
        "%chat set temperature=nine",
        "%chat unset nonsense",
    ],
)
def test_whatever_is_written_wrongly_is_short_says_what_to_do_and_sends_nothing(
    cells: Cells, server: ScriptedServer, cell: str
) -> None:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    shown = cells.run(cell)
    assert isinstance(cells.error, ChatWidgetError)
    assert cells.error.hint
    assert len(shown.strip().splitlines()) <= 3
    assert "Traceback" not in shown
    assert server.requests == []


def test_a_failure_can_be_looked_at_in_full(asking: Cells, server: ScriptedServer) -> None:
    server.reply(json_response(error(HOSTILE), 400))
    asking.run("%%chat\nHi")
    shown = asking.run("%chat traceback")
    assert "Traceback" in shown
    assert CANARY not in shown
    assert "\x1b]" not in shown


def test_the_names_that_a_server_lists_move_no_cursor_S23(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(json_response({"data": [{"id": "a\x1b]0;title\x07b"}]}))
    assert asking.run("%chat models").strip() == "a]0;titleb"


def test_an_error_stops_a_run_of_cells(asking: Cells) -> None:
    result = asking.shell.run_cell("%chat nonsense")
    assert not result.success
    with pytest.raises(ConfigurationError):
        result.raise_error()


def test_an_answer_that_came_says_why_it_is_not_more(asking: Cells, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hello")[:-30]))
    shown = asking.run("%%chat\nHi")
    assert "Hello" in shown
    assert "The answer broke off" in shown
