"""What a panel adds to its own cell after that cell has run, in real kernels."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from chatwidget.persistence.notebook_reader import read_notebook
from kernels import running_kernel
from wire.replies import SSE_HEAD, stream_of
from wire.scripted_server import close, pause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kernels import Cell, Kernel
    from wire.scripted_server import ScriptedServer

SLOTS = """
from chatwidget.panel.static_copy import OutputSlots
slots = OutputSlots()
slots.add({"text/plain": "first"}, {})
"""
BUSY = """
import pathlib, time
print("busy", flush=True)
while not pathlib.Path({flag!r}).exists():
    time.sleep(0.01)
"""
ADD = 'slots.add({"text/plain": "added"}, {"chatwidget": {"turns": []}})'

ASKING = """
from chatwidget.chat.shell_session import current_session
panel = current_session().panel
for question in "What is a penalty?", "What is a seed?", "What is a stop sequence?":
    panel.ask(question, 30)
"""
PRINTING = """
for message in panel.messages[::2]:
    print(message["content"])
"""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        assert kernel.run("%load_ext chatwidget").status == "ok"
        yield kernel


@pytest.fixture
def kernel(process: Kernel, server: ScriptedServer) -> Kernel:
    """A kernel whose questions go to the scripted server, in a conversation of their own."""
    process.run(f"%chat stop\n%chat new\n%chat use {server.url}\n%chat model scripted")
    return process


def texts(cell: Cell) -> list[str]:
    """What the outputs of a cell say that are not the panel itself."""
    view = "application/vnd.jupyter.widget-view+json"
    return [shown["text/plain"] for shown in cell.displays if view not in shown]


def tell_panel(kernel: Kernel, **action: Any) -> None:
    """Send what the page of the panel sends."""
    (name,) = [name for name, state in kernel.widgets.items() if "rows" in state]
    content = {"comm_id": name, "data": {"method": "custom", "content": action}}
    kernel._client.shell_channel.send(kernel._client.session.msg("comm_msg", content))


def test_an_output_that_is_added_later_is_one_of_its_own_cell(kernel: Kernel) -> None:
    cell = kernel.run(SLOTS)
    other = kernel.run(ADD)
    kernel.wait(lambda: len(cell.outputs) == 2)
    assert texts(cell) == ["first", "added"]
    assert cell.outputs[1]["metadata"] == {"chatwidget": {"turns": []}}
    assert other.outputs == []
    other = kernel.run('slots.write(1, {"text/plain": "anew"}, {})')
    kernel.wait(lambda: texts(cell) == ["first", "anew"])
    assert other.outputs == []


def test_while_its_own_cell_runs_an_output_stands_where_it_was_added(kernel: Kernel) -> None:
    cell = kernel.run(f"{SLOTS}\nprint('before')\n{ADD}\nprint('after')")
    shown = [each.get("text") or each["data"]["text/plain"] for each in cell.outputs]
    assert shown == ["first", "before\n", "added", "after\n"]


def test_an_output_that_a_thread_adds_while_another_cell_runs_is_one_of_its_own_cell(
    kernel: Kernel, tmp_path: Path
) -> None:
    cell = kernel.run(SLOTS)
    flag = tmp_path / "flag"
    start = f"import threading\nthreading.Thread(target=lambda: {ADD}).start()"
    busy = kernel.start(start + BUSY.format(flag=str(flag)))
    kernel.wait(lambda: len(cell.outputs) == 2)
    assert busy.status is None
    flag.touch()
    kernel.wait(lambda: busy.is_over)
    assert (texts(cell), busy.displays) == (["first", "added"], [])


def test_the_turns_of_a_panel_come_to_its_cell_while_another_one_runs(
    kernel: Kernel, server: ScriptedServer, tmp_path: Path
) -> None:
    panel = kernel.run("%chat panel")
    answered = threading.Event()
    for number in range(4):
        server.reply(SSE_HEAD, stream_of(f"Answer {number}"), close())
    server.reply(pause(answered), SSE_HEAD, stream_of("Answer 4"), close())
    for number in range(4):
        tell_panel(kernel, type="Ask", text=f"Question {number}", attachments=[])
        kernel.wait(lambda number=number: f"Answer {number}" in str(texts(panel)))
    tell_panel(kernel, type="Ask", text="Question 4", attachments=[])
    flag = tmp_path / "flag"
    busy = kernel.start(BUSY.format(flag=str(flag)))
    kernel.wait(lambda: "busy" in busy.stdout)
    answered.set()
    kernel.wait(lambda: "Answer 4" in str(texts(panel)))
    assert busy.status is None
    flag.touch()
    kernel.wait(lambda: busy.is_over)
    assert texts(panel)[1:] == [f"> Question {n}\n\nAnswer {n}" for n in range(5)]
    assert busy.displays == []
    told = [output["metadata"].get("chatwidget") for output in panel.outputs[2:]]
    assert [each["turns"][0]["prompt"] for each in told] == [f"Question {n}" for n in range(5)]


def test_a_panel_that_is_shown_again_moves_to_the_new_cell_with_its_turns(
    kernel: Kernel, server: ScriptedServer
) -> None:
    for number in range(2):
        server.reply(SSE_HEAD, stream_of(f"Answer {number}"), close())
    first = kernel.run("%chat panel")
    tell_panel(kernel, type="Ask", text="Question 0", attachments=[])
    kernel.wait(lambda: "Answer 0" in str(texts(first)))
    second = kernel.run("%chat panel")
    kernel.wait(lambda: set(texts(first)) == {"The panel was moved to another cell.", ""})
    assert texts(second) == ["> Question 0\n\nAnswer 0", "", "", ""]
    tell_panel(kernel, type="Ask", text="Question 1", attachments=[])
    kernel.wait(lambda: "Answer 1" in str(texts(second)))
    assert set(texts(first)) == {"The panel was moved to another cell.", ""}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client")
@pytest.mark.filterwarnings("ignore::ResourceWarning:zmq")
def test_a_program_that_runs_notebooks_keeps_the_first_turns_of_a_panel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "JPY_SESSION_NAME"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "CHATWIDGET_DATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("CHATWIDGET_SERVER", "practice")
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    sources = ["%load_ext chatwidget", "%chat panel", ASKING, PRINTING]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(it) for it in sources])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    questions = notebook.cells[3].outputs[0].text.splitlines()
    assert len(questions) == 3
    copies = [it for it in notebook.cells[1].outputs if "chatwidget" in it.metadata]
    assert [it.data["text/plain"].split("\n")[0] for it in copies] == [f"> {q}" for q in questions]
    assert notebook.cells[2].outputs == []
    (conversation,) = read_notebook(nbformat.writes(notebook)).conversations.values()
    assert [turn.prompt for turn in conversation.path()] == questions
    assert all(turn.answers[0].content for turn in conversation.path())
