"""Studies that careless people write: each is refused in words, or is what it looks like."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from chatwidget.client.errors import ChatWidgetError, ConfigurationError
from chatwidget.tuning import Study
from tuning.studied import temperatures

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.wire.types import ChatCompletion


def study(prompts: Any = "Hi", **options: Any) -> Study:
    return Study(prompts, **({"server": "practice", "store": False} | options))


def nested(depth: int) -> Any:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "options",
    [
        {"repeats": 10**9},
        {"vary": {"seed": "1:10000:1", "top_p": "0:1:0.01"}},
        {"vary": {"seed": range(10**12)}},
        {"vary": {"seed": itertools.count()}},
        {"vary": {"n": [1, 2], "seed": "1:10000:1"}, "repeats": 1000},
        {
            "vary": {"seed": "1:10000:1", "top_p": "0:1:0.001"},
            "combine": "random",
            "sample": 10**15,
        },
        {"prompts": ["{{a}}"] * 2, "data": [{"a": n} for n in range(60_000)]},
    ],
    ids=["repeats", "crossed", "a range", "endless", "together", "random", "rows"],
)
def test_a_study_that_no_memory_holds_is_refused_before_it_is_made(options: dict[str, Any]) -> None:
    with pytest.raises(ChatWidgetError, match=r"at most|1 to 10,000"):
        study(**options)


def test_ten_thousand_values_are_a_study() -> None:
    assert len(study(vary={"seed": "1:10000:1"}).settings) == 10_000


@pytest.mark.parametrize(
    "options",
    [
        {"vary": 5},
        {"vary": [("temperature", [1])]},
        {"vary": {5: [1]}},
        {"fixed": "temperature=1"},
        {"combine": "crossed"},
        {"keep_logprobs": "yes"},
        {"sample_seed": "1", "combine": "random", "sample": 1, "vary": {"temperature": [0]}},
        {"name": 5},
        {"store": 5},
        {"store": object()},
        {"vary": {"extra_body": [{"a": nested(100_000)}]}},
        {"prompts": "{{a}}", "data": pd.Series([1, 2])},
        {"prompts": "{{a}}", "data": [{"a": nested(100_000)}]},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_is_of_another_type_is_refused_in_words(options: dict[str, Any]) -> None:
    with pytest.raises(ChatWidgetError):
        study(**options)


@pytest.mark.parametrize("place", ["\0", "a" * 5000, "", "/"], ids=["nul", "long", "none", "root"])
def test_a_place_that_holds_no_store_is_told(place: str) -> None:
    asked = Study("Hi", server="practice", store=place)
    with pytest.raises(ConfigurationError, match="The stored answers cannot be used"):
        asked.run()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.arange(3), [0, 1, 2]),
        (np.array([[1.5]]), [[1.5]]),
        (np.float32(0.5), 0.5),
        (pd.Series(["a", "b"]), ["a", "b"]),
        (pd.DataFrame({"x": [1]}), str(pd.DataFrame({"x": [1]}))),
        (pd.NA, None),
        (pd.NaT, None),
        (float("nan"), None),
        ({1}, "{1}"),
    ],
    ids=str,
)
def test_a_cell_of_data_is_plain_whatever_it_holds(value: object, plain: object) -> None:
    asked = study("{{a}}", data=[{"a": value}])
    assert asked.definition.data == {"1": {"a": plain}}


HALF = "\ud83d"


@pytest.mark.parametrize(
    "options",
    [
        {"prompts": f"a{HALF}"},
        {"prompts": {HALF: "a"}},
        {"prompts": "{{a}}", "data": [{"a": HALF, f"b{HALF}": 1}]},
        {"vary": {"system": [HALF, "b"]}},
        {"vary": {"temperature": {HALF: 0.5}}},
        {"fixed": {"model": HALF}},
        {"name": HALF},
    ],
    ids=["prompt", "name of prompt", "data", "values", "label", "model", "name"],
)
def test_half_a_character_is_a_mark_that_can_be_stored_and_sent(options: dict[str, Any]) -> None:
    asked = study(**({"repeats": 1, "fixed": {"max_tokens": 2}} | options))
    assert Study.from_json(asked.to_json()) == asked
    assert "\ufffd" in asked.to_json()


@pytest.mark.parametrize(
    "vary", [{"temperature": [0, 1]}, {"seed": "1:3:1"}, {"n": {"one": 1}}, {"top_p": [0.5, None]}]
)
def test_a_study_from_the_store_has_the_same_settings_and_the_same_code(
    vary: dict[str, Any],
) -> None:
    asked = study(vary=vary)
    again = Study.from_json(asked.to_json(), store=False)
    assert {*again.settings} == {*asked.settings}
    assert again.results().code == asked.results().code


class UntoldError(Exception):
    """An error that cannot be said."""

    def __str__(self) -> str:
        raise ValueError


def raising(error: BaseException) -> Callable[..., Any]:
    def function(*_: object) -> Any:
        raise error

    return function


def spoiling(completion: ChatCompletion) -> bool:
    completion.choices[0].message.content = "spoiled"
    completion.choices.clear()
    return True


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SystemExit(1), "SystemExit: 1"),
        (UntoldError(), "UntoldError:"),
        (RecursionError("deep"), "deep"),
    ],
)
def test_a_scoring_function_that_fails_in_any_way_leaves_answers_without_a_score(
    error: BaseException, told: str
) -> None:
    results = temperatures(5, 10, 20, passes=raising(error), group=raising(error))
    assert results.scores.missing == len(results)
    assert told in results.scores.problem
    assert results._repr_mimebundle_()["text/html"]


def test_a_function_that_changes_an_answer_changes_its_own_copy() -> None:
    results = temperatures(5, 10, 20, passes=spoiling)
    assert results.scores.kind == "pass"
    assert {each.text for each in results} == {"Paris", "Lyon"}
    assert not {each.text for each in results.scored(spoiling)} - {"Paris", "Lyon"}


def test_scores_of_any_size_are_shown() -> None:
    far = itertools.cycle([1e308, -1e308])
    results = temperatures(5, 10, 20, passes=lambda _: next(far))
    assert results._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_a_run_ends_whatever_its_listener_raises_and_the_next_one_is_not_kept_waiting(
    error: BaseException,
) -> None:
    asked = study(fixed={"max_tokens": 2}, repeats=30)
    run = asked.start(listener=raising(error), concurrency=2)
    assert run.wait(20)
    with pytest.raises(type(error)):
        run.result()
    assert len(study("Ho", fixed={"max_tokens": 2}, repeats=3).run()) == 3


@pytest.mark.parametrize(
    "options",
    [
        {"passes": 5},
        {"group": "first_number"},
        {"listener": [print]},
        {"budget": 5},
        {"executor": 4},
        {"limits": 5},
        {"openai_api_key": 5},
        {"openai_api_key": ["sk-not-an-api-key"]},
    ],
    ids=lambda options: next(iter(options)),
)
def test_an_option_of_another_type_is_refused_before_anything_is_asked(
    options: dict[str, Any],
) -> None:
    asked = study(fixed={"max_tokens": 2}, repeats=1)
    with pytest.raises(ConfigurationError, match="takes") as caught:
        asked.start(**options)
    assert "sk-not" not in str(caught.value)
    assert not asked.results()
