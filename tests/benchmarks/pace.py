"""How far a pace uses a server: refusing and quiet ones in virtual time, and the local model."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from tests.client.pace.simulated_servers import (
    SPEEDS,
    RefusingServer,
    at_its_pace,
    at_work,
    best_fixed,
)

from .measure import in_rounds, median, ratio
from .report import print_table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .bench import Bench

__all__ = ["local_throughput", "report"]

_LEARNT, _END = 30.0, 150.0
_LEAST, _MOST_REFUSED = 0.9, 0.02
_BUCKETS = ((5, 0.5), (10, 1.0), (30, 0.2), (50, 2.0), (100, 1.0))
_STORM = (60.0, 70.0)
_FIXED = (1, 4, 8)
_CALLS = 120


def report(bench: Bench) -> None:
    """Print shares of what servers allow; the local model takes minutes."""
    every = 2 if bench.quick else 1
    rows = [_bucket(rate, seconds) for rate, seconds in _BUCKETS[::every]]
    print_table(
        f"A pace at token buckets of a second's burst, after {_LEARNT:.0f} s (virtual time)",
        ["", "of its rate", "goal", "answers 429", "goal"],
        [*rows, _storm()],
    )
    print_table(
        "A pace at servers that refuse nothing (virtual time)",
        ["", "of the best fixed concurrency", "goal"],
        [
            [name, *_used(at_its_pace(*SPEEDS[name]) / best_fixed(*SPEEDS[name]))]
            for name in [*SPEEDS][::every]
        ],
    )
    if not bench.quick:
        _local(bench)


def _bucket(rate: float, seconds: float) -> list[str]:
    server, _ = at_work(lambda clock: RefusingServer(clock, rate, rate, seconds), _END)
    used, refused = server.answered(_LEARNT, _END), server.refused(_LEARNT)
    title = f"{rate} a second, answers of {seconds:g} s"
    return [title, *_used(used), f"{refused:.1%}", _goal(reached=refused <= _MOST_REFUSED)]


def _storm() -> list[str]:
    """Every answer of ten seconds asks to wait for 89; a little later it is over."""

    def set_up(clock: Callable[[], float]) -> RefusingServer:
        server = RefusingServer(clock, 20, 20, 0.5)
        server.storm = _STORM
        return server

    server, _ = at_work(set_up, _END, tasks=2000)
    used = server.answered(_STORM[1] + 15, _END)
    return ["15 s after a storm of Retry-After: 89", *_used(used), "", ""]


def _used(share: float) -> tuple[str, str]:
    return f"{share:.1%}", _goal(reached=share >= _LEAST)


def _goal(*, reached: bool) -> str:
    return "ok" if reached else "MISSED"


def _local(bench: Bench) -> None:
    from chatwidget.local.catalog import has_default_model

    if not has_default_model():
        return

    def job(count: int) -> Callable[[], float]:
        return lambda: bench.processes.run("local", local_throughput, count)

    found = in_rounds({count: job(count) for count in (0, *_FIXED)}, 1)
    best = max(_FIXED, key=lambda count: median(found[count]))
    rows = [[f"{count} at once", f"{median(found[count]):.0f}", "", ""] for count in _FIXED]
    share = ratio(found[0], found[best])
    rows.append(["at its pace", f"{median(found[0]):.0f}", *_used(share)])
    print_table("The local model", ["", "tokens a second", "of the best", "goal"], rows)


def local_throughput(count: int) -> float:
    """Return the tokens per second of so many at once, or of a pace if it is 0."""
    return asyncio.run(_throughput(count))


async def _throughput(count: int) -> float:
    from chatwidget import AsyncChatClient
    from chatwidget.client.pace.asking import ask_at_pace
    from chatwidget.client.pace.pace import Pace

    pace, free, ends = Pace(), asyncio.Semaphore(count or 1), []

    async with AsyncChatClient("local", retries=0) as client:
        await client.create_chat_completion("Hi", max_tokens=1)

        async def ask(turn: Any) -> None:
            begun, first = time.monotonic(), None
            stream = await client.stream("Tell me a story.", max_tokens=30, seed=len(ends))
            async for _ in stream:
                first = first or time.monotonic() - begun
            usage = stream.result().usage
            if turn is not None:
                turn.succeeded(usage, first_token=first)
            ends.append((time.monotonic(), usage.completion_tokens if usage else 0))

        async def fixed() -> None:
            async with free:
                await ask(None)

        one: Callable[[], Awaitable[None]] = fixed if count else (lambda: ask_at_pace(pace, ask))
        await asyncio.gather(*(one() for _ in range(_CALLS)))
    learnt = ends[_CALLS // 3 :]
    return sum(tokens for _, tokens in learnt[1:]) / (learnt[-1][0] - learnt[0][0])
