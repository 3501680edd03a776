"""A notebook's own outputs give its conversations back to a new kernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client"),
    pytest.mark.filterwarnings("ignore::ResourceWarning:zmq"),
]


@pytest.fixture(autouse=True)
def _kernel_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "JPY_SESSION_NAME"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("CHATWIDGET_SERVER", "practice")
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")


def run(folder: Path, name: str, *sources: str) -> str:
    """Run cells in a new kernel, save them as a notebook, and return what they printed."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(it) for it in sources])
    folders = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=60, allow_errors=True, resources=folders).execute()
    nbformat.write(notebook, folder / name)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def told(path: Path) -> dict[str, Any]:
    """What an export says, without what an output cannot know of its turn."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for conversation in document["conversations"].values():
        for turn in conversation["turns"].values():
            turn.pop("cell_id", None)
            turn["facts"].pop("timing")
    return document


def test_a_new_kernel_knows_what_the_old_one_knew(tmp_path: Path) -> None:
    run(
        tmp_path,
        "story.ipynb",
        "%load_ext chatwidget\nword = 'temperature'",
        "%%chat -t 0 --system 'Be brief.'\nWhat is the temperature?",
        "%%chat -n 2 --seed 1 -t 1 --max-tokens 20\nWhat is a {{word}}, 'then'?",
        "%%chat -c plans --max-tokens 5\nWhat is a penalty?",
        "%chat ask What is a stop sequence?\n%chat ask And what is a seed?",
        "%%chat --no-history\nWhat is a token?",
        "get_ipython().run_cell_magic('chat', '--max-tokens 5', 'What is top_p?')",
        "1 / 0",
        "%chat fix",
        "%chat export before.json --all",
    )
    shown = run(
        tmp_path,
        "again.ipynb",
        "%load_ext chatwidget",
        "%chat restore story.ipynb",
        "%chat switch main\n%chat export after.json --all",
    )
    assert "Read main with 6 turns from story.ipynb." in shown
    assert told(tmp_path / "after.json") == told(tmp_path / "before.json")


def test_an_exported_notebook_runs_and_exports_the_same_prompts(tmp_path: Path) -> None:
    run(
        tmp_path,
        "story.ipynb",
        "%load_ext chatwidget\nword = 'seed'",
        "%%chat -t 0\nWhat is a {{word}}?",
        "%%chat --seed 3 --stop 'a, b'\nWhat is a \\{{brace}}?",
        "%chat export run.ipynb",
    )
    exported = nbformat.read(tmp_path / "run.ipynb", as_version=4)
    run(
        tmp_path,
        "rerun.ipynb",
        *(cell.source for cell in exported.cells),
        "%chat export rerun.json",
    )
    (conversation,) = json.loads((tmp_path / "rerun.json").read_text())["conversations"].values()
    asked = [turn.get("content", turn["prompt"]) for turn in conversation["turns"].values()]
    assert asked == ["What is a seed?", "What is a {{brace}}?"]


def test_a_panel_that_is_shown_and_saved_before_restore_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "story.ipynb"))
    panel = ("%load_ext chatwidget", "from chatwidget import ChatPanel\np = ChatPanel()\np")
    run(tmp_path, "story.ipynb", *panel, "_ = p.ask('What is a seed?')")
    run(tmp_path, "story.ipynb", *panel)
    run(tmp_path, "story.ipynb", *panel, "_ = p.ask('And a token?')")
    shown = run(tmp_path, "again.ipynb", *panel, "%chat restore", "%chat export after.json --all")
    assert "Read main with 2 turns from story.ipynb." in shown
    (conversation,) = json.loads((tmp_path / "after.json").read_text())["conversations"].values()
    assert [turn["prompt"] for turn in conversation["turns"].values()] == [
        "What is a seed?",
        "And a token?",
    ]
