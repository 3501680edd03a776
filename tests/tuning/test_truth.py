"""The truth about a study of the practice model: what no draw blurs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.tuning.study import Study
from tuning.studied import answered, study

if TYPE_CHECKING:
    from chatwidget.tuning.results import Results

QUESTION = "What does temperature do?"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")


def studied(vary: Any = None, prompts: Any = QUESTION, **fixed: Any) -> Results:
    """A study that was asked once."""
    asked = Study(
        prompts,
        vary=vary or {"temperature": [0.5, 1.0]},
        fixed={} if "max_tokens" in (vary or {}) else {"max_tokens": 6} | fixed,
        server="practice",
        store=False,
    )
    return asked.run(passes=lambda completion: completion.text.startswith("The temperature"))


def sampled(count: int, passes: str, **settings: Any) -> float:
    with ChatClient("practice") as client:
        texts = [
            client.create_chat_completion(QUESTION, max_tokens=6, seed=seed, **settings).text
            for seed in range(count)
        ]
    return sum(text.startswith(passes) for text in texts) / count


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0.8},
        pytest.param({"temperature": 1.4}, marks=pytest.mark.full),
        {"temperature": 1.2, "frequency_penalty": 1.5},
        pytest.param(
            {"temperature": 1.2, "logit_bias": {"0": -100, "40": 4}}, marks=pytest.mark.full
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("count", [200, pytest.param(3000, marks=pytest.mark.full)])
def test_the_truth_is_what_many_draws_come_to(settings: dict[str, Any], count: int) -> None:
    rest = {name: each for name, each in settings.items() if name != "temperature"}
    (point,) = studied(**rest).truth(at=[settings["temperature"]])
    share = sampled(count, "The temperature", **settings)
    spread = math.sqrt(max(point.value * (1 - point.value), 0.01) / count)
    assert abs(share - point.value) <= 4 * spread + 1.5 * point.error


def test_what_can_be_counted_up_is_exact_and_all_else_says_how_far_off_it_is() -> None:
    cold, cool, hot = studied().truth(at=[0.0, 0.3, 1.5])
    assert (cold.error, cold.draws, cold.label) == (0, 0, "exact")
    assert cold.value in (0.0, 1.0)
    assert cool.label == "exact"
    assert hot.draws > 0
    assert 0 < hot.error < 0.1
    assert "free draws" in hot.label


def test_the_truth_is_the_same_each_time() -> None:
    results = studied()
    assert results.truth(at=[1.3])[0] == studied().truth(at=[1.3])[0]
    assert results.truth(at=[1.3], y="words")[0].value > 2


def test_the_truth_of_a_measure_that_is_no_rate() -> None:
    (cold,) = studied().truth(y="characters", at=[0.0])
    with ChatClient("practice") as client:
        answer = client.create_chat_completion(QUESTION, max_tokens=6, temperature=0)
    assert cold.value == len(answer.text)
    (tokens,) = studied().truth(y="tokens", at=[0.0])
    assert answer.usage is not None
    assert tokens.value == answer.usage.completion_tokens


def test_items_count_alike_and_other_settings_have_points_of_their_own() -> None:
    both = {"a": QUESTION, "b": "What is a token?"}
    vary = {"temperature": [0.0, 0.4], "max_tokens": [2, 3]}
    curve = studied(vary, both).truth(at=[0.0])
    assert [(each.setting.values["max_tokens"], each.value) for each in curve] == [
        (2, 0.5), (3, 0.5)
    ]  # fmt: skip


def test_the_curve_stands_where_the_study_asked_and_between() -> None:
    curve = studied({"temperature": [0.0, 0.2]}).truth()
    places = [each.setting.values["temperature"] for each in curve]
    assert places == sorted(places)
    assert {0.0, 0.2} < {*places}
    shown = curve._repr_mimebundle_()
    assert "exact" in shown["text/plain"]
    assert "pass rate" in shown["text/html"]


def test_a_figure_has_it_as_a_dashed_line() -> None:
    pytest.importorskip("matplotlib")
    results = studied({"temperature": [0.0, 0.2, 0.3]})
    lines = results.plot(truth=True).axes[0].get_lines()
    assert [line.get_label() for line in lines if line.get_linestyle() == "--"] == ["truth"]
    assert not [line for line in results.plot().axes[0].get_lines() if line.get_label() == "truth"]


def test_of_another_server_nothing_is_known() -> None:
    results = answered(study(QUESTION, server="vllm", model="m"), lambda *_: "Hi")
    with pytest.raises(ConfigurationError, match="practice model alone"):
        results.truth(y="words")


@pytest.mark.parametrize(
    ("x", "fixed", "why"),
    [("max_tokens", {}, "not along max_tokens"), ("temperature", {"top_p": 0.5}, "top_p = 1")],
)
def test_what_is_not_computed_is_refused(x: str, fixed: dict[str, Any], why: str) -> None:
    with pytest.raises((ConfigurationError, ParameterError), match=why):
        studied(**fixed).truth(x)
