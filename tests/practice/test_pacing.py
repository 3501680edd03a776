from __future__ import annotations

import asyncio
import time

import pytest

from chatwidget.practice.pacing import PACE_VARIABLE, apaced, paced, seconds_per_token
from chatwidget.practice.service import Reply


def test_the_environment_overrides_the_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PACE_VARIABLE, raising=False)
    assert 0 < seconds_per_token() < 0.1
    assert seconds_per_token(0.5) == 0.5
    monkeypatch.setenv(PACE_VARIABLE, "0")
    assert seconds_per_token(0.5) == 0


@pytest.mark.parametrize("value", ["fast", "-1", "nan", "inf"])
def test_anything_but_seconds_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(PACE_VARIABLE, value)
    with pytest.raises(ValueError, match="seconds per token"):
        seconds_per_token()


def test_a_stream_pauses_after_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert list(paced(Reply(200, iter([b"a", b"b"]), streams=True), 0.5)) == [b"a", b"b"]
    assert pauses == [0.5, 0.5]


def test_a_whole_answer_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", pytest.fail)
    assert list(paced(Reply(200, iter([b"", b"ab"])), 0.5)) == [b"", b"ab"]


def test_other_tasks_run_while_an_answer_is_written() -> None:
    turns: list[str] = []

    async def write(name: str) -> None:
        async for part in apaced(Reply(200, iter([b"1", b"2", b"3"])), 0):
            turns.append(name + part.decode())  # noqa: PERF401 - two writers take turns here

    async def both() -> None:
        await asyncio.gather(write("a"), write("b"))

    asyncio.run(both())
    assert turns == ["a1", "b1", "a2", "b2", "a3", "b3"]
