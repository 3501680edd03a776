"""D15: whether log probabilities are what the model thinks, or what the token is drawn from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import AuthenticationError
from chatwidget.client.logprobs_probe import logprobs_meaning, probe_logprobs
from wire.replies import completion, error, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wire.scripted_server import ScriptedServer

LOGITS = {"Red": 3.0, "Blue": 2.5, "Green": 0.0, "Pink": -4.0}


def at(temperature: float, logits: Mapping[str, float] = LOGITS) -> dict[str, float]:
    """Return the log probabilities of what is drawn from at a temperature."""
    total = math.log(math.fsum(math.exp(logit / temperature) for logit in logits.values()))
    return {token: logit / temperature - total for token, logit in logits.items()}


def answer(distribution: Mapping[str, float] | None) -> bytes:
    """An answer of one token, with its alternatives."""
    body = completion("Red", "length")
    if distribution is not None:
        rows = [{"token": token, "logprob": value} for token, value in distribution.items()]
        body["choices"][0]["logprobs"] = {"content": [{**rows[0], "top_logprobs": rows}]}
    return json_response(body)


# From two distributions


@given(st.lists(st.floats(-12, 0), min_size=2, max_size=5), st.sampled_from([1.5, 2.0, 3.0]))
def test_what_the_temperature_divides_is_processed_and_what_it_leaves_is_raw_D15(
    values: list[float], ratio: float
) -> None:
    assume(max(values) - min(values) > 0.01)
    logits = {str(place): value for place, value in enumerate(values)}
    assert logprobs_meaning(at(1, logits), at(ratio, logits), ratio) == "processed"
    assert logprobs_meaning(at(1, logits), at(1, logits), ratio) == "raw"


def test_small_differences_between_two_calculations_are_let_be_D15() -> None:
    noisy = {
        token: value + 0.02 * (-1) ** place for place, (token, value) in enumerate(at(1).items())
    }
    assert logprobs_meaning(at(0.5), noisy, 2) == "processed"
    assert logprobs_meaning(at(1), noisy, 2) == "raw"


@pytest.mark.parametrize("nothing", [-9999.0, -math.inf])
def test_alternatives_without_a_probability_do_not_count_D15_D16(nothing: float) -> None:
    assert logprobs_meaning(at(0.5) | {"Pink": nothing}, at(1), 2) == "processed"
    assert logprobs_meaning(at(1), at(1) | {"Pink": nothing, "Grey": -20}, 2) == "raw"


@pytest.mark.parametrize(
    ("cool", "warm"),
    [
        ({"Red": -0.1}, {"Red": -0.1}),
        ({"Red": -0.1, "Blue": -2}, {"Green": -0.1, "Blue": -2}),
        ({"Red": -1, "Blue": -1}, {"Red": -1, "Blue": -1}),
        (at(1), at(0.5)),
        (at(0.1), at(1)),
    ],
    ids=["one", "others", "all alike", "the wrong way", "too much"],
)
def test_what_fits_neither_is_unclear_D15(cool: dict[str, float], warm: dict[str, float]) -> None:
    assert logprobs_meaning(cool, warm, 2) == "unclear"


@pytest.mark.parametrize(("cool", "warm"), [({}, {}), (LOGITS, {}), ({}, LOGITS)])
def test_no_alternatives_are_absent_D14(cool: dict[str, float], warm: dict[str, float]) -> None:
    assert logprobs_meaning(cool, warm, 2) == "absent"


# From a server


@pytest.mark.parametrize(
    ("cool", "warm", "meaning"),
    [
        (at(1), at(1), "raw"),
        (at(0.5), at(1), "processed"),
        (None, None, "absent"),
        ({"Red": -0.1}, {"Red": -0.1}, "unclear"),
    ],
    ids=["vLLM", "vLLM with processed_logprobs", "LM Studio", "no alternatives"],
)
def test_a_server_is_asked_for_a_token_at_two_temperatures_D15(
    client: ChatClient, server: ScriptedServer, cool: Any, warm: Any, meaning: str
) -> None:
    server.reply(answer(cool))
    server.reply(answer(warm))
    assert probe_logprobs(client, "m") == meaning
    first, second = (request.json for request in server.requests)
    assert (first.pop("temperature"), second.pop("temperature")) == (0.5, 1.0)
    assert first == second
    asked = {"model": "m", "max_tokens": 1, "logprobs": True, "top_logprobs": 5}
    assert first.items() >= asked.items()


def test_the_practice_model_tells_what_it_thinks_D15() -> None:
    with ChatClient("practice") as client:
        assert probe_logprobs(client) == "raw"


@pytest.mark.parametrize(
    ("parameter", "meaning"), [("temperature", "unclear"), ("logprobs", "absent")]
)
def test_a_parameter_that_the_server_refuses_shows_nothing_D15(
    client: ChatClient, server: ScriptedServer, parameter: str, meaning: str
) -> None:
    words = f"Unsupported parameter: '{parameter}'"
    refusal = error(words, param=parameter, code="unsupported_parameter")
    server.reply(json_response(refusal, 400))
    server.otherwise(answer(at(1) if parameter == "temperature" else None))
    assert probe_logprobs(client, "m") == meaning


def test_an_answer_without_text_is_absent_D15(client: ChatClient, server: ScriptedServer) -> None:
    server.otherwise(json_response(completion("")))
    assert probe_logprobs(client, "m") == "absent"


def test_a_probe_that_fails_is_an_error_D15(client: ChatClient, server: ScriptedServer) -> None:
    server.otherwise(json_response(error("No."), 401))
    with pytest.raises(AuthenticationError):
        probe_logprobs(client, "m")
