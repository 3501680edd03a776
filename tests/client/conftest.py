"""What the tests of the client share: a clean environment, and one way to ask through any twin."""

from __future__ import annotations

import asyncio
import os
import ssl
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.transport import http as transport
from tables import FEW

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from chatwidget.client.wire.types import ChatCompletion
    from wire.scripted_server import ScriptedServer

LIBRARIES = {"httpx": httpx, "httpx2": httpx2}
TWINS = {"sync": False, "async": True, "fast": "fast"}
"""Both clients, and the asynchronous one on the fast transport, which is httpx's alone."""
KINDS = {"own": False, "given": True}
FAST_TRANSPORT = transport._fast_transport

# Here the libraries differ most: their clients, connections and certificates.
WHERE_LIBRARIES_DIFFER = {"test_connections.py", "test_transport.py", "test_verification.py"}
# The transports differ in what they read at once, too; the full tier runs all on the fast one.
WHERE_TRANSPORTS_DIFFER = {*WHERE_LIBRARIES_DIFFER, "test_size.py"}


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: pytest.Module) -> Generator[None, Any, Any]:
    """Take a few from what the fixtures below make of a test; the full tier takes all."""
    made = yield
    if not isinstance(made, list):
        return made
    made = [case for case in made if is_possible(case)]
    if collector.config.option.full:
        return made
    rows = [*dict.fromkeys(map(row_of, made))]
    differ = collector.path.name in WHERE_LIBRARIES_DIFFER
    taken = []
    for case in made:
        row = rows.index(row_of(case)) if len(rows) > FEW else None
        if is_covering(case, row, differ=differ):
            taken.append(case)
    return taken


def is_possible(case: pytest.Function) -> bool:
    """Tell whether a case is none of the fast transport with another library, or a given client."""
    chosen = case.callspec.params if hasattr(case, "callspec") else {}
    if "fast" not in (chosen.get("ask_own"), chosen.get("either_transport")):
        return True
    return chosen.get("library", httpx) is httpx and not chosen.get("ask")


def row_of(case: pytest.Function) -> str:
    """Return what a case is called without its library, twin and kind of client."""
    if not hasattr(case, "callspec"):
        return ""
    words = case.callspec.id.split("-")
    return "-".join(word for word in words if word not in {*LIBRARIES, *TWINS, *KINDS})


def is_covering(case: pytest.Function, row: int | None, *, differ: bool) -> bool:
    """Tell whether a case runs in any tier; the row is its number in a table, if it is in one.

    Most tests meet two of eight: sync, httpx and own client; async, httpx2 and given client.
    Where libraries differ it is four, in which each library meets each twin, and each of both an
    own and a given client. The rows of a table share these, and meet half of them in turn.
    """
    chosen = case.callspec.params if hasattr(case, "callspec") else {}
    named = [names for mark in case.iter_markers("parametrize") for names in mark.args[:1]]
    own_choice = any("library" in names for names in named)
    if "library" not in chosen or own_choice:
        return True
    if "ask_own" not in chosen:
        return differ or chosen["library"] is httpx
    if chosen["ask_own"] == "fast":
        return case.path.name in WHERE_TRANSPORTS_DIFFER
    second, later, given = chosen["library"] is httpx2, chosen["ask_own"], chosen.get("ask")
    # by the bits of its number, a row's turn is not that of a column of the table
    turn = None if row is None else row.bit_count() % 2
    if differ:
        return turn in (None, second != later) and given in (None, second != later)
    return second == later and turn in (None, later) and given in (None, later)


class Asker:
    """Asks the scripted server through one of the twins; every call is a plain one.

    It brings an HTTP client of a library, or leaves that to the package.
    """

    def __init__(self, server: ScriptedServer, *, asynchronous: bool, library: Any = None) -> None:
        self.url = server.url
        self.asynchronous = asynchronous
        self.library = library

    def __call__(self, messages: Any = "Hello", model: str = "m", **options: Any) -> ChatCompletion:
        """Ask, and close everything that was opened for it."""
        return self.run(messages, model, {}, options)

    def run(
        self, messages: Any, model: str, client: dict[str, Any], options: dict[str, Any]
    ) -> Any:
        """Ask with arguments for the client and for the call; by default, nothing is retried."""
        client = {"retries": 0} | client
        if self.asynchronous:
            return asyncio.run(self._ask_later(messages, model, client, options))
        with ChatClient(self.url, http_client=self._http("Client"), **client) as chat:
            try:
                return chat.create_chat_completion(messages, model, **options)
            finally:
                if chat._http is not None:
                    chat._http.close()

    async def _ask_later(
        self, messages: Any, model: str, client: dict[str, Any], options: dict[str, Any]
    ) -> Any:
        http_client = self._http("AsyncClient")
        async with AsyncChatClient(self.url, http_client=http_client, **client) as chat:
            try:
                return await chat.create_chat_completion(messages, model, **options)
            finally:
                if chat._http is not None:
                    await chat._http.aclose()

    def _http(self, kind: str) -> Any:
        if self.library is None:
            return None
        return getattr(self.library, kind)(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Any:
    """Both HTTP libraries in turn."""
    return request.param


@pytest.fixture
def own_library(library: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both HTTP libraries in turn, as the one that the package makes its own clients of."""
    monkeypatch.setattr(transport, "httpx", library)
    monkeypatch.setattr(transport, "_fast_transport", lambda: None)
    return library


@pytest.fixture
def fast(own_library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make asynchronous clients on the fast transport, as it is where that is installed."""
    monkeypatch.setattr(transport, "_fast_transport", FAST_TRANSPORT)


@pytest.fixture(params=["own", "fast"])
def either_transport(request: pytest.FixtureRequest, library: Any) -> None:
    """Make asynchronous clients on the transport of httpx, and on the fast one."""
    if request.param == "fast":
        request.getfixturevalue("fast")


@pytest.fixture
def server(server: ScriptedServer, own_library: Any) -> ScriptedServer:
    """The scripted server, which is asked by means of both libraries in turn."""
    return server


@pytest.fixture
def tls_server(tls_server: ScriptedServer, own_library: Any) -> ScriptedServer:
    """The same over TLS."""
    return tls_server


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's keys, servers or proxies reach a test."""
    for name in list(os.environ):
        if name.upper().startswith("OPENAI_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture(params=TWINS.values(), ids=TWINS)
def ask_own(server: ScriptedServer, request: pytest.FixtureRequest) -> Asker:
    """Both kinds of client, each with its own HTTP client, which may be on the fast transport."""
    if request.param == "fast":
        request.getfixturevalue("fast")
    return Asker(server, asynchronous=bool(request.param))


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def ask(ask_own: Asker, library: Any, request: pytest.FixtureRequest) -> Asker:
    """Both kinds of client, each with its own HTTP client and with one that it is given."""
    ask_own.library = library if request.param else None
    return ask_own


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[ChatClient]:
    """A client of the scripted server that sends a request once."""
    with ChatClient(server.url, retries=0) as client:
        yield client


@pytest.fixture
def shown() -> Callable[[BaseException], str]:
    """Return all that can be seen of an error, with the locals of the package's frames."""

    def show(error: BaseException) -> str:
        seen = []
        chain: list[BaseException | None] = [error]
        while chain:
            if (each := chain.pop()) is not None:
                chain += [each.__cause__, each.__context__]
                summary = traceback.TracebackException.from_exception(each, capture_locals=True)
                summary.stack[:] = [f for f in summary.stack if "/tests/" not in f.filename]
                seen += [repr(each), str(each), repr(each.args), repr(vars(each))]
                seen += summary.format(chain=False)
        return "\n".join(seen)

    return show
