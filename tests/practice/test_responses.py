from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.practice.stop_sequences import WINDOW
from practice.asking import QUESTION, ask, post, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import PracticeModel

    Models = Mapping[str, PracticeModel]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "days": {"type": "integer", "minimum": 1, "maximum": 7},
                "unit": {"enum": ["celsius", "fahrenheit"]},
            },
            "required": ["city", "days", "unit"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "get_time"}}


def text(answer: dict[str, Any], index: int = 0) -> str:
    content = answer["choices"][index]["message"]["content"]
    assert isinstance(content, str)
    return content


def joined(chunks: list[dict[str, Any]], index: int = 0) -> dict[str, Any]:
    """Put the chunks of one choice together, as the vendor's document says."""
    whole: dict[str, Any] = {"content": "", "arguments": "", "logprobs": [], "finish": None}
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        if choice["index"] != index:
            continue
        delta = choice["delta"]
        whole["content"] += delta.get("content") or ""
        for call in delta.get("tool_calls", []):
            whole |= {key: call[key] for key in ("id", "type") if key in call}
            whole["arguments"] += call["function"]["arguments"]
            whole |= {"name": call["function"]["name"]} if "name" in call["function"] else {}
        if "function_call" in delta:
            whole["arguments"] += delta["function_call"]["arguments"]
        whole["logprobs"] += (choice["logprobs"] or {}).get("content", [])
        whole["finish"] = choice["finish_reason"] or whole["finish"]
    return whole


# Whole answers


def test_a_completion_looks_like_the_vendors(models: Models) -> None:
    answer = ask(models, temperature=0)
    assert answer["id"].startswith("chatcmpl-")
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "practice"
    assert answer["created"] > 1_700_000_000
    assert answer["system_fingerprint"].startswith("fp_")
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "stop"
    assert choice["logprobs"] is None
    assert choice["message"]["role"] == "assistant"
    assert text(answer).startswith("The temperature controls how random")
    assert text(answer).endswith(".")


def test_the_usage_adds_up(models: Models) -> None:
    usage = ask(models, temperature=0, max_tokens=7, n=2)["usage"]
    assert usage["prompt_tokens"] == 6 + 3
    assert usage["completion_tokens"] == 14
    assert usage["total_tokens"] == 9 + 14


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_token_limit_cuts_the_answer(models: Models, name: str) -> None:
    limit: dict[str, Any] = {name: 4}
    answer = ask(models, temperature=0, **limit)
    assert text(answer) == "The temperature controls how"
    assert answer["choices"][0]["finish_reason"] == "length"


def test_an_answer_never_outgrows_the_window(models: Models) -> None:
    answer = ask(models, temperature=0, logit_bias={"0": -100})
    assert answer["usage"]["completion_tokens"] == WINDOW
    assert answer["choices"][0]["finish_reason"] == "length"


def test_stop_sequences_end_the_answer_and_are_left_out(models: Models) -> None:
    answer = ask(models, temperature=0, stop=["zebra", "random the ch"])
    assert text(answer) == "The temperature controls how "
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_the_same_seed_gives_the_same_answers(models: Models) -> None:
    first, second, other = (
        ask(models, temperature=1.5, seed=seed, max_tokens=80) for seed in (1, 1, 2)
    )
    assert text(first) == text(second) != text(other)
    assert first["system_fingerprint"] == second["system_fingerprint"]


def test_the_first_answer_does_not_depend_on_n(models: Models) -> None:
    one, three = (ask(models, temperature=1.5, seed=5, max_tokens=60, n=n) for n in (1, 3))
    assert text(one) == text(three)
    assert len({text(three, index) for index in range(3)}) == 3


def test_without_a_seed_answers_differ(models: Models) -> None:
    texts = {text(ask(models, temperature=2, max_tokens=30)) for _ in range(3)}
    assert len(texts) > 1


def test_the_bias_bans_and_forces(models: Models) -> None:
    tokenizer = models["practice"].tokenizer
    (the,), (top,) = tokenizer.encode("The"), tokenizer.encode("top_p")
    assert not text(ask(models, temperature=0, logit_bias={str(the): -100})).startswith("The")
    forced = ask(models, temperature=0, logit_bias={str(top): 100}, max_tokens=3)
    assert text(forced) == "top_ptop_ptop_p"


def test_a_byte_that_the_handbook_never_uses_can_be_forced(models: Models) -> None:
    euro = models["practice"].tokenizer.encode("€")[0]
    answer = ask(models, logit_bias={str(euro): 100}, max_tokens=2, logprobs=True)
    entries = answer["choices"][0]["logprobs"]["content"]
    assert [entry["bytes"] for entry in entries] == [[0xE2], [0xE2]]
    assert entries[0]["token"] == "\\xe2"
    assert set(text(answer)) == {"\ufffd"}  # first bytes of characters that never end


def test_penalties_change_the_words_of_a_greedy_answer(models: Models) -> None:
    plain = text(ask(models, temperature=0))
    assert text(ask(models, temperature=0, frequency_penalty=2)) != plain
    assert text(ask(models, temperature=0, presence_penalty=0, frequency_penalty=0)) == plain


def test_logprobs_are_those_of_the_model_before_sampling(models: Models) -> None:
    model = models["practice"]
    answer = ask(models, temperature=0.3, top_p=0.5, logprobs=True, top_logprobs=5, max_tokens=20)
    continuation = model.answer(QUESTION)
    for entry in answer["choices"][0]["logprobs"]["content"]:
        (token,) = model.tokenizer.encode(entry["token"])
        assert entry["logprob"] == pytest.approx(continuation.logits[token])
        assert bytes(entry["bytes"]).decode() == entry["token"]
        others = [other["logprob"] for other in entry["top_logprobs"]]
        assert len(others) == 5
        assert others == sorted(others, reverse=True)
        assert sum(map(math.exp, others)) <= 1 + 1e-9
        continuation.accept(token)


def test_the_tokens_of_the_logprobs_are_the_text(models: Models) -> None:
    answer = ask(models, temperature=1.3, seed=3, logprobs=True, max_tokens=50)
    entries = answer["choices"][0]["logprobs"]["content"]
    assert "".join(entry["token"] for entry in entries) == text(answer)
    assert all(entry["top_logprobs"] == [] for entry in entries)


def test_content_may_come_in_parts(models: Models) -> None:
    parts = [{"type": "text", "text": "What does"}, {"type": "text", "text": "top_p do?"}]
    answer = ask(models, parts, temperature=0)  # type: ignore[arg-type]
    assert text(answer).startswith("top_p keeps")


def test_the_last_question_counts(models: Models) -> None:
    messages = [
        {"role": "system", "content": "You know all about penalties."},
        {"role": "user", "content": "What is a token?"},
        {"role": "assistant", "content": "A token is a piece of text."},
        {"role": "user", "content": "What does top_p do?"},
    ]
    answer = post(models, {"model": "practice", "messages": messages, "temperature": 0})
    assert text(answer).startswith("top_p keeps")


# Streams


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"n": 3},
        {"max_tokens": 9},
        {"stop": ["random the", "\n\n"]},
        {"logprobs": True, "top_logprobs": 2, "n": 2},
        {"temperature": 2, "max_tokens": 200},
        {"response_format": {"type": "json_object"}, "logprobs": True},
        {"tools": [WEATHER], "tool_choice": "required"},
        {"functions": [WEATHER["function"]], "function_call": {"name": "get_weather"}},
    ],
    ids=str,
)
def test_a_stream_equals_the_whole_answer(models: Models, parameters: dict[str, Any]) -> None:
    parameters = {"temperature": 1.2, "seed": 11, **parameters}
    whole = ask(models, **parameters)
    chunks = stream(models, stream_options={"include_usage": True}, **parameters)
    for choice in whole["choices"]:
        streamed = joined(chunks, choice["index"])
        message = choice["message"]
        assert streamed["content"] == (message["content"] or "")
        assert streamed["finish"] == choice["finish_reason"]
        assert streamed["logprobs"] == (choice["logprobs"] or {}).get("content", [])
        for call in message.get("tool_calls", []):
            assert streamed["arguments"] == call["function"]["arguments"]
        if "function_call" in message:
            assert streamed["arguments"] == message["function_call"]["arguments"]
    assert chunks[-1]["usage"] == whole["usage"]


def test_chunks_look_like_the_vendors(models: Models) -> None:
    chunks = stream(models, temperature=0, max_tokens=2)
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert all("usage" not in chunk for chunk in chunks)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": "", "refusal": None}
    assert deltas[1:] == [{"content": "The"}, {"content": " temperature"}, {}]
    finishes = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
    assert finishes == [None, None, None, "length"]


def test_the_usage_chunk_comes_last_and_has_no_choices(models: Models) -> None:
    *chunks, last = stream(models, max_tokens=2, stream_options={"include_usage": True})
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 2


def test_several_answers_are_written_side_by_side(models: Models) -> None:
    chunks = stream(models, n=2, temperature=0, max_tokens=3)
    assert [chunk["choices"][0]["index"] for chunk in chunks] == [0, 1] * 5


# Tools


@pytest.mark.parametrize("stream_it", [False, True])
@pytest.mark.parametrize(
    "choice", ["required", {"type": "function", "function": {"name": "get_weather"}}]
)
def test_a_forced_call_has_arguments_of_the_schema(
    models: Models, choice: Any, *, stream_it: bool
) -> None:
    question = "What is the weather in New York for 3 days, in Fahrenheit?"
    parameters = {"tools": [WEATHER, CLOCK], "tool_choice": choice}
    if stream_it:
        call = joined(stream(models, question, **parameters))
        name, arguments, finish = call["name"], call["arguments"], call["finish"]
    else:
        (only,) = ask(models, question, **parameters)["choices"]
        (call,) = only["message"]["tool_calls"]
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        finish = only["finish_reason"]
    assert call["id"].startswith("call_")
    assert call["type"] == "function"
    assert name == "get_weather"
    assert json.loads(arguments) == {"city": "New York", "days": 3, "unit": "fahrenheit"}
    assert finish == "tool_calls"


def test_a_tool_without_parameters_is_called_with_an_empty_object(models: Models) -> None:
    message = ask(models, tools=[CLOCK], tool_choice="required")["choices"][0]["message"]
    assert message["tool_calls"][0]["function"] == {"name": "get_time", "arguments": "{}"}
    assert message["content"] is None


@pytest.mark.parametrize("question", ["Use get_time now.", "Please get time!"])
def test_a_tool_that_the_question_names_is_called(models: Models, question: str) -> None:
    message = ask(models, question, tools=[WEATHER, CLOCK])["choices"][0]["message"]
    assert message["tool_calls"][0]["function"]["name"] == "get_time"


@pytest.mark.parametrize(
    "parameters",
    [{"tools": [CLOCK]}, {"tools": [CLOCK], "tool_choice": "none"}, {"functions": [{"name": "f"}]}],
    ids=str,
)
def test_otherwise_the_answer_is_text(models: Models, parameters: dict[str, Any]) -> None:
    message = ask(models, **parameters, temperature=0)["choices"][0]["message"]
    assert message["content"].startswith("The temperature controls")
    assert "tool_calls" not in message


def test_the_result_of_a_tool_is_told_again(models: Models) -> None:
    messages = [
        {"role": "user", "content": "Use get_weather for Zürich."},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny, 21 °C."},
    ]
    request = {"model": "practice", "messages": messages, "tools": [WEATHER], "temperature": 0}
    answer = post(models, request)
    assert text(answer) == "Sunny, 21 °C."


def test_functions_of_the_old_kind_are_called_in_the_old_way(models: Models) -> None:
    (choice,) = ask(models, functions=[WEATHER["function"]], function_call={"name": "get_weather"})[
        "choices"
    ]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"]["name"] == "get_weather"
    assert set(json.loads(choice["message"]["function_call"]["arguments"])) == {
        "city",
        "days",
        "unit",
    }
