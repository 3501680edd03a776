"""Processes that are killed at any moment lose nothing that they have shown."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chatwidget.tuning import Study
from chatwidget.tuning.store import store_at
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer

WRITER = Path(__file__).with_name("killed_writer.py")


def killed(file: Path, writers: int, chance: random.Random) -> dict[int, list[int]]:
    """Let some processes write, kill each after it has shown some rows, and return these."""
    command = [sys.executable, str(WRITER), str(file)]
    started = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(writers)
    ]
    shown: dict[int, list[int]] = {}
    for number, process in enumerate(started):
        assert process.stdout is not None
        wanted = chance.randrange(1, 150)
        lines = [process.stdout.readline() for _ in range(wanted)]
        process.kill()
        lines += process.stdout.readlines()
        process.wait()
        process.stdout.close()
        shown[number] = [int(line) for line in lines if line.endswith("\n")]
    return shown


def check(file: Path, seed: int) -> None:
    shown = killed(file, 2, random.Random(seed))
    store = store_at(file)
    for number, draws in shown.items():
        key = bytes([number]) * 32
        texts = {draw: kept.completion.text for _, draw, kept in store.answers([key])}
        assert {*draws} <= {*texts}
        assert all(texts[draw].startswith(f"{number} {draw} x") for draw in texts)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_row_that_was_shown_outlives_the_process(tmp_path: Path, seed: int) -> None:
    check(tmp_path / "answers.sqlite", seed)


@pytest.mark.full
def test_twenty_times_two_processes_are_killed_on_one_file(tmp_path: Path) -> None:
    for seed in range(20):
        check(tmp_path / "answers.sqlite", seed)


def test_two_kernels_run_one_study_on_one_store(server: ScriptedServer, tmp_path: Path) -> None:
    for number in range(200):
        server.reply(event_stream(stream_of(f"answer {number}")))
    asked = Study("Hi", vary={"temperature": "0,1"}, repeats=20, server=server.url, model="m")
    asked.save(tmp_path / "study.json")
    code = (
        "import sys; from chatwidget.tuning import Study\n"
        f"study = Study.load({str(tmp_path / 'study.json')!r}, store=sys.argv[1])\n"
        "told = []\n"
        "listen = lambda event: told.append(event.text) if hasattr(event, 'text') else None\n"
        "results = study.run(listener=listen)\n"
        "assert {*told} <= {each.text for each in results}\n"
        "print(*[each.text for each in results], sep='\\n')"
    )
    file = tmp_path / "answers.sqlite"
    kernels = [
        subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    shown = [kernel.communicate()[0].splitlines() for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0, 0]
    assert shown[0] == shown[1]
    assert len({*shown[0]}) == 40  # no two repeats share an answer
    assert 40 <= len(server.requests) <= 80
