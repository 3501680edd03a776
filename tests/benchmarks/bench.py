"""What every section works with: the server, the clients' processes, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from . import worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from .measure import Processes
    from .server import BenchmarkServer

__all__ = ["OURS", "Bench"]

T = TypeVar("T")

OURS = ("chatwidget", "httpx2")
"""The clients that have goals; `httpx2` is chatwidget on it."""


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks."""

    server: BenchmarkServer
    processes: Processes
    quick: bool

    def job(
        self, client: str, measure: Callable[..., T], *arguments: object, process: str = ""
    ) -> Callable[[], T]:
        """Measure something of a client in its process, or in another one."""
        run, url = self.processes.run, self.server.url
        return partial(run, process or client, measure, client, url, *arguments)

    def cpu(self, client: str, case: str, chunks: int) -> Callable[[], float]:
        """Measure the CPU time of one stream, in µs per chunk."""
        return self.job(client, worker.cpu, case, chunks)
