"""A pace that is shared: by those that ask, by threads and event loops, and under which name."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.auth.servers import find_server
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.pace import registry
from chatwidget.client.pace.asking import ask_at_pace
from chatwidget.client.pace.pace import Pace
from chatwidget.client.pace.registry import pace_of
from forked import can_fork, in_children

from .simulated_servers import usage
from .virtual_time import run_in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.pace.pace import Turn

SECRET = "sk-canary-0123456789abcdef"
SERVER = find_server("http://127.0.0.1:8000/v1")


def key(secret: str = SECRET) -> ApiKey:
    return ApiKey(secret, origin=SERVER.origin, source="a test")


def test_lanes_are_served_in_turn_however_many_wait_in_one() -> None:
    async def main(clock: Callable[[], float]) -> Counter[str]:
        pace, served = Pace(clock, start=2), Counter[str]()

        async def ask(lane: str) -> None:
            while True:
                async with pace.turn(lane=lane):
                    served[lane] += 1
                    await asyncio.sleep(1)

        lanes = ["crowd"] * 200 + ["pair"] * 2 + ["another"] * 50
        tasks = [asyncio.ensure_future(ask(lane)) for lane in lanes]
        await asyncio.sleep(300)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return served

    served = run_in_virtual_time(main)
    assert max(served.values()) - min(served.values()) <= 0.02 * served.total()


def test_within_a_lane_who_came_first_goes_first() -> None:
    async def main(clock: Callable[[], float]) -> list[int]:
        pace, order = Pace(clock, start=1), []

        async def ask(number: int) -> None:
            async with pace.turn():
                order.append(number)
                await asyncio.sleep(1)

        await asyncio.gather(*(ask(number) for number in range(50)))
        return order

    assert run_in_virtual_time(main) == [*range(50)]


def test_a_person_waits_for_no_study() -> None:
    async def main(clock: Callable[[], float]) -> float:
        pace = Pace(clock, start=1)

        async def ask() -> None:
            async with pace.turn(lane="study"):
                await asyncio.sleep(10)

        tasks = [asyncio.ensure_future(ask()) for _ in range(20)]
        await asyncio.sleep(0)
        async with pace.turn(urgent=True):
            waited = clock()
        await asyncio.gather(*tasks)
        return waited

    assert run_in_virtual_time(main) == 0


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_cancelled_or_fails_no_turn_is_lost(seed: int) -> None:
    async def main(clock: Callable[[], float]) -> tuple[int, int, float]:
        pace, chance = Pace(clock, start=3), random.Random(seed)

        async def ask(turn: Turn) -> None:
            await asyncio.sleep(chance.random())
            if chance.random() < 0.2:
                raise ZeroDivisionError
            turn.succeeded(usage(10))

        tasks = [
            asyncio.ensure_future(ask_at_pace(pace, ask, lane=chance.randint(0, 3)))
            for _ in range(300)
        ]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(chance.random() / 3)
            chance.choice(tasks).cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        before = clock()
        async with pace.turn():
            pass
        return pace.now.in_flight, pace.now.waiting, clock() - before

    in_flight, waiting, seconds = run_in_virtual_time(main)
    assert (in_flight, waiting) == (0, 0)
    assert seconds < 5


def test_threads_and_event_loops_share_a_pace() -> None:
    pace, most, running, done = Pace(start=2), [], [], []

    def use() -> None:
        running.append(1)
        most.append(len(running))
        running.pop()
        done.append(1)

    def in_thread() -> None:
        for _ in range(20):
            with pace.turn():
                use()

    async def later() -> None:
        async def ask() -> None:
            async with pace.turn():
                await asyncio.sleep(0)
                use()

        await asyncio.gather(*(ask() for _ in range(20)))

    threads = [threading.Thread(target=in_thread) for _ in range(3)]
    threads += [threading.Thread(target=lambda: asyncio.run(later())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 100
    assert max(most) <= 2
    assert (pace.now.in_flight, pace.now.waiting) == (0, 0)


def test_an_event_loop_that_is_gone_keeps_nobody_waiting() -> None:
    pace = Pace(start=1)
    held = pace.turn()
    held.__enter__()
    loop = asyncio.new_event_loop()

    async def wait() -> None:
        async with pace.turn():
            pass

    task = loop.create_task(wait())
    loop.run_until_complete(asyncio.sleep(0))
    loop.stop()
    loop.run_forever()
    loop.close()
    held.__exit__(None, None, None)
    with pace.turn():
        assert pace.now.waiting == 0
    task._log_destroy_pending = False  # it is abandoned on purpose
    del task
    gc.collect()


@can_fork
def test_a_forked_child_has_no_turns_of_its_parent() -> None:
    pace = Pace(start=1)
    with pace.turn():

        def ask() -> str:
            with pace.turn():
                return f"{pace.now.in_flight}"

        assert in_children(ask) == ["1"]


def test_server_key_and_model_have_one_pace() -> None:
    assert pace_of(SERVER, key(), "m") is pace_of(SERVER, key(), "m")
    assert pace_of(SERVER, None, "m") is pace_of(SERVER, None, "m")
    others = {
        id(pace_of(SERVER, key(), "m")),
        id(pace_of(SERVER, key("sk-another-0123456789"), "m")),
        id(pace_of(SERVER, None, "m")),
        id(pace_of(SERVER, key(), "m2")),
        id(pace_of(find_server("http://127.0.0.1:8001/v1"), key(), "m")),
    }
    assert len(others) == 5


def test_both_clients_share_a_pace_and_a_key_beside_another_has_its_own() -> None:
    given = {"openai_api_key": SECRET}
    client, later = ChatClient(SERVER, **given), AsyncChatClient(SERVER, **given)
    assert client.pace("m") is later.pace("m") is pace_of(SERVER, key(), "m")
    other = ApiKey("tenant-secret-01234", origin=SERVER.origin, source="t", header="x-api-key")
    assert pace_of(SERVER, key().beside([other]), "m") is not client.pace("m")


def test_no_key_is_kept() -> None:
    pace = pace_of(SERVER, key(), "m")
    assert SECRET not in repr(registry._paces)
    assert SECRET[3:] not in repr([*registry._paces, vars(pace)])


def test_paces_that_were_not_used_for_long_are_forgotten() -> None:
    first = pace_of(SERVER, None, "first")
    for number in range(registry._MOST):
        pace_of(SERVER, None, f"m{number}")
    assert len(registry._paces) == registry._MOST
    assert pace_of(SERVER, None, "first") is not first
