"""The film of a real model: made by asking for one token after each beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import chatwidget
from chatwidget import ParameterError
from chatwidget.chat.usage_totals import Tally
from chatwidget.client.asked import asked_with
from chatwidget.lab.film_usage import counting_film
from chatwidget.practice.noise import noise_of
from chatwidget.tuning.film.questions import Asking, FilmProgress

if TYPE_CHECKING:
    from chatwidget import ChatClient

QUESTION = [{"role": "user", "content": "Name a colour."}]
TOKENS = 5


def test_a_frame_is_what_the_noise_draws_at_each_step(client: ChatClient) -> None:
    answer = client.create_chat_completion(QUESTION, max_tokens=TOKENS, temperature=0, seed=4)
    film = answer.film("temperature", 0, 0.4)
    asked = asked_with(answer)
    assert asked is not None
    ask = Asking(client, answer.model, QUESTION, most=100)
    for value in (0.0, 0.23, 0.4):
        text = b""
        for position in range(TOKENS):
            known = ask(text, 0.4)
            assert known is not None
            logprobs = known.logprobs
            text += max(
                logprobs,
                key=lambda token: logprobs[token] + value * noise_of(4, position, token),
            )
        assert film.at(value).text == text.decode()
    assert film.at(0).text == answer.text
    assert film.frames[0].doubt == pytest.approx(0, abs=1e-6)
    assert "requests for one token" in film.notes[0]


def test_a_film_with_a_small_budget_is_usable(client: ChatClient) -> None:
    heard: list[FilmProgress] = []
    film = chatwidget.film(
        QUESTION, high=1.0, server=client.server, max_tokens=8, most=6, show=heard.append
    )
    assert [each.asked for each in heard] == [1, 2, 3, 4, 5, 6]
    assert "of at most 6 requests" in str(heard[-1])
    assert (film.low, film.high) == (0, 1)
    assert any(frame.completion.finish_reason is None for frame in film.frames)
    assert "its budget was used up" in film.notes[1]


def test_a_film_that_is_stopped_keeps_what_is_there(client: ChatClient) -> None:
    def interrupt(progress: FilmProgress) -> None:
        if progress.asked == 3:
            raise KeyboardInterrupt

    film = chatwidget.film(QUESTION, server=client.server, max_tokens=8, show=interrupt)
    assert film.at(0).text
    assert "it was stopped" in film.notes[1]


def test_a_film_along_top_p_says_why_there_is_none(client: ChatClient) -> None:
    with pytest.raises(ParameterError, match="not known for certain"):
        chatwidget.film(QUESTION, "top_p", server=client.server)


def test_what_a_film_asks_for_counts_in_the_usage(client: ChatClient) -> None:
    answer = client.create_chat_completion(QUESTION, max_tokens=3, seed=4)
    asked = asked_with(answer)
    assert asked is not None
    tally = Tally()
    answer.film(most=4, count=counting_film(tally, asked))
    spent = tally.total()
    assert spent.questions == spent.completion_tokens == 4
    assert spent.uncounted == 0
    assert [*tally.by_model()] == [(answer.model, "local")]
