"""Terminals and Jupyter consoles, which show an output once and draw no widgets."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.session import Session

from chatwidget.chat.front_end import NO_PANEL, is_console
from chatwidget.panel.panel import ChatPanel
from kernels import running_kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kernels import Kernel
    from notebook.conftest import Cells

UUID = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"


def shell_with(header: dict[str, Any], metadata: dict[str, Any], *, allow_stdin: object) -> Any:
    content = {"code": "1", "allow_stdin": allow_stdin}
    request = {"header": header, "metadata": metadata, "content": content}
    return types.SimpleNamespace(kernel=object(), parent_header=request)


def of_python(**more: Any) -> dict[str, Any]:
    return dict(Session().msg("execute_request")["header"]) | more


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        pytest.param(shell_with(of_python(), {}, allow_stdin=True), True, id="jupyter console"),
        pytest.param(
            shell_with({"msg_id": "a-b_3", "session": "a-b"}, {}, allow_stdin=True),
            True,
            id="an older console",
        ),
        pytest.param(shell_with(of_python(), {}, allow_stdin=False), False, id="nbclient"),
        pytest.param(
            shell_with(of_python(), {"cellId": "c"}, allow_stdin=True), False, id="named cells"
        ),
        pytest.param(
            shell_with({"msg_id": UUID, "session": UUID[::-1]}, {}, allow_stdin=True),
            False,
            id="the classic notebook",
        ),
        pytest.param(
            shell_with({"msg_id": UUID, "session": UUID}, {"cellId": "c"}, allow_stdin=True),
            False,
            id="JupyterLab",
        ),
        pytest.param(
            types.SimpleNamespace(kernel=object(), parent_header={}), False, id="no request yet"
        ),
        pytest.param(types.SimpleNamespace(simple_prompt=False), True, id="a terminal"),
        pytest.param(types.SimpleNamespace(), False, id="a shell without anybody"),
        pytest.param(None, False, id="no shell"),
    ],
)
def test_a_console_is_known_by_what_it_sends(shell: Any, expected: object) -> None:
    assert is_console(shell) is expected


@pytest.fixture
def terminal(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> Cells:
    monkeypatch.setattr(type(cells.shell), "simple_prompt", False, raising=False)
    return cells


@pytest.mark.parametrize("command", ["%chat panel", "%chat panel\n%chat panel"])
def test_a_panel_is_refused_in_one_sentence(terminal: Cells, command: str) -> None:
    printed = terminal.run(command)
    assert printed.count(NO_PANEL) == 1
    assert terminal.error is not None
    assert not terminal.outputs


def test_a_panel_of_code_says_so_in_place_of_each_turn(terminal: Cells) -> None:
    terminal.shell.user_ns["ChatPanel"] = ChatPanel
    printed = terminal.run("panel = ChatPanel()\ndisplay(panel)\nfirst = panel.ask('Hi')\npanel")
    assert printed.count(NO_PANEL) == 2
    assert not terminal.outputs
    terminal.run("panel.close()")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.type("import os; os.environ['CHATWIDGET_PRACTICE_PACE'] = '0'")
        kernel.type("%load_ext chatwidget")
        yield kernel


def test_in_a_console_an_answer_is_printed(kernel: Kernel) -> None:
    cell = kernel.type("%%chat\nWhat is the temperature?")
    assert cell.status == "ok"
    assert "temperature" in cell.stdout
    assert "practice" in cell.stdout
    assert not cell.displays
    assert not kernel.widgets


def test_in_a_console_an_answer_of_the_background_is_printed(kernel: Kernel) -> None:
    begun = kernel.type("%%chat --background\nWhat is the temperature?")
    waited = kernel.type("%chat wait")
    kernel.wait(lambda: "temperature" in begun.stdout + waited.stdout)
    assert not begun.displays + waited.displays


def test_in_a_console_the_panel_is_refused(kernel: Kernel) -> None:
    cell = kernel.type("%chat panel")
    assert cell.status == "error"
    assert cell.errors == ["ConfigurationError"]
    assert not cell.displays


def test_a_notebook_at_the_same_kernel_has_its_live_answers(kernel: Kernel) -> None:
    cell = kernel.run("%%chat\nWhat is the temperature?")
    assert "temperature" in cell.text
    assert cell.stdout == ""
