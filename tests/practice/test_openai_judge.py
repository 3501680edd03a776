"""The vendor's own client talks to a real practice server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import jsonschema
import openai
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK: dict[str, Any] = {
    "model": "practice",
    "messages": [{"role": "user", "content": "What does the temperature do?"}],
}
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "look_up",
        "parameters": {
            "type": "object",
            "properties": {"word": {"type": "string"}, "times": {"type": "integer", "minimum": 1}},
            "required": ["word", "times"],
            "additionalProperties": False,
        },
    },
}


@contextmanager
def serving(*arguments: str, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "chatwidget.practice", "--port", "0", *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    ) as process:
        assert process.stdout is not None
        try:
            announced = process.stdout.readline()
            assert announced.startswith("%chat use http://127.0.0.1:"), process.stderr
            yield announced.removeprefix("%chat use ").strip(), process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    with (
        serving("--pace", "0") as (address, _),
        openai.OpenAI(base_url=address, api_key="none", max_retries=0) as made,
    ):
        yield made


def test_a_whole_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK, temperature=0)
    assert (answer.choices[0].message.content or "").startswith("The temperature controls")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_with_usage(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(**ASK, temperature=0)
    with client.chat.completions.create(
        **ASK, temperature=0, stream=True, stream_options={"include_usage": True}
    ) as stream:
        *chunks, last = list(stream)
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(texts) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert last.choices == []
    assert last.usage == whole.usage


def test_the_clients_own_accumulator_understands_the_stream(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(**ASK, temperature=0, logprobs=True) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    whole = client.chat.completions.create(**ASK, temperature=0, logprobs=True)
    assert final.choices[0].message.content == whole.choices[0].message.content
    assert final.choices[0].logprobs == whole.choices[0].logprobs


def test_two_answers(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK, n=2, temperature=1.8, seed=4, max_tokens=40)
    first, second = answer.choices
    assert (first.index, second.index) == (0, 1)
    assert first.message.content != second.message.content


def test_logprobs_with_alternatives(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK, logprobs=True, top_logprobs=3, max_tokens=5)
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert len(logprobs.content) == 5
    for entry in logprobs.content:
        assert entry.logprob < 0
        assert len(entry.top_logprobs) == 3
        assert entry.top_logprobs[0].logprob >= entry.logprob


@pytest.mark.parametrize(
    "choice", ["required", {"type": "function", "function": {"name": "look_up"}}]
)
def test_a_tool_call(client: openai.OpenAI, choice: Any) -> None:
    answer = client.chat.completions.create(**ASK, tools=[TOOL], tool_choice=choice)
    (call,) = answer.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "look_up"
    jsonschema.validate(json.loads(call.function.arguments), TOOL["function"]["parameters"])
    assert answer.choices[0].finish_reason == "tool_calls"


def test_a_streamed_tool_call(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(**ASK, tools=[TOOL], tool_choice="required") as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    (call,) = final.choices[0].message.tool_calls or []
    jsonschema.validate(json.loads(call.function.arguments), TOOL["function"]["parameters"])


def test_json_mode(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK, response_format={"type": "json_object"})
    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


def test_json_of_a_schema(client: openai.OpenAI) -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "tags": {"type": "array", "items": {"enum": ["short", "long"]}},
        },
        "required": ["summary", "score", "tags"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        **ASK,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "review", "schema": schema, "strict": True},
        },
    )
    jsonschema.validate(json.loads(answer.choices[0].message.content or ""), schema)


def test_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["practice", "practice-2gram"]
    assert client.models.retrieve("practice").owned_by == "chatwidget"


def test_an_unknown_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(**{**ASK, "model": "gpt-4o"})
    assert caught.value.code == "model_not_found"


def test_a_value_out_of_range(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**ASK, temperature=3)
    assert caught.value.param == "temperature"
    assert caught.value.type == "invalid_request_error"


def test_leaving_a_stream_leaves_the_server_ready(client: openai.OpenAI) -> None:
    with client.chat.completions.create(**ASK, stream=True) as stream:
        next(iter(stream))
    assert client.chat.completions.create(**ASK, max_tokens=1).choices


def test_a_server_with_a_key_knows_its_key_alone() -> None:
    with (
        serving("--pace", "0", "--api-key-variable", "TEST_KEY", TEST_KEY="right") as (address, _),
        openai.OpenAI(base_url=address, api_key="wrong", max_retries=0) as stranger,
        openai.OpenAI(base_url=address, api_key="right", max_retries=0) as friend,
    ):
        with pytest.raises(openai.AuthenticationError) as caught:
            stranger.models.list()
        assert caught.value.code == "invalid_api_key"
        assert friend.models.list().data


def test_control_c_ends_the_server_quietly_even_while_it_streams() -> None:
    with (
        serving("--pace", "0.2") as (address, process),
        openai.OpenAI(base_url=address, api_key="none", max_retries=0) as made,
        made.chat.completions.create(**ASK, stream=True) as stream,
    ):
        next(iter(stream))
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
