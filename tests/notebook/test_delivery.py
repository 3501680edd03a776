"""--format and --to-cell, from the cell to what is sent and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

EXPLAINED = "So:\n\n```python\nprint(1)\n```\n\nThat prints."


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    return cells


def shown(asking: Cells, server: ScriptedServer, flags: str, answer: str) -> str:
    """What a terminal shows."""
    server.reply(*event_stream(stream_of(*answer)))
    printed = asking.run(f"%%chat {flags}\nHi")
    assert asking.error is None
    return printed.rpartition("\n")[0].rpartition("\n")[0]  # without the footer


def test_code_is_printed_alone(asking: Cells, server: ScriptedServer) -> None:
    assert shown(asking, server, "--format code", EXPLAINED) == "print(1)"


def test_json_is_printed_with_a_line_for_each_value(asking: Cells, server: ScriptedServer) -> None:
    assert shown(asking, server, "--format json", '{"a":1}') == '{\n  "a": 1\n}'


def test_text_is_printed_as_it_comes(asking: Cells, server: ScriptedServer) -> None:
    assert shown(asking, server, "--format text", "**a**") == "**a**"


def test_the_configured_form_holds_where_no_flag_says_another(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("%config ChatMagics.format = 'code'")
    assert shown(asking, server, "", EXPLAINED) == "print(1)"
    assert "That prints." in shown(asking, server, "--format markdown", EXPLAINED)


def sent_format(asking: Cells, server: ScriptedServer, flags: str) -> Any:
    shown(asking, server, flags, '{"a": 1}')
    return server.requests[-1].json.get("response_format")


def test_json_is_asked_for(asking: Cells, server: ScriptedServer) -> None:
    assert sent_format(asking, server, "--format json") == {"type": "json_object"}
    assert sent_format(asking, server, "--format code") is None


def test_a_format_of_ones_own_is_sent_in_its_place(asking: Cells, server: ScriptedServer) -> None:
    flags = """--format json --response-format '{"type": "text"}'"""
    assert sent_format(asking, server, flags) == {"type": "text"}
    asking.run('%chat set response_format={"type": "text"}')
    assert sent_format(asking, server, "--format json") == {"type": "text"}
    asking.run("%chat unset response_format")
    asking.run("import dataclasses\n@dataclasses.dataclass\nclass Kind: a: int")
    sent = sent_format(asking, server, "--format json --schema Kind")
    assert sent["type"] == "json_schema"


def test_the_code_fills_the_next_prompt_of_a_terminal(
    asking: Cells, server: ScriptedServer
) -> None:
    printed = shown(asking, server, "--to-cell", EXPLAINED)
    assert asking.shell.rl_next_input == "print(1)"
    assert printed.endswith("That prints.")


def test_what_is_left_out_of_the_new_cell_is_told_below_the_answer(
    asking: Cells, server: ScriptedServer
) -> None:
    printed = shown(asking, server, "--to-cell", "```rust\nx\n```")
    assert printed.endswith("No cell here can run rust, so there is no new cell.")
    assert getattr(asking.shell, "rl_next_input", None) is None


def test_an_answer_that_broke_off_makes_no_cell(asking: Cells, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("```python\nimport os")[:-60]))
    asking.run("%%chat --to-cell\nHi")
    assert asking.error is not None
    assert getattr(asking.shell, "rl_next_input", None) is None
