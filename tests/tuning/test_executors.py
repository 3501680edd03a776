"""Studies on executors: in threads, in processes, on a cluster; only this process writes."""

from __future__ import annotations

import itertools
import os
import pickle
import signal
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.auth.servers import Server
from chatwidget.client.errors import AuthenticationError, ConfigurationError
from chatwidget.tuning import Result, Study
from chatwidget.tuning.asking import AskOptions
from chatwidget.tuning.batches import Batch, LostWorkerError
from chatwidget.tuning.budget import Budget
from wire.replies import error, event_stream, json_response, stream_of
from wire.scripted_server import ScriptedServer, pause

if TYPE_CHECKING:
    from collections.abc import Iterator

HI = event_stream(
    stream_of("Hi", usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5})
)
KEY = "sk-canary-0123456789abcdef"


def study(asked: ScriptedServer, **options: Any) -> Study:
    given = {"vary": {"temperature": "0,1"}, "repeats": 6, "server": asked.url, "model": "m"}
    return Study(options.pop("prompts", "Hi"), **(given | options))


def processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


@pytest.mark.parametrize(
    "make", [lambda: ThreadPoolExecutor(2), processes], ids=["threads", "processes"]
)
def test_workers_ask_and_this_process_stores(server: ScriptedServer, make: Any) -> None:
    server.otherwise(HI)
    with make() as executor:
        run = study(server).start(executor=executor, batch=5)
        results = run.result()
    assert results.is_complete
    assert len(server.requests) == 12
    assert (run.progress.done, run.progress.tokens, run.progress.running) == (12, 60, 0)
    assert all(each.seconds and each.first_token for each in results)
    assert study(server).run().is_complete
    assert len(server.requests) == 12


class Recording(Executor):
    """Runs each task at once, as it is pickled and read again, and keeps the bytes."""

    def __init__(self) -> None:
        self.tasks: list[bytes] = []
        self.answers: list[bytes] = []

    def submit(self, task: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.tasks.append(pickle.dumps((task, arguments, options)))

        def work() -> None:
            try:
                task, arguments, options = pickle.loads(self.tasks[-1])
                self.answers.append(pickle.dumps(task(*arguments, **options)))
                future.set_result(pickle.loads(self.answers[-1]))
            except BaseException as failed:  # noqa: BLE001 - it is raised where it is waited for
                future.set_exception(failed)

        threading.Thread(target=work).start()
        return future


def test_a_task_holds_the_name_of_a_keys_variable_and_no_key(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    server.otherwise(HI)
    named = Server("mine", server.url, key_variable="MY_KEY")
    executor = Recording()
    assert study(server, server=named).run(executor=executor, batch=100).is_complete
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}
    for sent in (*executor.tasks, *executor.answers):
        assert KEY.encode() not in sent
        assert KEY[3:15].encode() not in sent
    assert b"MY_KEY" in executor.tasks[0]


def test_a_key_that_was_given_does_not_travel(server: ScriptedServer) -> None:
    executor = Recording()
    with pytest.raises(ConfigurationError, match="does not travel"):
        study(server).run(executor=executor, openai_api_key=KEY)
    assert executor.tasks == []


def test_no_two_tasks_are_equal(server: ScriptedServer) -> None:
    server.otherwise(HI)
    executor = Recording()
    study(server, vary={}, repeats=4).run(executor=executor, batch=2)
    first, second = (pickle.loads(task) for task in executor.tasks)
    assert first[1][0].requests == second[1][0].requests
    assert first != second


class Losing(ThreadPoolExecutor):
    """Loses a worker when it has asked, as often as it is told."""

    def __init__(self, losses: int) -> None:
        super().__init__(1)
        self.losses = losses

    def submit(self, task: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        return super().submit(self._work, task, *arguments, **options)

    def _work(self, task: Any, *arguments: Any) -> Any:
        found = task(*arguments)
        if self.losses:
            self.losses -= 1
            raise OSError("the machine is gone")
        return found


def test_the_batch_of_a_lost_worker_is_asked_again(server: ScriptedServer) -> None:
    server.otherwise(HI)
    with Losing(1) as executor:
        run = study(server).start(executor=executor, batch=5)
        assert run.result().is_complete
    assert len(server.requests) == 12 + 5  # one batch was paid twice
    assert (run.progress.done, run.progress.tokens) == (12, 60)


def test_a_batch_whose_workers_are_always_lost_fails(server: ScriptedServer) -> None:
    server.otherwise(HI)
    with Losing(3) as executor:
        results = study(server).run(executor=executor, batch=12)
    assert len(results) == 0
    assert {each.kind for each in results.failures} == {LostWorkerError.__name__}
    assert "the machine is gone" in results.failures[0].message
    assert len(server.requests) == 36
    assert study(server).run().is_complete


def test_a_process_that_is_killed_breaks_its_pool_and_the_study_goes_on_with_another(
    server: ScriptedServer,
) -> None:
    go = threading.Event()
    server.otherwise(pause(go), HI)
    with processes() as executor:
        run = study(server).start(executor=executor, batch=6)
        server.wait_for_requests(8, timeout=60)  # a pace begins with four at once
        os.kill(next(iter(executor._processes)), signal.SIGKILL)
        with pytest.raises(ConfigurationError, match="The executor is broken") as raised:
            run.result()
    go.set()
    assert "with a new one" in raised.value.hint
    with processes() as executor:
        assert study(server).run(executor=executor, batch=6).is_complete


def test_what_no_further_call_can_mend_ends_it(server: ScriptedServer) -> None:
    server.otherwise(json_response(error("The key is wrong."), 401))
    with ThreadPoolExecutor(1) as executor:
        run = study(server, repeats=50).start(executor=executor, batch=10, concurrency=1)
        with pytest.raises(AuthenticationError, match="The key is wrong"):
            run.result()
    assert len(server.requests) < 10
    assert run.progress.running == 0


def test_a_stopped_run_keeps_what_workers_were_at(server: ScriptedServer) -> None:
    go = threading.Event()
    server.otherwise(pause(go), HI)
    with ThreadPoolExecutor(1) as executor:
        run = study(server).start(executor=executor, batch=4)
        server.wait_for_requests(4, timeout=20)
        stopping = threading.Thread(target=run.stop)
        stopping.start()
        while not run._ending.why:
            run.wait(0.01)
        go.set()
        stopping.join()
    assert (run.progress.done, run.progress.waiting) == (4, 8)
    assert len(run.result()) == 4
    assert len(server.requests) == 4


def test_a_budget_is_kept_by_workers_as_well(server: ScriptedServer) -> None:
    server.otherwise(HI)
    with ThreadPoolExecutor(2) as executor:
        run = study(server).start(executor=executor, batch=3, budget=Budget(calls=7))
        assert len(run.result()) == 7
    assert len(server.requests) == 7


def test_failures_in_workers_are_kept_and_asked_again(server: ScriptedServer) -> None:
    server.reply(json_response(error("No."), 400))
    server.otherwise(HI)
    with ThreadPoolExecutor(1) as executor:
        results = study(server).run(executor=executor)
        assert (len(results), len(results.failures)) == (11, 1)
        assert "No." in results.failures[0].message
        assert study(server).run(executor=executor).is_complete


@pytest.mark.parametrize(
    "wrong", [{"batch": 0}, {"concurrency": 0}, {"retries": -1}, {"timeout": 0}]
)
def test_options_that_make_no_sense_are_told(server: ScriptedServer, wrong: dict[str, Any]) -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(ConfigurationError):
        study(server).start(executor=executor, **wrong)


def test_a_batch_is_data() -> None:
    requests = Study("Hi", server="practice").requests
    batch = Batch(requests, AskOptions(timeout=3.0), "one")
    assert pickle.loads(pickle.dumps(batch)) == batch


@contextmanager
def cluster(workers: int) -> Iterator[Any]:
    """A cluster of processes on this machine."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
        ) as local,
        Client(local) as client,
    ):
        yield client


DASK = pytest.mark.filterwarnings("ignore")  # what Dask and Tornado warn of is theirs


@DASK
def test_a_cluster_of_dask_answers_every_repeat_anew(server: ScriptedServer) -> None:
    server.otherwise(HI)
    with cluster(1) as client:
        results = study(server, vary={}, repeats=12).run(executor=client.get_executor(), batch=4)
    assert results.is_complete
    assert len(server.requests) == 12


def check_a_killed_worker(server: ScriptedServer, calls: int, batch: int) -> None:
    """Kill a worker in the middle: all is answered, and at most one batch is paid twice.

    It is one that keeps no answers that wait to be fetched: those would be lost as well.
    """
    server.otherwise(pause(0.2), HI)
    answered = itertools.count(1)
    with cluster(2) as client:
        workers = client.run(os.getpid)

        def listen(event: object) -> None:
            if isinstance(event, Result) and next(answered) > calls // 3 and len(workers) > 1:
                for address in [each for each, kept in client.has_what().items() if not kept][:1]:
                    os.kill(workers.pop(address), signal.SIGKILL)

        asked = study(server, vary={}, repeats=calls)
        results = asked.run(executor=client.get_executor(), batch=batch, listener=listen)
    assert len(workers) == 1
    assert results.is_complete
    assert results.failures == ()
    assert calls <= len(server.requests) <= calls + batch


@DASK
def test_a_worker_of_a_cluster_is_killed(server: ScriptedServer) -> None:
    check_a_killed_worker(server, calls=300, batch=25)


@DASK
@pytest.mark.full
def test_of_ten_thousand_calls_on_a_cluster_none_is_lost_with_a_worker(
    server: ScriptedServer,
) -> None:
    check_a_killed_worker(server, calls=10_000, batch=100)
