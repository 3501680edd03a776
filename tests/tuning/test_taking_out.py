"""Results taken out: records, data frames, CSV, JSON, figures, a report, and code."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING, Any

import evalstats
import msgspec
import numpy as np
import pytest

from chatwidget import Server
from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning import Results
from chatwidget.tuning.code import function_code, study_code
from chatwidget.tuning.grouping import first_number, json_field
from chatwidget.tuning.measures import words
from tuning.studied import HOSTILE, Reader, answered, failed, passes, study, temperatures

if TYPE_CHECKING:
    from pathlib import Path

    from chatwidget.tuning import Study


def asked_of_twenty(**options: Any) -> Results:
    asked = study(
        "What is the capital of {{country}}?",
        data=[{"country": f"C{place}"} for place in range(20)],
        repeats=5,
    )

    def text(request: Any, draw: int) -> str:
        least = 5 - 3 * (request.setting.values["temperature"] > 1) - (request.item == "1")
        return "Paris" if draw <= least else "Lyon"

    return answered(asked, text, **({"passes": passes} | options))


def test_a_record_has_the_names_that_evalstats_knows() -> None:
    first, *_ = temperatures(20, 19, 5).to_records()
    assert first == {
        "temperature": 0.0,
        "item": "Capital?",
        "run": 1,
        "prompt": "Capital?",
        "model": "reported",
        "score": 1,
        "text": "Paris",
        "finish_reason": "stop",
        "prompt_tokens": 9,
        "completion_tokens": 1,
        "seconds": 1.0,
        "first_token": 0.25,
        "server": "practice",
        "stored": "",
        "thumb": None,
        "note": "",
    }


def test_evalstats_compares_the_frame_as_it_is() -> None:
    frame = asked_of_twenty().to_pandas()
    assert {"item", "run", "score", "model", "prompt", "text", "temperature"} <= {*frame.columns}
    assert len(frame) == 300
    compared = evalstats.compare(evalstats.load_from(frame), factors="temperature")
    judged = compared.to_frame()["entities"].set_index("entity")
    assert judged.loc["1.2", "verdict"] == "significant_drop_off"
    assert judged.loc["0.0", "mean"] == pytest.approx(0.99)
    assert asked_of_twenty().conclusion == "temperature 0 and 0.4 are tied; 1.2 is worse."


def test_a_model_that_varies_is_named_as_the_study_names_it() -> None:
    asked = study(vary={"model": ["small", "large"]}, repeats=1)
    frame = answered(asked, lambda *_: "Paris").to_pandas()
    assert [*frame["model"]] == ["small", "large"]


def test_failures_are_rows_on_request() -> None:
    asked = study(vary={}, repeats=2)
    whole = answered(asked, lambda _, draw: "Paris" if draw == 1 else None)
    results = Results(asked.definition, 2, whole[:], [failed(asked.requests[0], 2, "too slow")])
    assert len(results.to_records()) == 1
    one, other = results.to_records(failures=True)
    assert (one["error"], one["text"]) == (None, "Paris")
    assert (other["error"], other["text"]) == ("APITimeoutError: too slow", None)
    assert one.keys() == other.keys()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1+1", "\n=1"]
)
def test_a_spreadsheet_finds_no_formula(text: str) -> None:
    results = answered(study(vary={}, repeats=1), lambda *_: text)
    (row,) = csv.DictReader(io.StringIO(results.to_csv() or "", newline=""))
    assert row["text"] == f"'{text}"
    assert json.loads(results.to_jsonl() or "")["text"] == text


@pytest.mark.parametrize(
    "text", ["a = 1", 'He said "no, -1".', "one\ntwo", "x,y;z", "\U0001f600 \u00e9"]
)
def test_csv_and_json_hold_any_text(text: str, tmp_path: Path) -> None:
    results = answered(study(vary={}, repeats=1), lambda *_: text)
    assert results.to_csv(tmp_path / "a.csv") is None
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["text"] == text
    results.to_jsonl(tmp_path / "a.jsonl")
    assert json.loads((tmp_path / "a.jsonl").read_text("utf-8"))["text"] == text


def test_half_a_character_can_be_written(tmp_path: Path) -> None:
    results = answered(study(vary={}, repeats=1), lambda *_: "cut \ud83d")
    results.to_csv(tmp_path / "a.csv")
    results.to_html(tmp_path / "a.html")
    assert json.loads(results.to_jsonl() or "")["text"] == "cut \ud83d"
    assert (tmp_path / "a.csv").read_text("utf-8")


def test_numbers_stay_numbers_and_nan_is_null() -> None:
    asked = study("{{x}}?", vary={"temperature": [0.0]}, data=[{"x": 1.5}], repeats=1)
    results = answered(asked, lambda *_: "a", passes=lambda _: -2)
    assert ",-2.0," in (results.to_csv() or "")
    broken = results.scored(lambda _: float("nan"))
    assert json.loads(broken.to_jsonl() or "")["score"] is None
    timeless = [msgspec.structs.replace(results[0], seconds=float("nan"))]
    (row,) = (Results(asked.definition, 1, timeless).to_jsonl() or "").splitlines()
    assert json.loads(row)["seconds"] is None


@pytest.mark.parametrize(
    ("package", "install", "take"),
    [
        ("pandas", "%pip install pandas", lambda results: results.to_pandas()),
        ("matplotlib.figure", "%pip install 'chatwidget[tuning]'", lambda results: results.plot()),
    ],
)
def test_what_is_not_installed_is_told(
    package: str, install: str, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match="not installed") as caught:
        take(temperatures(20, 19, 5))
    assert install in str(caught.value)


def test_a_figure_has_a_dot_and_an_interval_for_each_setting() -> None:
    results = temperatures(20, 19, 5)
    figure = results.plot(x="temperature", y="pass")
    (axes,) = figure.axes
    dots = next(line for line in axes.lines if line.get_marker() != "None")
    assert [*dots.get_xdata()] == [0.0, 0.4, 1.2]
    assert [*dots.get_ydata()] == [1.0, 0.95, 0.25]
    drawn = sorted(tuple(part[:, 1]) for each in axes.collections for part in each.get_segments())
    intervals = [row.value.interval for row in results.summary.rows]
    assert np.allclose(drawn, sorted(tuple(each) for each in intervals if each))
    assert axes.get_ylabel() == "pass rate"
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_a_figure_leaves_pyplot_alone() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    temperatures(20, 19, 5).plot()
    assert plt.get_fignums() == before


def test_what_else_varies_has_curves_of_its_own() -> None:
    asked = study(vary={"model": ["b", "a"], "temperature": [0.0, 1.0]}, repeats=5)
    results = answered(asked, lambda *_: "Paris", passes=passes)
    (axes,) = results.plot("temperature").axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["model b", "model a"]
    (axes,) = results.plot("model").axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["b", "a"]
    assert len(axes.get_legend().get_texts()) == 2


@pytest.mark.parametrize("y", ["tokens", "characters", "tokens_per_second", words])
def test_measures_are_drawn(y: Any) -> None:
    (axes,) = temperatures(20, 19, 5).plot(y=y).axes
    assert axes.get_ylabel() == (y if isinstance(y, str) else "words").replace("_", " ")


def test_what_cannot_be_drawn_is_told() -> None:
    results = temperatures(20, 19, 5)
    with pytest.raises(ConfigurationError, match="top_p does not vary"):
        results.plot("top_p")
    with pytest.raises(ConfigurationError, match="tokens"):
        results.plot(y="tokns")
    with pytest.raises(ConfigurationError, match="Nothing varies"):
        answered(study(vary={}), lambda *_: "Paris").plot()
    with pytest.raises(ConfigurationError, match="no pass"):
        results.scored(None).plot(y="pass")


def test_a_report_needs_nothing_and_runs_nothing(tmp_path: Path) -> None:
    asked = study(HOSTILE, vary={"temperature": [0.0]}, repeats=2)
    whole = answered(asked, lambda _, draw: HOSTILE * draw, passes=lambda _: HOSTILE)
    failures = [failed(asked.requests[0], 2, HOSTILE)]
    results = Results(asked.definition, 2, whole[:], failures, passes=lambda _: HOSTILE)
    results.to_html(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    found = Reader(page)
    assert {tag for tag, _ in found.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "div", "h1", "h2", "ul", "li"),
        *("p", "strong", "table", "thead", "tbody", "tr", "th", "td", "span"),
        *("details", "summary", "pre"),
    }
    names = {name for _, attrs in found.elements for name in attrs}
    assert not names & {"src", "href", "srcset", "data", "action"}
    assert not any(name.startswith("on") for name in names)
    assert "default-src 'none'" in page
    assert "@media (prefers-color-scheme: dark)" in page
    assert "url(" not in page
    assert "\x1b" not in page
    assert "Failed calls" in found.text


def test_a_report_has_each_answer_once_with_its_count() -> None:
    found = Reader(temperatures(20, 19, 5).to_html() or "")
    assert "20 times \u00b7 passed" in found.text
    assert "15 times \u00b7 did not pass" in found.text
    assert found.text.count("Lyon") == 2


STUDIES: dict[str, Study] = {
    "plain": study(),
    "named prompts": study({"a": "One?", "b": "Two " * 60}, vary={"top_p": [None, 0.5]}),
    "several prompts": study(["One?", 'Two\'s "quotes"?', "Three\nlines"]),
    "messages": study([{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]),
    "data": study("{{x}}", data=[{"item": "a", "x": 1}, {"item": "b", "x": "two"}]),
    "numbered data": study("{{x}}", data=[{"x": 1}, {"x": None}]),
    "named values": study(vary={"system": {"kind": "Be kind.", "terse": "Be terse."}}),
    "lists": study(vary={"stop": [["a"], ["b", "c"]]}),
    "fixed": study(fixed={"max_tokens": 5, "extra_body": {"top_k": 3}}),
    "paired": study(vary={"temperature": [0, 1], "top_p": [0.1, 1]}, combine="paired"),
    "random": study(vary={"temperature": "0:1:0.1"}, combine="random", sample=3, sample_seed=7),
    "server": study(server=Server("mine", "http://127.0.0.1:1/v1", default_model="m")),
}


@pytest.mark.parametrize("name", STUDIES)
def test_the_code_makes_the_same_study(name: str) -> None:
    code = study_code(STUDIES[name].definition)
    made: dict[str, Any] = {}
    exec(code.removesuffix("results = study.run()\n"), made)
    assert made["study"] == STUDIES[name]
    assert max(map(len, code.splitlines())) <= 110 or name == "named prompts"


def test_the_code_scores_alike() -> None:
    code = temperatures(20, 19, 5).code
    assert code.endswith("results = study.run(passes=passes)\n")
    assert "def passes(completion: ChatCompletion) -> bool:" in code


def test_a_lambda_is_found_in_its_line() -> None:
    results = temperatures(20, 19, 5, passes=lambda completion: "Paris" in completion.text)
    assert "passes = lambda completion: 'Paris' in completion.text" in results.code


@pytest.mark.parametrize(
    ("group", "name", "called"),
    [
        (first_number, "first_number", "first_number"),
        (json_field("place.city"), "json_field", "json_field('place.city')"),
    ],
)
def test_the_code_groups_alike(group: Any, name: str, called: str) -> None:
    code = temperatures(20, 19, 5, passes=None, group=group).code
    assert f"from chatwidget.tuning.grouping import {name}\n" in code
    assert code.endswith(f"results = study.run(group={called})\n")


def test_a_function_without_source_is_told() -> None:
    assert function_code(len, "passes") == (
        "# len is a function of yours, whose source is not known here.",
        "len",
    )


def test_of_two_lambdas_in_a_line_the_line_is_told() -> None:
    one, _ = lambda completion: completion.text == "a", lambda completion: completion.text == "b"
    code, called = function_code(one, "passes")
    assert code.startswith("# passes stands in: one, _ = lambda")
    assert called == "passes"


def test_of_a_lambda_over_lines_only_a_comment_is_left() -> None:
    given = {
        "passes": lambda completion: (
            completion.text == "a"
        ),
    }  # fmt: skip
    code, _ = function_code(given["passes"], "passes")
    assert compile(code, "code", "exec")
