"""What keeps the benchmarks from rotting: they run, and compare clients that do the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import worker
from benchmarks.bench import Bench
from benchmarks.cases import CASES, texts
from benchmarks.clients import ASYNC_CLIENTS, importable
from benchmarks.cluster import Span, share_of_waiting
from benchmarks.feed import WAYS, feed
from benchmarks.film import dragged, filmed
from benchmarks.grid_feed import feed_grid, said, study_of
from benchmarks.long_answer import marks, tokens
from benchmarks.measure import in_rounds, processes, ratio
from benchmarks.panel import MOST_GROWTH, MOST_MODELS
from benchmarks.panel_kernel import copied, opened
from benchmarks.report import times, verdict
from benchmarks.server import running_server
from benchmarks.statistics import SHAPES, summarized, thousand
from benchmarks.store import figures
from benchmarks.study import asked, bare, grown
from benchmarks.tokens import moved

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNKS = 50


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with (
        pytest.MonkeyPatch.context() as patch,
        running_server() as server,
        processes() as clients,
    ):
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield Bench(server, clients, quick=True)


# litellm takes seconds to import
@pytest.mark.parametrize("client", sorted(importable().keys() - {"litellm"}))
def test_every_client_sees_the_same_text(client: str, bench: Bench) -> None:
    for case in CASES:
        assert bench.job(client, worker.said, case, CHUNKS)() == texts(case, CHUNKS)


@pytest.mark.parametrize("client", ASYNC_CLIENTS)
def test_every_asynchronous_client_sees_the_same_text(client: str, bench: Bench) -> None:
    for case in CASES:
        assert bench.job(client, worker.async_said, case, CHUNKS)() == texts(case, CHUNKS)


def test_every_measurement_gives_a_figure(bench: Bench) -> None:
    opened = bench.server.connections
    assert bench.cpu("chatwidget", "plain", CHUNKS)() > 0
    assert bench.job("chatwidget", worker.peak_memory, CHUNKS)() > 0
    assert len(bench.job("chatwidget", worker.first_chunk, 3)()) == 3
    assert bench.job("chatwidget", worker.async_cpu, 2, CHUNKS)() > 0
    assert bench.server.connections > opened


def test_a_ratio_is_taken_within_each_round() -> None:
    figures = in_rounds({"a": iter([9, 1, 2, 30]).__next__, "b": iter([9, 1, 1, 10]).__next__}, 3)
    assert figures == {"a": [1, 2, 30], "b": [1, 1, 10]}
    assert ratio(figures["a"], figures["b"]) == 2
    assert [times(1.25), times(0.125)] == ["1.25 x", "1/8.0"]
    assert [verdict(1.25, 1.3), verdict(1.25, 1 / 8)] == ["(≤ 1.3: ok)", "(≤ 1/8: MISSED)"]


def test_a_mark_is_complete_with_its_token() -> None:
    for number, token in enumerate(marks(500)):
        said = "".join(tokens(500)[: token + 1])
        assert said.count("⟧") == number + 1
        assert f"⟦{number}⟧" in said


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_show_an_answer_takes_all_tokens(
    way: str, shell: object, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    feed(way, CHUNKS, 10_000, str(report))
    told = json.loads(report.read_text("utf-8"))
    assert len(told["came"]) == CHUNKS
    assert told["came"] == sorted(told["came"])
    assert told["ended"] >= told["came"][-1]
    assert told["cpu"] > 0


def test_a_panel_in_its_kernel_reaches_its_goals(shell: object) -> None:
    assert opened(0).models == opened(20).models <= MOST_MODELS
    assert opened(0).milliseconds > 0
    assert 1 < copied(20) <= MOST_GROWTH * copied(5)


def test_the_drivers_of_the_browser_can_be_imported_from_the_root_alone() -> None:
    modules = ("browser.chromium", "browser.jupyter", "browser.lab", "benchmarks.watch")
    code = "".join(f"import tests.{module}\n" for module in modules)
    root = Path(__file__).parents[2]
    alone = os.environ | {"PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, env=alone)


def test_a_grid_of_the_benchmark_has_a_cell_for_each_answer(shell: object, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    feed_grid(20, 5, 10_000, str(report))
    told = json.loads(report.read_text("utf-8"))
    texts = {"".join(said(cell, 5)) for cell in range(20)}
    assert len(texts) == len(study_of(20)) == 20
    assert told["bytes"] == sum(len(text.encode()) for text in texts)
    assert told["cpu"] > 0


def test_a_study_of_the_benchmark_has_a_thousand_answers() -> None:
    for shape in SHAPES.values():
        assert len(thousand(*shape)) == 1000
    assert summarized(thousand(*shape), lambda completion: len(completion.text)) > 0


def test_a_study_and_its_store_give_figures(bench: Bench) -> None:
    url = bench.server.url
    assert bench.processes.run("bare", bare, url, 5, CHUNKS) > 0
    assert bench.processes.run("study", asked, url, 5, CHUNKS) > 0
    assert bench.processes.run("study", grown, url, 5) != 0
    row, resume = bench.processes.run("store", figures, 20)
    assert row > 0
    assert resume > 0


def test_what_workers_wait_between_batches_is_their_overhead() -> None:
    one = [Span(1, 0.0, 4.0), Span(1, 5.0, 9.0)]
    other = [Span(2, 1.0, 3.0)]
    assert share_of_waiting([*reversed(one), *other]) == 11 / 10


def test_the_page_is_timed_for_each_set_of_sliders() -> None:
    assert all(len(times) == 2 and min(times) > 0 for times in moved(2).values())


def test_a_film_of_the_benchmark_has_answers_and_its_frames_are_timed() -> None:
    films = filmed("practice", 12, 2)
    assert all(film.seconds > 0 and film.answers > 1 and not film.requests for film in films)
    assert len(films) == 2
    assert all(len(times) == 2 and min(times) > 0 for times in dragged(2).values())
