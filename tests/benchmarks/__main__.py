"""Measure what the README claims: ``python -m tests.benchmarks [section …] [--quick]``.

Every figure of a table comes from one run, in interleaved rounds, and each is the median of its
rounds. CPU time is that of the client's process alone. Times drift with the machine; compare the
ratios.
"""

from __future__ import annotations

import argparse
import os
import time

from . import (
    concurrency,
    display,
    film,
    grid,
    growth,
    latency,
    local,
    memory,
    pace,
    panel,
    per_chunk,
    pooling,
    start,
    statistics,
    store,
    study,
    tokens,
)
from .bench import Bench
from .measure import processes
from .report import environment
from .server import running_server

SECTIONS = {
    "per-chunk": per_chunk,
    "growth": growth,
    "latency": latency,
    "memory": memory,
    "start": start,
    "concurrency": concurrency,
    "display": display,
    "panel": panel,
    "grid": grid,
    "statistics": statistics,
    "store": store,
    "study": study,
    "local": local,
    "pace": pace,
    "pooling": pooling,
    "tokens": tokens,
    "film": film,
}


def main() -> None:
    """Run the sections that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="less of everything")
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {_NAMES}")

    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has been compiled
    os.environ["NO_PROXY"] = "127.0.0.1"
    began = time.monotonic()
    print(environment())
    with running_server() as server, processes() as clients:
        for name in arguments.sections or SECTIONS:
            SECTIONS[name].report(Bench(server, clients, quick=arguments.quick))
    print(f"\n{time.monotonic() - began:.0f} s")


_NAMES = ", ".join(SECTIONS)

if __name__ == "__main__":
    main()
