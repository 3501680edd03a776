from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from chatwidget.practice.generator import Piece
from chatwidget.practice.stop_sequences import limited

if TYPE_CHECKING:
    from collections.abc import Iterator


def passed(texts: list[str], stops: list[str], limit: int | None = None) -> tuple[str, str, int]:
    """Return the text, the finish reason, and in how many steps that had text."""
    reasons: list[str] = []

    def write() -> Iterator[list[Piece]]:
        reasons.append((yield from limited([Piece(text) for text in texts], stops, limit)))

    steps = ["".join(piece.text for piece in released) for released in write()]
    return "".join(steps), reasons[0], len([step for step in steps if step])


def test_without_limits_everything_passes_at_once() -> None:
    assert passed(["a", "b", "c"], []) == ("abc", "stop", 3)


def test_a_stop_sequence_and_what_follows_is_left_out() -> None:
    assert passed(["one ", "two ", "three"], ["two"]) == ("one ", "stop", 1)


def test_a_stop_sequence_may_span_tokens() -> None:
    assert passed(["one", " t", "w", "o ", "three"], ["two"]) == ("one ", "stop", 2)


def test_the_first_of_several_stop_sequences_counts() -> None:
    assert passed(["abcdef"], ["e", "cd", "zz"]) == ("ab", "stop", 1)


def test_the_beginning_of_a_stop_sequence_is_held_back_only_as_long_as_it_may_be_one() -> None:
    assert passed(["a", "\n", "b", "c"], ["\n\n"]) == ("a\nbc", "stop", 3)


def test_a_beginning_at_the_very_end_is_let_through() -> None:
    assert passed(["a", "\n"], ["\n\n"]) == ("a\n", "stop", 2)


def test_the_limit_counts_tokens() -> None:
    assert passed(["a", "b", "c"], [], 2) == ("ab", "length", 2)


def test_an_answer_that_just_fits_is_complete() -> None:
    assert passed(["a", "b"], [], 2) == ("ab", "stop", 2)


def test_held_text_comes_out_at_the_limit() -> None:
    assert passed(["a", "S", "T"], ["STOP"], 3) == ("aST", "stop", 2)
    assert passed(["a", "S", "T", "x"], ["STOP"], 3) == ("aST", "length", 2)


@given(
    st.lists(st.text("abc", max_size=3), max_size=20),
    st.lists(st.text("abc", min_size=1, max_size=4), max_size=4),
)
def test_what_passes_is_the_text_before_the_first_stop_sequence(
    texts: list[str], stops: list[str]
) -> None:
    whole = "".join(texts)
    # The stop sequence that is complete first ends the answer, as it must while text arrives.
    ends = [
        (length, min(whole[:length].index(stop) for stop in stops if stop in whole[:length]))
        for length in range(len(whole) + 1)
        if any(stop in whole[:length] for stop in stops)
    ]
    text, reason, _ = passed(texts, stops)
    assert reason == "stop"
    assert whole.startswith(text)
    assert not any(stop in text for stop in stops)
    if ends:
        assert len(text) <= ends[0][1]
    else:
        assert text == whole
