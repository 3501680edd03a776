"""What a call of a study costs: beside bare HTTP, as calls grow many, and on a cluster."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

from .cases import question
from .cluster import BATCH, on_cluster
from .measure import in_rounds, median, ratio
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["asked", "bare", "grown", "report"]

_AT_ONCE = 64
_MOST_OF_BARE = 1.0
_MOST_GROWTH = 1.15
_MOST_BYTES = 1000
"""Bytes for each call more; its place in the list of calls is most of it."""
_MOST_ON_CLUSTER = 1.05


def report(bench: Bench) -> None:
    """Print seconds, growth, memory and the overhead of a cluster."""
    run, url = bench.processes.run, bench.server.url
    calls, chunks, rounds, batches = (200, 20, 2, 10) if bench.quick else (1000, 50, 3, 20)
    found = in_rounds(
        {
            "bare": lambda: run("bare", bare, url, calls, chunks),
            "study": lambda: run("study", asked, url, calls, chunks),
            "many": lambda: run("study", asked, url, 10 * calls, chunks) / 10,
        },
        rounds,
    )
    compared, growth = ratio(found["study"], found["bare"]), ratio(found["many"], found["study"])
    memory = run("memory of a study", grown, url, calls)
    overhead = run("cluster", on_cluster, url, batches * BATCH)
    took = {name: f"{median(seconds):.2f} s" for name, seconds in found.items()}
    rows = [
        [f"httpx alone, {calls:,} streams", took["bare"], ""],
        [
            f"a study of {calls:,} calls",
            f"{took['study']}, {times(compared)}",
            verdict(compared, _MOST_OF_BARE),
        ],
        [f"{10 * calls:,} calls, for each", times(growth), verdict(growth, _MOST_GROWTH)],
        ["memory for each call more", f"{memory:.0f} bytes", verdict(memory, _MOST_BYTES)],
        [
            f"two workers of Dask, {batches} batches of {BATCH}",
            times(overhead),
            verdict(overhead, _MOST_ON_CLUSTER),
        ],
    ]
    print_table(f"A study, {_AT_ONCE} calls at once, {chunks} chunks each", ["", "", "goal"], rows)


def bare(url: str, calls: int, chunks: int) -> float:
    """The seconds of raw streams on httpx, gathered; what comes is not even looked at."""
    import httpx

    many = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    body = {"model": question("plain", chunks), "messages": [], "stream": True}

    async def ask_all() -> float:
        free = asyncio.Semaphore(_AT_ONCE)
        async with httpx.AsyncClient(timeout=None, limits=many) as client:

            async def ask() -> None:
                async with (
                    free,
                    client.stream("POST", f"{url}/chat/completions", json=body) as response,
                ):
                    async for _ in response.aiter_raw():
                        pass

            begun = time.perf_counter()
            await asyncio.gather(*(ask() for _ in range(calls)))
            return time.perf_counter() - begun

    return asyncio.run(ask_all())


def asked(url: str, calls: int, chunks: int) -> float:
    """The seconds of a study, until its last answer is on the disk."""
    from chatwidget.tuning import Study

    with tempfile.TemporaryDirectory() as folder:
        study = Study(
            "Hi",
            repeats=calls,
            server=url,
            model=question("plain", chunks),
            store=Path(folder, "answers.sqlite"),
        )
        begun = time.perf_counter()
        run = study.start(concurrency=_AT_ONCE)
        run.wait()
        seconds = time.perf_counter() - begun
        if run.progress.done != calls:
            raise AssertionError(f"{run.progress}")
        return seconds


def grown(url: str, calls: int) -> float:
    """The bytes that a study of many calls takes at its peak, for each call more."""
    asked(url, calls, 1)
    few, many = (_peak(url, count) for count in (calls, 5 * calls))
    return (many - few) / (4 * calls)


def _peak(url: str, calls: int) -> int:
    gc.collect()
    tracemalloc.start()
    asked(url, calls, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
