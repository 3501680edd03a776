from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from browser.lab import Lab

WAITING_CELL = """
import os, pathlib, time
print("ready", flush=True)
while not pathlib.Path(os.environ["GO"]).exists():
    time.sleep(0.01)
print("steady", flush=True)
while True:
    time.sleep(0.01)
"""


def test_a_cell_runs_and_its_output_is_seen_and_saved(lab: Lab) -> None:
    notebook = lab.open_notebook(["print('hello')", "print(6 * 7)"])
    notebook.run(0)
    notebook.wait_finished(0)
    assert notebook.output_text(0) == "hello"
    notebook.run_all()
    notebook.wait_finished(1)
    assert notebook.output_text(1) == "42"
    notebook.save()
    saved = notebook.read_file()
    assert saved["cells"][0]["outputs"][0]["text"] == ["hello\n"]
    assert (lab.console_errors, lab.foreign_requests, lab.dialogs) == ([], [], [])
    reader = notebook.reopen()
    reader.wait_text(0, "hello")
    assert (lab.console_errors, lab.foreign_requests, lab.dialogs) == ([], [], [])


def test_output_grows_while_a_cell_runs(lab: Lab, tmp_path: Path) -> None:
    go = tmp_path / "go"
    notebook = lab.open_notebook(
        [WAITING_CELL],
        environment={"GO": str(go)},
    )
    notebook.run(0)
    notebook.wait_text(0, "ready")
    assert notebook.output_text(0) == "ready"
    received = lab.traffic.received
    go.touch()
    notebook.wait_text(0, "steady")
    assert 0 < lab.traffic.received - received < 10_000
    notebook.interrupt()
    notebook.wait_finished(0)
    notebook.wait_text(0, "KeyboardInterrupt")


def test_what_the_page_does_unasked_is_recorded(lab: Lab) -> None:
    script = "alert('hi'); fetch('http://192.0.2.1/x').catch(() => 0); console.error('oh')"
    notebook = lab.open_notebook(
        [f"from IPython.display import *\nHTML('''<script>{script}</script>''')"]
    )
    notebook.run(0)
    notebook.wait_finished(0)
    lab.wait_until(lambda: lab.dialogs and lab.foreign_requests and lab.console_errors)
    assert lab.dialogs == ["hi"]
    assert lab.foreign_requests == ["http://192.0.2.1/x"]
    assert any(error.startswith("oh") for error in lab.console_errors)


def test_the_theme_and_the_size_change(lab: Lab) -> None:
    lab.theme("JupyterLab Dark")
    lab.resize(600)
    assert lab.page.evaluate("innerWidth") == 600
    picture = lab.screenshot("harness: dark")
    assert re.fullmatch(r"harness-dark\.png", picture.name)
    assert picture.read_bytes().startswith(b"\x89PNG")
