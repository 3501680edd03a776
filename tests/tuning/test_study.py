"""A study is data: what is asked, of whom and how often."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest

from chatwidget.client.api import PracticeModelWarning
from chatwidget.client.auth.servers import Server
from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.tuning import Setting, Study

if TYPE_CHECKING:
    from pathlib import Path


class City(NamedTuple):
    name: str


def values(name: str, given: Any) -> list[Any]:
    study = Study(
        "Hi", vary={name: given}, server="practice", **({} if name == "model" else {"model": "m"})
    )
    return [value for (value,) in shown(study)]


def shown(study: Study) -> list[tuple[Any, ...]]:
    return [tuple(each.values.values()) for each in study.settings]  # noqa: PD011 - it is no frame


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("temperature", "0:1.2:0.3", [0.0, 0.3, 0.6, 0.9, 1.2]),
        ("temperature", "0:1:0.1", [number / 10 for number in range(11)]),
        ("temperature", "1.2 : 0 : -0.4", [1.2, 0.8, 0.4, 0.0]),
        ("temperature", "0:1:0.4", [0.0, 0.4, 0.8]),
        ("temperature", "0, 0.7,1.4", [0, 0.7, 1.4]),
        ("temperature", ".2", [0.2]),
        ("temperature", [None, 0.5], [None, 0.5]),
        ("temperature", np.linspace(0, 1, 3), [0.0, 0.5, 1.0]),
        ("temperature", {"cold": 0, "hot": 2}, ["cold", "hot"]),
        ("temperature", 0.3, [0.3]),
        ("seed", "1:5:2", [1, 3, 5]),
        ("seed", range(3), [0, 1, 2]),
        ("max_tokens", "10,20", [10, 20]),
        ("reasoning_effort", "low,high", ["low", "high"]),
        ("logprobs", "true,false", [True, False]),
        ("response_format", "text,json_object", ['{"type": "text"}', '{"type": "json_object"}']),
        ("system", "Be brief, please", ["Be brief, please"]),
        ("system", {"short": "Be brief.", "none": None}, ["short", "none"]),
        ("model", "small, large", ["small", "large"]),
        ("stop", [["a"], "b"], ['["a"]', "b"]),
        ("extra_body", [{"top_k": 1}, {}], ['{"top_k": 1}', "{}"]),
    ],
)
def test_values_are_read_as_people_write_them(name: str, given: Any, expected: list[Any]) -> None:
    assert values(name, given) == expected


def test_a_long_range_does_not_drift() -> None:
    assert values("top_p", "0:1:0.001")[:1000] == [float(Decimal(n) / 1000) for n in range(1000)]


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ({"temperature": "0:3:0.5"}, "temperature takes a number from 0 to 2; got 2.5"),
        ({"temperature": "0:1"}, "temperature takes a range such as 0:1.2:0.3"),
        ({"temperature": "0:1:0"}, "temperature takes a range"),
        ({"temperature": "1:0:0.1"}, "temperature takes a range"),
        ({"temperature": "low,high"}, "temperature takes a number"),
        ({"seed": "1:2:0.5"}, "seed takes an integer"),
        ({"temperature": [1, 1]}, "temperature has the value 1 twice"),
        ({"temperature": []}, "temperature varies over 1 to 10,000 values"),
        ({"temprature": [1]}, "no request parameter 'temprature'. Did you mean temperature"),
        ({"top_k": [1]}, "extra_body="),
        ({"model": [1]}, "model takes a text"),
        ({"extra_body": ["top_k"]}, "extra_body takes a dictionary"),
        ({"metadata": [{"a": {1}}]}, "metadata holds a value that cannot be written as JSON"),
    ],
)
def test_what_cannot_be_sent_is_told_by_the_name_of_its_parameter(
    vary: dict[str, Any], told: str
) -> None:
    with pytest.raises(ParameterError, match=told.replace("(", r"\(")) as raised:
        Study("Hi", vary=vary, server="practice")
    assert raised.value.parameter == next(iter(vary))


def test_what_is_fixed_is_validated_as_well() -> None:
    with pytest.raises(ParameterError, match="top_p takes a number from 0 to 1"):
        Study("Hi", fixed={"top_p": 2}, server="practice")
    with pytest.raises(ParameterError, match="temperature is both varied and fixed"):
        Study("Hi", vary={"temperature": [1]}, fixed={"temperature": 1}, server="practice")


def test_values_are_crossed_paired_or_taken_by_chance() -> None:
    vary = {"temperature": "0,1", "top_p": "0.5,1"}
    crossed = Study("Hi", vary=vary, server="practice")
    assert shown(crossed) == [(0, 0.5), (0, 1), (1, 0.5), (1, 1)]
    paired = Study("Hi", vary=vary, server="practice", combine="paired")
    assert shown(paired) == [(0, 0.5), (1, 1)]
    many = {"temperature": "0:2:0.01", "top_p": "0:1:0.01", "seed": "1:1000:1"}
    chance = {"vary": many, "server": "practice", "combine": "random", "sample": 7}
    drawn = Study("Hi", **chance).settings
    assert len({*drawn}) == 7
    assert drawn == Study("Hi", **chance).settings
    assert drawn != Study("Hi", **chance, sample_seed=1).settings


def test_pairs_are_of_equal_length_and_one_goes_with_all() -> None:
    vary = {"temperature": "0,1", "top_p": [0.5, 0.7, 1]}
    with pytest.raises(ConfigurationError, match="temperature has 2, top_p has 3"):
        Study("Hi", vary=vary, server="practice", combine="paired")
    vary = {"temperature": "0,1", "top_p": 0.5}
    assert len(Study("Hi", vary=vary, server="practice", combine="paired").settings) == 2


def test_a_sample_goes_with_chance_alone() -> None:
    with pytest.raises(ConfigurationError, match="go together"):
        Study("Hi", server="practice", combine="random")
    with pytest.raises(ConfigurationError, match="go together"):
        Study("Hi", server="practice", sample=3)


@pytest.mark.parametrize(
    ("prompts", "names"),
    [
        ("Hi", ["Hi"]),
        (["Hi", "Ho"], ["Hi", "Ho"]),
        (["Hi", "Hi"], ["Hi", "Hi (2)"]),
        ({"short": "Hi", "long": "Hello"}, ["short", "long"]),
        ([{"role": "user", "content": "Hi"}], ["Hi"]),
        ([[{"role": "user", "content": "Hi"}], "Ho"], ["Hi", "Ho"]),
        (
            "\nA question of many words, longer than a name is\n",
            ["A question of many words, longer than a…"],
        ),
    ],
)
def test_prompts_are_texts_messages_lists_or_named(prompts: Any, names: list[str]) -> None:
    study = Study(prompts, server="practice")
    assert [request.prompt for request in study.requests] == names
    assert study.items == names


ROWS = [{"country": "France", "capital": "Paris"}, {"country": "Peru", "capital": "Lima"}]


@pytest.mark.parametrize(
    "data", [ROWS, pd.DataFrame(ROWS), pl.DataFrame(ROWS)], ids=["dicts", "pandas", "polars"]
)
def test_rows_of_data_fill_the_variables(data: Any) -> None:
    study = Study(
        "Capital of {{ country }}?", data=data, server="practice", vary={"system": ["{{country}}"]}
    )
    said = [[message["content"] for message in request.messages] for request in study.requests]
    assert said == [["France", "Capital of France?"], ["Peru", "Capital of Peru?"]]
    assert [request.variables["capital"] for request in study.requests] == ["Paris", "Lima"]
    assert study.items == ["1", "2"]


def test_numbers_of_a_frame_and_gaps_in_it_are_plain_data() -> None:
    frame = pd.DataFrame(
        {"item": ["a", "b"], "x": [1.5, float("nan")], "day": pd.to_datetime(["2026-01-31"] * 2)}
    )
    study = Study("{{x}}", data=frame, server="practice")
    assert study.items == ["a", "b"]
    assert [request.messages[0]["content"] for request in study.requests] == ["1.5", "null"]
    assert study.requests[0].variables["day"].startswith("2026-01-31")


def test_a_variable_that_no_column_has_is_told_with_the_columns() -> None:
    with pytest.raises(
        ConfigurationError, match=r"no column for {{contry}}. Did you mean {{country}}"
    ):
        Study("{{contry}}", data=ROWS, server="practice")
    with pytest.raises(ConfigurationError, match="No prompt uses the data"):
        Study("Hi", data=ROWS, server="practice")
    with pytest.raises(ConfigurationError, match="no rows"):
        Study("{{a}}", data=[], server="practice")
    with pytest.raises(ConfigurationError, match="list of dictionaries"):
        Study("{{a}}", data=["a"], server="practice")


def test_without_data_and_with_a_backslash_braces_are_braces() -> None:
    assert Study("{{a}}", server="practice").requests[0].messages[0]["content"] == "{{a}}"
    study = Study(r"{{a}} \{{a}} {{{a}}}", data=[{"a": "{{b}}"}], server="practice")
    assert study.requests[0].messages[0]["content"] == "{{b}} {{a}} {{{a}}}"


def test_parts_of_messages_are_filled_and_pictures_stay() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:{{a}}"}}
    prompt = [{"role": "user", "content": [{"type": "text", "text": "{{a}}?"}, picture]}]
    study = Study(prompt, data=[{"a": "x"}], server="practice")
    assert study.requests[0].messages[0]["content"] == [{"type": "text", "text": "x?"}, picture]


def test_a_study_is_saved_and_read_again(tmp_path: Path) -> None:
    study = Study(
        {"a": "{{x}}?", "b": [{"role": "user", "content": "{{x}}!"}]},
        data=[{"x": 1}],
        vary={
            "temperature": "0:1:0.5",
            "server": ["practice", Server("mine", "http://127.0.0.1:1/v1", key_variable="MY_KEY")],
        },
        fixed={"response_format": City, "max_tokens": 5},
        model="practice",
        repeats=3,
    )
    study.save(tmp_path / "study.json")
    again = Study.load(tmp_path / "study.json")
    assert again == study
    assert again.requests == study.requests
    assert again.requests[-1].server.key_variable == "MY_KEY"
    with pytest.raises(ConfigurationError, match="This is no study"):
        Study.from_json('{"prompts": 1}')


def test_a_study_says_how_many_calls_it_is() -> None:
    study = Study(
        ["Hi", "Ho"], vary={"temperature": "0,1"}, server="practice", repeats=5, name="one"
    )
    assert repr(study) == "<Study 'one': 2 settings, 2 prompts, 5 repeats: 20 calls>"
    assert len(study) == 20
    assert study.settings == [Setting({"temperature": 0}), Setting({"temperature": 1})]


def test_the_name_of_a_study_stays_as_it_repeats_more() -> None:
    few, more = (
        Study("Hi", vary={"temperature": "0,1"}, server="practice", repeats=n) for n in (5, 8)
    )
    assert few.name == more.name
    assert few.name.startswith("temperature-")
    assert few.name != Study("Ho", vary={"temperature": "0,1"}, server="practice").name


def test_a_setting_without_a_model_is_told_before_anything_is_sent() -> None:
    with pytest.raises(
        ConfigurationError, match=r"No model is chosen, and 127\.0\.0\.1:1 has no default"
    ):
        Study("Hi", server="http://127.0.0.1:1/v1")


def key(**options: Any) -> bytes:
    given = {"server": "practice", "prompts": "Hi"} | options
    return Study(given.pop("prompts"), **given).requests[0].key


@pytest.mark.parametrize(
    "options",
    [
        {"prompts": "Ho"},
        {"model": "other"},
        {"server": "http://127.0.0.1:1/v1", "model": "practice"},
        {"fixed": {"temperature": 1}},
        {"fixed": {"system": "Brief"}},
        {"fixed": {"extra_body": {"top_k": 1}}},
    ],
)
def test_another_request_has_another_key(options: dict[str, Any]) -> None:
    assert key(**options) != key()


def test_the_same_request_has_the_same_key_however_it_is_written() -> None:
    assert key(fixed={"temperature": 1, "seed": 2}) == key(fixed={"seed": 2, "temperature": 1.0})
    assert key(prompts=[{"content": "Hi", "role": "user"}]) == key()
    assert key(fixed={"stream_options": {"include_usage": False}}) == key()


def test_requests_that_ask_the_same_have_draws_of_their_own() -> None:
    study = Study("Hi", vary={"temperature": {"a": 0.7, "b": 0.7}}, server="practice", repeats=8)
    a, b = study.requests
    assert a.key == b.key
    drawn = [[request.stored_draw(draw) for draw in range(1, 9)] for request in (a, b)]
    assert sorted(drawn[0] + drawn[1]) == list(range(1, 17))
    fewer = study.with_repeats(5).requests[0]
    assert [fewer.stored_draw(draw) for draw in range(1, 6)] == drawn[0][:5]


def test_without_a_server_it_is_said_which_one_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.warns(PracticeModelWarning, match="practice model answers") as warned:
        study = Study("Hi")
    assert warned[0].filename == __file__
    assert study.requests[0].server.name == "practice"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
    assert Study("Hi", model="m").requests[0].server.name == "openai"
