from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.practice.language_model import NgramModel
from chatwidget.practice.tokenizer import END

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import PracticeModel

    Models = Mapping[str, PracticeModel]

A, B, C, D, UNUSED = 1, 2, 3, 4, 5
SIZE = 6
TEXTS = [[A, B, C, A, B, D], [A, B, C], [D, C]]

contexts = st.lists(st.integers(0, SIZE - 1), max_size=6)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@given(context=contexts)
def test_probabilities_are_positive_and_sum_to_one(order: int, context: list[int]) -> None:
    shares = NgramModel(TEXTS, SIZE, order).probabilities(context)
    assert len(shares) == SIZE
    assert min(shares) > 0
    assert math.fsum(shares) == pytest.approx(1)


@given(st.lists(st.lists(st.integers(1, SIZE - 1), max_size=8), min_size=1, max_size=5), contexts)
def test_every_training_text_gives_a_distribution(
    texts: list[list[int]], context: list[int]
) -> None:
    assert math.fsum(NgramModel(texts, SIZE).probabilities(context)) == pytest.approx(1)


def test_the_formula_of_kneser_and_ney() -> None:
    # Bigrams, by hand. Seen pairs: END-A 2x, A-B 3x, B-C 2x, C-A, B-D, D-END, C-END 2x, END-D, D-C
    model = NgramModel(TEXTS, SIZE, 2)
    discount = 0.1
    # how many different tokens stand before each token; there are 9 different pairs
    before = {END: 2, A: 2, B: 1, C: 2, D: 2}
    base = 5 * discount / 9 / (5 + 1e-4)
    unigram = {token: (count - discount) / 9 + base for token, count in before.items()}
    shares = model.probabilities([B])  # followed by C twice and by D once
    rest = 2 * discount / 3
    assert shares[C] == pytest.approx((2 - discount) / 3 + rest * unigram[C])
    assert shares[D] == pytest.approx((1 - discount) / 3 + rest * unigram[D])
    assert shares[A] == pytest.approx(rest * unigram[A])
    assert shares[UNUSED] == pytest.approx(rest * base * 1e-4)


def test_a_longer_context_decides_where_it_is_known() -> None:
    model = NgramModel([[A, B, C], [D, B, A]], SIZE, 3)
    assert max(range(SIZE), key=model.probabilities([A, B]).__getitem__) == C
    assert max(range(SIZE), key=model.probabilities([D, B]).__getitem__) == A


def test_an_unknown_context_falls_back_to_a_shorter_one() -> None:
    model = NgramModel(TEXTS, SIZE, 3)
    assert model.probabilities([UNUSED, B]) == model.probabilities([B])
    assert model.probabilities([B, UNUSED]) == model.probabilities([])


def test_only_the_last_tokens_count() -> None:
    model = NgramModel(TEXTS, SIZE, 3)
    assert model.probabilities([C, D, A, B]) == model.probabilities([A, B])


def test_the_real_model_gives_distributions(models: Models) -> None:
    for model in models.values():
        tokens = model.tokenizer.encode(model.index.sections[5].text)
        for position in range(0, len(tokens), 7):
            shares = model.ngrams.probabilities(tokens[:position])
            assert math.fsum(shares) == pytest.approx(1)
            assert min(shares) > 0
