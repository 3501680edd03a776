"""How long workers of a cluster wait between batches, beside how long they ask.

What Dask's own threads take from a worker's processor is not in it: where the answers come as fast
as they can be read, a study on two busy cores took up to 1.2 times that of two bare processes.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections import defaultdict
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .cases import question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["BATCH", "Span", "on_cluster", "share_of_waiting", "timed"]

BATCH = 100
_THINKING = 500
"""ms before an answer begins."""


class Span(NamedTuple):
    """When a worker was at a batch."""

    worker: int
    begun: float
    ended: float


def timed(task: Callable[..., Any], *arguments: Any) -> tuple[Any, Span]:
    """Run a task where it is run, and tell when that was."""
    begun = time.time()
    return task(*arguments), Span(os.getpid(), begun, time.time())


class Watching(Executor):
    """Runs tasks on another executor, and notes when each was run."""

    def __init__(self, executor: Executor) -> None:
        self.spans: list[Span] = []
        self._executor = executor

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        """Submit a task."""
        told: Future[Any] = Future()
        told.set_running_or_notify_cancel()

        def tell(done: Future[Any]) -> None:
            if (error := done.exception()) is not None:
                told.set_exception(error)
                return
            result, span = done.result()
            self.spans.append(span)
            told.set_result(result)

        self._executor.submit(timed, task, *arguments).add_done_callback(tell)
        return told


def on_cluster(url: str, calls: int) -> float:
    """The time on two workers of Dask, in that in which they are at a batch."""
    from distributed import Client, LocalCluster

    from chatwidget.tuning import Study

    os.environ["NO_PROXY"] = "127.0.0.1"
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(**options, dashboard_address=None, host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        executor = Watching(client.get_executor())
        asked = {
            "repeats": calls,
            "fixed": {"seed": _THINKING},
            "server": url,
            "model": question("plain", 10),
            "store": Path(folder, "answers.sqlite"),
        }
        run = Study("Hi", **asked).start(executor=executor, batch=BATCH)
        run.wait()
        if run.progress.done != calls:
            raise AssertionError(f"{run.progress}")
        return share_of_waiting(executor.spans)


def share_of_waiting(spans: Iterable[Span]) -> float:
    """The time from each worker's first batch to its last one's end, in that of the batches."""
    workers: dict[int, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: span.begun):
        workers[span.worker].append(span)
    asked = sum(span.ended - span.begun for span in itertools.chain(*workers.values()))
    passed = sum(found[-1].ended - found[0].begun for found in workers.values())
    return passed / asked
