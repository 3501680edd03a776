from __future__ import annotations

import math
from collections import Counter
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatwidget.practice.sampling import (
    Sampling,
    adjusted,
    choose,
    draw,
    likeliest,
    nucleus,
    probabilities,
)

logits = st.lists(st.floats(-30, 0), min_size=1, max_size=30)
temperatures = st.floats(0, 2)
shares = st.lists(st.floats(1e-9, 1), min_size=1, max_size=30).map(
    lambda weights: [weight / math.fsum(weights) for weight in weights]
)


@given(logits, temperatures)
def test_probabilities_sum_to_one(values: list[float], temperature: float) -> None:
    assert math.fsum(probabilities(values, temperature)) == pytest.approx(1)


@given(logits)
def test_temperature_one_is_the_softmax(values: list[float]) -> None:
    total = math.fsum(map(math.exp, values))
    expected = [math.exp(value) / total for value in values]
    assert probabilities(values, 1) == pytest.approx(expected)


@given(logits, st.floats(0.1, 2))
def test_the_temperature_divides_the_logits(values: list[float], temperature: float) -> None:
    divided = [value / temperature for value in values]
    assert probabilities(values, temperature) == pytest.approx(probabilities(divided, 1))


@given(logits)
def test_temperature_zero_takes_the_likeliest(values: list[float]) -> None:
    chosen = choose(values, {}, Sampling(temperature=0), Random(0))
    assert values[chosen] == max(values)
    assert probabilities(values, 0)[chosen] == 1


@given(logits, st.sampled_from([1e-3, 1e-9, 5e-324]))
def test_a_temperature_near_zero_takes_the_likeliest_too(
    values: list[float], temperature: float
) -> None:
    ranked = sorted(values)
    assume(len(ranked) == 1 or ranked[-1] - ranked[-2] > 0.1)
    assert probabilities(values, temperature) == pytest.approx(probabilities(values, 0))


@given(shares)
def test_top_p_of_one_changes_nothing(values: list[float]) -> None:
    assert nucleus(values, 1) == values


@given(shares, st.floats(0, 1))
def test_the_nucleus_is_the_smallest_set_of_likeliest_tokens(
    values: list[float], top_p: float
) -> None:
    kept = nucleus(values, top_p)
    inside = [value for value, share in zip(values, kept, strict=True) if share]
    outside = [value for value, share in zip(values, kept, strict=True) if not share]
    assert math.fsum(kept) == pytest.approx(1)
    assert inside
    assert min(inside) >= max(outside, default=0)
    assert sum(inside) >= top_p - 1e-9
    if top_p < 1:
        assert sum(inside) - min(inside) < top_p + 1e-9 or len(inside) == 1


@given(shares, st.floats(0.01, 0.99))
def test_the_nucleus_keeps_the_ratios(values: list[float], top_p: float) -> None:
    kept = nucleus(values, top_p)
    factors = [share / value for value, share in zip(values, kept, strict=True) if share]
    assert factors == pytest.approx([factors[0]] * len(factors))


def test_the_nucleus_by_hand() -> None:
    assert nucleus([0.1, 0.5, 0.4], 0.5) == [0, 1, 0]
    assert nucleus([0.1, 0.5, 0.4], 0.6) == pytest.approx([0, 5 / 9, 4 / 9])
    assert nucleus([0.1, 0.5, 0.4], 0) == [0, 1, 0]


penalties = st.floats(-2, 2)


@given(
    logits,
    st.dictionaries(st.integers(0, 29), st.integers(0, 5)),
    penalties,
    penalties,
    st.dictionaries(st.integers(0, 29), st.floats(-100, 100)),
)
def test_the_formula_of_the_penalties(
    values: list[float],
    counts: dict[int, int],
    presence: float,
    frequency: float,
    bias: dict[int, float],
) -> None:
    counts = {token: count for token, count in counts.items() if token < len(values)}
    bias = {token: value for token, value in bias.items() if token < len(values)}
    sampling = Sampling(presence_penalty=presence, frequency_penalty=frequency, logit_bias=bias)
    expected = [
        value
        + bias.get(token, 0)
        - counts.get(token, 0) * frequency
        - float(counts.get(token, 0) > 0) * presence
        for token, value in enumerate(values)
    ]
    assert adjusted(values, counts, sampling) == pytest.approx(expected)


def test_without_settings_the_logits_stay() -> None:
    assert adjusted([-1.0, -2.0], {0: 3}, Sampling()) == [-1.0, -2.0]


@given(logits, st.data())
def test_a_bias_of_100_forces_a_token(values: list[float], data: st.DataObject) -> None:
    token = data.draw(st.integers(0, len(values) - 1))
    sampling = Sampling(logit_bias={token: 100})
    assert choose(values, {}, sampling, Random(1)) == token


@given(st.lists(st.floats(-30, 0), min_size=2, max_size=30), st.data())
def test_a_bias_of_minus_100_bans_a_token(values: list[float], data: st.DataObject) -> None:
    token = data.draw(st.integers(0, len(values) - 1))
    sampling = Sampling(logit_bias={token: -100})
    assert all(choose(values, {}, sampling, Random(seed)) != token for seed in range(20))


def test_tokens_are_drawn_with_their_probability() -> None:
    random = Random(7)
    drawn = Counter(draw([0.2, 0.0, 0.8], random) for _ in range(10_000))
    assert drawn[1] == 0
    assert drawn[0] / 10_000 == pytest.approx(0.2, abs=0.02)


@given(logits, st.integers())
def test_the_same_seed_draws_the_same_token(values: list[float], seed: int) -> None:
    first, second = (choose(values, {}, Sampling(), Random(seed)) for _ in range(2))
    assert first == second


def test_the_likeliest_come_best_first() -> None:
    assert likeliest([-3.0, -1.0, -2.0], 2) == [1, 2]
    assert likeliest([-3.0], 5) == [0]
