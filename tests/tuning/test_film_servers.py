"""The film of a server that answers by a table: what it is asked, in which order, how it ends."""

from __future__ import annotations

import json
import math
import signal
import zlib
from itertools import pairwise, takewhile
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from chatwidget import ChatClient, ConfigurationError
from chatwidget.client.pace.pace import Turn
from chatwidget.practice.noise import noise_of
from chatwidget.practice.sampling import Sampling
from chatwidget.tuning.film.axis import Axis
from chatwidget.tuning.film.cutting import cut
from chatwidget.tuning.film.filming import notes_of
from chatwidget.tuning.film.questions import Asking, FilmProgress, check_server
from chatwidget.tuning.film.server import ServerScene, ServerWalker

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.tuning.film.film import Film

FIRST = {"a": math.log(0.6), "b": math.log(0.3)}
SECOND = {"a": math.log(0.2), "c": math.log(0.7)}


def served(reply: Callable[[dict[str, Any]], list[dict[str, float]]]) -> ChatClient:
    """A client of a server whose tokens have these alternatives."""

    def handle(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        tokens = [
            {
                "token": max(each, key=each.__getitem__),
                "logprob": max(each.values()),
                "top_logprobs": [{"token": t, "logprob": p} for t, p in each.items()],
            }
            for each in reply(body)
        ]
        text = "".join(token["token"] for token in tokens)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text or "x"},
            "finish_reason": "length",
            "logprobs": {"content": tokens} if tokens else None,
        }
        return httpx.Response(200, json={"choices": [choice], "model": "m"})

    http_client = httpx.Client(transport=httpx.MockTransport(handle))
    return ChatClient("http://127.0.0.1:9/v1", http_client=http_client)


def continuing(body: dict[str, Any]) -> list[dict[str, float]]:
    begun = body["messages"][-1]["role"] == "assistant"
    return [SECOND] if begun else [FIRST, SECOND][: body["max_tokens"]]


def starting_anew(body: dict[str, Any]) -> list[dict[str, float]]:
    return [FIRST, SECOND][: body["max_tokens"]]


def processed(body: dict[str, Any]) -> list[dict[str, float]]:
    return [{t: p / (body["temperature"] or 1) for t, p in FIRST.items()}]


def silent(_: dict[str, Any]) -> list[dict[str, float]]:
    return []


def check(client: ChatClient) -> None:
    asking = Asking(client, "m", [{"role": "user", "content": "Hi"}], most=10)
    check_server(asking, client, "m")


def test_a_server_that_continues_an_answer_can_be_filmed() -> None:
    check(served(continuing))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (starting_anew, "does not continue an answer that has begun"),
        (processed, "tells processed log probabilities"),
        (silent, "tells no raw log probabilities"),
    ],
)
def test_another_server_says_why_not(
    reply: Callable[[dict[str, Any]], list[dict[str, float]]], why: str
) -> None:
    with pytest.raises(ConfigurationError, match=why):
        check(served(reply))


LETTERS = "abcdefgh"
TOKENS = 6


def thought(text: str, seen: int = len(LETTERS)) -> dict[str, float]:
    """What a model thinks of each letter after a text: another thing after each."""
    chance = Random(zlib.crc32(text.encode()))
    weights = {letter: chance.random() ** 4 for letter in LETTERS}
    total = sum(weights.values())
    best = sorted(weights, key=weights.__getitem__, reverse=True)[:seen]
    return {letter: math.log(weights[letter] / total) for letter in best}


class Table:
    """A server that thinks so, and remembers what it was asked."""

    def __init__(self, seen: int = len(LETTERS)) -> None:
        self.asked: list[str] = []
        self.errors: list[int] = []
        self.seen = seen

    def client(self) -> ChatClient:
        http_client = httpx.Client(transport=httpx.MockTransport(self.handle))
        return ChatClient("http://127.0.0.1:9/v1", http_client=http_client, retries=0)

    def handle(self, request: httpx.Request) -> httpx.Response:
        if self.errors:
            return httpx.Response(self.errors.pop(), json={"error": {"message": "slowly"}})
        body = json.loads(request.content)
        last = body["messages"][-1]
        text = last["content"] if last["role"] == "assistant" else ""
        self.asked.append(text)
        told = thought(text, self.seen)
        token = {"token": "a", "logprob": -1.0}
        token["top_logprobs"] = [{"token": t, "logprob": p} for t, p in told.items()]
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "a"},
            "finish_reason": "length",
            "logprobs": {"content": [token]},
        }
        usage = {"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8}
        return httpx.Response(200, json={"choices": [choice], "model": "m", "usage": usage})

    def film(
        self, *, low: float = 0.0, value: float = 0.0, seed: int = 1, most: int = 999, **told: Any
    ) -> Film:
        asking = Asking(self.client(), "m", [{"role": "user", "content": "Hi"}], most, **told)
        axis = Axis("temperature", low, 1.5)
        scene = ServerScene("m", asking, axis, Sampling(), seed, TOKENS)
        with asking.stopped_by_interrupts():
            film = cut(ServerWalker(scene), axis, seed=seed, value=value, told=asking.found)
        self.notes = notes_of(film, scene, asking)
        return film


def drawn(value: float, seed: int) -> str:
    """What the noise makes of the table at a temperature."""
    text = ""
    for position in range(TOKENS):
        table = thought(text)
        text += max(table, key=lambda t: table[t] + value * noise_of(seed, position, t.encode()))
    return text


@pytest.mark.parametrize("seed", [1, 2, 5])
@pytest.mark.parametrize("value", [0.0, 0.8, 1.5])
def test_every_band_is_what_the_noise_draws_wherever_the_film_begins(
    seed: int, value: float
) -> None:
    film = Table().film(value=value, seed=seed)
    assert len(film) > 3
    for number in range(31):
        temperature = number / 20
        assert film.at(temperature).text == drawn(temperature, seed)


def test_each_beginning_is_asked_for_once_and_mostly_the_one_before_has_it_begun() -> None:
    table = Table()
    table.film(value=0.7)
    assert len(table.asked) == len(set(table.asked))
    # what a server knows still are the tokens that a beginning shares with the one before
    anew = sum(len(two) - 1 > _shared(one, two) for one, two in pairwise(table.asked))
    assert anew <= 6


def _shared(one: str, two: str) -> int:
    pairs = zip(one, two, strict=False)
    return len([*takewhile(lambda pair: pair[0] == pair[1], pairs)])


@pytest.mark.parametrize("value", [0.0, 0.9, 1.5])
def test_a_small_budget_goes_to_the_answer_that_came_and_to_its_neighbours(value: float) -> None:
    film = Table().film(value=value, most=TOKENS + 2)
    assert film.at(value).text == drawn(value, 1)
    assert film.at(value).finish_reason == "length"
    assert (film.low, film.high) == (0, 1.5)


def test_an_answer_that_is_hardly_known_is_not_asked_to_its_end() -> None:
    few, all_told = Table(seen=3), Table()
    film = few.film(low=1.2)
    all_told.film(low=1.2)
    lost = [frame for frame in film.frames if frame.completion.finish_reason is None]
    assert lost
    assert all(frame.doubt > 0.5 for frame in lost)
    assert any("more likely than not" in note for note in few.notes)
    assert len(few.asked) < len(all_told.asked)


def test_the_progress_tells_the_answers_that_were_found() -> None:
    heard: list[FilmProgress] = []
    table = Table()
    film = table.film(show=heard.append)
    assert [each.asked for each in heard] == [*range(1, len(table.asked) + 1)]
    found = [each.answers for each in heard]
    assert found == sorted(found)
    assert found[0] == 1
    assert found[-1] <= len(film)
    assert f"{found[-1]} different answers" in str(heard[-1])


@pytest.mark.parametrize("after", [1, 4, 9])
def test_an_interrupt_at_any_moment_leaves_a_film(after: int) -> None:
    asked = 0

    def interrupt(_: FilmProgress) -> None:
        nonlocal asked
        asked += 1
        if asked == after:
            signal.raise_signal(signal.SIGINT)

    table, before = Table(), signal.getsignal(signal.SIGINT)
    film = table.film(show=interrupt)
    assert len(table.asked) == after
    assert (film.low, film.high) == (0, 1.5)
    assert any("it was stopped" in note for note in table.notes)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_film_waits_at_the_pace_of_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    lanes: list[object] = []
    enter = Turn.__enter__

    def entered(turn: Turn) -> Turn:
        lanes.append(turn.lane)
        return enter(turn)

    monkeypatch.setattr(Turn, "__enter__", entered)
    table = Table()
    table.film(most=5)
    assert len(lanes) == 5
    assert len({id(lane) for lane in lanes}) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_is_asked_again(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    table = Table()
    table.errors = [status, status]
    film = table.film()
    assert film.frames == Table().film().frames


def test_each_answer_is_counted() -> None:
    counted: list[int] = []
    table = Table()
    table.film(count=lambda each: counted.append(each.usage.total_tokens if each.usage else 0))
    assert counted == [8] * len(table.asked)


@pytest.mark.parametrize(("high", "most"), [(0.2, 20), (0.5, 100), (0.8, 400), (1.5, 1000)])
def test_more_alternatives_are_asked_for_where_it_is_hotter(high: float, most: int) -> None:
    asked: list[int] = []

    def reply(body: dict[str, Any]) -> list[dict[str, float]]:
        asked.append(body["top_logprobs"])
        return [FIRST]

    Asking(served(reply), "m", [{"role": "user", "content": "Hi"}], most=10)(b"", high)
    assert asked == [most]


@pytest.mark.parametrize("names", ["ab", "abc", "cba"])
def test_tokens_that_are_equally_likely_change_places_at_once(names: str) -> None:
    ask = Asking(
        served(lambda _: [dict.fromkeys(names, -1.0)]),
        "m",
        [{"role": "user", "content": "Hi"}],
        most=99,
    )
    axis = Axis("temperature", 0.0, 1.5)
    film = cut(ServerWalker(ServerScene("m", ask, axis, Sampling(), 1, 3)), axis, seed=1)
    assert film.at(0).text == 3 * names[0]
    noise = [max(names, key=lambda t: noise_of(1, at, t.encode())) for at in range(3)]
    assert film.at(0.01).text == film.at(1.5).text == "".join(noise)
    assert len(film) == 1 + (film.at(0).text != film.at(1).text)
