"""The one table of request parameters.

The signature, the checks, the magic's flags, the panel's controls and the docs come from it.
Ranges and defaults are the vendor's: ``CreateChatCompletionRequest`` in the OpenAI API reference.
"""

from __future__ import annotations

import difflib
import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from chatwidget.client.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PARAMETERS", "Parameter", "RequestParameters", "checked"]

Kind = Literal["number", "integer", "boolean", "string", "array", "object"]


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
    response_format: Mapping[str, Any] | None
    logprobs: bool | None
    top_logprobs: int | None
    modalities: Sequence[str] | None
    audio: Mapping[str, Any] | None
    prediction: Mapping[str, Any] | None
    tools: Sequence[Mapping[str, Any]] | None
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


@dataclass(frozen=True, slots=True)
class Parameter:
    """One request parameter: what it means, and which values the vendor's document allows.

    Attributes
    ----------
    name
        The name on the wire.
    kinds
        The JSON types that a value may have.
    help
        Its effect, as one sentence.
    group
        Where a person would look for it.
    minimum, maximum
        The inclusive range of a number, or the range of lengths of an array; None is no limit.
    step
        A sensible step of a slider.
    default
        What the vendor uses when the parameter is not sent; None if that depends on the model.
    choices
        The values that a string is known to take; servers may know more.
    flag
        The short flag of the magic.
    replaced_by
        What to use instead, if the parameter is deprecated.
    """

    name: str
    kinds: tuple[Kind, ...]
    help: str
    group: Literal["sampling", "length", "output", "tools", "reasoning", "service"]
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    default: Any = None
    choices: tuple[str, ...] = ()
    flag: str | None = None
    replaced_by: str | None = None

    def checked(self, value: object) -> object:
        """Return the value as it goes on the wire.

        Raises
        ------
        ParameterError
            If the value has a wrong type or lies outside the range.
        """
        kind = _kind(value)
        if kind == "integer" and "number" in self.kinds:
            kind = "number"
        if kind not in self.kinds:
            raise self._error(value, f"takes {self.describe()}")
        plain = _plain(kind, value)
        size = len(plain) if kind == "array" else plain
        if kind in ("number", "integer", "array") and not self._in_range(size):
            raise self._error(value, f"takes {self.describe()}")
        return plain

    def describe(self) -> str:
        """Say which values are allowed, as in ``a number from 0 to 2``."""
        kinds = " or ".join(f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" for kind in self.kinds)
        length = " of length" if "array" in self.kinds else ""
        if self.minimum is not None and self.maximum is not None:
            return f"{kinds}{length} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{kinds}{length} of at least {self.minimum:g}"
        return kinds

    def _in_range(self, value: float) -> bool:
        at_least = self.minimum is None or value >= self.minimum
        return math.isfinite(value) and at_least and (self.maximum is None or value <= self.maximum)

    def _error(self, value: object, reason: str) -> ParameterError:
        return ParameterError(
            f"{self.name} {reason}; got {_short(value)}.",
            hint="Nothing was sent.",
            parameter=self.name,
        )


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
            choices=("none", "minimal", "low", "medium", "high", "xhigh"),
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


def checked(values: Mapping[str, object]) -> dict[str, Any]:
    """Check request parameters and leave out those that are None.

    Raises
    ------
    ParameterError
        If a name is unknown, or a value has a wrong type or lies outside its range.
    """
    unknown = next((name for name in values if name not in PARAMETERS), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, PARAMETERS, n=1)
        raise ParameterError(
            f"There is no request parameter {unknown!r}.",
            hint=f"Did you mean {near[0]}?" if near else "extra_body sends any other field.",
            parameter=unknown,
        )
    return {
        name: PARAMETERS[name].checked(value) for name, value in values.items() if value is not None
    }


def _kind(value: object) -> Kind | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, numbers.Integral):
        return "integer"
    if isinstance(value, numbers.Real):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, (list, tuple)) else None


def _plain(kind: Kind, value: Any) -> Any:
    """Turn numpy's and other libraries' numbers into Python's own, which JSON can hold."""
    if kind == "number" and not isinstance(value, (int, float)):
        return float(value)
    if kind == "integer" and not isinstance(value, int):
        return int(value)
    return list(value) if kind == "array" else value


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
