"""A JupyterLab of our own: fresh folders, a free port, the interpreter that runs the tests."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JupyterServer", "running_jupyterlab"]

ROOT = Path(__file__).parents[2]
START_SECONDS = 60

OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--IdentityProvider.token=",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=",
    "--ServerApp.port_retries=0",
    # what Notebook 7 adds to JupyterLab is no dashboard's, and Voilà trips over it
    "--VoilaConfiguration.extension_denylist=['@jupyter-notebook/lab-extension']",
]

# what asks the network, or talks to kernels and servers by itself and complains on the console
PAGE_CONFIG = {
    "disabledExtensions": {
        "@jupyterlab/apputils-extension:announcements": True,
        "@jupyterlab/debugger-extension": True,
        "@jupyterlab/extensionmanager-extension": True,
        "@jupyterlab/fileeditor-extension:language-server": True,
        "@jupyterlab/lsp-extension": True,
        "@jupyterlab/notebook-extension:language-server": True,
    }
}
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


@dataclass(frozen=True)
class JupyterServer:
    """Where a running server listens, and the folder whose notebooks it serves."""

    url: str
    root: Path


@contextlib.contextmanager
def running_jupyterlab(folder: Path) -> Iterator[JupyterServer]:
    """Run a JupyterLab that keeps all of its files in a folder."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    port = free_port()
    server = JupyterServer(f"http://127.0.0.1:{port}", notebooks)
    log_path = folder / "jupyterlab.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--port={port}"],
            cwd=notebooks,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for pytest, which then stops the server below
        )
    try:
        wait_for_status(server, process, log_path)
        yield server
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the server; a kernel that it leaves behind ends by itself, when it sees no parent."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:  # seen: all is shut down, but a worker thread is not joined
        process.kill()
        process.wait()


def environment(folder: Path) -> dict[str, str]:
    """Make the folders, and the variables that name them; no key of the user goes along."""
    data, config = folder / "data", folder / "config"
    write_json(config / "labconfig" / "page_config.json", PAGE_CONFIG)
    write_json(config / "labconfig" / "default_setting_overrides.json", SETTINGS)
    write_json(
        data / "kernels" / "python3" / "kernel.json",
        {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Python 3",
            "language": "python",
        },
    )
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "JUPYTER", "IPYTHON"))
    }
    # the kernel imports this checkout, whether or not it is installed
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return inherited | {
        "CHATWIDGET_SERVER": "practice",
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(data),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PYTHONPATH": path,
    }


def wait_for_status(
    server: JupyterServer, process: subprocess.Popen[bytes], log_path: Path
) -> None:
    """Wait until the server answers; fail with its log if it ends or takes too long."""
    for _ in range(START_SECONDS * 10):
        with contextlib.suppress(OSError):  # nobody there yet, or gone again
            urllib.request.urlopen(f"{server.url}/api/status", timeout=START_SECONDS).close()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    log = log_path.read_text("utf-8", "replace")
    raise RuntimeError(f"JupyterLab did not start:\n{log[-5000:]}")


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def write_json(path: Path, value: object) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")
