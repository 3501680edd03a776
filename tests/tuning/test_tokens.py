"""The tokens of an answer: what is known of each position, and what the list leaves open."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import (
    ChatCompletion,
    Choice,
    ChoiceLogprobs,
    TokenLogprob,
    TopLogprob,
)
from chatwidget.practice.model import load_models
from chatwidget.tuning import Results, Study
from chatwidget.tuning.tokens import TokenPosition, least_certain, sentences, tokens_of
from chatwidget.tuning.visible import flowing, label
from chatwidget.tuning.watching import watch
from tuning.studied import study

if TYPE_CHECKING:
    from pathlib import Path


def told(*tokens: TokenLogprob, refusal: list[TokenLogprob] | None = None) -> list[TokenPosition]:
    """The tokens of an answer that came with these."""
    logprobs = ChoiceLogprobs(content=list(tokens), refusal=refusal)
    return tokens_of(ChatCompletion([Choice(0, logprobs=logprobs)]))


def token(
    text: str, probability: float, others: dict[str, float] | None = None, **more: Any
) -> TokenLogprob:
    """A token, and the list of the likeliest ones."""
    top = tuple(TopLogprob(each, math.log(share)) for each, share in (others or {}).items())
    return TokenLogprob(text, math.log(probability), top_logprobs=top, **more)


def sizes(tokens: list[TokenPosition]) -> list[int]:
    """How many tokens each sentence has."""
    return [each.end - each.start for each in sentences(tokens)]


def test_the_list_leaves_over_what_others_have_and_bounds_each_of_them() -> None:
    (one,) = told(token("a", 0.5, {"a": 0.5, "b": 0.3, "c": 0.05}))
    assert one.others == pytest.approx(0.15)
    assert one.bound == pytest.approx(0.05)
    assert one.probability_of("b") == pytest.approx((0.3, 0.3))
    assert one.probability_of("x") == pytest.approx((0.0, 0.05))


def test_a_token_below_the_list_is_known_and_bounds_nothing() -> None:
    (one,) = told(token("rare", 0.001, {"a": 0.6, "b": 0.1}))
    assert [each.token for each in one.alternatives] == ["a", "b", "rare"]
    assert one.others == pytest.approx(0.299)
    assert one.bound == pytest.approx(0.1)


def test_others_have_no_more_than_is_left() -> None:
    (full,) = told(token("a", 0.7, {"a": 0.7, "b": 0.3}))
    (over,) = told(token("a", 0.7, {"a": 0.7, "b": 0.300001}))  # as servers round
    assert full.bound == pytest.approx(0, abs=1e-9)
    assert (over.others, over.bound) == (0, 0)


def test_without_a_list_others_may_be_a_single_one() -> None:
    (one,) = told(token("a", 0.75))
    assert (one.others, one.bound) == pytest.approx((0.25, 0.25))
    assert one.entropy == pytest.approx(-0.75 * math.log2(0.75) + 0.25 * 2)


def test_a_probability_that_is_not_told_is_none() -> None:
    (one,) = told(TokenLogprob("a", -9999.0, top_logprobs=(TopLogprob("b", -0.5),)))
    assert one.probability is None
    assert [each.token for each in one.alternatives] == ["b"]
    assert least_certain([one]) == []
    assert sentences([one])[0].confidence is None


def test_a_log_probability_above_zero_counts_as_certain() -> None:
    (one,) = told(TokenLogprob("a", 1e-7, top_logprobs=(TopLogprob("a", 1e-7),)))
    assert (one.probability, one.others, one.entropy) == (1, 0, 0)


@pytest.mark.parametrize("temperature", [0.0, 1.0, 1.6])
def test_of_the_practice_model_others_bound_and_entropy_are_right(temperature: float) -> None:
    model = load_models()["practice"]
    question = "What is a good temperature for brainstorming?"
    completion = chatwidget.create_chat_completion(
        question,
        server="practice",
        temperature=temperature,
        seed=7,
        max_tokens=25,
        logprobs=True,
        top_logprobs=20,
    )
    truth = model.answer(question)
    for each in tokens_of(completion):
        exact = {model.tokenizer.label(n): math.exp(p) for n, p in enumerate(truth.logits)}
        known = {alternative.token for alternative in each.alternatives}
        unseen = [share for token, share in exact.items() if token not in known]
        assert each.others == pytest.approx(math.fsum(unseen), abs=1e-9)
        assert each.bound >= max(unseen) - 1e-12
        entropy = -math.fsum(share * math.log2(share) for share in exact.values() if share)
        assert 0 <= each.entropy <= entropy + 1e-9
        (number,) = model.tokenizer.encode(each.token)
        truth.accept(number)


def test_the_least_certain_come_first() -> None:
    tokens = told(*(token(str(n), share) for n, share in enumerate([0.9, 0.1, 0.5, 0.1, 0.8])))
    assert least_certain(tokens, 3) == [1, 3, 2]
    assert least_certain(tokens, 9) == [1, 3, 2, 4, 0]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["One", ".", " Two", " words", "."], [2, 3]),
        (["Pi", " is", " 3", ".", "14", "."], [6]),
        (["He", ' said "no', '."', " Then"], [3, 1]),
        (["- a", "\n", "- b", "\n\n", "c"], [2, 2, 1]),
        (["What", "?", "!", "\n", " Yes"], [4, 1]),
        (["\u597d\u3002", " \u597d"], [1, 1]),
        ([], []),
    ],
)
def test_sentences_end_before_a_space_and_at_the_end_of_a_line(
    texts: list[str], expected: list[int]
) -> None:
    assert sizes(told(*(token(text, 0.5) for text in texts))) == expected


def test_the_confidence_of_a_sentence_is_the_geometric_mean() -> None:
    one, two = sentences(told(token("A", 0.9), token(".", 0.4), token(" B", 0.25)))
    assert one.confidence == pytest.approx(0.6)
    assert two.confidence == pytest.approx(0.25)


def test_a_refusal_has_tokens_too() -> None:
    assert [each.text for each in told(refusal=[token("No", 0.5)])] == ["No"]


def test_an_answer_without_log_probabilities_has_no_tokens() -> None:
    assert tokens_of(ChatCompletion([Choice(0)])) == []
    assert tokens_of(ChatCompletion([])) == []


def test_a_character_of_several_tokens_comes_with_the_last() -> None:
    snow = "☃".encode()
    parts = [token("\ufffd", 0.5, bytes=(each,)) for each in snow]
    tokens = told(*parts, token("!", 0.5, bytes=(33,)))
    assert [each.text for each in tokens] == ["", "", "☃", "!"]
    assert [each.token for each in tokens] == [r"\xe2", r"\x98", r"\x83", "!"]


def test_what_are_no_bytes_is_named_as_the_server_names_it() -> None:
    tokens = told(token("a", 0.5, bytes=(97,)), token("b", 0.5, bytes=(900,)), token("c", 0.5))
    assert "".join(each.text for each in tokens) == "abc"


@pytest.mark.parametrize(
    ("text", "alone", "within"),
    [
        (" the", "·the", " the"),
        ("  ", "··", "··"),
        ("\n\n", "↵↵", "↵\n↵\n"),
        ("\t", "⇥", "⇥"),
        ("a b", "a b", "a b"),
        ("\u202eevil", "<U+202E>evil", "<U+202E>evil"),
        ("\x1b[31m", "<U+001B>[31m", "<U+001B>[31m"),
        ("\u200b", "<U+200B>", "<U+200B>"),
        ("", "∅", "⋯"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text: str, alone: str, within: str) -> None:
    assert (label(text), flowing(text)) == (alone, within)


def test_forms_of_a_watched_word_count_together() -> None:
    tokens = told(token("Yes", 0.5, {"Yes": 0.5, " yes": 0.2, "No": 0.2, "Maybe": 0.02}))
    yes, no, other = watch(tokens, ["yes", "no", "never"])
    assert yes.low == pytest.approx(0.7)
    assert yes.high == pytest.approx(0.78)  # four more forms, of at most 0.02 each
    assert no.low == pytest.approx(0.2)
    assert no.high == pytest.approx(0.28)  # no more than there is
    assert (other.low, other.position) == (0, 0)


def test_a_word_is_watched_at_the_first_token_that_is_no_space_or_anywhere() -> None:
    tokens = told(
        token("\n", 0.9),
        token("I", 0.9, {"I": 0.9, "Yes": 0.05}),
        token(" yes", 0.6, {" yes": 0.6, " do": 0.3}),
    )
    (first,), (anywhere,) = watch(tokens, ["yes"]), watch(tokens, ["yes"], "any")
    assert (first.position, first.low) == (1, pytest.approx(0.05))
    assert (anywhere.position, anywhere.low) == (2, pytest.approx(0.6))


def test_nothing_is_known_of_a_word_without_log_probabilities() -> None:
    (watched,) = watch([], ["yes"])
    assert (watched.low, watched.high, watched.position) == (0, 1, None)


def test_words_are_watched_over_all_settings_of_a_study(tmp_path: Path) -> None:
    asked = {"logprobs": True, "top_logprobs": 20, "max_tokens": 1, "seed": 3}
    asked_twice = Study(
        "Which settings change an answer?",
        vary={"temperature": [0.0, 1.5]},
        repeats=3,
        fixed=asked,
        server="practice",
        store=tmp_path / "study.sqlite",
        keep_logprobs=True,
    )
    results = asked_twice.run()
    truth = load_models()["practice"].answer("Which settings change an answer?")
    encode = load_models()["practice"].tokenizer.label
    exact = sum(
        math.exp(logit)
        for number, logit in enumerate(truth.logits)
        if encode(number).strip().lower() == "the"
    )
    rows = results.watch("the", "zebra")
    assert [(row["temperature"], row["word"], row["answers"]) for row in rows] == [
        (0.0, "the", 3),
        (0.0, "zebra", 3),
        (1.5, "the", 3),
        (1.5, "zebra", 3),
    ]
    for the, zebra in (rows[:2], rows[2:]):  # what the model thinks, at any temperature
        assert the["low"] - 1e-9 <= exact <= the["high"] + 1e-9
        assert zebra["low"] == 0


def test_a_study_that_kept_no_probabilities_says_what_keeps_them() -> None:
    results = Results(study().definition, 0, [])
    with pytest.raises(ConfigurationError, match="log probabilities") as error:
        results.watch("yes")
    assert "keep_logprobs" in error.value.hint
