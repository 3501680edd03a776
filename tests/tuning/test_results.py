"""What a study shows: its sentence, its table, its notes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning import Results
from chatwidget.tuning.grouping import first_number
from chatwidget.tuning.statistics.proportion import confidence_sequence, wilson
from tuning.studied import (
    HOSTILE,
    Reader,
    answered,
    failed,
    passes,
    result,
    study,
    temperatures,
)


def shown(results: Results) -> Reader:
    return Reader(results._repr_mimebundle_()["text/html"])


@pytest.mark.parametrize(
    ("passed", "sentence"),
    [
        ((20, 19, 5), "temperature 0 and 0.4 are tied; 1.2 is worse."),
        ((20, 4, 5), "temperature 0 is the best; 0.4 and 1.2 are worse."),
        ((3, 4, 20), "temperature 1.2 is the best; 0 and 0.4 are worse."),
        (
            (20, 20, 20),
            "These answers do not tell apart temperature 0, 0.4 and 1.2: they are tied.",
        ),
        ((0, 0, 0), "These answers do not tell apart temperature 0, 0.4 and 1.2: they are tied."),
        ((20, 17, 11), "temperature 0 and 0.4 are tied; 1.2 is worse than 0."),
    ],
)
def test_a_sentence_says_what_is_best_and_calls_a_tie_a_tie(
    passed: tuple[int, ...], sentence: str
) -> None:
    assert temperatures(*passed).conclusion == sentence


def test_many_settings_that_are_all_tied_are_counted() -> None:
    asked = study(vary={"temperature": [0.0, 1.0], "top_p": [0.5, 1.0]}, repeats=3)
    results = answered(asked, lambda *_: "Paris", passes=passes)
    assert results.conclusion == "These answers do not tell the 4 settings apart: they are tied."


def test_a_table_has_rates_intervals_and_ranks() -> None:
    results = temperatures(20, 19, 5)
    first, second, third = results.summary.rows
    assert [row.value.interval for row in results.summary.rows] == [
        wilson(20, 20),
        wilson(19, 20),
        wilson(5, 20),
    ]
    assert [(row.band.best, row.band.worst) for row in (first, second, third) if row.band] == [
        (1, 2),
        (1, 2),
        (3, 3),
    ]
    lines = str(results).splitlines()
    assert re.split(r"  +", lines[2]) == [
        *("temperature", "pass rate", "passed", "rank", "tied with", "different", "tokens"),
    ]
    assert "100 % [84, 100]" in lines[3]
    assert "20 of 20  1\u20132   0.4" in lines[3]
    assert "5 of 20   3" in lines[5]


def test_html_and_text_say_the_same() -> None:
    results = temperatures(20, 19, 5)
    bundle = results._repr_mimebundle_()
    page = Reader(bundle["text/html"])
    for said in (results.conclusion, "100 % [84, 100]", "1\u20132", *results.notes):
        assert said in page.text
        assert said in bundle["text/plain"]
    bars = [attrs for tag, attrs in page.elements if tag == "span"]
    assert len(bars) == 3
    assert all(attrs["aria-hidden"] == "true" for attrs in bars)


def test_colours_are_those_of_the_page() -> None:
    page = temperatures(20, 19, 5)._repr_mimebundle_()["text/html"]
    colours = re.findall(r"#[0-9a-f]{3,6}|rgb\([^)]*\)|var\([^)]*\)|currentColor", page)
    assert {*colours} == {
        *("currentColor", "rgb(128 128 128 / 22%)"),
        *("var(--jp-brand-color2, #64a5e8)", "var(--jp-content-font-color2, inherit)"),
    }


def test_while_a_study_runs_intervals_hold_at_every_look() -> None:
    asked = study()
    half = answered(asked, lambda _, draw: "Paris" if draw <= 9 else None, passes=passes)
    assert not half.is_closed
    assert [row.value.interval for row in half.summary.rows] == [confidence_sequence(9, 9)] * 3
    assert "Answers may still come" in str(half)
    assert half.conclusion.startswith("These answers do not tell apart")


def test_while_a_study_runs_ranks_are_those_that_hold_at_every_look() -> None:
    asked = study(repeats=100)

    def text(request: Any, draw: int) -> str | None:
        if draw > 60:
            return None
        return "Paris" if request.setting.values["temperature"] < 1 or draw % 4 == 0 else "Lyon"

    half = answered(asked, text, passes=passes)
    assert half.conclusion == "temperature 0 and 0.4 are tied; 1.2 is worse."


def test_while_a_study_runs_it_is_surer_before_it_says_worse() -> None:
    asked = study(repeats=40)
    passed = {0.0: 20, 0.4: 20, 1.2: 7}  # of one setting alone the sequence would be clear

    def text(request: Any, draw: int) -> str | None:
        right = draw <= passed[request.setting.values["temperature"]]
        return None if draw > 20 else "Paris" if right else "Lyon"

    half = answered(asked, text, passes=passes)
    assert half.conclusion.endswith("they are tied.")
    whole = Results(asked.definition, len(half), half[:], passes=passes)
    assert whole.conclusion == "temperature 0 and 0.4 are tied; 1.2 is worse."


def test_a_call_that_failed_is_no_answer_that_did_not_pass() -> None:
    asked = study(repeats=5)
    whole = answered(asked, lambda _, draw: "Paris" if draw < 5 else None)
    failures = [failed(request, 5, f"too slow {HOSTILE}") for request in asked.requests]
    results = Results(asked.definition, len(asked), whole[:], failures, passes=passes)
    assert results.is_closed
    assert not results.is_complete
    assert [row.value.number for row in results.summary.rows] == [1.0] * 3
    assert [row.failed for row in results.summary.rows] == [1, 1, 1]
    assert "3 calls failed and do not count, the first with APITimeoutError: too slow" in str(
        results
    )
    assert "\x1b" not in str(results)
    assert "4 of 4" in str(results)


def test_a_setting_that_only_failed_has_a_row() -> None:
    asked = study(vary={"temperature": [0.0, 1.0]}, repeats=1)
    first, second = asked.requests
    results = Results(
        asked.definition, 2, [result(first, 1, "Paris")], [failed(second, 1, "no")], passes=passes
    )
    assert [row.answers for row in results.summary.rows] == [1, 0]
    assert results.conclusion.endswith("they are tied.")
    assert "0 of 0" in str(results)


def test_without_answers_it_says_so() -> None:
    asked = study()
    results = Results(asked.definition, len(asked), [], passes=passes)
    assert results.conclusion == "There are no answers yet."
    assert "no answers yet" in shown(results).text
    assert results.to_records() == []
    assert results.to_csv() == "\r\n"
    assert "no answers yet" in (results.to_html() or "")


def test_of_one_setting_the_rate_is_told() -> None:
    results = answered(study(vary={}, repeats=5), lambda *_: "Paris", passes=passes)
    assert results.conclusion == (
        "5 of 5 answers passed: the pass rate lies between 57 and 100 %, with 95 % confidence."
    )
    assert "rank" not in str(results)


def test_without_a_function_it_says_what_is_missing() -> None:
    results = temperatures(20, 10, 5, passes=None)
    assert "results.scored(function)" in results.conclusion
    assert [row.unseen.kinds for row in results.summary.rows] == [1, 2, 2]
    assert results.scored(passes).conclusion == temperatures(20, 10, 5).conclusion


def test_numbers_have_means_and_ranks() -> None:
    asked = study([f"Question {place}?" for place in range(6)], repeats=4)

    def text(request: Any, draw: int) -> str:
        return "word " * (3 * (request.setting.values["temperature"] > 1) + 1 + draw % 2)

    results = answered(asked, text, passes=lambda completion: len(completion.text.split()))
    assert [row.value.number for row in results.summary.rows] == [1.5, 1.5, 4.5]
    assert results.conclusion == "temperature 1.2 is the best; 0 and 0.4 are worse."
    assert "for prompts like these." in str(results)
    assert "More repeats help" in str(results)
    found = results.compare({"temperature": 1.2}, {"temperature": 0.0})
    assert (found.value, found.items) == (3.0, 6)


def test_numbers_are_ranked_when_all_are_there() -> None:
    half = answered(study(), lambda _, draw: "1" if draw < 9 else None, passes=lambda _: 1.0)
    assert half.conclusion == "Settings are ranked when all answers are there."


def test_texts_are_kinds() -> None:
    results = temperatures(20, 12, 2, passes=lambda completion: completion.text.lower())
    assert results.scores.kind == "kind"
    assert results.conclusion == "Most answers agree at temperature 0, where 100 % are of one kind."
    assert "paris (60 %)" in str(results)
    assert "lyon (90 %)" in str(results)


def test_answers_that_mean_the_same_are_counted_together() -> None:
    results = answered(
        study(), lambda _, draw: f"It is {draw % 2}.{'0' * draw}", group=first_number
    )
    assert [row.unseen.kinds for row in results.summary.rows] == [2, 2, 2]
    broken = answered(study(), lambda *_: "a", group=lambda text: [text])  # type: ignore[arg-type, return-value]
    assert [row.unseen.kinds for row in broken.summary.rows] == [1, 1, 1]


@pytest.mark.parametrize(
    ("given", "kind", "values"),
    [
        ([True, False], "pass", [True, False]),
        ([np.bool_(1), np.bool_(0)], "pass", [True, False]),
        ([1, 0.5], "number", [1.0, 0.5]),
        ([np.float32(0.5), np.int64(3)], "number", [0.5, 3.0]),
        ([True, 0.5], "number", [1.0, 0.5]),
        (["a", True], "kind", ["a", "True"]),
        ([float("nan"), True], "pass", [None, True]),
        ([float("inf"), 2], "number", [None, 2.0]),
        ([None, None], "none", [None, None]),
    ],
)
def test_a_function_may_return_any_kind_of_score(
    given: list[Any], kind: str, values: list[Any]
) -> None:
    scores = iter(given)
    results = answered(study(vary={}, repeats=2), lambda *_: "text", passes=lambda _: next(scores))
    assert (results.scores.kind, results.scores.values) == (kind, values)
    assert str(results)


def test_a_function_that_fails_loses_no_answer() -> None:
    def broken(completion: Any) -> bool:
        return completion.text == "Paris" or completion.nothing

    results = temperatures(20, 19, 5, passes=broken)
    assert len(results) == 60
    assert results.scores.missing == 16
    assert "16 answers without a score do not count." in results.notes
    assert "AttributeError: 'ChatCompletion' object has no attribute 'nothing'" in str(results)
    nothing = temperatures(20, 19, 5, passes=lambda _: [])
    assert nothing.scores.kind == "none"
    assert "TypeError" in str(nothing)


def test_answers_that_were_cut_off_are_told() -> None:
    asked = study(vary={}, repeats=1)
    cut = result(asked.requests[0], 1, "Par", finish_reason="length")
    results = Results(asked.definition, 1, [cut])
    assert "1 answer ended at the limit of tokens." in results.notes


def test_variants_of_a_prompt_are_compared_row_by_row() -> None:
    asked = study(
        {"short": "{{country}}?", "long": "What is the capital of {{country}}?"},
        vary={},
        data=[{"country": f"C{place}"} for place in range(8)],
        repeats=5,
    )
    results = answered(
        asked,
        lambda request, draw: "Paris" if request.prompt == "long" or draw == 1 else "?",
        passes=passes,
    )
    assert results.summary.names == ("prompt",)
    assert results.conclusion == "prompt long is the best; short is worse."
    assert results.compare({"prompt": "long"}, {"prompt": "short"}).items == 8


def test_prompts_without_data_are_what_is_asked_about() -> None:
    asked = study(["One?", "Two?"], repeats=5)
    results = answered(asked, lambda *_: "Paris", passes=passes)
    assert results.summary.names == ("temperature",)
    assert results.compare({"temperature": 0.0}, {"temperature": 1.2}).items == 2


def test_settings_that_are_not_there_cannot_be_compared() -> None:
    results = temperatures(20, 19, 5)
    with pytest.raises(ConfigurationError, match="no setting"):
        results.compare({"temperature": 0.0}, {"temperature": 3.0})
    with pytest.raises(ConfigurationError, match="without scores"):
        results.scored(None).compare({"temperature": 0.0}, {"temperature": 1.2})


def test_several_names_are_told_together() -> None:
    asked = study(vary={"temperature": [0.0, 1.0], "top_p": [None, 0.5]})
    results = answered(
        asked,
        lambda request, _: "Paris" if request.setting.values["temperature"] < 1 else "Lyon",
        passes=passes,
    )
    assert results.conclusion == (
        "temperature 0 with top_p not sent and temperature 0 with top_p 0.5 are tied; "
        "temperature 1 with top_p not sent and temperature 1 with top_p 0.5 are worse."
    )


def test_what_stands_in_a_table_acts_nowhere() -> None:
    asked = study(vary={"system": {HOSTILE: "a", "plain": "b"}}, repeats=2)
    results = answered(asked, lambda *_: HOSTILE, passes=lambda completion: completion.text)
    page = shown(results)
    assert {tag for tag, _ in page.elements} <= {
        *("div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "span")
    }
    assert {name for _, attrs in page.elements for name in attrs} <= {
        *("class", "style", "scope", "dir", "aria-hidden")
    }
    assert "\x1b" not in str(results)
    assert "\u202e" not in str(results)


def test_an_output_costs_what_its_settings_cost() -> None:
    asked = study(vary={"temperature": [place / 50 for place in range(50)]}, repeats=2)
    results = answered(asked, lambda *_: "Paris " * 5000, passes=passes)
    assert len(results._repr_mimebundle_()["text/html"]) < 60_000


def test_of_many_settings_the_highest_are_shown_and_none_is_ranked() -> None:
    asked = study(vary={"temperature": [place / 400 for place in range(400)]}, repeats=2)
    results = answered(
        asked,
        lambda request, _: "Paris" if request.setting.values["temperature"] >= 0.75 else "Lyon",
        passes=passes,
    )
    assert results.conclusion.startswith("400 settings are too many to be ranked")
    page = shown(results)
    assert sum(tag == "tr" for tag, _ in page.elements) == 101
    assert "0.9975" in page.text
    assert "0.0025" not in page.text
    assert "The table shows the 100 settings with the highest values, of 400" in str(results)
    assert len(results.means()) == 400


def test_results_are_a_sequence() -> None:
    results = temperatures(20, 19, 5)
    assert len(results) == len([*results]) == 60
    assert results[0].text == "Paris"
    assert [each.draw for each in results[:3]] == [1, 2, 3]
    assert repr(results).endswith("60 of 60 calls>")


def test_how_likely_a_new_answer_is_stands_beside_how_many_there_are() -> None:
    asked = study(vary={}, repeats=10)
    results = answered(asked, lambda _, draw: "aaabbbcccd"[draw - 1])
    assert re.split(r"  +", str(results).splitlines()[2]) == [
        *("answers", "different", "next is new", "tokens")
    ]
    assert "10       4          10 % [0, 40]" in str(results)


def test_the_mean_of_a_measure_has_an_interval() -> None:
    asked = study(vary={"temperature": [0.0, 1.0]}, repeats=5)
    results = answered(asked, lambda _, draw: "word " * draw)
    first, _ = results.means("words")
    assert first["words"] == 3.0
    assert (first["low"], first["high"]) == pytest.approx((1.0367, 4.9633), abs=1e-3)
    assert (first["temperature"], first["answers"]) == (0.0, 5)
    assert temperatures(20, 19, 5).means()[2]["pass"] == 0.25


def test_diversity_is_that_of_answers_to_the_same_prompt() -> None:
    asked = study(["One?", "Two?"], vary={}, repeats=4)
    (same,) = answered(asked, lambda request, _: request.item).diversity()
    assert (same["duplicates"], same["agreement"], same["entropy"]) == (0.75, 1.0, 0.0)
    (other,) = answered(asked, lambda _, draw: f"{draw}").diversity()
    assert (other["duplicates"], other["agreement"], other["entropy"]) == (0.0, 0.25, 2.0)
    assert other["distinct_2"] is None


def test_diversity_is_compared_at_one_length() -> None:
    asked = study(vary={"temperature": [0.0, 1.0]}, repeats=3)

    def text(request: Any, draw: int) -> str:
        return f"{draw} " + "and so on " * (5 if request.setting.values["temperature"] else 1)

    longer, cut = answered(asked, text).diversity(), answered(asked, text).diversity(cut=True)
    assert [each["words"] for each in longer] == [4.0, 16.0]
    assert [each["words"] for each in cut] == [4.0, 4.0]
    assert longer[0]["compression_ratio"] < longer[1]["compression_ratio"]
    assert cut[0]["compression_ratio"] == cut[1]["compression_ratio"]


def test_attempts_are_the_mean_over_prompts() -> None:
    asked = study(["One?", "Two?"], vary={}, repeats=4)
    results = answered(
        asked,
        lambda request, draw: "Paris" if request.item == "One?" or draw == 1 else "Lyon",
        passes=passes,
    )
    assert results.attempts(2) == [{"pass@2": 0.75, "pass^2": 0.5}]
    with pytest.raises(ConfigurationError, match="No prompt has 5 answers"):
        results.attempts(5)
    with pytest.raises(ConfigurationError, match="which answers pass"):
        results.scored(None).attempts(2)
