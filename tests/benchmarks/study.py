"""What a call of a study costs: beside bare HTTP, as calls grow many, and on a cluster."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cases import question
from .measure import in_rounds, median, ratio
from .report import print_table, times, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["asked", "asked_by_cluster", "asked_by_processes", "bare", "grown", "report"]

_AT_ONCE = 64
_MOST_OF_BARE = 1.0
_MOST_GROWTH = 1.15
_MOST_BYTES = 1000
"""Bytes for each call more; its place in the list of calls is most of it."""
_MOST_ON_CLUSTER = 1.05
_BATCH = 100


def report(bench: Bench) -> None:
    """Print seconds, growth, memory and the overhead of a cluster."""
    run, url = bench.processes.run, bench.server.url
    calls, chunks, rounds = (200, 20, 2) if bench.quick else (1000, 50, 3)
    found = in_rounds(
        {
            "bare": lambda: run("bare", bare, url, calls, chunks),
            "study": lambda: run("study", asked, url, calls, chunks),
            "many": lambda: run("study", asked, url, 10 * calls, chunks) / 10,
        },
        rounds,
    )
    compared, grown_by = ratio(found["study"], found["bare"]), ratio(found["many"], found["study"])
    memory = run("memory of a study", grown, url, calls)
    on_processes, on_cluster = _batches(bench, calls, chunks, rounds)
    overhead = ratio(on_cluster, on_processes)
    rows = [
        [f"httpx alone, {calls:,} streams", f"{median(found['bare']):.2f} s", ""],
        [
            f"a study of {calls:,} calls",
            f"{median(found['study']):.2f} s, {times(compared)}",
            verdict(compared, _MOST_OF_BARE),
        ],
        [f"{10 * calls:,} calls, for each", times(grown_by), verdict(grown_by, _MOST_GROWTH)],
        ["memory for each call more", f"{memory:.0f} bytes", verdict(memory, _MOST_BYTES)],
        ["two processes, batches of 100", f"{median(on_processes):.2f} s", ""],
        ["two workers of Dask", times(overhead), verdict(overhead, _MOST_ON_CLUSTER)],
    ]
    print_table(f"A study, {_AT_ONCE} calls at once, {chunks} chunks each", ["", "", "goal"], rows)


def _batches(bench: Bench, calls: int, chunks: int, rounds: int) -> tuple[list[float], list[float]]:
    """The seconds on two processes and on two workers, in interleaved rounds."""
    run, url = bench.processes.run, bench.server.url
    calls = max(calls, 4 * _BATCH)
    found = in_rounds(
        {
            "processes": lambda: run("processes", asked_by_processes, url, calls, chunks),
            "cluster": lambda: run("cluster", asked_by_cluster, url, calls, chunks),
        },
        rounds,
    )
    return found["processes"], found["cluster"]


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
    return _seconds(url, calls, chunks)


def grown(url: str, calls: int) -> float:
    """The bytes that a study of many calls takes at its peak, for each call more."""
    _seconds(url, calls, 1)
    few, many = (_peak(url, count) for count in (calls, 5 * calls))
    return (many - few) / (4 * calls)


def asked_by_processes(url: str, calls: int, chunks: int) -> float:
    """The seconds of a study on two processes, which have asked before."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        _seconds(url, 2 * _BATCH, 1, executor=executor, batch=_BATCH)
        return _seconds(url, calls, chunks, executor=executor, batch=_BATCH)


def asked_by_cluster(url: str, calls: int, chunks: int) -> float:
    """The same on two workers of Dask."""
    from distributed import Client, LocalCluster

    os.environ["NO_PROXY"] = "127.0.0.1"
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with (
        LocalCluster(**options, dashboard_address=None, host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        executor = client.get_executor()
        _seconds(url, 2 * _BATCH, 1, executor=executor, batch=_BATCH)
        return _seconds(url, calls, chunks, executor=executor, batch=_BATCH)


def _peak(url: str, calls: int) -> int:
    gc.collect()
    tracemalloc.start()
    _seconds(url, calls, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _seconds(url: str, calls: int, chunks: int, **options: Any) -> float:
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
        run = study.start(concurrency=_AT_ONCE, **options)
        run.wait()
        seconds = time.perf_counter() - begun
        if run.progress.done != calls:
            raise AssertionError(f"{run.progress}")
        return seconds
