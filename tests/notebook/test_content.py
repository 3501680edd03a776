"""What a %%chat cell says: verbatim, with variables filled in, and with what goes along."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.errors import ConfigurationError
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from pathlib import Path

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    server.reply(*event_stream(stream_of("Hi")))
    return cells


def content(server: ScriptedServer) -> object:
    return server.requests[-1].json["messages"][-1]["content"]


def test_a_variable_is_filled_in_and_the_footer_says_so(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("city = 'Rome'")
    shown = asking.run("%%chat\nWhat about {{city}}?")
    assert content(server) == "What about Rome?"
    assert "Filled in: city (str, 4 characters)." in shown


def test_no_vars_sends_the_markers(asking: Cells, server: ScriptedServer) -> None:
    asking.run("city = 'Rome'")
    asking.run("%%chat --no-vars\nWhat about {{city}}?")
    assert content(server) == "What about {{city}}?"


def test_a_later_cell_sends_what_was_filled_in_before(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    asking.run("city = 'Rome'")
    asking.run("%%chat\nWhat about {{city}}?")
    asking.run("city = 'Oslo'")
    asking.run("%%chat\nAnd now?")
    assert server.requests[-1].json["messages"][0]["content"] == "What about Rome?"


def test_an_unknown_name_is_refused_and_names_the_nearest(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("city = 'Rome'")
    asking.run("%%chat\nWhat about {{citi}}?")
    assert isinstance(asking.error, ConfigurationError)
    assert "city" in str(asking.error)
    assert "--no-vars" in str(asking.error)
    assert server.requests == []


def test_a_cell_that_was_typed_is_inserted_as_it_was_typed(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.shell.run_cell("%chat set seed=1", store_history=True)
    number = asking.shell.execution_count - 1
    asking.run(f"%%chat\nWhy {{{{In[{number}]}}}}?")
    assert content(server) == "Why %chat set seed=1?"


def test_the_last_error_is_inserted_as_a_traceback(asking: Cells, server: ScriptedServer) -> None:
    asking.run("1 / 0")
    asking.run("%%chat\nExplain {{error}}")
    assert "ZeroDivisionError: division by zero" in str(content(server))


def test_images_and_files_go_along(asking: Cells, server: ScriptedServer, tmp_path: Path) -> None:
    tmp_path.joinpath("dot.png").write_bytes(PIXEL)
    tmp_path.joinpath("notes.txt").write_text("Remember the milk.")
    asking.run(f"%%chat --image {tmp_path}/dot.png --file {tmp_path}/notes.txt\nLook")
    assert asking.error is None
    text, picture, notes = content(server)
    assert text == {"type": "text", "text": "Look"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert "Remember the milk." in notes["text"]


def test_a_file_that_is_not_there_is_refused(asking: Cells, server: ScriptedServer) -> None:
    asking.run("%%chat --file nowhere.txt\nLook")
    assert isinstance(asking.error, ConfigurationError)
    assert server.requests == []
