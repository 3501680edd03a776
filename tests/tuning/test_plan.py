"""The plan: what a study would ask, take and show; nothing is sent for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.tuning import Study
from chatwidget.tuning.statistics.power import what_repeats_show
from wire.replies import error, event_stream, json_response, stream_of

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer

HI = event_stream(
    stream_of("Hi", usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5})
)


def study(asked: ScriptedServer, **options: Any) -> Study:
    given = {"vary": {"temperature": "0,1"}, "repeats": 3, "server": asked.url, "model": "m"}
    return Study(options.pop("prompts", "Hi"), **(given | options))


def test_nothing_is_sent_and_nothing_is_written_for_a_plan(server: ScriptedServer) -> None:
    asked = study(server)
    plan = asked.plan()
    assert (plan.calls, plan.stored, plan.missing) == (6, 0, 6)
    assert server.requests == []
    assert not asked.store.place.exists


def test_what_is_stored_or_failed_is_told(server: ScriptedServer) -> None:
    server.reply(json_response(error("No."), 400))
    server.otherwise(HI)
    asked = study(server)
    asked.run(concurrency=1)
    plan = asked.with_repeats(5).plan()
    assert (plan.calls, plan.stored, plan.failed, plan.missing) == (10, 5, 1, 5)
    assert "5 of 10 calls, 5 would be asked; 1 failed the last time" in repr(plan)


def test_answers_that_came_before_tell_what_others_take(server: ScriptedServer) -> None:
    server.otherwise(HI)
    asked = study(server)
    before = asked.plan(price=(1.0, 10.0))
    assert before.expected.answer_tokens is None
    assert before.expected.dollars is None
    assert before.seconds is None
    assert "no limit" in repr(before)
    asked.run()
    plan = asked.with_repeats(13).plan(price=(1.0, 10.0))
    assert plan.expected.answer_tokens == 20 * 2
    assert plan.expected.prompt_tokens == 20 * before.expected.prompt_tokens / 6
    prompts = plan.expected.prompt_tokens
    assert plan.expected.dollars == pytest.approx((prompts * 1 + 40 * 10) / 1e6)
    assert plan.seconds is not None
    assert plan.seconds > 0
    assert "about 40 in answers" in repr(plan)


def test_a_limit_of_tokens_tells_the_most_that_it_takes(server: ScriptedServer) -> None:
    plan = study(server, fixed={"max_tokens": 100}).plan(price=(0.0, 1e6))
    assert (plan.expected.answer_tokens, plan.expected.dollars) == (600, 600)
    assert "at most 600 in answers" in repr(plan)
    assert "at most $600.00" in repr(plan)
    assert study(server, fixed={"max_tokens": 100, "n": 2}).plan().expected.answer_tokens == 1200


def test_a_finished_study_takes_nothing(server: ScriptedServer) -> None:
    server.otherwise(HI)
    asked = study(server)
    asked.run()
    plan = asked.plan(price=(1.0, 1.0))
    assert (plan.missing, plan.seconds, plan.expected.dollars) == (0, 0, 0)
    assert "no time" in repr(plan)
    assert "nothing" in repr(plan)


def test_the_practice_model_costs_nothing() -> None:
    plan = Study("Hi", server="practice", fixed={"max_tokens": 5}).plan()
    assert plan.expected.dollars == 0
    assert "practice of practice (in this process)" in repr(plan)


def test_listed_prices_are_known_and_others_are_not(server: ScriptedServer) -> None:
    asked = {"fixed": {"max_tokens": 1000}, "repeats": 1000}
    known = Study("Hi", server="openai", model="gpt-4o-mini", **asked).plan().expected.dollars
    assert known is not None
    assert 0.1 < known < 10
    assert Study("Hi", server="openai", model="no-such", **asked).plan().expected.dollars is None
    mixed = Study("Hi", server="openai", vary={"model": ["gpt-4o-mini", "no-such"]}, **asked)
    assert mixed.plan().expected.dollars is None


def test_the_growth_of_the_store_is_about_right() -> None:
    fixed = {"max_tokens": 60, "logprobs": True, "top_logprobs": 10}
    asked = Study(
        "What is temperature?", server="practice", fixed=fixed, repeats=20, keep_logprobs=True
    )
    asked.run()
    size = asked.store.size
    more = asked.with_repeats(60)
    expected = more.plan().expected.size
    more.run()
    assert expected is not None
    assert 0.5 < (more.store.size - size) / expected < 2


def test_what_the_repeats_can_show_is_said_before(server: ScriptedServer) -> None:
    assert study(server, repeats=5).plan().shows == what_repeats_show(5, 1)
    rows = {"prompts": "{{a}}", "data": [{"a": n} for n in range(4)]}
    assert study(server, **rows).plan().shows == what_repeats_show(3, 4)
    alone = study(server, vary={}, repeats=10).plan().shows
    assert alone == "if all 10 answers pass, the true rate is 72 to 100 %."


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ({"fixed": {"seed": 1}}, "The seed is fixed"),
        ({"fixed": {"n": 2}}, "Of several choices the first one counts"),
        ({"fixed": {"logprobs": True}}, "asked for and not stored"),
        ({"keep_logprobs": True}, "No log probabilities are asked for"),
    ],
)
def test_what_one_should_know_before_is_noted(
    server: ScriptedServer, options: dict[str, Any], note: str
) -> None:
    (told,) = study(server, **options).plan().notes
    assert note in told
    assert note in repr(study(server, **options).plan())
    assert study(server).plan().notes == ()
