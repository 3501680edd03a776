"""The money of a study is that of cells: the user's price, the vendor's list, or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.auth.servers import find_server
from chatwidget.client.prices.own_prices import OwnPrices
from chatwidget.client.prices.token_price import TokenPrice
from chatwidget.client.wire.types import ChatCompletion, CompletionUsage
from chatwidget.tuning import Study
from chatwidget.tuning.prices import cost_of_answer
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer

USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}


def asked(server: str, **options: Any) -> Study:
    return Study("Hi", server=server, repeats=2, **({"model": "gpt-4o-mini"} | options))


def test_a_plan_reckons_with_the_price_that_the_user_has_set(server: ScriptedServer) -> None:
    study = asked(server.url, fixed={"max_tokens": 1000})
    assert study.plan().expected.dollars is None
    OwnPrices().put(find_server(server.url).base_url, "gpt-4o-mini", TokenPrice(0, 1000))
    assert study.plan().expected.dollars == pytest.approx(2)


def test_a_run_adds_up_what_its_answers_cost(server: ScriptedServer) -> None:
    server.otherwise(*event_stream(stream_of("Hi", usage=USAGE)))
    OwnPrices().put(find_server(server.url).base_url, "gpt-4o-mini", TokenPrice(1, 2))
    run = asked(server.url).start()
    run.result()
    assert run.progress.dollars == pytest.approx(0.004)


def test_a_proxy_has_no_listed_price_in_a_plan_either() -> None:
    study = asked("https://api.openai.com.proxy.example/v1", fixed={"max_tokens": 10})
    assert study.plan().expected.dollars is None


def test_cached_tokens_and_the_tier_that_answered_are_reckoned_with() -> None:
    (request,) = asked("openai").requests
    usage = CompletionUsage(1000, 500, 1500, {"cached_tokens": 900})
    full, cached, odd = (
        cost_of_answer(request, ChatCompletion([], model="gpt-4o-mini", **more), None)
        for more in (
            {"usage": CompletionUsage(**USAGE)},
            {"usage": usage},
            {"usage": usage, "service_tier": "unheard-of"},
        )
    )
    assert full is not None
    assert cached is not None
    assert 0 < cached < full
    assert odd is None


def test_a_price_that_is_given_to_the_study_comes_first() -> None:
    (request,) = asked("openai").requests
    answer = ChatCompletion([], model="gpt-4o-mini", usage=CompletionUsage(**USAGE))
    assert cost_of_answer(request, answer, (1.0, 2.0)) == pytest.approx(0.002)
