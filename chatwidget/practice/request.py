"""A validated request: what is asked for, or an error that names the parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.practice.api_error import PracticeAPIError
from chatwidget.practice.output_format import OutputFormat, read_output_format
from chatwidget.practice.prompt import Prompt, read_messages
from chatwidget.practice.sampling import Sampling

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["ChatRequest", "read_request"]

_NOT_SUPPORTED = ("audio", "moderation", "reasoning_effort", "verbosity", "web_search_options")
"""They would change the answer, so it would be wrong to accept and ignore them."""

_CONTINUING = ("continue_final_message", "add_generation_prompt")
"""As vLLM has them: the answer goes on from the last message, which is the assistant's."""

_BIAS_LIMIT = 100


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request that can be answered.

    Attributes
    ----------
    model
        The name of the model.
    prompt
        What the conversation asks for.
    output_format
        Whether the answer is text, JSON or a call.
    sampling
        How tokens are drawn.
    n
        The number of answers.
    seed
        Where chance starts, or None.
    stop
        The texts that end an answer.
    limit
        After how many tokens an answer ends, or None.
    alternatives
        How many likely tokens to list at each position, or None if logprobs are not wanted.
    stream, include_usage
        How to answer.
    prefill
        The text that the answer has begun with; what is written goes on from there.
    """

    model: str
    prompt: Prompt
    output_format: OutputFormat
    sampling: Sampling
    n: int
    seed: int | None
    stop: tuple[str, ...]
    limit: int | None
    alternatives: int | None
    stream: bool
    include_usage: bool
    prefill: str = ""


def read_request(body: bytes, models: Collection[str], vocabulary: int) -> ChatRequest:
    """Check the body of a request.

    Raises
    ------
    PracticeAPIError
        If it cannot be answered.
    """
    fields = _fields(body)
    model = _model(fields, models)
    prompt = read_messages(fields.get("messages"))
    _check(fields)
    prefill = ""
    if _is_continuing(fields):
        prompt, prefill = read_messages(fields["messages"][:-1]), prompt.texts[-1]
    limit = fields.get("max_completion_tokens", fields.get("max_tokens"))
    return ChatRequest(
        model=model,
        prompt=prompt,
        output_format=_output_format(fields, prompt, prefill),
        sampling=_sampling(fields, vocabulary),
        n=fields.get("n", 1),
        seed=fields.get("seed"),
        stop=_stop(fields.get("stop", ())),
        limit=limit,
        alternatives=_alternatives(fields),
        stream=_stream(fields),
        include_usage=_include_usage(fields),
        prefill=prefill,
    )


def _fields(body: bytes) -> dict[str, Any]:
    """Read the JSON; null means that a parameter was not sent."""
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise PracticeAPIError("We could not parse the JSON body of your request.") from None
    if not isinstance(fields, dict):
        raise PracticeAPIError("The body of the request must be a JSON object.")
    return {name: value for name, value in fields.items() if value is not None}


def _model(fields: Mapping[str, Any], models: Collection[str]) -> str:
    model = fields.get("model")
    if not isinstance(model, str):
        raise PracticeAPIError("You must provide a model parameter.", "model")
    if model not in models:
        raise PracticeAPIError(
            f"The model '{model}' does not exist. The practice server has: {', '.join(models)}.",
            "model",
            "model_not_found",
            status=404,
        )
    return model


def _check(fields: Mapping[str, Any]) -> None:
    """Hold every parameter against the one table of names, types and ranges."""
    for name in fields.keys() - {"model", "messages", "stream", *_CONTINUING}:
        if name not in PARAMETERS:
            raise PracticeAPIError(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
        if name in _NOT_SUPPORTED:
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            raise PracticeAPIError(message, name, "unsupported_parameter")
        parameter = PARAMETERS[name]
        try:
            parameter.validate(fields[name])
        except ValueError:
            message = f"Invalid value for '{name}': it takes {parameter.describe()}."
            raise PracticeAPIError(message, name, "invalid_value") from None
    if fields.get("modalities", ["text"]) != ["text"]:
        raise PracticeAPIError(
            "Invalid value for 'modalities': this model has only text.", "modalities"
        )


def _is_continuing(fields: Mapping[str, Any]) -> bool:
    """Whether the answer goes on from the last message."""
    for name in _CONTINUING:
        if not isinstance(fields.get(name, False), bool):
            raise PracticeAPIError(f"Invalid value for '{name}': it takes a boolean.", name)
    if not fields.get("continue_final_message"):
        return False
    messages = fields["messages"]
    if messages[-1]["role"] != "assistant" or fields.get("add_generation_prompt"):
        message = "'continue_final_message' needs a last message of the assistant, and no other."
        raise PracticeAPIError(message, "continue_final_message", "invalid_value")
    return True


def _output_format(fields: Mapping[str, Any], prompt: Prompt, prefill: str) -> OutputFormat:
    output_format = read_output_format(fields, prompt)
    if prefill and output_format.kind != "text":
        message = "Only an answer in text can go on from a prefill."
        raise PracticeAPIError(message, "continue_final_message", "invalid_value")
    return output_format


def _sampling(fields: Mapping[str, Any], vocabulary: int) -> Sampling:
    return Sampling(
        temperature=fields.get("temperature", 1.0),
        top_p=fields.get("top_p", 1.0),
        presence_penalty=fields.get("presence_penalty", 0.0),
        frequency_penalty=fields.get("frequency_penalty", 0.0),
        logit_bias={
            _token(name, vocabulary): _bias(bias)
            for name, bias in fields.get("logit_bias", {}).items()
        },
    )


def _token(name: str, vocabulary: int) -> int:
    if not (name.isascii() and name.isdigit() and int(name) < vocabulary):
        message = f"Invalid key in 'logit_bias': '{name}' is not a token id below {vocabulary}."
        raise PracticeAPIError(message, "logit_bias", "invalid_value")
    return int(name)


def _bias(bias: Any) -> float:
    is_number = isinstance(bias, (int, float)) and not isinstance(bias, bool)
    if not is_number or not -_BIAS_LIMIT <= bias <= _BIAS_LIMIT:
        message = "Invalid value in 'logit_bias': it takes numbers from -100 to 100."
        raise PracticeAPIError(message, "logit_bias", "invalid_value")
    return float(bias)


def _stop(stop: Any) -> tuple[str, ...]:
    texts = (stop,) if isinstance(stop, str) else tuple(stop)
    if not all(isinstance(text, str) and text for text in texts):
        raise PracticeAPIError(
            "Invalid value for 'stop': it takes texts that are not empty.", "stop"
        )
    return texts


def _alternatives(fields: Mapping[str, Any]) -> int | None:
    count: int = fields.get("top_logprobs", 0)
    if fields.get("logprobs"):
        return count
    if "top_logprobs" in fields:
        raise PracticeAPIError(
            "'top_logprobs' is only allowed when 'logprobs' is true.", "top_logprobs"
        )
    return None


def _stream(fields: Mapping[str, Any]) -> bool:
    stream = fields.get("stream", False)
    if not isinstance(stream, bool):
        raise PracticeAPIError(
            "Invalid value for 'stream': it takes a boolean.", "stream", "invalid_value"
        )
    return stream


def _include_usage(fields: Mapping[str, Any]) -> bool:
    options = fields.get("stream_options")
    if options is None:
        return False
    if not _stream(fields):
        message = "'stream_options' is only allowed when 'stream' is true."
        raise PracticeAPIError(message, "stream_options")
    return bool(options.get("include_usage"))
