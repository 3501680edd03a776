"""A real kernel in a process of its own, and a front end that keeps what each cell shows.

Another interpreter, with another release of ipykernel, is tested by naming it in the environment:
``CHATWIDGET_TEST_KERNEL=/path/to/python pytest tests/notebook/test_kernel.py``.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

__all__ = ["PATIENCE", "Cell", "Kernel", "running_kernel"]

PATIENCE = 60.0  # seconds; generous: what waits, waits on a condition
ROOT = Path(__file__).parents[1]


@dataclass
class Cell:
    """What a cell shows, as a front end keeps it.

    Attributes
    ----------
    request
        The name of the request that ran it.
    outputs
        The content of the messages that made its outputs; an update of a display replaces it.
    status
        ``ok`` or ``error``, or None as long as it runs.
    is_over
        Whether it runs no more, and all that it showed while it ran is here.
    """

    request: str
    outputs: list[dict[str, Any]] = field(default_factory=list)
    status: str | None = None
    is_over: bool = False

    @property
    def stdout(self) -> str:
        """All that was printed."""
        return "".join(each["text"] for each in self.outputs if each.get("name") == "stdout")

    @property
    def displays(self) -> list[dict[str, Any]]:
        """The MIME bundles that it shows."""
        return [each["data"] for each in self.outputs if "data" in each]

    @property
    def text(self) -> str:
        """Its displays as plain text."""
        return "\n".join(each.get("text/plain", "") for each in self.displays)

    @property
    def errors(self) -> list[str]:
        """The names of the errors that it shows."""
        return [each["ename"] for each in self.outputs if "ename" in each]


class Kernel:
    """A running kernel; cells may be run while others still do."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.cells: list[Cell] = []
        self.widgets: dict[str, dict[str, Any]] = {}
        self._client = client
        self._displays: dict[str, tuple[Cell, int]] = {}

    def start(self, code: str, cell_id: str | None = None) -> Cell:
        """Run a cell, and do not wait for its end; by default it is another one each time."""
        return self._start(code, {"cellId": cell_id or f"cell-{len(self.cells)}"})

    def run(self, code: str, cell_id: str | None = None) -> Cell:
        """Run a cell to its end."""
        return self._finish(self.start(code, cell_id))

    def type(self, code: str) -> Cell:
        """Run code to its end as a Jupyter console does, which has no cells and takes input."""
        return self._finish(self._start(code, {}, allow_stdin=True))

    def wait(self, condition: Callable[[], object], timeout: float = PATIENCE) -> None:
        """Take messages until a condition holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"not within {timeout} s: {self.cells}"
            self._take_messages()

    def click_stop(self) -> None:
        """Press the Stop button of the last live view, as its front end does."""
        views = [name for name, state in self.widgets.items() if "snapshot" in state]
        self._tell_view(views[-1], "stop")

    def _start(self, code: str, metadata: dict[str, Any], *, allow_stdin: bool = False) -> Cell:
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": allow_stdin}
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        self._client.shell_channel.send(message)
        self.cells.append(Cell(message["header"]["msg_id"]))
        return self.cells[-1]

    def _finish(self, cell: Cell) -> Cell:
        self.wait(lambda: cell.status and cell.is_over)
        return cell

    def _tell_view(self, name: str, action: str) -> None:
        content = {"comm_id": name, "data": {"method": "custom", "content": {"type": action}}}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", content))

    def _take_messages(self) -> None:
        for channel in (self._client.iopub_channel, self._client.shell_channel):
            try:
                message = channel.get_msg(timeout=0.01)
            except queue.Empty:
                continue
            self._take(message["msg_type"], message["content"], message["parent_header"])

    def _take(self, kind: str, content: dict[str, Any], parent: dict[str, Any]) -> None:
        cell = next((each for each in self.cells if each.request == parent.get("msg_id")), None)
        if kind == "update_display_data":
            place, number = self._displays[content["transient"]["display_id"]]
            place.outputs[number] = content
        elif kind in {"comm_open", "comm_msg"}:
            state = content["data"].get("state", {})
            self.widgets.setdefault(content["comm_id"], {}).update(state)
            if kind == "comm_open" and "snapshot" in state:
                self._tell_view(content["comm_id"], "ready")
        elif cell is not None and kind == "execute_reply":
            cell.status = content["status"]
        elif cell is not None and kind == "status":
            cell.is_over = content["execution_state"] == "idle"
        elif cell is not None and kind in {"display_data", "execute_result", "stream", "error"}:
            display_id = content.get("transient", {}).get("display_id")
            if display_id:
                self._displays[display_id] = (cell, len(cell.outputs))
            cell.outputs.append(content)


@contextmanager
def running_kernel(folder: Path) -> Iterator[Kernel]:
    """Run a kernel that keeps all of its files in a folder."""
    manager = KernelManager(
        kernel_name="tested",
        kernel_spec_manager=_specification(folder),
        connection_file=str(folder / "connection.json"),
    )
    manager.start_kernel(env=_environment(folder), cwd=folder)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _specification(folder: Path) -> KernelSpecManager:
    python = os.environ.get("CHATWIDGET_TEST_KERNEL", sys.executable)
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = folder / "kernels" / "tested"
    kernel.mkdir(parents=True)
    specification = {"argv": argv, "display_name": "Tested", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(specification), "utf-8")
    return KernelSpecManager(kernel_dirs=[str(kernel.parent)])


def _environment(folder: Path) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "JUPYTER", "IPYTHON"))
    }
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return inherited | {
        "CHATWIDGET_DATA": str(folder / "data"),
        "CHATWIDGET_SERVER": "practice",
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": path,
    }
