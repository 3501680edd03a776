"""What settings make of a distribution, against the practice model's exact arithmetic."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.practice.sampling import Sampling, adjusted, nucleus, probabilities
from chatwidget.tuning.distributions import Bounds, Known, processed, shifts

SIZE = 60

worlds = st.builds(
    lambda seed, sharpness: _logprobs(Random(seed), sharpness),
    st.integers(0, 10**6),
    st.floats(0.1, 8),
)
settings_ = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.05, 0.4, 0.8, 1.0, 1.3, 2.0]),
    top_p=st.sampled_from([0.0, 0.1, 0.5, 0.9, 0.99, 1.0]),
    presence_penalty=st.floats(-2, 2),
    frequency_penalty=st.floats(-2, 2),
    logit_bias=st.dictionaries(st.integers(0, SIZE - 1), st.floats(-100, 100), max_size=3),
)
counted = st.dictionaries(st.integers(0, SIZE - 1), st.integers(0, 4), max_size=5)


def _logprobs(random: Random, sharpness: float) -> list[float]:
    logits = [random.gauss(0, sharpness) for _ in range(SIZE)]
    total = math.log(math.fsum(map(math.exp, logits)))
    return [logit - total for logit in logits]


def _truth(world: list[float], counts: dict[int, int], sampling: Sampling) -> list[float]:
    changed = adjusted(world, counts, sampling)
    return nucleus(probabilities(changed, sampling.temperature), sampling.top_p)


def _shifts(counts: dict[int, int], sampling: Sampling) -> dict[int, float]:
    return shifts(
        counts,
        frequency_penalty=sampling.frequency_penalty,
        presence_penalty=sampling.presence_penalty,
        logit_bias=sampling.logit_bias,
    )


def _holds(bounds: Bounds, value: float) -> bool:
    return bounds.low - 1e-9 <= value <= bounds.high + 1e-9


@given(worlds, counted, settings_, st.integers(1, SIZE))
def test_the_bounds_hold_the_true_distribution(
    world: list[float], counts: dict[int, int], sampling: Sampling, listed: int
) -> None:
    shown = sorted(range(SIZE), key=world.__getitem__, reverse=True)[:listed]
    known = Known({token: world[token] for token in shown}, vocabulary=SIZE)
    truth = _truth(world, counts, sampling)
    found = processed(
        known,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        shifted=_shifts(counts, sampling),
    )
    for token in shown:
        assert _holds(found.tokens[token], truth[token])
    unseen = math.fsum(truth[token] for token in range(SIZE) if token not in shown)
    assert _holds(found.unseen, unseen)


@given(worlds, counted, settings_)
def test_a_list_of_the_whole_vocabulary_leaves_nothing_open(
    world: list[float], counts: dict[int, int], sampling: Sampling
) -> None:
    sampling = Sampling(sampling.temperature, 1.0, 0.5, 0.3, sampling.logit_bias)
    known = Known(dict(enumerate(world)), vocabulary=SIZE)
    found = processed(known, temperature=sampling.temperature, shifted=_shifts(counts, sampling))
    for token, share in enumerate(_truth(world, counts, sampling)):
        assert found.tokens[token].low == pytest.approx(share, abs=1e-9)
        assert found.tokens[token].high == pytest.approx(share, abs=1e-9)


def test_cooling_is_nearly_exact_and_heating_leaves_a_band() -> None:
    world = _logprobs(Random(3), 3.0)
    shown = sorted(range(SIZE), key=world.__getitem__, reverse=True)[:20]
    known = Known({token: world[token] for token in shown})
    widths = [
        bounds.high - bounds.low
        for temperature in (0.5, 1.0, 1.5)
        for bounds in [processed(known, temperature=temperature).tokens[shown[0]]]
    ]
    assert widths[0] < 0.01
    assert widths[1] < 1e-9
    assert widths[2] > widths[0]


def test_a_chosen_token_below_the_list_does_not_make_the_unseen_ones_smaller() -> None:
    known = Known({"a": math.log(0.5), "b": math.log(0.2), "z": math.log(0.01)}, math.log(0.2))
    hot = processed(known, temperature=1.2).tokens["a"]
    truth = [0.5, 0.2, 0.01, 0.15, 0.14]
    weights = [share ** (1 / 1.2) for share in truth]
    assert _holds(hot, weights[0] / sum(weights))


def test_penalties_count_and_biases_add() -> None:
    found = shifts(
        {"a": 2, "b": 0}, frequency_penalty=0.5, presence_penalty=0.25, logit_bias={"a": 3, "c": -1}
    )
    assert found == {"a": 3 - 2 * 0.5 - 0.25, "c": -1}
