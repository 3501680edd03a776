from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.practice.tokenizer import END, Tokenizer

TOKENIZER = Tokenizer(["The temperature of the model.\n\nThe model isn't warm — it is 0.7."])
ANY_TEXT = st.text(st.characters(codec=None))  # half surrogate pairs, too


@given(ANY_TEXT)
def test_any_text_comes_back_exactly(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


@given(st.text())
def test_the_bytes_of_the_tokens_are_the_bytes_of_the_text(text: str) -> None:
    assert b"".join(map(TOKENIZER.bytes, TOKENIZER.encode(text))) == text.encode()


@given(ANY_TEXT)
def test_no_text_contains_the_end_token(text: str) -> None:
    assert END not in TOKENIZER.encode(text)


def test_known_words_are_one_token_with_the_space_before_them() -> None:
    labels = [TOKENIZER.label(token) for token in TOKENIZER.encode("The temperature isn't.\n\nThe")]
    assert labels == ["The", " temperature", " isn't", ".", "\n\n", "The"]


def test_unknown_words_are_spelled_in_bytes() -> None:
    assert [TOKENIZER.bytes(t) for t in TOKENIZER.encode(" Zoë")] == [
        b" ",
        b"Z",
        b"o",
        b"\xc3",
        b"\xab",
    ]


def test_half_a_character_has_a_label() -> None:
    token = TOKENIZER.encode("ë")[0]
    assert TOKENIZER.label(token) == "\\xc3"
    assert TOKENIZER.decode([token]) == "\ufffd"


def test_the_end_token_has_no_bytes() -> None:
    assert TOKENIZER.bytes(END) == b""
    assert TOKENIZER.label(END) == "<|end|>"


def test_ids_depend_on_the_text_alone() -> None:
    again = Tokenizer(["The temperature of the model.\n\nThe model isn't warm — it is 0.7."])
    assert len(again) == len(TOKENIZER)
    assert all(again.bytes(t) == TOKENIZER.bytes(t) for t in range(len(again)))


def test_every_token_is_there_once() -> None:
    spelled = [TOKENIZER.bytes(token) for token in range(len(TOKENIZER))]
    assert len(set(spelled)) == len(spelled)


@pytest.mark.parametrize("character", [" ", "\t", "\n", "a", "`", "é", "\u2028"])
def test_long_runs_cost_no_more_than_other_text(character: str) -> None:
    started = time.perf_counter()
    assert TOKENIZER.decode(TOKENIZER.encode(character * 200_000)) == character * 200_000
    assert time.perf_counter() - started < 5  # quadratic cost would be minutes
