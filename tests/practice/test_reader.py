from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.practice.copy_model import CopyModel, Passage, Trust
from chatwidget.practice.tokenizer import END

TRUST = Trust(following=0.9, strayed=0.4)
FIRST = [[1, 2, 3], [4, 2, 5], [6, 7]]
SECOND = [[1, 8], [9, 2, 8]]


def passage(segments: list[list[int]], weight: float = 1.0) -> Passage:
    made = Passage(weight=weight)
    for segment in segments:
        made.add(segment, prose=True)
    return made


def copy_model() -> CopyModel:
    return CopyModel([passage(FIRST), passage(SECOND, 0.5)], TRUST)


def likeliest(shares: dict[int, float]) -> int:
    return max(shares, key=shares.__getitem__)


def test_the_likeliest_tokens_are_the_first_passage_to_its_end() -> None:
    made = copy_model()
    told: list[int] = []
    while (token := likeliest(made.expected())) != END:
        told.append(token)
        made.follow(token, 0.01)
    assert told == [1, 2, 3, 4, 2, 5, 6, 7]


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(1e-9, 0.1)), max_size=30))
def test_expectations_always_sum_to_one(steps: list[tuple[int, float]]) -> None:
    made = copy_model()
    for token, otherwise in steps:
        made.follow(token, otherwise)
        assert math.fsum(made.expected().values()) == pytest.approx(1)
        assert TRUST.strayed <= made.trust <= TRUST.following


def test_an_answer_may_open_with_a_runner_up() -> None:
    made = CopyModel([passage([[1]]), passage([[2]], 0.5)], TRUST)
    assert 0 < made.expected()[2] < 0.2


def test_an_unexpected_token_costs_trust_and_an_expected_one_restores_it() -> None:
    made = copy_model()
    made.follow(99, 0.01)
    assert made.trust == TRUST.strayed
    made.follow(2, 1e-6)
    assert made.trust == pytest.approx(TRUST.following, abs=1e-3)


def test_after_a_banned_token_the_passage_goes_on() -> None:
    made = copy_model()
    made.follow(99, 0.01)  # instead of 1
    assert likeliest(made.expected()) == 2


def test_a_token_of_another_road_may_lead_onto_it() -> None:
    made = copy_model()
    made.follow(9, 1e-6)  # only the second passage has it, before 2 and 8
    made.follow(2, 1e-3)
    assert made.expected()[8] > made.expected()[3]


def test_at_the_end_it_stays_at_the_end() -> None:
    made = CopyModel([passage([[1]])], TRUST)
    made.follow(1, 0.01)
    made.follow(99, 0.01)
    assert made.expected()[END] == pytest.approx(1)


def test_nobody_gets_into_the_middle_of_code() -> None:
    made = Passage()
    made.add([1, 2], prose=True)
    made.add([3, 3], prose=False)
    assert made.starts == set()
    assert 3 not in made.after
