"""Running a study: only what is missing is asked, and what was answered is never lost."""

from __future__ import annotations

import inspect
import json
import threading
import traceback
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.auth.servers import Server
from chatwidget.client.errors import (
    APIStatusError,
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    RateLimitError,
)
from chatwidget.tuning import Failure, Result, Study
from chatwidget.tuning.budget import Budget
from chatwidget.tuning.outcomes import Begun, Part
from wire.replies import SSE_HEAD, chunk, error, event_stream, json_response, sse, stream_of
from wire.scripted_server import ScriptedServer, close, pause, stall

if TYPE_CHECKING:
    from pathlib import Path

HI = event_stream(
    stream_of("Hi", usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5})
)


def study(asked: ScriptedServer, **options: Any) -> Study:
    given = {"vary": {"temperature": "0,1"}, "repeats": 3, "server": asked.url, "model": "m"}
    return Study(options.pop("prompts", "Hi"), **(given | options))


def temperatures(server: ScriptedServer) -> Counter[float]:
    return Counter(request.json["temperature"] for request in server.requests)


def test_the_practice_model_answers_every_call() -> None:
    asked = Study(
        ["What is temperature?", "What is top_p?"],
        vary={"temperature": "0:2:1"},
        repeats=4,
        fixed={"max_tokens": 20},
        server="practice",
    )
    results = asked.run()
    assert results.is_complete
    assert len(results) == 24
    # at temperature 0 there is one answer, at 2 there are several
    texts = {(each.setting, each.prompt): set() for each in results}
    for each in results:
        texts[each.setting, each.prompt].add(each.text)
        assert each.usage is not None
        assert each.seconds is not None
        assert each.first_token is not None
        assert 0 < each.first_token <= each.seconds
    assert {
        len(found) for (setting, _), found in texts.items() if setting == asked.settings[0]
    } == {1}
    assert sum(len(found) for found in texts.values()) > 6


def test_what_is_stored_is_not_asked_again(server: ScriptedServer) -> None:
    server.otherwise(HI)
    first = study(server).run()
    again = study(server).run()
    assert len(server.requests) == 6
    assert [*again] == [*first]
    run = study(server).start()
    assert run.result().is_complete
    assert (run.progress.stored, run.progress.done) == (6, 0)


def test_more_repeats_ask_for_those_alone(server: ScriptedServer) -> None:
    server.otherwise(HI)
    five = study(server, repeats=5)
    five.run()
    results = five.with_repeats(8).run()
    assert temperatures(server) == {0: 8, 1: 8}
    assert [each.draw for each in results] == [*range(1, 9)] * 2
    assert len(five.with_repeats(2).run()) == 4
    assert len(server.requests) == 16


def test_repeats_alternate_between_the_settings(server: ScriptedServer) -> None:
    server.otherwise(HI)
    study(server).run(concurrency=1)
    assert [request.json["temperature"] for request in server.requests] == [0, 1, 0, 1, 0, 1]


def test_no_answer_is_served_in_place_of_another_repeat(server: ScriptedServer) -> None:
    for number in range(6):
        server.reply(event_stream(stream_of(f"answer {number}")))
    results = study(server).run()
    assert len({each.text for each in results}) == 6


def test_equal_settings_have_answers_of_their_own(server: ScriptedServer) -> None:
    for number in range(6):
        server.reply(event_stream(stream_of(f"answer {number}")))
    results = study(server, vary={"temperature": {"a": 0.7, "b": 0.7}}).run()
    assert len({each.text for each in results}) == 6
    assert Counter(each.setting.label for each in results) == {
        "temperature=a": 3,
        "temperature=b": 3,
    }


def test_another_model_or_server_is_another_question(server: ScriptedServer) -> None:
    with ScriptedServer() as other:
        server.otherwise(HI)
        other.otherwise(HI)
        study(server).run()
        study(server, model="n").run()
        study(other).run()
        assert (len(server.requests), len(other.requests)) == (12, 6)


def test_a_failure_is_kept_apart_and_asked_again(server: ScriptedServer) -> None:
    server.reply(json_response(error("No.", param="x"), 400))
    server.otherwise(HI)
    results = study(server).run(concurrency=1)
    assert len(results) == 5
    (failure,) = results.failures
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.status, failure.draw) == ("BadRequestError", 400, 1)
    assert "No." in failure.message
    results = study(server).run()
    assert results.is_complete
    assert results.failures == ()
    assert len(server.requests) == 7


def test_what_breaks_off_is_no_result(server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(chunk("Half")), close())
    server.otherwise(HI)
    results = study(server).run(concurrency=1, retries=0)
    assert "Half" not in {each.text for each in results}
    assert [failure.kind for failure in results.failures] == ["StreamInterruptedError"]


def test_a_server_that_fails_for_a_moment_is_asked_again(server: ScriptedServer) -> None:
    server.reply(json_response(error("Busy."), 503, retry_after_ms=1))
    server.reply(json_response(error("Slower."), 429, retry_after_ms=1))
    server.reply(json_response(error("Slower."), 429, retry_after_ms=1))
    server.otherwise(HI)
    run = study(server).start(concurrency=1, retries=1)
    assert run.result().is_complete
    assert (run.progress.done, run.progress.failed) == (6, 0)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, None, AuthenticationError),
        (402, None, APIStatusError),
        (404, "model_not_found", NotFoundError),
        (429, "insufficient_quota", RateLimitError),
    ],
)
def test_what_no_further_call_can_mend_ends_a_study_at_once(
    server: ScriptedServer, status: int, code: str | None, kind: type[Exception]
) -> None:
    server.reply(HI)
    server.otherwise(json_response(error("It is over.", code=code), status))
    run = study(server, repeats=50).start(concurrency=1)
    with pytest.raises(kind, match=r"It is over\."):
        run.result()
    assert len(server.requests) == 2
    assert len(run.results()) == 1
    assert run.progress.ended.startswith(f"The server answered {status}: It is over.")
    assert run.progress.running == 0
    assert run.done()


def test_a_study_of_nothing_but_failures_ends(server: ScriptedServer) -> None:
    server.otherwise(json_response(error("No."), 400))
    with pytest.raises(APIStatusError, match=r"No\."):
        study(server, repeats=500).run(concurrency=2)
    assert len(server.requests) < 40


def test_a_run_is_stopped_and_goes_on_where_it_was(server: ScriptedServer) -> None:
    server.reply(HI)
    server.reply(HI)
    server.otherwise(SSE_HEAD, sse(chunk("Never")), stall())
    stored = threading.Semaphore(0)
    run = study(server).start(listener=lambda event: isinstance(event, Result) and stored.release())
    assert stored.acquire(timeout=20)
    assert stored.acquire(timeout=20)
    server.wait_for_requests(4, timeout=20)
    run.stop()
    assert run.done()
    assert all(each.wait_closed() for each in server.connections)
    assert (run.progress.done, run.progress.running, run.progress.waiting) == (2, 0, 4)
    assert run.progress.ended == "It was stopped."
    assert {each.text for each in run.result()} == {"Hi"}
    server.otherwise(HI)
    asked = len(server.requests)
    assert study(server).run().is_complete
    assert len(server.requests) == asked + 4


def test_a_listener_may_stop_the_run(server: ScriptedServer) -> None:
    server.otherwise(HI)
    asked = study(server, repeats=50)
    holder: list[Any] = []
    begun = threading.Event()

    def listen(event: object) -> None:
        if isinstance(event, Result):
            begun.wait(20)
            holder[0].stop()

    run = asked.start(listener=listen, concurrency=1)
    holder.append(run)
    begun.set()
    assert 1 <= len(run.result()) < 100


def test_what_a_listener_raises_ends_the_run_and_reaches_the_caller(server: ScriptedServer) -> None:
    server.otherwise(HI)

    def listen(event: object) -> None:
        if isinstance(event, Result):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        study(server, repeats=50).run(listener=listen)


def test_a_listener_hears_of_a_call_from_its_beginning_to_its_end(server: ScriptedServer) -> None:
    server.reply(json_response(error("Slower."), 429, retry_after_ms=1))
    server.reply(HI)
    server.reply(json_response(error("No."), 400))
    heard: list[Any] = []
    study(server, vary={}, repeats=2).run(listener=heard.append, concurrency=1)
    kinds: dict[int, list[type]] = {1: [], 2: []}
    for event in heard:
        if not isinstance(event, Part):
            kinds[event.draw if hasattr(event, "draw") else event.call.draw].append(type(event))
    assert kinds == {1: [Begun, Begun, Result], 2: [Begun, Failure]}
    assert "".join(event.chunk.text for event in heard if isinstance(event, Part)) == "Hi"


def test_a_result_is_stored_before_it_is_told(server: ScriptedServer) -> None:
    server.otherwise(HI)
    asked = study(server)
    stored: list[bool] = []

    def listen(event: object) -> None:
        if isinstance(event, Result):
            stored.append(event in [*asked.results()])

    asked.run(listener=listen)
    assert stored == [True] * 6


def test_progress_counts_what_runs_and_what_waits(server: ScriptedServer) -> None:
    go = threading.Event()
    server.otherwise(pause(go), HI)
    run = study(server).start(concurrency=2)
    server.wait_for_requests(2, timeout=20)
    progress = run.progress
    assert (progress.calls, progress.running, progress.waiting) == (6, 2, 4)
    assert "0 of 6 answered · 2 running · 4 waiting" in str(progress)
    assert "0 of 6 answered" in repr(run)
    with pytest.raises(TimeoutError):
        run.result(timeout=0)
    go.set()
    run.result()
    progress = run.progress
    assert (progress.done, progress.running, progress.waiting, progress.tokens) == (6, 0, 0, 30)
    assert progress.rate > 0
    assert progress.remaining == 0
    assert str(progress) == "6 of 6 answered"


@pytest.mark.parametrize(
    ("budget", "answered"),
    [
        ({"calls": 2}, 2),
        ({"tokens": 12}, 2),
        ({"dollars": 8 * 2e-5}, 2),
    ],
)
def test_a_budget_is_kept(server: ScriptedServer, budget: dict[str, Any], answered: int) -> None:
    server.otherwise(HI)
    run = study(server).start(budget=Budget(**budget), concurrency=1, price=(10.0, 20.0))
    assert len(run.result()) == answered
    assert len(server.requests) == answered
    assert run.progress.ended == f"The budget of {next(iter(budget))} is used up."
    assert study(server).run().is_complete


def test_a_budget_of_dollars_needs_to_know_what_a_call_costs(server: ScriptedServer) -> None:
    server.otherwise(HI)
    with pytest.raises(ConfigurationError, match="no budget of dollars can be kept"):
        study(server).run(budget=Budget(dollars=1))
    for wrong in ((1,), (1, -1), "cheap", 3):
        with pytest.raises(ConfigurationError, match="price is a pair of dollars"):
            study(server).run(price=wrong)
    assert server.requests == []
    budget = Budget(dollars=1)
    assert Study("Hi", server="practice", repeats=1, fixed={"max_tokens": 1}).run(budget=budget)


def test_a_budget_of_time_stops_what_is_under_way(server: ScriptedServer) -> None:
    server.reply(HI)
    server.otherwise(SSE_HEAD, stall())
    run = study(server).start(budget=Budget(seconds=0.5), concurrency=1)
    assert len(run.result()) <= 1
    assert run.progress.ended == "The budget of seconds is used up."


def test_a_budget_counts_what_is_under_way(server: ScriptedServer) -> None:
    server.otherwise(HI)
    asked = study(server, repeats=50, fixed={"max_tokens": 100})
    run = asked.start(budget=Budget(tokens=350))
    run.result()
    assert run.progress.tokens <= 350


@pytest.mark.parametrize(
    "budget", [{"calls": 0}, {"tokens": -1}, {"seconds": "1"}, {"dollars": True}]
)
def test_a_budget_is_a_number_above_zero(budget: dict[str, Any]) -> None:
    with pytest.raises(
        ConfigurationError, match=f"budget of {next(iter(budget))} is a number above 0"
    ):
        Budget(**budget)


def test_a_varied_parameter_that_the_server_refuses_gives_no_results(
    server: ScriptedServer,
) -> None:
    refusal = error("Unsupported parameter: 'top_p'", param="top_p", code="unsupported_parameter")
    server.reply(HI)
    server.reply(json_response(refusal, 400))
    server.otherwise(HI)
    results = study(server, vary={"top_p": [None, 0.5]}).run(concurrency=1)
    assert [each.setting.values for each in results] == [{"top_p": None}] * 3
    assert {failure.kind for failure in results.failures} == {"RefusedParameterError"}
    assert "does not take top_p for m, which varies" in results.failures[0].message
    # it was tried once, and sent again without it
    assert sum("top_p" in request.json for request in server.requests) == 1
    assert len(server.requests) == 5


def test_a_fixed_parameter_that_the_server_refuses_is_noted(server: ScriptedServer) -> None:
    refusal = error("Unsupported parameter: 'seed'", param="seed", code="unsupported_parameter")
    server.reply(json_response(refusal, 400))
    server.otherwise(HI)
    results = study(server, fixed={"seed": 1}).run(concurrency=1)
    assert results.is_complete
    ledger = results[0].completion.ledger
    assert ledger is not None
    assert "seed" in ledger.refused


def test_log_probabilities_are_kept_on_request() -> None:
    fixed = {"logprobs": True, "top_logprobs": 3, "max_tokens": 4}
    asked = {"fixed": fixed, "repeats": 2, "server": "practice"}
    bare = Study("What is temperature?", **asked).run()
    assert [each.logprobs for each in bare] == [None, None]
    for each in Study("What is top_p?", **asked, keep_logprobs=True).run():
        assert each.logprobs is not None
        assert each.logprobs.content is not None
        assert len(each.logprobs.content) == 4
        assert len(each.logprobs.content[0].top_logprobs) == 3


def test_a_store_that_is_switched_off_writes_nothing(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.otherwise(HI)
    asked = study(server, store=False)
    assert asked.run().is_complete
    assert asked.run().is_complete
    assert len(server.requests) == 6
    assert not [*tmp_path.rglob("answers*")]


def test_a_study_may_say_where_its_answers_are_kept(server: ScriptedServer, tmp_path: Path) -> None:
    server.otherwise(HI)
    study(server, store=tmp_path / "mine.sqlite").run()
    assert (tmp_path / "mine.sqlite").exists()
    assert len(study(server).results()) == 0


def test_a_store_that_cannot_be_used_is_told_before_anything_is_sent(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.otherwise(HI)
    (tmp_path / "folder").write_text("no folder")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        study(server, store=tmp_path / "folder" / "a.sqlite").run()
    assert server.requests == []


def test_a_store_that_fails_meanwhile_ends_the_study(server: ScriptedServer) -> None:
    server.otherwise(HI)
    asked = study(server, repeats=500)

    def spoil(event: object) -> None:
        if isinstance(event, Result):
            asked.store.place.path.write_bytes(b"no database " * 1000)

    with pytest.raises(ConfigurationError, match="cannot be used"):
        asked.run(listener=spoil, concurrency=2)
    assert len(server.requests) < 500


def test_the_study_is_stored_with_its_answers(server: ScriptedServer) -> None:
    server.otherwise(HI)
    asked = study(server, name="mine")
    asked.run()
    ((name, (definition, _)),) = asked.store.studies().items()
    assert name == "mine"
    assert Study.from_json(definition) == asked


KEY = "sk-canary-0123456789abcdef"


def test_a_key_goes_to_its_server_and_nowhere_else(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.otherwise(HI)
    asked = study(server, vary={}, repeats=1)
    asked.run(openai_api_key=KEY)
    origin = server.url.removesuffix("/v1")
    key = ApiKey(KEY, origin=origin, source="a test")
    asked.with_repeats(2).run(openai_api_key=key)
    named = Server("mine", server.url, key_variable="MY_KEY", default_model="m")
    monkeypatch.setenv("MY_KEY", KEY)
    Study("Hi", repeats=3, server=named).run()
    sent = [request.headers.get("authorization") for request in server.requests]
    assert sent == [f"Bearer {KEY}"] * 3
    assert KEY.encode() not in asked.store.place.path.read_bytes()
    with pytest.raises(ConfigurationError, match="is for no server of this study"):
        Study("Hi", server="practice").run(openai_api_key=key)
    with pytest.raises(ConfigurationError, match="several servers") as raised:
        study(server, vary={"server": [server.url, "practice"]}, server=None).run(
            openai_api_key=KEY
        )
    assert KEY not in str(raised.value)


def test_servers_and_models_are_asked_beside_each_other(server: ScriptedServer) -> None:
    go = threading.Event()
    server.otherwise(pause(go), HI)
    with ScriptedServer() as other:
        other.otherwise(HI)
        asked = study(server, vary={"server": [server.url, other.url]}, server=None)
        run = asked.start(concurrency=1)
        # the one server is done while the other keeps its first call waiting
        other.wait_for_requests(3, timeout=20)
        assert not run.done()
        go.set()
        results = run.result()
    assert Counter(each.server for each in results) == {
        request.server.name: 3 for request in asked.requests
    }


def test_what_another_kernel_stores_meanwhile_is_not_asked(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatwidget.tuning.run._LOOK_AGAIN", 0.01)
    go = threading.Event()
    server.reply(pause(go), HI)
    server.otherwise(HI)
    asked = study(server)
    run = asked.start(concurrency=1)
    server.wait_for_requests(1, timeout=20)
    assert study(server).run(concurrency=1).is_complete
    while sum(map(len, run._found.values())) < 6:
        run.wait(0.01)
    go.set()
    assert run.result().is_complete
    assert len(server.requests) == 7
    assert (run.progress.done, run.progress.stored) == (1, 5)


def test_an_unknown_concurrency_is_told(server: ScriptedServer) -> None:
    for wrong in (0, -1, True):
        with pytest.raises(ConfigurationError, match="concurrency is a whole number"):
            study(server).start(concurrency=wrong)


def test_variables_of_the_data_come_with_the_results(server: ScriptedServer) -> None:
    server.otherwise(HI)
    rows = [{"item": "fr", "country": "France", "capital": "Paris"}]
    (result,) = study(server, prompts="{{country}}?", data=rows, vary={}, repeats=1).run()
    assert (result.item, result.variables["capital"]) == ("fr", "Paris")
    assert json.loads(server.requests[0].body)["messages"][0]["content"] == "France?"


def test_an_error_shows_no_key_in_the_locals_of_its_frames(server: ScriptedServer) -> None:
    server.otherwise(json_response(error(f"Wrong key {KEY}."), 401))
    for ask in (study(server).run, study(server).start):
        with pytest.raises((AuthenticationError, TypeError)) as raised:
            ask(openai_api_key=KEY, **({} if ask.__name__ == "run" else {"unknown": 1}))
        shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        shown.stack[:] = [frame for frame in shown.stack if "/tests/" not in frame.filename]
        assert KEY not in "".join(shown.format())
        assert KEY not in repr(raised.value)


def test_the_options_of_a_run_are_listed_for_editors_and_help() -> None:
    for method in (Study.run, Study.start):
        assert {"budget", "executor", "passes", "openai_api_key"} <= {
            *inspect.signature(method).parameters
        }
        assert "options" not in inspect.signature(method).parameters


def test_a_run_tells_how_its_pace_went(server: ScriptedServer) -> None:
    server.reply(json_response(error("Slower, please."), 429, retry_after=0))
    server.otherwise(HI)
    run = study(server, repeats=30).start()
    run.result()
    ((name, history),) = run.pace_history.items()
    assert name == f"m of 127.0.0.1:{server.port}"
    assert history[0].event == "begun"
    cut = next(each for each in history if each.event == "cut")
    assert cut.limit < history[history.index(cut) - 1].limit
    assert (history[-1].event, history[-1].in_flight, history[-1].waiting) == ("now", 0, 0)
