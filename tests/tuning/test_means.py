"""Means of numbers over items and repeats."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from chatwidget.tuning.statistics.means import mean, stratified_t, two_level_bootstrap
from chatwidget.tuning.statistics.student import t_cdf, t_quantile

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = [200, pytest.param(2000, marks=pytest.mark.full)]
LEAST = {200: 0.9, 2000: 0.93}

numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("df", [1, 2, 3.7, 9, 30, 500, 1e5])
def test_students_t_is_what_scipy_computes(df: float) -> None:
    for t in (-40.0, -3.3, -0.01, 0.0, 0.5, 2.0, 700.0):
        assert t_cdf(t, df) == pytest.approx(stats.t.cdf(t, df), rel=1e-9, abs=1e-14)
    for probability in (0.001, 0.3, 0.5, 0.975, 0.99999):
        judge = stats.t.ppf(probability, df)
        assert t_quantile(probability, df) == pytest.approx(judge, rel=1e-8, abs=1e-8)


def test_students_t_at_infinity() -> None:
    assert [t_cdf(math.inf, 3), t_cdf(-math.inf, 3)] == [1.0, 0.0]


def test_of_one_item_the_interval_is_students() -> None:
    values = [3.0, 5.0, 4.0, 8.0, 1.0, 2.5]
    error = stats.sem(values)
    judge = stats.t.interval(0.95, len(values) - 1, sum(values) / 6, error)
    found = mean([values])
    assert found.method == "Student's t"
    assert found.interval == pytest.approx(judge)


def test_of_two_items_the_degrees_of_freedom_are_those_of_welch() -> None:
    one, other = [1.0, 2.0, 4.0, 3.0], [10.0, 19.0, 25.0]
    judge = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    found = stratified_t([one, [-each for each in other]])
    assert found is not None
    # half of a difference is the mean of one and of the other's opposite
    assert found == pytest.approx((judge.low / 2, judge.high / 2))


@pytest.mark.parametrize(
    "items",
    [
        [[1.0, 2.0, 3.0, 4.0]],
        [[1.0], [2.0], [3.0], [9.0]],
        [[1.0, 5.0], [1.0, 4.0, 3.0, 2.0], [7.0]],
    ],
)
def test_too_few_numbers_have_no_interval(items: list[list[float]]) -> None:
    found = mean(items)
    assert found.method == "too few"
    assert found.interval is None
    assert found.n == sum(map(len, items))


def test_nothing_has_no_mean() -> None:
    for items in ([], [[]], [[], []]):
        found = mean(items)
        assert math.isnan(found.value)
        assert (found.interval, found.n, found.method) == (None, 0, "too few")


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_mean_refuses_what_is_no_number(wrong: float) -> None:
    for items in ([[1.0, wrong, 2.0, 3.0, 4.0]], [[1.0], [2.0], [3.0], [wrong], [5.0]]):
        with pytest.raises(ValueError, match="finite"):
            mean(items)


def test_every_item_counts_alike_however_often_it_was_asked() -> None:
    assert mean([[1.0] * 50, [3.0, 3.0]]).value == 2.0


def test_identical_numbers_leave_no_doubt() -> None:
    assert mean([[4.0] * 6]).interval == (4.0, 4.0)
    assert mean([[4.0] * 3] * 6).interval == pytest.approx((4.0, 4.0))


@given(st.lists(st.lists(numbers, min_size=1, max_size=6), min_size=5, max_size=12))
def test_a_bootstrap_holds_the_mean_and_is_repeatable(items: list[list[float]]) -> None:
    low, high = two_level_bootstrap(items, seed=3)
    middle = mean(items).value
    slack = 1e-9 * max(1.0, abs(middle))
    assert low - slack <= middle <= high + slack
    assert two_level_bootstrap(items, seed=3) == (low, high)


@given(st.lists(st.lists(numbers, min_size=2, max_size=6), min_size=5, max_size=9), numbers)
def test_a_bootstrap_moves_with_the_numbers(items: list[list[float]], shift: float) -> None:
    low, high = two_level_bootstrap(items)
    moved = two_level_bootstrap([[each + shift for each in item] for item in items])
    assert moved == pytest.approx((low + shift, high + shift), rel=1e-6, abs=1e-3)


def test_of_five_items_a_bootstrap_is_as_wide_as_students() -> None:
    values = [3.0, 5.0, 4.0, 8.0, 1.0]
    low, high = two_level_bootstrap([[each] for each in values])
    judge = stats.t.interval(0.95, 4, 4.2, stats.sem(values))
    assert (low, high) == pytest.approx(judge, rel=0.05)


def test_another_seed_draws_anew() -> None:
    chance = random.Random(1)
    items = [[chance.gauss(0, 1) for _ in range(3)] for _ in range(20)]
    assert two_level_bootstrap(items, seed=1) != two_level_bootstrap(items, seed=2)


def normal(chance: random.Random, spread: float) -> Callable[[], float]:
    center = chance.gauss(10, spread)
    return lambda: chance.gauss(center, 1)


def share(chance: random.Random, spread: float) -> Callable[[], float]:
    rate = chance.betavariate(7 / (1 + spread), 3 / (1 + spread))
    return lambda: sum(chance.random() < rate for _ in range(10)) / 10


def length(chance: random.Random, spread: float) -> Callable[[], float]:
    # a negative binomial, as the number of words of an answer is
    center = chance.gammavariate(40 / (1 + spread), (1 + spread))
    return lambda: chance.gammavariate(8, center / 8)


KINDS = {"normal": (normal, 10.0), "share": (share, 0.7), "length": (length, 40.0)}


@pytest.mark.parametrize("studies", RUNS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("count", "repeats"), [(5, 1), (5, 10), (8, 3), (30, 5)], ids=["5x1", "5x10", "8x3", "30x5"]
)
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_a_bootstrap_covers_the_mean_of_simulated_studies(
    spread: float, count: int, repeats: int, kind: str, studies: int
) -> None:
    (make, truth), chance, held = KINDS[kind], random.Random(4), 0
    for _ in range(studies):
        draws = [make(chance, spread) for _ in range(count)]
        low, high = two_level_bootstrap([[draw() for _ in range(repeats)] for draw in draws])
        held += low <= truth <= high
    assert held / studies >= LEAST[studies]


@pytest.mark.parametrize("studies", RUNS)
@pytest.mark.parametrize("count", [1, 3])
def test_students_t_covers_the_mean_of_these_items(count: int, studies: int) -> None:
    chance, held = random.Random(5), 0
    for _ in range(studies):
        centers = [chance.gauss(0, 5) for _ in range(count)]
        sizes = [chance.randint(5, 12) for _ in centers]
        items = [
            [chance.gauss(center, 1 + place) for _ in range(size)]
            for place, (center, size) in enumerate(zip(centers, sizes, strict=True))
        ]
        found = mean(items).interval
        assert found is not None
        held += found.low <= sum(centers) / count <= found.high
    assert held / studies >= LEAST[studies]
