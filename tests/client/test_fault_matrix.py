"""Every fault of the wire, through both clients and into both kinds of sink, checked as one.

After each: the right error, what had arrived of the text, no connection, thread or file left
open, and the key nowhere to be seen.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import pickle
import queue
import threading
import time
import traceback
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.errors import APIStatusError
from chatwidget.client.events import Data, Error, Finish
from chatwidget.client.request.unsupported import UnsupportedParameters
from client.conftest import LIBRARIES, TWINS
from client.faults import CANARY, FAULTS, Fault
from wire.certificates import tls_context
from wire.ports import refusing_port, silent_port
from wire.replies import LAST_FRAME
from wire.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trustme

    from chatwidget.client.wire.types import ChatCompletion

PACKAGE = str(Path(chatwidget.__file__).parent)
OPEN_FILES = Path("/proc/self/fd")
SINKS = ("function", "queue")
PATIENCE = 1.0  # how long something may take to be closed, in seconds


class SinkError(Exception):
    """What a sink of ours raises."""


class Ear:
    """A sink of every kind; it keeps what it hears, and fails where the fault says so."""

    def __init__(self, fault: Fault, kind: str) -> None:
        self._fails_at = fault.sink_fails_at
        self._events: list[Any] = []
        self.is_fast = kind.startswith("fast")
        queues: dict[str, Any] = {"sync-queue": queue.Queue}
        queues |= {"async-queue": asyncio.Queue, "fast-queue": asyncio.Queue}
        self._queue: Any = queues.get(kind, lambda: None)()
        self.target: Any = self._queue or (self.hear if kind == "sync-function" else self.ahear)

    @property
    def events(self) -> list[Any]:
        """What has been heard, oldest first."""
        while self._queue is not None and not self._queue.empty():
            self._events.append(self._queue.get_nowait())
        return self._events

    def hear(self, event: Any) -> None:
        """Take an event."""
        self._events.append(event)
        if isinstance(event, self._fails_at or ()):
            raise SinkError

    async def ahear(self, event: Any) -> None:
        """Take an event, after a turn of the loop."""
        await asyncio.sleep(0)
        self.hear(event)


class Outcome:
    """What came of a request, and all that can be seen of the client that sent it."""

    def __init__(self) -> None:
        self.answer: ChatCompletion | None = None
        self.raised: Exception | None = None
        self.seen: list[str] = []

    def look_at(self, client: object) -> None:
        """Keep what a client shows."""
        self.seen += [repr(client), str(client), repr(vars(client)), pickled(client)]


def ask(fault: Fault, url: str, server: ScriptedServer | None, ear: Ear) -> Outcome:
    outcome = Outcome()
    with ChatClient(
        url, openai_api_key=CANARY, retries=0, refusals=UnsupportedParameters(), limits=fault.limits
    ) as client:
        try:
            outcome.answer = client.create_chat_completion(
                "Hello", "m", stream_to=ear.target, timeout=fault.timeout, n=fault.n
            )
        except Exception as error:  # noqa: BLE001 - which one, is checked below
            outcome.raised = error
        for _ in waiting_for_close(fault, server):
            time.sleep(0.002)
        outcome.look_at(client)
    return outcome


async def aask(fault: Fault, url: str, server: ScriptedServer | None, ear: Ear) -> Outcome:
    outcome = Outcome()
    async with AsyncChatClient(
        url, openai_api_key=CANARY, retries=0, refusals=UnsupportedParameters(), limits=fault.limits
    ) as client:
        try:
            outcome.answer = await client.create_chat_completion(
                "Hello", "m", stream_to=ear.target, timeout=fault.timeout, n=fault.n
            )
        except Exception as error:  # noqa: BLE001 - which one, is checked below
            outcome.raised = error
        for _ in waiting_for_close(fault, server, fast=ear.is_fast):
            await asyncio.sleep(0.002)
        outcome.look_at(client)
    return outcome


def waiting_for_close(
    fault: Fault, server: ScriptedServer | None, *, fast: bool = False
) -> Iterator[None]:
    """Yield until the client has closed the connection, as it must while it is open itself.

    What came to its end in good order is kept for the next request; the fast transport knows that
    before the answer is read.
    """
    kept = fault.kept
    if fast and isinstance(fault.steps, list) and fault.steps[-1] == LAST_FRAME:
        return
    if kept is None:
        kept = fault.error is None or issubclass(fault.error, APIStatusError)
    if server is None or kept:
        return
    deadline = time.monotonic() + PATIENCE
    while not server.connections or server.connections[-1].connected:
        assert time.monotonic() < deadline, "The connection is still open."
        yield


@pytest.fixture
def place(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[Any]:
    """Return the address of what a fault is tried on, and the server if there is one."""
    fault: Fault = request.getfixturevalue("fault")
    with ExitStack() as stack:
        if fault.place in ("refusing", "silent"):
            hold = refusing_port if fault.place == "refusing" else silent_port
            yield f"http://127.0.0.1:{stack.enter_context(hold())}/v1", None
            return
        tls = tls_context(authority) if fault.place == "tls" else None
        server = stack.enter_context(ScriptedServer(tls))
        server.on_connect(fault.greeting)
        server.reply(fault.steps)
        if fault.then is not None:
            server.otherwise(fault.then)
        yield server.url, server


def matrix() -> Iterator[Any]:
    """Yield every fault with every library and every kind of client and sink."""
    numbered = enumerate(FAULTS)
    for (nth, fault), name, twin, sink in product(numbered, LIBRARIES, TWINS, SINKS):
        if (twin, name) == ("fast", "httpx2"):
            continue
        if fault.sink_fails_at is None or sink == "function":
            yield pytest.param(
                LIBRARIES[name],
                fault,
                f"{twin}-{sink}",
                id=f"{name}-{fault.name}-{twin}-{sink}",
                marks=() if is_covering(nth, fault, name, twin, sink) else pytest.mark.full,
            )


def is_covering(nth: int, fault: Fault, library: str, twin: str, sink: str) -> bool:
    """Tell whether a case runs in any tier.

    A fault meets each twin, library and sink once; who goes with whom changes from fault to fault.
    """
    turn = nth + (twin == "async")
    if twin == "fast":
        return sink == "function"
    if library != [*LIBRARIES][turn % 2]:
        return False
    return fault.sink_fails_at is not None or sink == SINKS[(turn + nth // 2) % 2]


@pytest.mark.usefixtures("own_library")
@pytest.mark.parametrize(("library", "fault", "kind"), [*matrix()], indirect=["library"])
def test_a_fault_is_told_and_leaves_nothing_behind(
    fault: Fault,
    kind: str,
    place: Any,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    if kind.startswith("fast"):
        request.getfixturevalue("fast")
    caplog.set_level(logging.DEBUG)
    url, server = place
    before = held()
    ear = Ear(fault, kind)
    if not kind.startswith("sync"):
        outcome = asyncio.run(aask(fault, url, server, ear))
    else:
        outcome = ask(fault, url, server, ear)

    check_events(fault, ear.events)
    check_outcome(fault, outcome, ear.events[-1])
    check_leaks(before)
    if server is not None:
        check_server(fault, server)
    check_canary(outcome, ear.events, caplog.records)


def check_events(fault: Fault, events: list[Any]) -> None:
    """Zero or more Data, then exactly one Finish or Error, which holds what had arrived."""
    *data, last = events
    assert all(type(event) is Data for event in data)
    assert type(last) is (Finish if fault.error is None else Error)
    assert "".join(event.chunk.text for event in data) == fault.text
    check_completion(fault, last.completion)
    if fault.error is not None:
        assert type(last.error) is fault.error


def check_outcome(fault: Fault, outcome: Outcome, last: Any) -> None:
    """The caller gets what the sink was told, or what the sink itself raised."""
    if fault.sink_fails_at is not None:
        assert type(outcome.raised) is SinkError
    elif fault.error is None:
        assert outcome.raised is None
        assert outcome.answer is last.completion
    else:
        error: Any = outcome.raised
        assert error is last.error
        assert fault.said in str(error)
        assert {name: getattr(error, name) for name in fault.fields} == fault.fields
        if error.completion is not None:
            check_completion(fault, error.completion)
        else:
            assert not fault.text


def check_completion(fault: Fault, completion: ChatCompletion) -> None:
    assert completion.text == fault.text
    first, *others = completion.choices or [None]
    assert tuple(choice.message.content for choice in others) == fault.others
    calls = first.message.tool_calls if first is not None else None
    assert fault.tools == tuple(
        (call.id, call.function.name, call.function.arguments) for call in calls or ()
    )
    if fault.error is None:
        assert completion.finish_reason == fault.reason


def check_server(fault: Fault, server: ScriptedServer) -> None:
    """Every connection is closed, and each request had the key."""
    for connection in server.connections:
        assert connection.wait_closed(PATIENCE) or connection.closed_by == "server"
    assert len(server.requests) == fault.requests
    for request in server.requests:
        assert request.headers["authorization"] == f"Bearer {CANARY}"


def held() -> tuple[list[str], int]:
    """Return the threads and the number of files that are open, but for those of servers."""
    own = ("scripted server", "chatwidget-")
    names = [thread.name for thread in threading.enumerate()]
    files = len([*OPEN_FILES.iterdir()]) if OPEN_FILES.exists() else 0
    return [name for name in names if not name.startswith(own)], files


def check_leaks(before: tuple[list[str], int]) -> None:
    """No thread and no file is left; the server's side of a connection takes a moment to go."""
    deadline = time.monotonic() + PATIENCE
    while (now := held()) != before:
        assert time.monotonic() < deadline, f"{before} became {now}"
        gc.collect()
        time.sleep(0.005)


def check_canary(outcome: Outcome, events: list[Any], records: list[logging.LogRecord]) -> None:
    """The key is nowhere to be seen."""
    seen = [*outcome.seen, *map(repr, events), pickled(outcome.answer)]
    for record in records:
        seen += [record.getMessage(), repr(record.args), repr(record.exc_info), repr(vars(record))]
    for event in events:
        seen += shown(event.error) if isinstance(event, Error) else ()
    if outcome.raised is not None:
        seen += shown(outcome.raised)
    assert records
    assert not [text for text in seen if "canary" in text]


def shown(error: BaseException) -> Iterator[str]:
    """Yield all that can be seen of an error and of those behind it, the package's locals too."""
    chain: list[BaseException | None] = [error]
    while chain:
        each = chain.pop()
        if each is None:
            continue
        chain += [each.__cause__, each.__context__]
        yield from (repr(each), str(each), repr(each.args), repr(vars(each)), pickled(each))
        summary = traceback.TracebackException.from_exception(each, capture_locals=True)
        summary.stack[:] = [line for line in summary.stack if line.filename.startswith(PACKAGE)]
        yield from summary.format(chain=False)


def pickled(value: object) -> str:
    """Return a value's pickle as text, or the words in which pickling is refused."""
    try:
        return pickle.dumps(value).decode("latin-1")
    except Exception as refused:  # noqa: BLE001 - whatever it is
        return repr(refused)
