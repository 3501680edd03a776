"""A JupyterLab and a Chromium for the tests of this folder.

The scope is the folder, not the session: as long as Playwright runs, its event loop counts as
running in this thread, and `asyncio.run` in another folder's tests would be refused.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect

from browser.chromium import running_chromium
from browser.jupyter import JupyterServer, running_jupyterlab
from browser.lab import TIMEOUT, Lab

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import BrowserContext

HAS_FAILED = pytest.StashKey[bool]()
ARTIFACTS = Path(__file__).parents[1] / "artifacts"

expect.set_options(timeout=TIMEOUT * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of a failing flow, as it is before any fixture is taken down."""
    report = yield
    lab = item.funcargs.get("lab")
    if report.failed and report.when == "call" and isinstance(lab, Lab):
        item.stash[HAS_FAILED] = True
        with contextlib.suppress(Error):  # a page that is gone has no picture
            lab.screenshot(item.name)
    return report


@pytest.fixture(scope="package")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with running_jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as server:
        yield server


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    with running_chromium(tmp_path_factory.mktemp("chromium")) as context:
        yield context


@pytest.fixture(scope="package")
def tidied() -> list[Lab]:
    """The page of the flow before, if it was left as one that was just loaded."""
    return []


@pytest.fixture
def lab(
    request: pytest.FixtureRequest,
    jupyterlab: JupyterServer,
    browser: BrowserContext,
    tidied: list[Lab],
) -> Iterator[Lab]:
    """A page without a notebook; a picture of it is kept if the test fails."""
    if tidied:
        lab = tidied.pop()
    else:
        lab = Lab(browser.new_page(), jupyterlab, ARTIFACTS)
        lab.load()
    yield lab
    if request.node.stash.get(HAS_FAILED, False) or not lab.tidy():
        lab.close()
    else:
        tidied.append(lab)
