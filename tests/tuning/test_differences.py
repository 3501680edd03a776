"""Differences of two settings, rank bands of many, and racing."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import StratifiedTable, mcnemar
from statsmodels.stats.multitest import multipletests

from chatwidget.tuning.statistics.difference import (
    Test as Verdict,
)
from chatwidget.tuning.statistics.difference import (
    mean_difference,
    mean_test,
    pass_difference,
    pass_test,
    win_rate,
)
from chatwidget.tuning.statistics.proportion import Counts
from chatwidget.tuning.statistics.racing import contenders
from chatwidget.tuning.statistics.ranking import holm, rank_bands

RUNS = [200, pytest.param(2000, marks=pytest.mark.full)]
LEAST = {200: 0.9, 2000: 0.93}


def items(*counts: tuple[int, int]) -> dict[str, Counts]:
    return {str(place): Counts(*each) for place, each in enumerate(counts)}


def judged_score(a: Counts, b: Counts, difference: float) -> float:
    """The score of Miettinen and Nurminen, with the likeliest rates found by search.

    The one of statsmodels 0.14 has a slip in its cubic.
    """

    def unlikely(rate: float) -> float:
        both = stats.binom.pmf(a.passed, a.n, rate + difference) * stats.binom.pmf(
            b.passed, b.n, rate
        )
        return -float(both)

    ends = (max(0.0, -difference), min(1.0, 1 - difference))
    q = optimize.minimize_scalar(
        unlikely, bounds=ends, method="bounded", options={"xatol": 1e-10}
    ).x
    p, n = q + difference, a.n + b.n
    variance = (p * (1 - p) / a.n + q * (1 - q) / b.n) * n / (n - 1)
    return float((a.passed / a.n - b.passed / b.n - difference) / math.sqrt(variance))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        *[((4, 5), (2, 5)), ((1, 8), (3, 7)), ((40, 90), (41, 60)), ((3, 30), (29, 30))],
        *[
            ((5, 5), (2, 5)),
            ((0, 8), (3, 7)),
            ((10, 10), (0, 10)),
            ((5, 5), (5, 5)),
            ((1, 1), (0, 1)),
        ],
    ],
)
def test_of_one_item_the_interval_holds_what_the_score_does_not_reject(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    low, high = pass_difference(items(a), items(b)).interval or (math.nan, math.nan)
    if low > -1:
        assert judged_score(Counts(*a), Counts(*b), low) == pytest.approx(1.96, abs=2e-3)
    if high < 1:
        assert judged_score(Counts(*a), Counts(*b), high) == pytest.approx(-1.96, abs=2e-3)
    assert -1 <= low < high <= 1


def test_the_test_is_that_of_cochran_mantel_and_haenszel() -> None:
    a, b = items((5, 5), (3, 6), (1, 4)), items((4, 7), (1, 5), (0, 3))
    tables = [
        [[x.passed, x.n - x.passed], [y.passed, y.n - y.passed]]
        for x, y in zip(a.values(), b.values(), strict=True)
    ]
    judge = StratifiedTable(np.array(tables).transpose(1, 2, 0)).test_null_odds(correction=False)
    assert pass_test(a, b).p_value == pytest.approx(judge.pvalue)


def test_with_one_answer_to_each_item_it_is_mcnemars() -> None:
    chance = random.Random(1)
    a = items(*((int(chance.random() < 0.8), 1) for _ in range(60)))
    b = items(*((int(chance.random() < 0.5), 1) for _ in range(60)))
    table = np.zeros((2, 2))
    for name in a:
        table[a[name].passed, b[name].passed] += 1
    judge = mcnemar(table, exact=False, correction=False)
    assert pass_test(a, b).p_value == pytest.approx(judge.pvalue)


def test_an_interval_leaves_out_0_where_the_test_rejects() -> None:
    chance = random.Random(7)
    for _ in range(100):
        n = chance.randint(1, 8)
        a, b = (
            items(*((chance.randint(0, n), n) for _ in range(chance.randint(1, 6)))) for _ in "ab"
        )
        found = pass_difference(a, b)
        assert found.interval is not None
        without_0 = not found.interval.low <= 0 <= found.interval.high
        assert without_0 == (found.p_value < 0.05)
        assert (found.probability > 0.5) == (found.value > 1e-12)


@pytest.mark.parametrize("rate", [0, 1])
def test_where_all_pass_or_none_does_nothing_speaks_for_either(rate: int) -> None:
    found = pass_difference(items((5 * rate, 5)), items((5 * rate, 5)))
    assert (found.value, found.probability, found.p_value) == (0.0, 0.5, 1.0)
    assert found.interval is not None
    assert found.interval.low < -0.3
    assert found.interval.high > 0.3


def test_without_common_items_nothing_is_compared() -> None:
    a, b = {"one": Counts(5, 5), "none": Counts(0, 0)}, {"two": Counts(0, 5), "none": Counts(1, 2)}
    found = pass_difference(a, b)
    assert math.isnan(found.value)
    assert (found.interval, found.probability, found.p_value, found.items) == (None, 0.5, 1.0, 0)
    numbers = mean_difference({"one": [1.0] * 9}, {"two": [2.0] * 9})
    assert math.isnan(numbers.value)
    assert (numbers.interval, numbers.p_value) == (None, 1.0)
    assert math.isnan(win_rate({"one": [1.0]}, {"two": [1.0]}))


def test_only_common_items_count() -> None:
    a, b = items((5, 5), (0, 5)), items((0, 5))
    assert pass_difference(a, b) == pass_difference(items((5, 5)), b)


count_pairs = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.floats(0, 1), st.floats(0, 1)),
    min_size=1,
    max_size=6,
)


@given(count_pairs)
def test_exchanging_two_settings_turns_their_difference_round(
    drawn: list[tuple[int, int, float, float]],
) -> None:
    a = items(*((round(p * n), n) for n, _, p, _ in drawn))
    b = items(*((round(q * m), m) for _, m, _, q in drawn))
    one, other = pass_difference(a, b), pass_difference(b, a)
    assert one.value == pytest.approx(-other.value, abs=1e-12)
    assert one.probability == pytest.approx(1 - other.probability)
    assert one.p_value == pytest.approx(other.p_value)
    assert one.interval is not None
    assert other.interval is not None
    assert one.interval == pytest.approx((-other.interval.high, -other.interval.low), abs=1e-6)
    assert -1 <= one.interval.low <= one.value + 1e-9
    assert one.value - 1e-9 <= one.interval.high <= 1


@pytest.mark.parametrize("studies", RUNS)
@pytest.mark.parametrize(
    ("rates", "repeats"),
    [
        ([(0.9, 0.7)], 20),
        ([(0.5, 0.5)], 10),
        ([(0.9, 0.6), (0.4, 0.3), (0.99, 0.8)], 5),
        ([(0.8, 0.6)] * 30, 1),
    ],
    ids=["one", "tie", "three", "single answers"],
)
def test_a_difference_of_rates_is_covered(
    rates: list[tuple[float, float]], repeats: int, studies: int
) -> None:
    chance, held = random.Random(3), 0
    truth = sum(p - q for p, q in rates) / len(rates)
    for _ in range(studies):
        a, b = (
            items(
                *(
                    (sum(chance.random() < pair[side] for _ in range(repeats)), repeats)
                    for pair in rates
                )
            )
            for side in (0, 1)
        )
        found = pass_difference(a, b).interval
        assert found is not None
        held += found.low <= truth <= found.high
    assert held / studies >= LEAST[studies]


def test_over_five_items_means_are_compared_by_a_paired_t() -> None:
    a = {str(i): [float(i), i + 1.0] for i in range(6)}
    b = {str(i): [i * 0.5, i * 0.7] for i in range(6)}
    judge = stats.ttest_rel(
        [sum(each) / 2 for each in a.values()], [sum(each) / 2 for each in b.values()]
    )
    found = mean_difference(a, b)
    assert found.p_value == pytest.approx(judge.pvalue)
    assert found.interval == pytest.approx(tuple(judge.confidence_interval(0.95)))
    assert found.probability == pytest.approx(1 - judge.pvalue / 2)


def test_of_one_item_means_are_compared_by_welchs_t() -> None:
    a, b = [1.0, 4.0, 2.0, 8.0, 5.0], [7.0, 9.0, 8.0, 11.0, 12.0, 6.0]
    judge = stats.ttest_ind(a, b, equal_var=False)
    found = mean_difference({"x": a}, {"x": b})
    assert found.p_value == pytest.approx(judge.pvalue)
    assert found.interval == pytest.approx(tuple(judge.confidence_interval(0.95)))
    assert found.probability == pytest.approx(judge.pvalue / 2)


def test_too_few_numbers_are_not_compared() -> None:
    found = mean_difference({"x": [1.0, 2.0]}, {"x": [5.0, 6.0]})
    assert (found.value, found.interval, found.p_value) == (-4.0, None, 1.0)


def test_identical_numbers_are_tied_and_constant_ones_are_not() -> None:
    same = {str(i): [2.0] * 3 for i in range(6)}
    more = {str(i): [3.0] * 3 for i in range(6)}
    assert mean_difference(same, same)[:4] == (0.0, (0.0, 0.0), 0.5, 1.0)
    assert mean_difference(more, same)[:4] == (1.0, (1.0, 1.0), 1.0, 0.0)
    assert mean_test(same, more) == Verdict(-1.0, 0.0)


def test_a_difference_by_rounding_is_none() -> None:
    one = {str(i): [0.1, 0.2, 0.3, 0.1 * i] for i in range(6)}
    other = {name: each[::-1] for name, each in one.items()}
    assert mean_difference(one, other)[:4] == (0.0, (0.0, 0.0), 0.5, 1.0)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        mean_difference({"x": [1.0, math.nan] * 5}, {"x": [1.0] * 10})


@pytest.mark.parametrize("studies", RUNS)
@pytest.mark.parametrize(("count", "repeats"), [(1, 8), (3, 5), (10, 3)])
def test_a_difference_of_means_is_covered(count: int, repeats: int, studies: int) -> None:
    chance, held = random.Random(8), 0
    for _ in range(studies):
        shifts = [chance.gauss(0, 2) for _ in range(count)]
        a, b = (
            {
                str(i): [chance.gauss(shift + better, 1) for _ in range(repeats)]
                for i, shift in enumerate(shifts)
            }
            for better in (0.5, 0.0)
        )
        found = mean_difference(a, b).interval
        assert found is not None
        held += found.low <= 0.5 <= found.high
    assert held / studies >= LEAST[studies]


def test_a_win_rate_is_that_of_mann_and_whitney() -> None:
    a, b = [1.0, 2.0, 2.0, 5.0], [2.0, 0.0, 3.0]
    judge = stats.mannwhitneyu(a, b).statistic / 12
    assert win_rate({"x": a}, {"x": b}) == pytest.approx(judge)
    assert win_rate({"x": a, "y": [1.0]}, {"x": b, "y": [0.0]}) == pytest.approx((judge + 1) / 2)


@pytest.mark.parametrize("size", [0, 1, 2, 7, 45])
def test_holm_is_what_statsmodels_computes(size: int) -> None:
    chance = random.Random(size)
    p_values = [chance.choice([0.0, 0.01, 1.0, chance.random() ** 3]) for _ in range(size)]
    judge = multipletests(p_values, method="holm")[1].tolist() if p_values else []
    assert holm(p_values) == pytest.approx(judge)


def test_a_clear_winner_has_the_first_rank_and_ties_share_theirs() -> None:
    best, tied, third = items((50, 50)), items((20, 50)), items((22, 50))
    bands = rank_bands([tied, best, third], pass_test)
    assert [(each.best, each.worst) for each in bands] == [(2, 3), (1, 1), (2, 3)]
    assert [each.tied for each in bands] == [(2,), (), (0,)]
    assert [each.better for each in bands] == [(1,), (), (1,)]
    assert bands[1].lower == (0, 2)


def test_a_tie_is_not_handed_on() -> None:
    bands = rank_bands([items((45, 50)), items((38, 50)), items((28, 50))], pass_test)
    assert [each.tied for each in bands] == [(1,), (0, 2), (1,)]
    assert [(each.best, each.worst) for each in bands] == [(1, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_there_is_no_winner_among_alike(count: int) -> None:
    bands = rank_bands([items((5, 5))] * count, pass_test)
    assert all((each.best, each.worst) == (1, count) for each in bands)


@pytest.mark.parametrize("studies", [200, pytest.param(2000, marks=pytest.mark.full)])
def test_alike_settings_seldom_get_different_ranks(studies: int) -> None:
    chance, wrong = random.Random(9), 0
    for _ in range(studies):
        settings = [
            items(*((sum(chance.random() < rate for _ in range(10)), 10) for rate in (0.8, 0.5)))
            for _ in range(5)
        ]
        wrong += any(each.best > 1 for each in rank_bands(settings, pass_test))
    assert wrong / studies <= (0.05 if studies > 200 else 0.08)


def test_a_race_drops_what_lies_wholly_below() -> None:
    assert contenders([Counts(40, 40), Counts(36, 40), Counts(10, 40)]) == [0, 1]
    assert contenders([Counts(0, 0), Counts(200, 200)]) == [0, 1]
    assert contenders([Counts(5, 5)] * 3) == [0, 1, 2]
    assert contenders([Counts(3, 5)]) == [0]
    assert contenders([]) == []


def test_the_more_settings_race_the_surer_it_is_before_one_is_dropped() -> None:
    best, weak = Counts(20, 20), Counts(6, 20)
    assert contenders([best, weak, best]) == [0, 2]
    assert contenders([best, weak, *[best] * 8]) == [*range(10)]


@pytest.mark.parametrize("studies", [30, pytest.param(1000, marks=pytest.mark.full)])
def test_a_race_seldom_drops_the_best(studies: int) -> None:
    chance, dropped = random.Random(10), 0
    rates = [0.8, 0.8, 0.6, 0.5]
    for _ in range(studies):
        passed, running = [0] * len(rates), set(range(len(rates)))
        for n in range(1, 101):
            passed = [
                had + (chance.random() < rate) for had, rate in zip(passed, rates, strict=True)
            ]
            running &= set(contenders([Counts(each, n) for each in passed]))
        dropped += not {0, 1} <= running
    assert dropped / studies <= 0.05
