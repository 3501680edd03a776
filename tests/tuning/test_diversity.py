"""Measures of one answer, groupings, and how different the answers of a setting are."""

from __future__ import annotations

import math
import zlib

import pytest

from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    ChoiceLogprobs,
    CompletionUsage,
    TokenLogprob,
)
from chatwidget.tuning.grouping import first_number, json_field, normalized_text
from chatwidget.tuning.measures import MEASURES
from chatwidget.tuning.result import Result, Setting
from chatwidget.tuning.statistics.diversity import (
    agreement,
    compression_ratio,
    cut_to_shortest,
    distinct_n,
    duplicate_share,
    entropy,
    pairwise_jaccard,
    self_repetition,
)

STATISTICS = [
    *(agreement, compression_ratio, distinct_n, duplicate_share, entropy),
    *(pairwise_jaccard, self_repetition),
]


def result(text: str, logprobs: list[float] | None = None, **values: object) -> Result:
    told = ChoiceLogprobs([TokenLogprob("", each) for each in logprobs]) if logprobs else None
    choice = Choice(0, ChatCompletionMessage(content=text), "stop", told)
    usage = values.pop("usage", None)
    completion = ChatCompletion([choice], model="m", usage=usage)  # type: ignore[arg-type]
    return Result(
        setting=Setting(),
        prompt="1",
        item="1",
        draw=1,
        server="s",
        completion=completion,
        **values,  # type: ignore[arg-type]
    )


def measured(given: Result) -> dict[str, object]:
    return {name: measure(given) for name, measure in MEASURES.items()}


def test_an_answer_is_measured() -> None:
    given = result(
        "Paris, of course.",
        [-0.5, -1.5],
        usage=CompletionUsage(5, 11, 16),
        seconds=1.5,
        first_token=0.5,
    )
    assert measured(given) == {
        "characters": 17,
        "words": 3,
        "tokens": 11,
        "seconds": 1.5,
        "time_to_first_token": 0.5,
        "tokens_per_second": 11.0,
        "finish_reason": "stop",
        "mean_log_probability": -1.0,
        "perplexity": pytest.approx(math.e),
        "thumb": None,
    }


def test_what_a_server_does_not_tell_is_none() -> None:
    found = measured(result(""))
    assert [name for name, value in found.items() if value is None] == [
        *("tokens", "seconds", "time_to_first_token", "tokens_per_second"),
        *("mean_log_probability", "perplexity", "thumb"),
    ]


@pytest.mark.parametrize(
    ("seconds", "count"), [(0.51, 100), (2.0, 1), (0.2, 100)], ids=["burst", "one", "clock"]
)
def test_what_came_at_once_has_no_pace(seconds: float, count: int) -> None:
    given = result("a", usage=CompletionUsage(0, count), seconds=seconds, first_token=0.5)
    assert measured(given)["tokens_per_second"] is None


def test_a_token_without_a_probability_does_not_count() -> None:
    assert measured(result("a", [-1.0, -9999.0]))["mean_log_probability"] == -1.0
    assert measured(result("a", [-9999.0]))["perplexity"] is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The answer is 42.", 42),
        ("about -1,234.50 or 7", -1234.5),
        ("\u22123 degrees", -3),
        (".5 of it", 0.5),
        ("6.02e23 of them", 6.02e23),
        ("1,2 and 3", 1),
        ("GPT4 says seven", None),
        ("no number", None),
        ("", None),
    ],
)
def test_the_first_number_of_a_text(text: str, number: float | None) -> None:
    assert first_number(text) == number


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"place": {"city": "Paris"}}', "Paris"),
        ('Sure:\n```json\n{"place": {"city": 3}}\n```\nDone.', 3),
        ('{"place": {"city": {"b": 1, "a": [2]}}}', '{"a": [2], "b": 1}'),
        ('{"place": "Paris"}', None),
        ('{"place": null}', None),
        ("Paris", None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
def test_a_field_of_a_json_answer(text: str, kind: object) -> None:
    assert json_field("place.city")(text) == kind


def test_a_field_of_a_list() -> None:
    assert json_field("0.name")('[{"name": "A"}]') == "A"
    assert json_field("1.name")('[{"name": "A"}]') is None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (" Paris. ", "paris"),
        ("\u201cParis\u201d!", "PARIS"),
        ("Ｐaris\n\n is   it", "paris is it"),
        ("Straße", "STRASSE"),
        ("**Paris**", "paris"),
    ],
)
def test_texts_that_mean_the_same_are_alike(text: str, other: str) -> None:
    assert normalized_text(text) == normalized_text(other)


def test_signs_that_mean_something_stay() -> None:
    assert normalized_text("-") != normalized_text("") or normalized_text("-") == "-"
    assert normalized_text("it's") != normalized_text("its")
    assert normalized_text("5 €") != normalized_text("5")
    assert normalized_text("...") == "..."


@pytest.mark.parametrize("statistic", STATISTICS)
def test_without_texts_there_is_no_diversity(statistic: type) -> None:
    assert math.isnan(statistic([]))


def test_of_texts_without_words() -> None:
    assert math.isnan(distinct_n(["", " "]))
    assert math.isnan(pairwise_jaccard(["one"]))
    assert pairwise_jaccard(["", ""]) == 1.0
    assert self_repetition(["", ""]) == 0.0
    assert math.isnan(compression_ratio([""]))
    assert cut_to_shortest(["", "a b"]) == ["", ""]


def test_copies_are_counted() -> None:
    assert duplicate_share(["a", "b", "a", "a"]) == 0.5
    assert duplicate_share(["a"]) == 0.0


def test_distinct_n_grams_among_all() -> None:
    assert distinct_n(["a b a b", "a b"], 2) == 2 / 4
    assert distinct_n(["a b a b", "a b"], 1) == 2 / 6


def test_likeness_of_pairs() -> None:
    assert pairwise_jaccard(["a b", "b c", "a b"]) == pytest.approx((1 / 3 + 1 + 1 / 3) / 3)


def test_many_texts_are_compared_by_a_sample_of_pairs() -> None:
    texts = ["a b" if place % 2 else "c d" for place in range(2000)]
    assert pairwise_jaccard(texts) == pytest.approx(0.5, abs=0.05)
    assert pairwise_jaccard(texts) == pairwise_jaccard(texts)


def test_compression_finds_repetition() -> None:
    alike, different = (
        ["the same words again"] * 20,
        [f"{zlib.crc32(bytes([i]))} words" for i in range(20)],
    )
    assert compression_ratio(alike) > 2 * compression_ratio(different)
    assert compression_ratio(["\ud800 broken"]) > 0


def test_self_repetition_counts_the_other_texts() -> None:
    texts = ["a b c d e", "a b c d", "x y z w"]
    assert self_repetition(texts) == pytest.approx(2 * math.log(2) / 3)
    assert self_repetition(["a b c d a b c d"]) == 0.0


def test_agreement_and_entropy_of_kinds() -> None:
    assert agreement(["x", "x", None, "y"]) == 0.5
    assert entropy(["x", "x", None, "y"]) == 1.5
    assert [agreement(["x"] * 3), entropy(["x"] * 3)] == [1.0, 0.0]


def test_texts_are_cut_to_the_shortest() -> None:
    assert cut_to_shortest(["a b  c", "d e"]) == ["a b", "d e"]
