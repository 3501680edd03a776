"""%chat fix mends the last cell that failed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.failed_cells import failed_cell
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

ANSWER = "```python\ntotal = 1 / 1\n```\n\nIt divided by zero."


@pytest.fixture(autouse=True)
def _no_earlier_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "last_value", raising=False)


@pytest.fixture
def inputs(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cells that were put below."""
    put: list[str] = []
    monkeypatch.setattr(cells.shell, "set_next_input", lambda text, replace: put.append(text))
    return put


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    server.otherwise(*event_stream(stream_of(ANSWER)))
    return cells


def asked(server: ScriptedServer) -> Any:
    return server.requests[-1].json["messages"][-1]["content"]


def test_the_cell_and_its_error_are_sent_and_the_corrected_cell_is_put_below(
    asking: Cells, server: ScriptedServer, inputs: list[str]
) -> None:
    asking.run("total = 1 / 0\nprint(f'{{total}} {total}')")
    shown = asking.run("%chat fix")
    assert asking.error is None
    assert "```python\ntotal = 1 / 0\nprint(f'{{total}} {total}')\n```" in asked(server)
    assert "ZeroDivisionError: division by zero" in asked(server)
    assert "IPython/core" not in asked(server)
    assert "It divided by zero." in shown
    assert inputs == ["total = 1 / 1"]
    assert asking.shell.user_ns.get("total") is None


def test_what_else_is_said_goes_along(asking: Cells, server: ScriptedServer) -> None:
    asking.run("1/0")
    asking.run("%chat fix Keep it short?")
    assert asked(server).endswith("\n\nKeep it short?")


def test_a_cell_that_cannot_be_parsed_can_be_mended(asking: Cells, server: ScriptedServer) -> None:
    asking.run("print('a'")
    asking.run("%chat fix")
    assert "print('a'" in asked(server)
    assert "SyntaxError" in asked(server)


def test_magics_are_sent_as_they_were_written(asking: Cells, server: ScriptedServer) -> None:
    asking.run("%%time\n1/0")
    asking.run("%chat fix")
    assert "%%time\n1/0" in asked(server)


def test_errors_of_questions_are_not_mended_but_those_before_them(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("1/0")
    asking.run("%chat fxi")
    asking.run("%%chat --no-such-flag\nHi")
    asking.run("# a comment\n%%chat --no-such-flag\nHi")
    asking.run("%chat fix")
    assert "1/0" in asked(server)


def test_an_interrupt_is_nothing_to_mend(asking: Cells, server: ScriptedServer) -> None:
    asking.run("raise KeyboardInterrupt")
    shown = asking.run("%chat fix")
    assert isinstance(asking.error, ConfigurationError)
    assert "No cell has failed." in shown
    assert server.requests == []


def test_a_later_success_does_not_hide_the_failure(asking: Cells, server: ScriptedServer) -> None:
    asking.run("1/0")
    asking.run("fine = 1")
    asking.run("%chat fix")
    assert "1/0" in asked(server)


def test_the_question_is_a_turn_so_that_one_can_ask_on(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("1/0")
    asking.run("%chat fix")
    assert current_session().conversation.path()[-1].status == "complete"


def test_a_cell_with_a_key_is_not_sent(
    asking: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SERVICE_KEY", "canary-0123456789-canary")
    asking.run("key = 'canary-0123456789-canary'; 1/0")
    shown = asking.run("%chat fix")
    assert isinstance(asking.error, ConfigurationError)
    assert "MY_SERVICE_KEY" in shown
    assert "canary" not in shown
    assert server.requests == []


def test_a_cell_that_failed_before_the_extension_was_loaded_is_known(
    shell: InteractiveShell,
) -> None:
    shell.run_cell("def f():\n    return 1/0", store_history=True)
    shell.run_cell("x = f()", store_history=True)
    shell.run_cell("%load_ext chatwidget", store_history=True)
    found = failed_cell(shell)
    assert found is not None
    assert found.source == "x = f()"
    assert isinstance(found.error, ZeroDivisionError)


def test_a_cell_that_could_not_be_parsed_before_is_known(shell: InteractiveShell) -> None:
    shell.run_cell("1 +", store_history=True)
    shell.run_cell("%load_ext chatwidget", store_history=True)
    found = failed_cell(shell)
    assert found is not None
    assert found.source == "1 +"
