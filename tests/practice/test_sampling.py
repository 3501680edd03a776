from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from chatwidget.practice.noise import Noise, NoiseSource
from chatwidget.practice.sampling import (
    Sampling,
    adjusted,
    choose,
    likeliest,
    nucleus,
    probabilities,
)

logits = st.lists(st.floats(-30, 0), min_size=1, max_size=30)
temperatures = st.floats(0, 2)
shares = st.lists(st.floats(1e-9, 1), min_size=1, max_size=30).map(
    lambda weights: [weight / math.fsum(weights) for weight in weights]
)


def noise(seed: int, values: list[float]) -> Noise:
    """The noise of the first position of an answer."""
    return NoiseSource(seed, 0, len(values)).at(0)


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
    chosen = choose(values, {}, Sampling(temperature=0), noise(0, values))
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
    assert choose(values, {}, sampling, noise(1, values)) == token


@given(st.lists(st.floats(-30, 0), min_size=2, max_size=30), st.data())
def test_a_bias_of_minus_100_bans_a_token(values: list[float], data: st.DataObject) -> None:
    token = data.draw(st.integers(0, len(values) - 1))
    sampling = Sampling(logit_bias={token: -100})
    assert all(choose(values, {}, sampling, noise(seed, values)) != token for seed in range(20))


DRAWS = 4_000


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(temperature=0.6),
        Sampling(temperature=1.7, top_p=0.8),
        Sampling(top_p=0.5),
        Sampling(presence_penalty=1.5, frequency_penalty=0.5),
        Sampling(logit_bias={4: 3.0, 1: -100}),
    ],
    ids=repr,
)
def test_over_seeds_tokens_are_drawn_with_their_probability(sampling: Sampling) -> None:
    values = list(map(math.log, [0.3, 0.25, 0.2, 0.15, 0.06, 0.04]))
    counts = {0: 2, 3: 1}
    drawn = Counter(choose(values, counts, sampling, noise(seed, values)) for seed in range(DRAWS))
    changed = adjusted(values, counts, sampling)
    exact = nucleus(probabilities(changed, sampling.temperature), sampling.top_p)
    possible = [token for token, share in enumerate(exact) if share * DRAWS > 1e-6]
    assert set(drawn) <= set(possible)
    expected = [exact[token] * DRAWS for token in possible]
    assert chisquare([drawn[token] for token in possible], expected).pvalue > 1e-3


def test_the_noise_of_positions_and_answers_is_independent() -> None:
    places = [(index, position) for index in range(40) for position in range(25)]
    found = [NoiseSource(7, index, 2).at(position) for index, position in places]
    above = [noise[0] > noise[1] for noise in found]
    pairs = Counter(pairwise(above))
    assert chisquare(list(pairs.values())).pvalue > 1e-3
    assert kstest([noise[0] for noise in found], "gumbel_r").pvalue > 1e-3


def test_the_noise_is_the_same_on_every_machine() -> None:
    found = NoiseSource(1, 0, 3).at(5)
    assert [found[token] for token in range(3)] == pytest.approx(
        [-0.03992158123292332, 0.5208234149067433, 2.556058005845906], abs=1e-12
    )


@given(st.integers(), st.integers(0, 9), st.integers(0, 500))
def test_the_noise_of_a_token_does_not_depend_on_the_vocabulary(
    seed: int, index: int, position: int
) -> None:
    small, large = (NoiseSource(seed, index, size).at(position) for size in (3, 50))
    assert [large[token] for token in range(3)] == [small[token] for token in range(3)]


@given(st.lists(st.floats(-30, 0), min_size=1, max_size=300), temperatures, st.integers())
def test_no_token_that_wins_is_left_out(values: list[float], temperature: float, seed: int) -> None:
    found = noise(seed, values)
    scores = [value + temperature * found[token] for token, value in enumerate(values)]
    candidates = found.candidates(values, temperature)
    assert max(scores) == max(scores[token] for token in candidates)


@given(logits, st.integers())
def test_the_same_seed_draws_the_same_token(values: list[float], seed: int) -> None:
    first, second = (choose(values, {}, Sampling(), noise(seed, values)) for _ in range(2))
    assert first == second


def test_the_likeliest_come_best_first() -> None:
    assert likeliest([-3.0, -1.0, -2.0], 2) == [1, 2]
    assert likeliest([-3.0], 5) == [0]
