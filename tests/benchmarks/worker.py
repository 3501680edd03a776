"""What runs in a client's own process: one measurement at a time, when the parent asks for it.

Each client has a process for itself, so that its imports, its threads and its garbage are its own.
"""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from functools import cache
from typing import Any

from .cases import CASES, question, texts
from .clients import ASYNC_CLIENTS, CLIENTS, Ask, AsyncAsk

__all__ = ["async_cpu", "async_said", "cpu", "first_chunk", "peak_memory", "said"]


def cpu(client: str, url: str, case: str, chunks: int) -> float:
    """The CPU time of one stream, in µs per chunk."""
    ask = _ask(client, url)
    gc.collect()
    start = time.process_time()
    ask(question(case, chunks), _listen)
    return (time.process_time() - start) / chunks * 1e6


def async_cpu(client: str, url: str, streams: int, chunks: int) -> float:
    """The CPU time of many streams at once, in µs per chunk."""

    async def ask_all() -> float:
        ask = _async_ask(client, url)
        start = time.process_time()
        await asyncio.gather(*(ask(question("plain", chunks), _listen) for _ in range(streams)))
        took = time.process_time() - start
        await _others_end()
        return took

    gc.collect()
    return _loop().run_until_complete(ask_all()) / (streams * chunks) * 1e6


def first_chunk(client: str, url: str, calls: int) -> list[float]:
    """The times from call to first callback, in µs; each call waits for the one before."""
    ask = _ask(client, url)
    times = []
    for _ in range(calls):
        came: list[float] = []

        def listen(_: object, came: list[float] = came) -> None:
            if not came:
                came.append(time.perf_counter())

        start = time.perf_counter()
        ask(question("plain", 3), listen)
        times.append((came[0] - start) * 1e6)
    return times


def peak_memory(client: str, url: str, chunks: int) -> float:
    """The most memory that one stream takes beyond its text, in MB."""
    ask = _ask(client, url)
    ask(question("plain", 100), _listen)
    gc.collect()
    tracemalloc.start()
    ask(question("plain", chunks), _listen)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    text = sum(len(said) for said in texts("plain", chunks).values())
    return (peak - text) / 1e6


def said(client: str, url: str, case: str, chunks: int) -> dict[int, str]:
    """What each choice said, as the function heard it."""
    heard = _Heard()
    _ask(client, url)(question(case, chunks), heard)
    return heard.texts


def async_said(client: str, url: str, case: str, chunks: int) -> dict[int, str]:
    """The same of an asynchronous client."""
    heard = _Heard()

    async def ask() -> None:
        await _async_ask(client, url)(question(case, chunks), heard)

    _loop().run_until_complete(ask())
    return heard.texts


class _Heard:
    def __init__(self) -> None:
        self.texts: dict[int, str] = {}

    def __call__(self, event: Any) -> None:
        # chatwidget and openai's helper have events, of which some hold a chunk
        chunk = getattr(event, "chunk", event)
        for choice in getattr(chunk, "choices", None) or ():
            calls = choice.delta.tool_calls or ()
            piece = choice.delta.content or "".join(call.function.arguments for call in calls)
            self.texts[choice.index] = self.texts.get(choice.index, "") + piece


def _listen(_: object) -> None:
    """Take a chunk and do nothing: what a listener does is its own cost."""


@cache
def _ask(client: str, url: str) -> Ask:
    """Build a client once, and let it do what it does only the first time."""
    ask = CLIENTS[client].connect(url)
    for case in CASES:
        ask(question(case, 10), _listen)
    return ask


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


async def _others_end() -> None:
    """Wait for what a client leaves behind: streams that it has not read to their end."""
    await asyncio.sleep(0)
    gc.collect()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


@cache
def _async_ask(client: str, url: str) -> AsyncAsk:
    return ASYNC_CLIENTS[client].connect(url)
