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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.client.wire.types import ChatCompletion
    from wire.scripted_server import ScriptedServer

LIBRARIES = {"httpx": httpx, "httpx2": httpx2}
TWINS = {"sync": False, "async": True}


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
    return library


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
    """Both kinds of client, each with its own HTTP client."""
    return Asker(server, asynchronous=request.param)


@pytest.fixture(params=[False, True], ids=["own", "given"])
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
