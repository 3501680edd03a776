"""Proportions: a score interval, and a sequence that one may look at."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betaln
from statsmodels.stats.proportion import proportion_confint

from chatwidget.tuning.statistics.proportion import Counts, confidence_sequence, wilson

RUNS = [200, pytest.param(2000, marks=pytest.mark.full)]
LEAST = {200: 0.9, 2000: 0.93}
LOOKS = 200


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    n = draw(st.integers(0, 500))
    return Counts(draw(st.integers(0, n)), n)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_is_what_statsmodels_computes(confidence: float) -> None:
    for n in (1, 2, 5, 20, 300):
        for passed in range(n + 1):
            judge = proportion_confint(passed, n, alpha=1 - confidence, method="wilson")
            assert wilson(passed, n, confidence) == pytest.approx(judge, abs=1e-12)


def test_wilson_of_all_that_pass() -> None:
    ends = [round(100 * wilson(n, n).low) for n in (5, 10, 20)]
    assert ends == [57, 72, 84]
    assert [wilson(0, 5).low, wilson(5, 5).high] == [0.0, 1.0]


@pytest.mark.parametrize("interval", [wilson, confidence_sequence])
def test_without_answers_a_rate_may_be_any(interval: type) -> None:
    assert interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("interval", [wilson, confidence_sequence])
@pytest.mark.parametrize(("passed", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_more_cannot_pass_than_answered(interval: type, passed: int, n: int) -> None:
    with pytest.raises(ValueError, match="cannot have passed"):
        interval(passed, n)


@given(counts())
def test_an_interval_holds_the_rate_and_mirrors_that_of_failures(seen: Counts) -> None:
    for interval in (wilson, confidence_sequence):
        low, high = interval(*seen)
        assert 0 <= low <= high <= 1
        assert seen.n == 0 or low <= seen.passed / seen.n <= high
        failures = interval(seen.n - seen.passed, seen.n)
        assert failures == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(counts())
def test_a_sequence_is_wider_than_an_interval_for_one_look(seen: Counts) -> None:
    interval, sequence = wilson(*seen), confidence_sequence(*seen)
    assert sequence.low <= interval.low + 1e-9
    assert sequence.high >= interval.high - 1e-9


@pytest.mark.parametrize(("passed", "n"), [(0, 1), (3, 10), (10, 10), (170, 400)])
def test_the_ends_of_a_sequence_are_where_the_mixture_is_twenty_times_as_likely(
    passed: int, n: int
) -> None:
    mixture = betaln(passed + 1, n - passed + 1)
    for end in confidence_sequence(passed, n):
        if 0 < end < 1:
            alone = passed * math.log(end) + (n - passed) * math.log1p(-end)
            assert math.exp(mixture - alone) == pytest.approx(20, rel=1e-6)


def test_a_sequence_costs_about_half_more_width() -> None:
    for n in (5, 10, 20, 50):
        interval, sequence = wilson(n * 4 // 5, n), confidence_sequence(n * 4 // 5, n)
        assert 1.3 <= (sequence.high - sequence.low) / (interval.high - interval.low) <= 1.6


@pytest.mark.parametrize("studies", RUNS)
@pytest.mark.parametrize(("a", "b"), [(1, 1), (9, 1), (2, 2)], ids=["any", "high", "middle"])
@pytest.mark.parametrize("n", [5, 10, 20, 50])
def test_wilson_covers_the_rates_of_simulated_studies(
    n: int, a: float, b: float, studies: int
) -> None:
    chance, held = random.Random(1), 0
    for _ in range(studies):
        rate = chance.betavariate(a, b)
        low, high = wilson(sum(chance.random() < rate for _ in range(n)), n)
        held += low <= rate <= high
    assert held / studies >= LEAST[studies]


def test_wilson_covers_on_average_over_rates_exactly() -> None:
    for n in (5, 10, 20, 50):
        held = [wilson(passed, n) for passed in range(n + 1)]
        rates = [(each + 0.5) / 1000 for each in range(1000)]
        covered = [
            sum(
                stats.binom.pmf(k, n, rate)
                for k, (low, high) in enumerate(held)
                if low <= rate <= high
            )
            for rate in rates[::10]
        ]
        assert sum(covered) / len(covered) >= 0.94


def looked_wrong(rates: list[float], chance: random.Random) -> bool:
    """Ask again and again, look after each answer, and tell whether any look was wrong."""
    passed, total = 0, 0.0
    for n in range(1, LOOKS + 1):
        rate = rates[n % len(rates)]
        passed, total = passed + (chance.random() < rate), total + rate
        low, high = confidence_sequence(passed, n)
        if not low <= total / n <= high:
            return True
    return False


@pytest.mark.parametrize("studies", [60, pytest.param(2000, marks=pytest.mark.full)])
@pytest.mark.parametrize(
    "rates", [[0.5], [0.9], [0.99], [0.3, 0.9, 1.0]], ids=["even", "high", "sure", "prompts"]
)
def test_a_sequence_is_right_at_every_look(rates: list[float], studies: int) -> None:
    chance = random.Random(2)
    wrong = sum(looked_wrong(rates, chance) for _ in range(studies))
    assert wrong / studies <= 0.05
