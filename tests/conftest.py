"""Fixtures for every test: the misbehaving server, over HTTP and over TLS, and an IPython shell."""

from __future__ import annotations

import atexit
import gc
import signal
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from hypothesis import settings
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tables import as_table
from wire.certificates import tls_context
from wire.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

# What a shell starts in the background is deaf to interrupts, and some tests send them.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is; speed is for the benchmarks.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make test-full`, and that of the parts which `make test` runs at once."""
    parser.addoption(
        "--full",
        action="store_true",
        help="run every test with each HTTP library, own and given client, sync and async, "
        "and give each row of a table a case of its own",
    )
    parser.addoption(
        "--part", default="1/1", metavar="K/N", help="run every N-th file only, from the K-th on"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find a case that is named on the command line, ``test_name[httpx-sync]``, in any tier."""
    config.option.full |= any("[" in name for name in config.args)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: pytest.Module) -> Generator[None, Any, Any]:
    """Collect what belongs to the tier: all of it, or what a change needs."""
    made = yield
    if collector.config.option.full or not isinstance(made, list):
        return made
    return as_table([case for case in made if not case.get_closest_marker("full")])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the files of one part; the parts together have all."""
    part, parts = map(int, config.option.part.split("/"))
    files = {path: number for number, path in enumerate(dict.fromkeys(each.path for each in items))}
    others = [item for item in items if files[item.path] % parts != part - 1]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if files[item.path] % parts == part - 1]


@pytest.fixture(autouse=True)
def _own_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test makes chatwidget remember is nobody else's."""
    monkeypatch.setenv("CHATWIDGET_DATA", str(tmp_path / "chatwidget-data"))


@pytest.fixture(autouse=True)
def _no_saved_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys in the keyring of whoever runs the tests are not for them."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr("chatwidget.client.auth.keys._known", {})


@pytest.fixture(autouse=True)
def _no_local_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is set, the practice model answers: it is exact, and the same everywhere."""
    monkeypatch.setattr("chatwidget.local.catalog.has_default_model", lambda: False)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts unless told: `authority.cert_pem`."""
    return trustme.CA()


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[ScriptedServer]:
    with ScriptedServer(tls_context(authority)) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "VIRTUAL_ENV"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    yield shell
    shell.extension_manager.unload_extension("chatwidget")
    shell.cleanup()
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()
    del shell
    # each shell collects garbage when it ends: what still lives need not be gone through again
    gc.collect()
    gc.freeze()
