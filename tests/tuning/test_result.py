"""The records of a study."""

from __future__ import annotations

import msgspec
import pytest

from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    ChoiceLogprobs,
    TokenLogprob,
)
from chatwidget.tuning.result import Failure, Result, Setting


def test_settings_of_the_same_values_are_the_same_key() -> None:
    one, other = (
        Setting({"temperature": 0.3, "stop": ["a"]}),
        Setting({"stop": ["a"], "temperature": 0.3}),
    )
    assert one == other
    assert len({one: 1, other: 2}) == 1
    assert Setting({"temperature": 0.6}) not in {one: 1}


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({}, ""),
        ({"temperature": 0.30000000000000004, "model": "small"}, "temperature=0.3 model=small"),
        ({"system": "x" * 100}, f"system={'x' * 24}…"),
    ],
)
def test_a_setting_says_its_values_in_short(values: dict[str, object], label: str) -> None:
    assert Setting(values).label == label


def test_a_result_reads_its_answer() -> None:
    logprobs = ChoiceLogprobs(content=[TokenLogprob("Paris", -0.1)])
    choice = Choice(0, ChatCompletionMessage(content="Paris"), "stop", logprobs)
    completion = ChatCompletion([choice], model="small-1")
    result = Result(
        setting=Setting(), prompt="1", item="1", draw=1, server="practice", completion=completion
    )
    assert (result.text, result.finish_reason, result.model) == ("Paris", "stop", "small-1")
    assert result.usage is None
    assert result.logprobs is logprobs


def test_a_record_is_data() -> None:
    failed = Failure(
        setting=Setting({"temperature": 1.0}),
        prompt="1",
        item="1",
        draw=2,
        server="practice",
        kind="APITimeoutError",
        message="It is too slow.",
    )
    assert msgspec.json.decode(msgspec.json.encode(failed), type=Failure) == failed
    with pytest.raises(AttributeError):
        failed.draw = 3  # type: ignore[misc] # it is frozen
