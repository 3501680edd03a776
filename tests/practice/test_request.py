from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from practice.asking import ask, post

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import PracticeModel

    Models = Mapping[str, PracticeModel]

FUNCTION = {"type": "function", "function": {"name": "f"}}
JSON_SCHEMA = "response_format.json_schema"

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"temperature": 3}, "temperature"),
    ({"temperature": -0.1}, "temperature"),
    ({"temperature": "hot"}, "temperature"),
    ({"temperature": True}, "temperature"),
    ({"top_p": 1.01}, "top_p"),
    ({"presence_penalty": -2.5}, "presence_penalty"),
    ({"frequency_penalty": 2.5}, "frequency_penalty"),
    ({"n": 0}, "n"),
    ({"n": 129}, "n"),
    ({"n": 1.5}, "n"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"seed": 0.5}, "seed"),
    ({"stop": []}, "stop"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
    ({"stop": ["a", ""]}, "stop"),
    ({"stop": ["a", 1]}, "stop"),
    ({"logprobs": 5}, "logprobs"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"logit_bias": {"the": 1}}, "logit_bias"),
    ({"logit_bias": {"99999999": 1}}, "logit_bias"),
    ({"logit_bias": {"-1": 1}}, "logit_bias"),
    ({"logit_bias": {"5": 101}}, "logit_bias"),
    ({"logit_bias": {"5": "1"}}, "logit_bias"),
    ({"logit_bias": [5]}, "logit_bias"),
    ({"stream": "yes"}, "stream"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"top_k": 5}, "top_k"),
    ({"reasoning_effort": "low"}, "reasoning_effort"),
    ({"modalities": ["text", "audio"]}, "modalities"),
    ({"response_format": {"type": "xml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, f"{JSON_SCHEMA}.name"),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
        f"{JSON_SCHEMA}.schema",
    ),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tools": [FUNCTION], "tool_choice": "any"}, "tool_choice"),
    ({"tools": [FUNCTION], "tool_choice": {"function": {"name": "g"}}}, "tool_choice"),
    ({"tools": [{"type": "custom"}]}, "tools"),
    ({"tools": [{"type": "function"}]}, "tools"),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools"),
    ({"tools": ["f"]}, "tools"),
    ({"function_call": {"name": "f"}}, "function_call"),
    ({"functions": [{"name": "f"}], "function_call": "required"}, "function_call"),
    ({"model": None}, "model"),
    ({"messages": None}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": "hi"}, "messages"),
    ({"messages": ["hi"]}, "messages[0]"),
    ({"messages": [{"role": "robot", "content": ""}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
        "messages[0].content[0]",
    ),
]


@pytest.mark.parametrize(("parameters", "param"), REFUSED, ids=str)
def test_a_wrong_value_is_refused_by_name(
    models: Models, parameters: dict[str, Any], param: str
) -> None:
    error = ask(models, status=400, **parameters)["error"]
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"
    assert error["message"].endswith(".")


def test_a_range_is_named_in_the_message(models: Models) -> None:
    message = ask(models, status=400, temperature=3)["error"]["message"]
    assert message == "Invalid value for 'temperature': it takes a number from 0 to 2."


def test_an_unknown_model_is_not_found_and_the_message_lists_what_exists(models: Models) -> None:
    error = ask(models, status=404, model="gpt-4o")["error"]
    assert error["code"] == "model_not_found"
    assert "practice, practice-2gram" in error["message"]


def test_null_means_not_sent(models: Models) -> None:
    answer = ask(models, temperature=None, stop=None, tools=None, max_tokens=1, seed=None)
    assert answer["usage"]["completion_tokens"] == 1


def test_parameters_that_change_nothing_here_are_accepted(models: Models) -> None:
    parameters: dict[str, Any] = {
        "user": "me",
        "store": False,
        "metadata": {"a": "b"},
        "service_tier": "auto",
        "parallel_tool_calls": True,
        "prediction": {"type": "content", "content": ""},
        "modalities": ["text"],
        "safety_identifier": "me",
        "prompt_cache_key": "k",
    }
    assert ask(models, max_tokens=1, **parameters)["choices"]


@pytest.mark.parametrize("request_body", [[], 1, "text"])
def test_the_body_must_be_an_object(models: Models, request_body: object) -> None:
    assert "JSON object" in post(models, request_body, status=400)["error"]["message"]
