"""Log probabilities that no model has: what servers send in place of them does no harm."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from chatwidget import AnswerTokens, ChatClient
from chatwidget.client.wire.types import ChoiceLogprobs, TokenLogprob, TopLogprob
from chatwidget.practice.sampling import Sampling
from chatwidget.tuning import Result, Study
from chatwidget.tuning.answer_density import Drawing, log_probability
from chatwidget.tuning.distributions import Known, processed, unseen_wins
from chatwidget.tuning.film.axis import Axis
from chatwidget.tuning.film.cutting import cut
from chatwidget.tuning.film.questions import Asking
from chatwidget.tuning.film.server import ServerScene, ServerWalker
from chatwidget.tuning.measures import mean_log_probability, perplexity
from tuning.studied import result, study
from wire.replies import SSE_HEAD, chunk, done, sse
from wire.scripted_server import ScriptedServer, close

if TYPE_CHECKING:
    from collections.abc import Callable

ODD = [math.nan, math.inf, -math.inf, 1e308, -1e308, -9999.0, -9998.0, -800.0]


def token(logprob: float, others: dict[str, float] | None = None) -> TokenLogprob:
    top = tuple(TopLogprob(each, value) for each, value in (others or {}).items())
    return TokenLogprob("a", logprob, top_logprobs=top)


def with_tokens(*tokens: TokenLogprob) -> Result:
    answered = result(study().requests[0], 1, "a" * len(tokens))
    answered.completion.choices[0].logprobs = ChoiceLogprobs([*tokens])
    return answered


@pytest.mark.parametrize("sent", ["NaN", "Infinity", "-Infinity", "-1e400", "null", '"nan"'])
def test_an_answer_is_stored_and_read_again_whatever_probability_a_token_has(
    server: ScriptedServer, sent: str
) -> None:
    told = {"token": "Hi", "logprob": "@", "top_logprobs": [{"token": "Ho", "logprob": "@"}]}
    body = chunk("Hi!", finish_reason="stop")
    body["choices"][0]["logprobs"] = {"content": [told, {"token": "!", "logprob": -1}]}
    line = json.dumps(body).replace('"@"', sent)
    server.otherwise(SSE_HEAD, sse(line), done(), close())
    asked = {"server": server.url, "model": "m", "repeats": 2, "fixed": {"logprobs": True}}
    results = Study("Hi", keep_logprobs=True, **asked).run()
    assert len(results) == 2
    for each in results:
        position, _ = each.completion.tokens()
        assert (position.text, position.logprob, position.alternatives) == ("Hi", None, ())


@pytest.mark.parametrize("odd", ODD)
def test_measures_of_probability_are_numbers_or_nothing(odd: float) -> None:
    for tokens in ([token(odd)], [token(odd), token(-1.0)], [token(-1.0, {"a": odd})]):
        measured = [each(with_tokens(*tokens)) for each in (mean_log_probability, perplexity)]
        assert all(value is None or math.isfinite(value) for value in measured)
        assert measured[1] is None or measured[1] >= 1


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("temperature", [0.0, 1e-9, 0.5, 100.0])
def test_bounds_are_probabilities_beside_any_alternative(odd: float, temperature: float) -> None:
    completion = with_tokens(token(-0.5, {"a": -0.5, "b": odd}), token(odd, {"b": -0.5})).completion
    tokens = AnswerTokens(completion, meaning="raw")
    for each in tokens:
        assert 0 <= each.others <= 1
        assert math.isfinite(each.entropy)
        found = processed(each.known, temperature=temperature, top_p=0.9)
        for bounds in (*found.tokens.values(), found.unseen):
            assert 0 <= bounds.low <= bounds.high <= 1 + 1e-9
    state = json.dumps(msgspec.to_builtins(tokens.state()), allow_nan=False)
    assert "b" in state
    assert "nan" not in tokens._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("odd", ODD)
def test_an_answer_has_a_density_beside_any_alternative(odd: float) -> None:
    listed = {"a": -0.5, "b": -2.0, "c": odd}
    for temperature in (0.1, 1.0, 2.0):
        found = log_probability([token(-0.5, listed)], Drawing(temperature))
        assert all(value <= 1e-9 for value in found)


@pytest.mark.parametrize(
    ("score", "temperature", "shifted"), [(-5, 0.01, {"z": 100.0}), (-699, 1e-3, {}), (-1e6, 1, {})]
)
def test_what_is_certainly_passed_by_an_unseen_token_is_certainly_doubted(
    score: float, temperature: float, shifted: dict[str, float]
) -> None:
    known = Known({"a": -0.1, "b": -5.0})
    assert unseen_wins(known, score, temperature=temperature, shifted=shifted) == pytest.approx(1)


def client_of(reply: Callable[[], dict[str, Any]]) -> ChatClient:
    def handle(_: httpx.Request) -> httpx.Response:
        message = {"role": "assistant", "content": "a"}
        choice = {"index": 0, "message": message, "logprobs": {"content": [reply()]}}
        return httpx.Response(200, json={"choices": [choice | {"finish_reason": "length"}]})

    http_client = httpx.Client(transport=httpx.MockTransport(handle))
    return ChatClient("http://127.0.0.1:9/v1", http_client=http_client)


@pytest.mark.parametrize(
    "more",
    [
        {"token": "z", "logprob": -9999.0},
        {"token": "z", "logprob": -3.4e38},
        {"token": "z", "logprob": None},
        {"token": "z", "logprob": -3.0, "bytes": [300]},
        {"token": "z", "logprob": -3.0, "bytes": [-1, 2**70]},
    ],
    ids=["placeholder", "least float", "null", "no byte", "no bytes"],
)
def test_a_server_is_filmed_beside_a_token_that_cannot_be(more: dict[str, Any]) -> None:
    listed = [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1.2}, more]
    client = client_of(lambda: {"token": "a", "logprob": -0.5, "top_logprobs": listed})
    asking = Asking(client, "m", [{"role": "user", "content": "Hi"}], most=40)
    axis = Axis("temperature", 0.0, 1.0)
    scene = ServerScene("m", asking, axis, Sampling(), seed=3, limit=3)
    film = cut(ServerWalker(scene), axis, seed=3)
    assert film.at(0.0).text == "aaa"
