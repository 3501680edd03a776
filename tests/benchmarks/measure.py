"""Measuring in rounds: A B C A B C …, so that a machine that slows down slows all alike.

Clients are compared within a round, and the median of the rounds is what counts.
"""

from __future__ import annotations

import statistics
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Processes", "in_rounds", "median", "processes", "ratio"]

T = TypeVar("T")
Key = TypeVar("Key")


class Processes:
    """One process for each name, started when it is first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._executors: dict[str, ProcessPoolExecutor] = {}

    def run(self, name: str, function: Callable[..., T], *arguments: Any) -> T:
        """Run a function in the process of this name, and wait."""
        if name not in self._executors:
            executor = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
            self._executors[name] = self._stack.enter_context(executor)
        return self._executors[name].submit(function, *arguments).result()


@contextmanager
def processes() -> Iterator[Processes]:
    """Keep the processes until the end of the block."""
    with ExitStack() as stack:
        yield Processes(stack)


def in_rounds(jobs: Mapping[Key, Callable[[], T]], rounds: int) -> dict[Key, list[T]]:
    """Do every job once in each round; one more round comes before, and does not count."""
    results: dict[Key, list[T]] = {key: [] for key in jobs}
    for _ in range(rounds + 1):
        for key, job in jobs.items():
            results[key].append(job())
    return {key: counted for key, (_, *counted) in results.items()}


def median(figures: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(figures)


def ratio(figures: Iterable[float], others: Iterable[float]) -> float:
    """The median of the ratios within each round."""
    return median(one / other for one, other in zip(figures, others, strict=True))
