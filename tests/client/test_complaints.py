"""Which parameter a server refuses, by what real servers say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatwidget.client.request.fallback import server_message, unsupported_parameter
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.transport.http_errors import status_error_from_body
from wire.replies import error

OPENAI = "Unsupported parameter: '{}' is not supported with this model."
ONLY_ONE = (
    "Unsupported value: 'temperature' does not support 0.2 with this model. "
    "Only the default (1) value is supported."
)
EXTRA = {
    "type": "extra_forbidden",
    "loc": ["body", "n"],
    "msg": "Extra inputs are not permitted",
    "input": 1,
}
LITELLM = (
    "litellm.UnsupportedParamsError: openai does not support parameters: ['logprobs'], for "
    "model=o1. To drop these, set `litellm.drop_params=True`. If you want to use these params "
    "dynamically send allowed_openai_params=['logprobs'] in your request."
)


def refused(body: Any, status: int = 400, sent: Any = PARAMETERS) -> str | None:
    """What a response refuses; a text stands for an error's message."""
    body = error(body) if isinstance(body, str) else body
    return unsupported_parameter(
        status_error_from_body(status, json.dumps(body).encode(), None), sent
    )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("top_p", error(OPENAI.format("top_p"), param="top_p", code="unsupported_parameter")),
        ("temperature", error(ONLY_ONE, param="temperature", code="unsupported_value")),
        ("store", error("Unknown parameter: 'store'.", param="store", code="unknown_parameter")),
        ("logprobs", error("No.", param="logprobs", code="unsupported_parameter")),
        ("response_format", error("It is not supported.", param="response_format")),
        ("stream_options", error("No.", param="stream_options.x", code="unknown_parameter")),
        ("tools", error("No.", param="tools[0].type", code="unknown_parameter")),
        ("seed", error("No.", param="body.seed", code="extra_forbidden")),
        ("top_p", error(OPENAI.format("top_p"), param="None", code="400")),
        ("presence_penalty", error("No.", param="presencePenalty", code="UnsupportedParameter")),
        ("top_p", error("It is not supported.", param="generationConfig.topP")),
        ("max_tokens", error("No.", param="max-tokens", code="PARAMETER_NOT_SUPPORTED")),
    ],
    ids=str,
)
def test_the_error_names_the_parameter(name: str, body: Any) -> None:
    assert refused(body) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # OpenAI, Azure
        ("max_tokens", f"{OPENAI.format('max_tokens')} Use 'max_completion_tokens' instead."),
        ("logit_bias", "Unrecognized request argument supplied: logit_bias"),
        ("n", "Unrecognized request arguments supplied: n, logit_bias"),
        # Dynamo
        ("verbosity", "Validation: Unsupported parameter(s): `verbosity`"),
        # Groq
        ("logprobs", "`logprobs` is not supported with this model"),
        ("logit_bias", "property 'logit_bias' is unsupported"),
        # vLLM, Mistral, Fireworks, Azure's model catalogue
        ("stream_options", str([{"type": "extra_forbidden", "loc": ("body", "stream_options")}])),
        ("n", json.dumps({"detail": [EXTRA]})),
        ("stream_options", "Extra inputs are not permitted, field: 'stream_options'"),
        ("stream_options", "Validation error at #/stream_options: Extra inputs are not permitted"),
        # LiteLLM
        ("logprobs", LITELLM),
        ("seed", "litellm.BadRequestError: X - seed: Extra inputs are not permitted"),
        # Anthropic behind a gateway
        ("temperature", "`temperature` is deprecated for this model."),
        ("temperature", "temperature is deprecated for this model."),
        # Gemini's compatible layer, Oracle's, Ollama, any Python or Rust server
        ("seed", 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'),
        ("logprobs", "Unable to submit request because Logprobs is not supported for this model."),
        ("logit_bias", "Argument not supported: logit_bias"),
        ("tools", "registry.ollama.ai/library/gemma:7b does not support tools"),
        ("logprobs", "create() got an unexpected keyword argument 'logprobs'"),
        ("user", "unknown field `user`, expected one of `model`, `messages`"),
        # Cloudflare, and gateways to other protocols
        ("frequency_penalty", "Argument not supported on this model: frequencyPenalty"),
        ("stop", "Argument not supported on this model: stop"),
        ("top_p", "Arguments not supported for model @cf/meta/llama-3.1-8b: topP, seed"),
        ("frequency_penalty", "frequencyPenalty is not supported by this model"),
        ("logit_bias", "Unknown parameter: logitBias"),
        ("max_tokens", "Max tokens is not enabled for this model"),
        ("response_format", "`response-format` is not allowed here."),
        ("seed", "Parameter 'seed' is not recognized."),
        ("stop", "stop_sequences: Extra inputs are not permitted"),
        ("logprobs", "Log probabilities are not supported on this deployment."),
        ("parallel_tool_calls", "This model does not accept parallelToolCalls."),
    ],
)  # fmt: skip
def test_the_message_names_the_parameter(name: str, said: str) -> None:
    assert refused(said) == name
    assert refused(said, 422) == name
    assert refused(said, sent={"presence_penalty"}) is None


def test_a_parameter_is_named_in_camel_case() -> None:
    assert refused("Argument not supported on this model: presencePenalty") == "presence_penalty"
    assert (
        refused({"errors": [{"message": "Presence-Penalty: not supported"}]}) == "presence_penalty"
    )


def test_a_list_of_fastapi_names_the_parameter() -> None:
    assert refused({"detail": [EXTRA]}, 422) == "n"
    assert refused({"object": "error", "message": {"detail": [EXTRA]}}, 422) == "n"


@pytest.mark.parametrize(
    "body",
    [
        # a wrong value
        error("Invalid value for 'n': it takes at most 4.", param="n", code="invalid_value"),
        error("Invalid value for 'n': it takes a number from 1 to 9.", param="n"),
        error("Unexpected value for 'stop'.", param="stop", code="invalid_value"),
        error("max_tokens is too large: 9999.", param="max_tokens", code="invalid_value"),
        error("Unsupported value: 'reasoning_effort' does not support 'none' with this model. "
              "Supported values are: 'low' and 'high'.", param="reasoning_effort",
              code="unsupported_value"),
        "Field 'n': Value must be between 1 <= value <= 4, but got 0",
        "Validation: Temperature must be between 0 and 2, got 9",
        "'n' : number must be at most 1",
        "Field 'temperature': [json.exception.type_error.302] type must be number, but is string",
        'Failed to deserialize the JSON body: invalid type: string "hot", expected f32',
        # a combination
        "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        "top_logprobs requires logprobs to be set to true",
        "Validation: The 'stream_options' field is only allowed when 'stream' is set to true.",
        "logprobs is not supported with tools + stream",
        error("Function tools with reasoning_effort are not supported for this model.",
              param="reasoning_effort"),
        # another field, or none
        error("Unknown.", param="messages[0].name", code="unknown_parameter"),
        error("Unknown.", param="top_k", code="unknown_parameter"),
        error("No.", param="model", code="unsupported_parameter"),
        error("Invalid JSON payload: unexpected end of data", param="request_body", code="400"),
        "property 'messages.0.n' is unsupported",
        str([{"type": "extra_forbidden", "loc": ("body", "messages", 0, "n")}]),
        "unknown variant `pirate`, expected one of `system`, `user`, `tool`",
        "Unexpected role 'user' after role 'tool'",
        "request (6015 tokens) exceeds the available context size (2048 tokens)",
        "Not supported.",
        "That is not supported on this model. Use one of these: stop, seed",
        "The role 'user' is not allowed here: n",
        "Nonstop is not supported.",
        error("No.", param="messages.stop", code="UnknownParameter"),
        "",
    ],
    ids=str,
)  # fmt: skip
def test_no_parameter_is_refused(body: Any) -> None:
    assert refused(body) is None


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 501])
def test_only_a_bad_request_can_be_bettered(status: int) -> None:
    assert refused(OPENAI.format("top_p"), status) is None


def test_only_what_was_sent_can_be_refused() -> None:
    assert refused(OPENAI.format("top_p"), sent=["temperature"]) is None


@pytest.mark.parametrize("name", ["model", "messages", "stream", "top_k"])
def test_what_is_no_parameter_of_the_vendor_is_not_left_out(name: str) -> None:
    body = error(OPENAI.format(name), param=name, code="unsupported_parameter")
    assert refused(body, sent=[name]) is None
    assert refused(OPENAI.format(name), sent=[name]) is None


def test_the_words_are_the_servers_own() -> None:
    raised = status_error_from_body(400, json.dumps(error("No top_p here.")).encode(), None)
    assert server_message(raised) == "No top_p here."
