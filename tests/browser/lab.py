"""JupyterLab as a person uses it, in a page of Chromium.

A flow reads like this:

>>> notebook = lab.open_notebook(["print('hello')"])
>>> notebook.run(0)
>>> notebook.wait_finished(0)
>>> assert notebook.output_text(0) == "hello"
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from playwright.sync_api import (
        ConsoleMessage,
        Dialog,
        Error,
        JSHandle,
        Locator,
        Page,
        WebSocket,
    )

    from browser.jupyter import JupyterServer

__all__ = ["TIMEOUT", "VIEWPORT", "Lab", "Notebook", "Traffic"]

LIGHT = "JupyterLab Light"
VIEWPORT = {"width": 1280, "height": 900}
TIMEOUT = 60.0  # seconds; generous, for two busy cores: what waits, waits on a condition

# the widget manager (jupyterlab_widgets 3.0.17) trips over a notebook without a kernel, to no harm
KNOWN_ERROR = re.compile(r"reading 'kernel'\)\n.*@jupyter-widgets/jupyterlab-manager")

OPEN = """
async ([path, options]) => {
    const { commands } = window.jupyterapp;
    const panel = await commands.execute(
        "docmanager:open", { path, factory: "Notebook", ...options });
    await panel.context.ready;
    return panel;
}
"""
IDLE = """
panel => {
    const kernel = panel.sessionContext.session?.kernel;
    return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}
"""
TIDY = """
async () => {
    const { serviceManager, shell } = window.jupyterapp;
    for (const tab of [...shell.widgets("main")]) {
        if (tab.context) tab.context.model.dirty = false;
        tab.close();
        tab.dispose();
    }
    await serviceManager.sessions.shutdownAll();
}
"""
EXECUTE = """
async ([panel, code, user_expressions]) => {
    const kernel = panel.sessionContext.session.kernel;
    const request = { code, silent: true, store_history: false, user_expressions };
    const reply = await kernel.requestExecute(request).done;
    return reply.content;
}
"""


@dataclass
class Traffic:
    """Bytes that went over the page's websockets, which lead to the kernels."""

    received: int = 0
    sent: int = 0


class Lab:
    """A page with JupyterLab in it, and a record of what it did unasked.

    Attributes
    ----------
    console_errors
        Errors on the browser's console, and uncaught exceptions.
    foreign_requests
        Addresses, other than the Jupyter server's, that the page asked for.
    dialogs
        Messages of alerts and their like; each was dismissed.
    traffic
        Bytes received and sent over websockets.
    """

    def __init__(self, page: Page, server: JupyterServer, artifacts: Path) -> None:
        self.page = page
        self.server = server
        self.artifacts = artifacts
        self.console_errors: list[str] = []
        self.foreign_requests: list[str] = []
        self.dialogs: list[str] = []
        self.traffic = Traffic()
        page.set_default_timeout(TIMEOUT * 1000)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)
        page.on("dialog", self._on_dialog)
        page.on("request", lambda request: self._on_address(request.url))
        page.on("websocket", self._on_websocket)

    def load(self) -> None:
        """Load JupyterLab with an empty workspace."""
        self.page.goto(f"{self.server.url}/lab?reset")
        self.page.wait_for_function("window.jupyterapp?.restored.then(() => true)")

    def open_notebook(
        self,
        cells: Sequence[str],
        environment: Mapping[str, str] | None = None,
        heading: str = "",
    ) -> Notebook:
        """Write a notebook, open it and wait for its kernel.

        Parameters
        ----------
        cells
            The sources of its code cells.
        environment
            Variables to set in its kernel before the first cell runs.
        heading
            The Markdown of a last cell; it is typeset as most notebooks have it.
        """
        taken = len(list(self.server.root.glob("*.ipynb")))
        path = self.server.root / f"notebook-{taken + 1}.ipynb"
        path.write_text(json.dumps(notebook_of(cells, heading)), "utf-8")
        return self.open_file(path, environment)

    def open_file(
        self, path: Path, environment: Mapping[str, str] | None = None, *, kernel: bool = True
    ) -> Notebook:
        """Open a notebook of the server's folder, with its kernel or without any."""
        options = {} if kernel else {"kernelPreference": {"shouldStart": False}}
        arguments = [path.relative_to(self.server.root).as_posix(), options]
        panel = self.page.evaluate_handle(OPEN, arguments)
        notebook = Notebook(self, path, panel)
        if kernel:
            notebook.wait_idle()
        if environment:
            notebook.execute(f"import os; os.environ.update({dict(environment)!r})")
        return notebook

    def command(self, name: str, **arguments: object) -> Any:
        """Execute one of JupyterLab's commands and wait until it is done."""
        call = "([name, arguments]) => window.jupyterapp.commands.execute(name, arguments)"
        return self.page.evaluate(f"async {call}.then(() => null)", [name, arguments])

    def theme(self, name: str) -> None:
        """Change the theme, such as "JupyterLab Dark"."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def resize(self, width: int, height: int = 900) -> None:
        """Change the size of the window."""
        self.page.set_viewport_size({"width": width, "height": height})

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the page among the artifacts."""
        self.artifacts.mkdir(exist_ok=True)
        path = self.artifacts / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
        self.page.screenshot(path=path)
        return path

    def wait_until(self, condition: Callable[[], object], timeout: float = TIMEOUT) -> None:
        """Wait for something outside of the page, while the page lives on."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"not within {timeout} s"
            self.page.wait_for_timeout(20)

    def tidy(self) -> bool:
        """Leave the page as one that was just loaded; false if that cannot be done."""
        page = self.page
        if page.is_closed() or not page.url.startswith(f"{self.server.url}/lab"):
            return False
        page.evaluate(TIDY)
        page.set_viewport_size(VIEWPORT)
        page.mouse.move(0, 0)  # what is hovered over next, is entered
        page.emulate_media(color_scheme="null", reduced_motion="null", forced_colors="null")
        if page.evaluate("document.body.dataset.jpThemeName") != LIGHT:
            self.theme(LIGHT)
        for record in (self.console_errors, self.foreign_requests, self.dialogs):
            record.clear()
        self.traffic.received = self.traffic.sent = 0
        return page.locator(".jp-Dialog, .jp-Document").count() == 0

    def shutdown_kernels(self) -> None:
        """Shut down all kernels."""
        self.page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")

    def close(self) -> None:
        """Shut down all kernels and close the page, if a person has not done that already."""
        if not self.page.is_closed():
            self.shutdown_kernels()
            self.page.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} ({message.location['url']})")

    def _on_page_error(self, error: Error) -> None:
        text = error.stack or error.message
        if not KNOWN_ERROR.search(text):
            self.console_errors.append(text)

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # JupyterLab guards unsaved work; that is no alert
            dialog.accept()
        else:
            self.dialogs.append(dialog.message)
            dialog.dismiss()

    def _on_address(self, url: str) -> None:
        own = self.server.url.removeprefix("http")
        if not url.startswith((f"http{own}/", f"ws{own}/", "data:", "blob:")):
            self.foreign_requests.append(url)

    def _on_websocket(self, websocket: WebSocket) -> None:
        self._on_address(websocket.url)
        websocket.on("framereceived", self._on_received)
        websocket.on("framesent", self._on_sent)

    def _on_received(self, frame: str | bytes) -> None:
        self.traffic.received += len(frame)

    def _on_sent(self, frame: str | bytes) -> None:
        self.traffic.sent += len(frame)


class Notebook:
    """An open notebook; its cells are counted from 0. JupyterLab's own object for it is its tab."""

    def __init__(self, lab: Lab, path: Path, panel: JSHandle) -> None:
        self.lab = lab
        self.path = path
        self.tab = panel
        self.root = lab.page.locator(f"[id='{panel.evaluate('panel => panel.id')}']")

    def cell(self, index: int) -> Locator:
        """One cell with its input and output."""
        return self.root.locator(".jp-Cell").nth(index)

    def prompt(self, index: int) -> Locator:
        """The ``[1]:`` beside a cell."""
        return self.cell(index).locator(".jp-InputPrompt")

    def output(self, index: int) -> Locator:
        """The output area of a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def output_text(self, index: int) -> str:
        """The visible text of a cell's output."""
        return self.output(index).inner_text().strip()

    def run(self, index: int) -> None:
        """Run a cell as a person does, with a click and Control+Enter; do not wait for its end."""
        before = self.prompt(index).inner_text()
        self.cell(index).locator(".cm-content").click()
        self.lab.page.keyboard.press("Control+Enter")
        expect(self.prompt(index)).not_to_have_text(before, timeout=TIMEOUT * 1000)

    def run_all(self) -> None:
        """Run all cells; do not wait for their end."""
        self.activate()
        self.lab.page.evaluate(
            "() => void window.jupyterapp.commands.execute('notebook:run-all-cells')"
        )

    def wait_finished(self, index: int) -> None:
        """Wait until a cell has run."""
        expect(self.prompt(index)).to_have_text(re.compile(r"\[\d+\]"), timeout=TIMEOUT * 1000)

    def wait_text(self, index: int, text: str | re.Pattern[str]) -> None:
        """Wait until a cell's output contains a text."""
        expect(self.output(index)).to_contain_text(text, timeout=TIMEOUT * 1000)

    def wait_idle(self) -> None:
        """Wait until the kernel is connected and idle."""
        self.lab.page.wait_for_function(IDLE, arg=self.tab)

    def execute(self, code: str) -> None:
        """Run code in the idle kernel behind the notebook's back."""
        reply = self.lab.page.evaluate(EXECUTE, [self.tab, code, {}])
        assert reply["status"] == "ok", reply

    def evaluate(self, code: str, expression: str) -> str:
        """Run code in the idle kernel, and return an expression's value as Python writes it."""
        reply = self.lab.page.evaluate(EXECUTE, [self.tab, code, {"value": expression}])
        found: str = reply["user_expressions"]["value"]["data"]["text/plain"]
        return found

    def disable_subshells(self) -> None:
        """Let messages of widgets wait for the cell that runs, as older kernels do."""
        kernel = "panel.sessionContext.session.kernel"
        self.tab.evaluate(f"panel => {{ {kernel}.commsOverSubshells = 'disabled' }}")

    def interrupt(self) -> None:
        """Interrupt the kernel."""
        self.activate()
        self.lab.command("notebook:interrupt-kernel")

    def save(self) -> None:
        """Save to the disk."""
        self.activate()
        self.lab.command("docmanager:save")

    def read_file(self) -> dict[str, Any]:
        """Read what is saved."""
        content: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return content

    def restart_kernel(self) -> None:
        """Restart the kernel, which forgets all, and wait until it is ready."""
        self.tab.evaluate("panel => panel.sessionContext.restartKernel()")
        self.wait_idle()

    def shutdown_kernel(self) -> None:
        """Shut down the kernel, if it has one."""
        self.tab.evaluate("panel => panel.sessionContext.shutdown()")

    def close(self) -> None:
        """Close the tab without saving; the kernel lives on."""
        self.tab.evaluate("panel => { panel.context.model.dirty = false; panel.close(); }")
        expect(self.root).to_have_count(0)

    def reopen(self) -> Notebook:
        """Show the saved file as a reader sees it: in a fresh page, without a kernel."""
        self.lab.load()
        self.lab.shutdown_kernels()
        return self.lab.open_file(self.path, kernel=False)

    def activate(self) -> None:
        """Bring the tab to the front; JupyterLab's commands act on that one."""
        self.tab.evaluate("panel => window.jupyterapp.shell.activateById(panel.id)")


def notebook_of(cells: Sequence[str], heading: str = "") -> dict[str, object]:
    """Write cells as a notebook file has them."""
    text = {"cell_type": "markdown", "id": "heading", "metadata": {}, "source": f"# {heading}"}
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{index}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for index, source in enumerate(cells)
        ]
        + [text] * bool(heading),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
