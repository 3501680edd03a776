"""Power: what repeats can show, and whether prompts are lacking instead."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from chatwidget.tuning.statistics.difference import pass_test
from chatwidget.tuning.statistics.power import (
    detectable_difference,
    repeats_needed,
    what_repeats_show,
)
from chatwidget.tuning.statistics.proportion import Counts
from chatwidget.tuning.statistics.variance import items_or_repeats, variance_components


@pytest.mark.parametrize(
    ("rate", "other", "needed"), [(0.9, 0.7, 62), (0.8, 0.6, 82), (0.9, 0.8, 199), (0.7, 0.9, 62)]
)
def test_so_many_repeats_tell_two_rates_apart(rate: float, other: float, needed: int) -> None:
    assert repeats_needed(rate, other) == needed


@pytest.mark.parametrize(("rate", "other"), [(0.9, 0.7), (0.8, 0.6), (0.9, 0.4)])
def test_the_test_then_finds_them_four_times_out_of_five(rate: float, other: float) -> None:
    n = repeats_needed(rate, other)
    assert n is not None
    power = sum(
        stats.binom.pmf(a, n, rate) * stats.binom.pmf(b, n, other)
        for a in range(n + 1)
        for b in range(a)
        if pass_test({"": Counts(a, n)}, {"": Counts(b, n)}).p_value <= 0.05
    )
    assert power == pytest.approx(0.8, abs=0.05)


def test_equal_rates_are_never_told_apart() -> None:
    assert repeats_needed(0.5, 0.5) is None


@given(st.integers(1, 2000), st.floats(0.05, 1.0))
def test_a_difference_that_can_be_shown_needs_no_more_repeats(n: int, rate: float) -> None:
    found = detectable_difference(n, rate)
    if found is None:
        needed = repeats_needed(rate, 0.0)
        assert needed is not None
        assert needed > n
    else:
        assert 0 < found <= rate
        needed = repeats_needed(rate, rate - found)
        assert needed is not None
        assert needed <= n + 1
        more = detectable_difference(n + 1, rate)
        assert more is not None
        assert more <= found + 1e-9


@pytest.mark.parametrize(
    ("repeats", "items", "said"),
    [
        (1, 1, "1 repeat cannot tell pass rates apart; 62 would show 20."),
        (5, 1, "5 repeats can tell apart pass rates that differ by 79 points; 62 would show 20."),
        (5, 4, "5 repeats can tell apart pass rates that differ by 40 points; 16 would show 20."),
        (
            62,
            1,
            "62 repeats can tell apart pass rates that differ by 20 points; 199 would show 10.",
        ),
        (10**6, 1, "1,000,000 repeats can tell apart pass rates that differ by 1 point."),
    ],
)
def test_a_plan_says_what_its_repeats_show(repeats: int, items: int, said: str) -> None:
    assert what_repeats_show(repeats, items) == said


def test_components_of_variance_are_those_of_a_balanced_layout() -> None:
    chance = random.Random(2)
    items = [[chance.gauss(center, 2) for _ in range(6)] for center in (1, 5, 9, 2, 4)]
    found = variance_components(items)
    assert found is not None
    table = np.array(items)
    within = table.var(axis=1, ddof=1).mean()
    assert found.within == pytest.approx(within)
    assert found.between == pytest.approx(table.mean(axis=1).var(ddof=1) - within / 6)


def test_components_of_variance_are_unbiased_with_unequal_repeats() -> None:
    chance = random.Random(3)
    found = [
        variance_components(
            [
                [chance.gauss(center, 1) for _ in range(size)]
                for size in (2, 3, 9, 4, 1, 6)
                for center in [chance.gauss(0, 2)]
            ]
        )
        for _ in range(1500)
    ]
    assert np.mean([each.between for each in found if each]) == pytest.approx(4, rel=0.1)
    assert np.mean([each.within for each in found if each]) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("items", [[], [[1.0, 2.0]], [[1.0], [2.0]], [[1.0, 2.0], []]])
def test_without_two_items_and_a_repeat_there_are_no_components(items: list[list[float]]) -> None:
    assert variance_components(items) is None
    assert "would show whether" in items_or_repeats(items)


def test_it_is_said_whether_prompts_or_repeats_are_lacking() -> None:
    prompts = items_or_repeats([[0.0, 0.1, 0.0], [5.0, 5.1, 5.0], [9.0, 9.1, 9.0]])
    assert prompts.startswith("More prompts rather than more repeats: 100 %")
    repeats = items_or_repeats([[0.0, 9.0, 5.0], [1.0, 8.0, 5.0], [9.0, 1.0, 4.0]])
    assert repeats.startswith("More repeats help: 100 %")
    assert items_or_repeats([[1.0, 1.0], [1.0, 1.0]]).startswith("All answers are alike")
