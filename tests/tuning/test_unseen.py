"""What has not been seen: Good and Turing, pass@k, pass^k."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.tuning.statistics.attempts import pass_at_k, pass_hat_k
from chatwidget.tuning.statistics.unseen import good_turing

DISTRIBUTIONS = {
    "even": [1 / 10] * 10,
    "many": [1 / 500] * 500,
    "halves": [0.5**rank for rank in range(1, 40)],
    "zipf": [1 / rank for rank in range(1, 200)],
    "one": [0.9, *[0.005] * 20],
}


def test_the_next_is_new_as_often_as_there_are_single_ones() -> None:
    found = good_turing("aaabbbcccd")
    assert str(found) == "4 kinds in 10; the next is new with 10 % [0, 40]"
    assert (found.kinds, found.n, found.probability) == (4, 10, 0.1)


def test_pairs_make_what_is_unseen_less_certain() -> None:
    low, high = good_turing("abcdefghii").interval
    assert low == pytest.approx(0.8 - 1.96 * (8 + 2 + 1) ** 0.5 / 10, abs=1e-4)
    assert high == 1.0


def test_before_any_answer_all_is_new() -> None:
    assert good_turing([]) == (0, 0, 1.0, (0.0, 1.0))
    assert str(good_turing([])) == "No answers yet."


def test_all_alike_and_all_different() -> None:
    assert str(good_turing("aaaaaaaaaa")) == "1 kind in 10; the next is new with 0 % [0, 28]"
    assert good_turing(range(10)).probability == 1.0
    assert good_turing(range(10)).interval.high == pytest.approx(1.0)
    assert good_turing("a").interval == pytest.approx((0.0, 1.0))


@given(st.lists(st.integers(0, 12), max_size=60))
def test_an_interval_holds_the_estimate(kinds: list[int]) -> None:
    found = good_turing(kinds)
    assert 0 <= found.interval.low <= found.probability + 1e-12
    assert found.probability - 1e-12 <= found.interval.high <= 1


@pytest.mark.parametrize("studies", [200, pytest.param(2000, marks=pytest.mark.full)])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("n", [10, 50])
def test_what_is_unseen_is_covered(n: int, name: str, studies: int) -> None:
    chance, weights, held = random.Random(6), DISTRIBUTIONS[name], 0
    for _ in range(studies):
        seen = chance.choices(range(len(weights)), weights, k=n)
        unseen = 1 - sum(weights[kind] for kind in set(seen)) / sum(weights)
        low, high = good_turing(seen).interval
        held += low <= unseen + 1e-9 and unseen <= high + 1e-9
    assert held / studies >= (0.93 if studies > 200 else 0.9)


@pytest.mark.parametrize(
    ("passed", "n", "k"), [(0, 5, 2), (2, 5, 3), (5, 5, 5), (3, 6, 1), (4, 6, 4)]
)
def test_attempts_are_counted_over_all_choices_of_k(passed: int, n: int, k: int) -> None:
    answers = [True] * passed + [False] * (n - passed)
    drawn = list(combinations(answers, k))
    assert pass_at_k(passed, n, k) == pytest.approx(sum(map(any, drawn)) / len(drawn))
    assert pass_hat_k(passed, n, k) == pytest.approx(sum(map(all, drawn)) / len(drawn))


def test_attempts_are_not_biased_as_powers_of_the_rate_are() -> None:
    n, k, rate = 6, 3, Fraction(7, 10)
    chances = [math.comb(n, c) * rate**c * (1 - rate) ** (n - c) for c in range(n + 1)]
    expected = sum(chance * Fraction(pass_hat_k(c, n, k)) for c, chance in enumerate(chances))
    assert float(expected) == pytest.approx(float(rate**k))
    biased = sum(chance * Fraction(c, n) ** k for c, chance in enumerate(chances))
    assert float(biased) > float(rate**k) + 0.05


@pytest.mark.parametrize(("passed", "n", "k"), [(2, 5, 6), (0, 0, 1), (2, 5, 0), (6, 5, 1)])
def test_attempts_that_were_not_made_are_refused(passed: int, n: int, k: int) -> None:
    for estimate in (pass_at_k, pass_hat_k):
        with pytest.raises(ValueError, match="answers"):
            estimate(passed, n, k)


def test_attempts_are_exact_for_thousands() -> None:
    assert pass_at_k(1, 5000, 2500) == pytest.approx(0.5)
    assert pass_hat_k(4999, 5000, 2500) == pytest.approx(0.5)
