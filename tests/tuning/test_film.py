"""A film shows what the practice server would have answered, byte for byte."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chatwidget
from chatwidget import ChatClient, ConfigurationError, ParameterError
from chatwidget.client.asked import asked_with
from chatwidget.client.auth.servers import PROFILES
from chatwidget.tuning.film.envelope import Line, upper_envelope
from chatwidget.tuning.film.making import film_of_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget import ChatCompletion

QUESTIONS = ["What does the temperature do?", "What is a seed?", "Warum?"]

# what changes, from where to where, beside which other settings
CASES: list[tuple[str, float, float, dict[str, Any]]] = [
    ("temperature", 0.0, 1.5, {}),
    ("temperature", 0.3, 2.0, {"frequency_penalty": 0.7, "presence_penalty": -0.5}),
    ("temperature", 0.0, 1.5, {"stop": [" the", "."], "model": "practice-2gram"}),
    ("top_p", 0.0, 1.0, {"temperature": 1.2}),
    ("top_p", 0.2, 0.95, {"temperature": 1.6, "presence_penalty": 1.0}),
    ("frequency_penalty", -2.0, 2.0, {"temperature": 1.0}),
    ("frequency_penalty", 0.0, 2.0, {"temperature": 0.0, "presence_penalty": 0.4}),
    ("presence_penalty", -2.0, 2.0, {"temperature": 0.9, "logit_bias": {"300": 5}}),
    ("logit_bias", -20.0, 20.0, {"temperature": 1.1, "token": " the"}),
    ("logit_bias", 0.0, 100.0, {"temperature": 0.7, "token": 300, "frequency_penalty": 1.0}),
]


@pytest.fixture(scope="module")
def client() -> ChatClient:
    return ChatClient("practice")


def answered(
    client: ChatClient, question: str, parameter: str, value: float, options: Mapping[str, Any]
) -> ChatCompletion:
    """What the server says."""
    given = dict(options)
    token = given.pop("token", None)
    if token is not None:
        number = 300 if token == 300 else _number(token)
        given["logit_bias"] = {**given.get("logit_bias", {}), str(number): value}
    else:
        given[parameter] = value
    return client.create_chat_completion(question, **given)


def _number(token: str) -> int:
    from chatwidget.tuning.film.practice import token_number

    return token_number(token)


@pytest.mark.parametrize("case", range(len(CASES)))
def test_a_frame_is_what_the_server_answers(
    client: ChatClient, case: int, request: pytest.FixtureRequest
) -> None:
    parameter, low, high, options = CASES[case]
    pairs = 40 if request.config.getoption("--full") else 4
    chance = Random(case)
    for number in range(pairs):
        seed, question = chance.randrange(10**6), QUESTIONS[number % len(QUESTIONS)]
        asked = {**options, "max_tokens": chance.choice([1, 12, 30])}
        film = chatwidget.film(
            question, parameter, low, high, server="practice", seed=seed, **asked
        )
        for value in (low, high, chance.uniform(low, high)):
            answer = answered(client, question, parameter, value, {**asked, "seed": seed})
            shown = film.at(value)
            assert (shown.text, shown.finish_reason) == (answer.text, answer.finish_reason)


def test_the_frames_follow_one_another_and_differ(client: ChatClient) -> None:
    answer = client.create_chat_completion(QUESTIONS[0], seed=2, temperature=0.5, max_tokens=40)
    film = answer.film("temperature", 0, 1.5)
    assert (film.low, film.high, film.value, film.seed) == (0, 1.5, 0.5, 2)
    assert len(film) == len(film.frames) == len(film.edges) + 1 > 3
    assert film.at(0.5).text == answer.text
    for one, other, edge in zip(film.frames[:-1], film.frames[1:], film.edges, strict=True):
        assert one.high == edge.value == other.low
        assert one.text != other.text
        assert film.at(edge.value) == one.completion


def test_at_an_edge_two_lines_cross(client: ChatClient) -> None:
    film = client.create_chat_completion(QUESTIONS[0], seed=2, max_tokens=40).film()
    for edge in film.edges:
        assert edge.before.score(edge.value) == pytest.approx(edge.after.score(edge.value))
        assert edge.before.slope < edge.after.slope
        assert edge.before.text != edge.after.text
        assert 0 < edge.after.probability < 1


def test_the_probabilities_at_an_edge_are_those_that_the_server_tells(client: ChatClient) -> None:
    film = client.create_chat_completion(QUESTIONS[0], seed=2, max_tokens=40).film("temperature", 1)
    edge = film.edges[0]
    told = client.create_chat_completion(
        QUESTIONS[0], seed=2, max_tokens=40, temperature=edge.value, logprobs=True
    )
    assert told.choices[0].logprobs is not None
    token = (told.choices[0].logprobs.content or [])[edge.position]
    assert token.token == edge.before.text
    # raw log probabilities are those at temperature 1, and the scores begin with them
    assert edge.before.level == pytest.approx(token.logprob)


def test_dealing_again_shows_another_noise(client: ChatClient) -> None:
    film = client.create_chat_completion(QUESTIONS[0], seed=2, max_tokens=20).film()
    other = film.again()
    assert other.seed == 3
    assert film.at(0).text == other.at(0).text
    assert [frame.text for frame in film.frames] != [frame.text for frame in other.frames]
    assert film.again(2).frames == film.frames


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"parameter": "stop"}, "There is no film along stop"),
        ({"low": 1, "high": 1}, "not below"),
        ({"high": 3.0}, "temperature"),
        ({"parameter": "logit_bias"}, "takes the token"),
        ({"parameter": "logit_bias", "token": "two words more"}, "not one token"),
        ({"parameter": "logit_bias", "token": 10**9}, "not one token"),
        ({"token": 3}, "others take none"),
        ({"response_format": {"type": "json_object"}}, "none of JSON"),
    ],
)
def test_what_has_no_film_says_why(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        chatwidget.film(QUESTIONS[0], server="practice", **options)


def test_a_value_beyond_the_film_is_not_shown(client: ChatClient) -> None:
    film = client.create_chat_completion("Hi", seed=1, max_tokens=3).film("temperature", 0.2, 1)
    for value in (0.1, 1.1, math.nan):
        with pytest.raises(ParameterError, match=r"from 0\.2 to 1"):
            film.at(value)


@pytest.mark.parametrize("remade", [copy.copy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copied_answer_does_not_know_its_request(client: ChatClient, remade: Any) -> None:
    answer = client.create_chat_completion("Hi", seed=1, max_tokens=3)
    assert remade(answer) == answer
    with pytest.raises(ConfigurationError, match="does not know"):
        remade(answer).film()


lines = st.lists(st.tuples(st.floats(-30, 0), st.floats(-3, 9)), min_size=1, max_size=40)


@given(lines, st.lists(st.floats(0, 2), min_size=1, max_size=20))
def test_the_envelope_is_the_highest_line_everywhere(
    drawn: list[tuple[float, float]], values: list[float]
) -> None:
    given_ = [Line(token, level, slope) for token, (level, slope) in enumerate(drawn)]
    stretches = upper_envelope(given_, 0.0, 2.0)
    assert stretches[0].low == 0
    assert stretches[-1].high == 2
    for one, other in pairwise(stretches):
        assert one.high == other.low
    for value in values:
        shown = next(each for each in stretches if value <= each.high)
        assert shown.line.at(value) == pytest.approx(
            max(line.at(value) for line in given_), abs=1e-9
        )


@pytest.mark.parametrize("how", ["practice", "another server"])
def test_an_answer_that_goes_on_from_a_beginning_has_no_film(how: str) -> None:
    with ChatClient("practice") as client:
        answer = client.create_chat_completion(QUESTIONS[0], prefill="The", max_tokens=3)
    asked = asked_with(answer)
    assert asked is not None
    if how == "another server":
        asked = replace(asked, server=PROFILES["vllm"])
    with pytest.raises(ParameterError, match="whole answers"):
        film_of_request(asked)
