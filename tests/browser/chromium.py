"""A Chromium that reaches nothing but this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from .lab import VIEWPORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext

__all__ = ["running_chromium"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # whatever is not on loopback goes to a proxy that is not there
    "--proxy-server=http://127.0.0.1:1",
    "--proxy-bypass-list=127.0.0.1",
]


@contextlib.contextmanager
def running_chromium(folder: Path, scale: float = 1) -> Iterator[BrowserContext]:
    """Run a Chromium that keeps its files in a folder; scale is that of a finer screen."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=installed(),
            args=ARGUMENTS,
            viewport=VIEWPORT,
            device_scale_factor=scale,
        )
        yield context
        context.close()


def installed() -> str | None:
    """Find an installed Chromium; without one, Playwright uses the browser it downloaded."""
    names = ["chromium", "chromium-browser", "google-chrome"]
    return os.environ.get("CHATWIDGET_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )
