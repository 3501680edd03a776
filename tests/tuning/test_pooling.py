"""The draws of a sweep, pooled: weights, intervals, what cannot be pooled, and the truth."""

from __future__ import annotations

import math
import random
from statistics import median
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pooling import entry, is_likely, simulated
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChoiceLogprobs, TokenLogprob, TopLogprob
from chatwidget.practice.model import load_models
from chatwidget.practice.sampling import probabilities
from chatwidget.tuning import Results, Setting
from chatwidget.tuning.answer_density import Drawing, log_probability
from chatwidget.tuning.pooled_curve import pooled_along
from chatwidget.tuning.pooling import Weighted, balance_weights, effective_size, pool
from chatwidget.tuning.statistics.proportion import wilson
from chatwidget.tuning.sweep import Draw
from tuning.studied import answered, study

QUESTION = "What does top_p do?"
LENGTH = 20


# --- arithmetic -----------------------------------------------------------------------------------

WORLD = {"a": 0.6, "b": 0.3, "c": 0.07, "d": 0.02, "e": 0.01}


def world_at(temperature: float) -> dict[str, float]:
    powers = {token: share ** (1 / temperature) for token, share in WORLD.items()}
    return {token: power / sum(powers.values()) for token, power in powers.items()}


def draw_of(token: str, temperature: float, length: int = 1) -> Draw:
    """A draw that consists of one token again and again, all alternatives listed."""
    told = tuple(TopLogprob(each, math.log(share)) for each, share in WORLD.items())
    entry = TokenLogprob(token, math.log(WORLD[token]), top_logprobs=told)
    return Draw(float(token == "a"), [entry] * length, Drawing(temperature))


def test_draws_in_their_true_proportions_give_the_truth_at_any_temperature() -> None:
    draws = []
    for temperature in (0.5, 2.0):
        for token, share in world_at(temperature).items():
            draws += [draw_of(token, temperature)] * round(1_000 * share)
    pools = {Setting(): {"item": draws}}
    at = [0.3, 0.5, 1.0, 1.7, 2.0, 3.0]
    curve = pooled_along("temperature", "pass", pools, at=at, are_rates=True)
    truth = [world_at(temperature)["a"] for temperature in at]
    assert [point.pooled.value for point in curve] == pytest.approx(truth, abs=0.002)
    assert [point.setting.values for point in curve] == [{"temperature": each} for each in at]


@given(st.lists(st.floats(-50, 0), min_size=1, max_size=9), st.integers(1, 5))
def test_draws_of_one_setting_have_the_weight_one_there(logs: list[float], more: int) -> None:
    weights = balance_weights(logs, [logs, logs], [len(logs), more])
    assert weights == pytest.approx([1.0] * len(logs))
    assert effective_size(weights) == pytest.approx(len(logs))


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=30))
def test_draws_are_worth_from_one_to_their_number(weights: list[float]) -> None:
    assert 1 - 1e-9 <= effective_size(weights) <= len(weights) + 1e-9


def test_what_cannot_be_drawn_anywhere_does_not_count() -> None:
    assert balance_weights([-1.0, -1.0], [[-math.inf, -1.0]], [2]) == [0.0, 1.0]
    assert math.isnan(pool([[Weighted(1.0, 0.0, 0)]]).value)
    assert pool([[Weighted(1.0, 0.0, 0)]]).is_weak


@pytest.mark.parametrize("passed", [0, 3, 10])
def test_a_rate_of_equal_weights_is_never_surer_than_wilson(passed: int) -> None:
    draws = [Weighted(float(n < passed), 2.0, n % 2) for n in range(10)]
    found = pool([draws], are_rates=True)
    assert found.value == passed / 10
    assert found.effective == pytest.approx(10)
    low, high = wilson(passed, 10)
    assert found.interval
    assert found.interval.low <= low + 1e-9
    assert found.interval.high >= high - 1e-9


def test_a_rate_that_is_looked_at_before_the_end_is_less_sure() -> None:
    draws = [Weighted(float(n < 24), 1.0, 0) for n in range(40)]
    closed, running = (pool([draws], are_rates=True, is_closed=each) for each in (True, False))
    assert closed.interval
    assert running.interval
    assert running.interval.low < closed.interval.low
    assert running.interval.high > closed.interval.high


def test_items_count_alike_however_many_draws_they_have() -> None:
    one = [Weighted(1.0, 1.0, 0)] * 30
    other = [Weighted(0.0, 1.0, 0)] * 10
    found = pool([one, other], are_rates=True)
    assert found.value == 0.5
    assert found.effective == pytest.approx(4 / (1 / 30 + 1 / 10))


def test_numbers_of_five_items_are_about_such_items() -> None:
    items = [[Weighted(float(item), 1.0, 0)] * 20 for item in range(5)]
    found = pool(items)
    assert found.value == 2
    assert found.interval
    assert found.interval.high - found.interval.low > 2


def test_a_few_answers_are_worth_nothing_far_from_where_they_were_drawn() -> None:
    draws = [draw_of("a", 0.2, 30)] * 20 + [draw_of("c", 0.2, 30)]
    curve = pooled_along("temperature", "pass", {Setting(): {"i": draws}}, at=[0.2, 3.0])
    near, far = (point.pooled for point in curve)
    assert not near.is_weak
    assert far.is_weak
    assert "(" in curve.table.rows[1][1].text
    assert any("hint" in note for note in curve.notes)


@pytest.mark.parametrize("penalty", ["frequency_penalty", "presence_penalty"])
def test_a_penalty_makes_repetition_less_likely_and_nothing_else(penalty: str) -> None:
    tokens = draw_of("b", 1.0, 2).tokens
    plain, penalized = Drawing(), Drawing(**{penalty: 1.0})
    second = math.log(0.3 * math.exp(-1) / (0.3 * math.exp(-1) + 0.7))
    assert log_probability(tokens, plain).zipf == pytest.approx(2 * math.log(0.3))
    assert log_probability(tokens, penalized).zipf == pytest.approx(math.log(0.3) + second)


def test_at_temperature_zero_only_the_likeliest_answer_can_come() -> None:
    for token, expected in (("a", 0.0), ("b", -math.inf)):
        assert log_probability(draw_of(token, 1.0).tokens, Drawing(0.0)).zipf == expected


# --- the practice model ---------------------------------------------------------------------------


def drawn(temperature: float, seed: int) -> tuple[list[TokenLogprob], float]:
    """Draw an answer of the practice model, and return its exact log probability, too."""
    answer = load_models()["practice"].answer(QUESTION)
    tokens, exact, chance = [], 0.0, random.Random(seed)
    for _ in range(LENGTH):
        shares = probabilities(answer.logits, temperature)
        token = chance.choices(range(len(shares)), shares)[0]
        exact += math.log(shares[token])
        tokens.append(entry(answer, token))
        answer.accept(token)
    return tokens, exact


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.3])
def test_the_probability_of_an_answer_is_close_to_the_exact_one(temperature: float) -> None:
    errors, widths = [], []
    for seed in range(20):  # one alone is near by chance: what is unseen differs from word to word
        tokens, exact = drawn(temperature, seed)
        few, zipf, even = log_probability(tokens, Drawing(temperature))
        assert min(few, even) - 1e-6 <= exact <= max(few, even) + 1e-6
        errors.append(abs(zipf - exact))
        widths.append(abs(few - even))
    assert math.hypot(*errors) <= 0.25 * math.hypot(*widths) + 1e-5
    assert median(errors) < 0.25


def told(vary: Any = None, repeats: int = 4, **fixed: Any) -> Results:
    """A study that was answered with two tokens of our world, as often as it has them."""
    asked = study(
        QUESTION,
        vary=vary or {"temperature": [0.5, 1.0]},
        fixed={"logprobs": True} | fixed,
        repeats=repeats,
    )
    results = answered(asked, lambda request, draw: "ab" if draw % 2 else "aa")
    for result in results:
        (choice,) = result.completion.choices
        choice.finish_reason = "length"
        tokens = [draw_of(token, 1.0).tokens[0] for token in result.text]
        choice.logprobs = ChoiceLogprobs(tokens)
    return results


def test_a_study_tells_of_temperatures_that_were_not_asked() -> None:
    asked = study(
        QUESTION,
        vary={"temperature": [0.5, 1.0]},
        fixed={"max_tokens": 6, "logprobs": True, "top_logprobs": 20},
        repeats=3,
        keep_logprobs=True,
        store=False,
    )
    results = asked.run(passes=lambda completion: is_likely(completion.text))
    curve = results.pooled("temperature", at=[0.5, 0.75, 1.0])
    assert [point.setting.values["temperature"] for point in curve] == [0.5, 0.75, 1.0]
    assert all(point.answers == 6 and point.pooled.interval for point in curve)
    assert {"temperature", "pass", "low", "high", "effective"} <= {*curve.to_records()[0]}
    shown = curve._repr_mimebundle_()
    assert "0.75" in shown["text/plain"]
    assert "worth" in shown["text/html"]


def test_values_between_those_that_were_asked_are_told_by_themselves() -> None:
    curve = told().pooled("temperature", "words")
    places = [point.setting.values["temperature"] for point in curve]
    assert places == sorted(places)
    assert {0.5, 0.75, 1.0} <= {*places}


def test_other_settings_have_curves_of_their_own_and_penalties_are_pooled_with() -> None:
    vary = {"temperature": [0.5, 1.0], "presence_penalty": [0, 1], "system": ["Be brief.", ""]}
    curve = told(vary, 1).pooled("temperature", "words", at=[0.7])
    found = [point.setting.values for point in curve]
    assert [(each["system"], each["presence_penalty"]) for each in found] == [
        ("Be brief.", 0), ("Be brief.", 1), ("", 0), ("", 1)
    ]  # fmt: skip
    assert {point.answers for point in curve} == {4}


def refusal(results: Results, x: str = "temperature") -> str:
    with pytest.raises(ConfigurationError) as caught:
        results.pooled(x, "words")
    return str(caught.value)


@pytest.mark.parametrize(
    ("fixed", "sentence"),
    [
        ({"top_p": 0.9}, "top_p below 1"),
        ({"vary": {"temperature": [0.5, 1], "top_p": [1, 0.5]}}, "top_p below 1"),
        ({"extra_body": {"min_p": 0.1}}, "min_p"),
        ({"seed": 3}, "not independent"),
        ({"logit_bias": {"5": 1}}, "logit_bias"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"vary": {"temperature": [0.9, 1.0]}}, "nothing shows"),
        ({"vary": {"presence_penalty": [0.0, 1.0]}}, "nothing shows"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_what_cannot_be_computed_is_refused_with_the_reason(
    fixed: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(told(**fixed))


def test_what_changes_nothing_is_not_refused() -> None:
    extra = {"min_p": 0, "top_k": 0, "repeat_penalty": 1.0}
    assert told(top_p=1, response_format={"type": "text"}, extra_body=extra).pooled(y="words")


@pytest.mark.parametrize(
    ("logprobs", "sentence"),
    [
        (None, "no log probabilities"),
        (ChoiceLogprobs([]), "no log probabilities"),
        (ChoiceLogprobs([TokenLogprob("a", -0.5)]), "too few alternatives"),
        (ChoiceLogprobs([TokenLogprob("a", -9999.0)]), "does not tell"),
    ],
    ids=["none", "empty", "alone", "placeholder"],
)
def test_answers_that_are_not_told_token_by_token_are_refused(
    logprobs: ChoiceLogprobs | None, sentence: str
) -> None:
    results = told()
    results[-1].completion.choices[0].logprobs = logprobs
    assert sentence in refusal(results)


def test_an_unknown_parameter_is_refused_with_those_that_are_known() -> None:
    assert "not along model" in refusal(told(), "model")


def processed(tokens: list[TokenLogprob], temperature: float) -> list[TokenLogprob]:
    """What a server tells that divides by the temperature first."""
    return [
        msgspec.structs.replace(
            token,
            logprob=token.logprob / temperature,
            top_logprobs=tuple(
                TopLogprob(each.token, each.logprob / temperature) for each in token.top_logprobs
            ),
        )
        for token in tokens
    ]


def test_processed_log_probabilities_are_found_out_and_refused() -> None:
    results = told()
    for result in results:
        (choice,) = result.completion.choices
        assert choice.logprobs
        temperature = result.setting.values["temperature"]
        choice.logprobs = ChoiceLogprobs(processed(choice.logprobs.content or [], temperature))
    assert "after the temperature" in refusal(results)


def test_answers_whose_end_is_not_told_are_counted_in_a_note() -> None:
    results = told()
    for result in results:
        result.completion.choices[0].finish_reason = "stop"
    notes = results.pooled("temperature", "words", at=[0.7]).notes
    assert any("8 answers ended without" in note for note in notes)


# --- simulated studies ----------------------------------------------------------------------------


@pytest.mark.full
def test_pooled_draws_are_nearer_to_the_truth_and_cover_it_over_300_studies() -> None:
    rows = simulated(240, 300)
    assert all(row.coverage >= 0.93 for row in rows), rows
    sampled = [row for row in rows if row.was_asked]
    pooled, own = (
        math.hypot(*values) for values in zip(*(row.errors for row in sampled), strict=True)
    )
    assert pooled <= 0.75 * own


def test_a_few_simulated_studies_run_as_the_many_do() -> None:
    rows = simulated(4, 2, length=3, smallest=0.1)
    assert [row.temperature for row in rows] == [0.7, 0.85, 1.0, 1.15, 1.3]
    assert all(0 <= row.truth <= 1 and 0 <= row.coverage <= 1 for row in rows)
