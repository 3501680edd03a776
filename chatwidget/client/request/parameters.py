"""The one table of request parameters.

The signature, the checks, the magic's flags, the panel's controls and the docs come from it.
Ranges and defaults are the vendor's: ``CreateChatCompletionRequest`` in the OpenAI API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ParameterError
from chatwidget.client.request.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import UnionType

__all__ = [
    "PARAMETERS",
    "Parameter",
    "RequestParameters",
    "unknown_parameter",
    "validate_parameters",
]


class RequestParameters(TypedDict, total=False):
    """Every request parameter with its type, as a type checker and an editor see it.

    None means *not sent*; zero, false and the empty string are values.
    """

    temperature: float | None
    top_p: float | None
    presence_penalty: float | None
    frequency_penalty: float | None
    seed: int | None
    logit_bias: Mapping[str, float] | None
    max_completion_tokens: int | None
    max_tokens: int | None
    stop: str | Sequence[str] | None
    n: int | None
    response_format: Mapping[str, Any] | type | UnionType | None
    logprobs: bool | None
    top_logprobs: int | None
    modalities: Sequence[str] | None
    audio: Mapping[str, Any] | None
    prediction: Mapping[str, Any] | None
    tools: Sequence[Mapping[str, Any] | Callable[..., Any]] | None
    tool_choice: str | Mapping[str, Any] | None
    parallel_tool_calls: bool | None
    functions: Sequence[Mapping[str, Any]] | None
    function_call: str | Mapping[str, Any] | None
    web_search_options: Mapping[str, Any] | None
    reasoning_effort: str | None
    verbosity: str | None
    stream_options: Mapping[str, Any] | None
    store: bool | None
    metadata: Mapping[str, str] | None
    moderation: Mapping[str, Any] | None
    service_tier: str | None
    prompt_cache_key: str | None
    prompt_cache_options: Mapping[str, Any] | None
    prompt_cache_retention: str | None
    safety_identifier: str | None
    user: str | None


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "temperature",
            ("number",),
            "Low values keep to the likeliest words, high values take more risks.",
            "sampling",
            minimum=0,
            maximum=2,
            step=0.05,
            default=1.0,
            flag="-t",
        ),
        Parameter(
            "top_p",
            ("number",),
            "Only the likeliest tokens that together reach this probability are considered.",
            "sampling",
            minimum=0,
            maximum=1,
            step=0.01,
            default=1.0,
        ),
        Parameter(
            "presence_penalty",
            ("number",),
            "Positive values push away from every token that has already occurred.",
            "sampling",
            minimum=-2,
            maximum=2,
            step=0.05,
            default=0.0,
        ),
        Parameter(
            "frequency_penalty",
            ("number",),
            "Positive values push away from tokens in proportion to how often they occurred.",
            "sampling",
            minimum=-2,
            maximum=2,
            step=0.05,
            default=0.0,
        ),
        Parameter(
            "seed",
            ("integer",),
            "The same seed and request should give the same answer, as far as the server can.",
            "sampling",
            minimum=-(2**63),
            maximum=2**63 - 1,
            step=1,
        ),
        Parameter(
            "logit_bias",
            ("object",),
            "Adds to the logits of tokens, by token id: -100 bans a token, 100 forces it.",
            "sampling",
            minimum=-100,
            maximum=100,
        ),
        Parameter(
            "max_completion_tokens",
            ("integer",),
            "The answer, reasoning included, ends after this many tokens.",
            "length",
            minimum=1,
            step=1,
        ),
        Parameter(
            "max_tokens",
            ("integer",),
            "The answer ends after this many tokens; most local servers know only this name.",
            "length",
            minimum=1,
            step=1,
            replaced_by="max_completion_tokens",
        ),
        Parameter(
            "stop",
            ("string", "array"),
            "The answer ends before the first of these texts, at most four.",
            "length",
            minimum=1,
            maximum=4,
        ),
        Parameter(
            "n",
            ("integer",),
            "How many answers to generate for one request.",
            "output",
            minimum=1,
            maximum=128,
            step=1,
            default=1,
            flag="-n",
        ),
        Parameter(
            "response_format",
            ("object",),
            "The format of the answer: text, JSON, or JSON of a given schema.",
            "output",
            words=("text", "json_object"),
        ),
        Parameter(
            "logprobs",
            ("boolean",),
            "Whether each token comes with its log probability.",
            "output",
            default=False,
        ),
        Parameter(
            "top_logprobs",
            ("integer",),
            "How many of the likeliest tokens to list at each position; needs logprobs.",
            "output",
            minimum=0,
            maximum=20,
            step=1,
        ),
        Parameter("modalities", ("array",), "The kinds of output: text, audio.", "output"),
        Parameter("audio", ("object",), "Voice and format of spoken output.", "output"),
        Parameter(
            "prediction",
            ("object",),
            "Text that the answer will largely repeat, which makes it faster.",
            "output",
        ),
        Parameter("tools", ("array",), "The tools that the model may call.", "tools"),
        Parameter(
            "tool_choice",
            ("string", "object"),
            "Whether the model may, must or must not call a tool, or which one it must call.",
            "tools",
            choices=("none", "auto", "required"),
        ),
        Parameter(
            "parallel_tool_calls",
            ("boolean",),
            "Whether the model may ask for several calls at once.",
            "tools",
            default=True,
        ),
        Parameter(
            "functions",
            ("array",),
            "The functions that the model may call.",
            "tools",
            minimum=1,
            maximum=128,
            replaced_by="tools",
        ),
        Parameter(
            "function_call",
            ("string", "object"),
            "Which function the model may or must call.",
            "tools",
            choices=("none", "auto"),
            replaced_by="tool_choice",
        ),
        Parameter(
            "web_search_options",
            ("object",),
            "Lets the model search the web, and says how.",
            "tools",
        ),
        Parameter(
            "reasoning_effort",
            ("string",),
            "How long a reasoning model may think before it answers.",
            "reasoning",
            choices=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        ),
        Parameter(
            "verbosity",
            ("string",),
            "How wordy the answer should be.",
            "reasoning",
            choices=("low", "medium", "high"),
        ),
        Parameter(
            "stream_options",
            ("object",),
            "What a streamed answer carries beside its text, such as the usage.",
            "service",
        ),
        Parameter(
            "store",
            ("boolean",),
            "Whether the server keeps the answer for later use.",
            "service",
            default=False,
        ),
        Parameter("metadata", ("object",), "Up to 16 labels kept with a stored answer.", "service"),
        Parameter(
            "moderation",
            ("object",),
            "How the request and the answer are checked for harmful content.",
            "service",
        ),
        Parameter(
            "service_tier",
            ("string",),
            "Which class of service handles the request.",
            "service",
            choices=("auto", "default", "flex", "scale", "priority"),
        ),
        Parameter(
            "prompt_cache_key",
            ("string",),
            "Requests with the same key are more likely to share a cached prompt.",
            "service",
        ),
        Parameter(
            "prompt_cache_options", ("object",), "How the server caches the prompt.", "service"
        ),
        Parameter(
            "prompt_cache_retention",
            ("string",),
            "How long the server keeps the cached prompt.",
            "service",
            choices=("in_memory", "24h"),
            replaced_by="prompt_cache_options",
        ),
        Parameter(
            "safety_identifier",
            ("string",),
            "A stable, anonymous name of your user, for the detection of abuse.",
            "service",
        ),
        Parameter(
            "user",
            ("string",),
            "A stable name of your user.",
            "service",
            replaced_by="safety_identifier and prompt_cache_key",
        ),
    )
}


def unknown_parameter(name: str, hint: str) -> ParameterError:
    """Return the error of a parameter that there is not, wherever it was written."""
    return ParameterError(f"There is no request parameter {name!r}.", hint=hint, parameter=name)


def validate_parameters(values: Mapping[str, object]) -> dict[str, Any]:
    """Validate request parameters and leave out those that are None.

    Raises
    ------
    ParameterError
        If a name is unknown, or a value has a wrong type or lies outside its range.
    """
    unknown = next((name for name in values if name not in PARAMETERS), None)
    if unknown is not None:
        raise unknown_parameter(
            unknown, did_you_mean(unknown, PARAMETERS, "extra_body sends any other field.")
        )
    return {
        name: PARAMETERS[name].validate(value)
        for name, value in values.items()
        if value is not None
    }
