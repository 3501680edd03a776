"""Each notebook runs from top to bottom in a real kernel, and is committed without outputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from IPython.utils.capture import capture_output
from nbclient import NotebookClient

from chatwidget.local.catalog import has_default_model
from chatwidget.local.process import stop_all

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from nbformat import NotebookNode

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
FIRST_CELL = "%load_ext chatwidget\n%chat use local or practice"


def told(notebook: NotebookNode, key: str) -> list[NotebookNode]:
    """Return the outputs whose metadata tells of a turn of its cell, or of turns of a panel."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [it for it in outputs if key in it.get("metadata", {}).get("chatwidget", {})]


def tools_ran(cell: NotebookNode) -> bool:
    answer = str(cell.outputs)
    return "84" in answer and "42.0" in answer


@pytest.fixture
def kernel_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # what a user has who has asked the vendor before
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-user")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    monkeypatch.setenv("CHATWIDGET_DATA", str(tmp_path))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client")
@pytest.mark.filterwarnings("ignore::ResourceWarning:zmq")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, kernel_environment: None) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown = told(notebook, "status")
    asked = [cell for cell in notebook.cells if cell.source.startswith("%%chat")]
    looked_at = [cell for cell in asked if "--dry-run" in cell.source]
    assert len(shown) + len(told(notebook, "study")) == len(asked) - len(looked_at)
    for output in shown:
        assert set(output["data"]) == {"text/html", "text/markdown", "text/plain"}
        assert output["metadata"]["chatwidget"]["status"] == "complete"
    assert all(tools_ran(cell) for cell in asked if "--tool" in cell.source)
    for copy in told(notebook, "turns"):
        assert set(copy["data"]) == {"text/html", "text/plain"}
        assert {turn["status"] for turn in copy["metadata"]["chatwidget"]["turns"]} == {"complete"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OPENAI_API_KEY", "sk-of-the-user"),
        ("OPENAI_BASE_URL", "https://gateway.invalid/v1"),
        ("OPENAI_BASE_URL", "http://gateway.invalid/v1"),  # which is no address to use
    ],
)
def test_the_first_cell_asks_a_model_of_this_machine_whatever_the_environment_names(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    shell.config.ChatMagics.model = "a-model-of-the-vendor"
    with capture_output():
        shell.run_cell(FIRST_CELL).raise_error()
        shell.run_cell("%%chat --out reply --max-tokens 3\nWhat does top_p do?").raise_error()
    there = "SmolLM2" if has_default_model() else "practice"
    assert shell.user_ns["reply"].model.startswith(there)
    stop_all()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_its_server_in_its_first_cell(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    first = next(cell for cell in cells if cell.cell_type == "code")
    assert first.source.startswith(FIRST_CELL)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
