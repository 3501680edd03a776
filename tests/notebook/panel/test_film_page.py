"""The film in the Tokens tab: made beside the conversation, stopped, dealt again; or why not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from chatwidget import ChatClient
from chatwidget.tuning.film import filming
from notebook.pages import Page, until
from wire.replies import SSE_HEAD, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from wire.scripted_server import ScriptedServer


@pytest.fixture
def practised(session: ChatSession) -> Page:
    session.settings.update({"max_tokens": 12, "temperature": 0.8, "seed": 3})
    page = Page(session)
    page.do("ShowTokens", shown=True)
    return page


def filmed(page: Page, parameter: str = "temperature", most: int = 0) -> None:
    page.do("StartFilm", turn=page.state["film"]["turn"], parameter=parameter, most=most)
    until(lambda: not page.state["film"]["running"])


def test_the_answer_that_came_is_filmed_and_nothing_is_asked(practised: Page) -> None:
    assert "Ask a question" in practised.state["film"]["plan"]
    assert not practised.state["film"]["can_start"]
    practised.ask("What is temperature?")
    page = practised.state["film"]
    assert page["can_start"]
    assert page["most"] == 0
    assert "Nothing is asked" in page["plan"]
    used = practised.session.tally.total().questions
    filmed(practised)
    film = practised.state["film"]["film"]
    assert (film["parameter"], film["seed"], film["value"]) == ("temperature", 3, 0.8)
    place = sum(edge["value"] < 0.8 for edge in film["edges"])
    assert film["frames"][place]["text"] == practised.texts[-1]
    assert practised.session.tally.total().questions == used


@pytest.mark.parametrize("parameter", ["top_p", "frequency_penalty", "presence_penalty"])
def test_it_goes_along_another_parameter(practised: Page, parameter: str) -> None:
    practised.ask("What is temperature?")
    filmed(practised, parameter)
    assert practised.state["film"]["film"]["parameter"] == parameter


def test_other_noises_are_dealt_and_stacked(practised: Page) -> None:
    practised.ask("What is temperature?")
    filmed(practised)
    practised.do("DealFilm", what="again")
    assert practised.state["film"]["film"]["seed"] == 4
    practised.do("DealFilm", what="stack")
    assert len(practised.state["film"]["film"]["stack"]) == 20


def test_each_answer_has_its_own_film(practised: Page) -> None:
    practised.ask("What is temperature?")
    filmed(practised)
    practised.ask("And what is a seed?")
    assert practised.state["film"]["film"] is None
    assert practised.state["film"]["can_start"]


def test_what_cannot_be_filmed_is_said(practised: Page) -> None:
    practised.session.settings.update({"top_p": 0.5})
    practised.ask("What is temperature?")
    filmed(practised)
    assert practised.state["film"]["film"] is None
    assert "needs top_p = 1" in practised.state["film"]["plan"]


def test_an_answer_of_a_file_says_to_ask_again(practised: Page) -> None:
    practised.ask("What is temperature?")
    practised.session.asked._requests.clear()
    practised.do("ShowTokens", shown=True)
    assert "ask again" in practised.state["film"]["plan"]
    assert not practised.state["film"]["can_start"]


def test_while_nobody_looks_no_film_is_sent(practised: Page) -> None:
    practised.ask("What is temperature?")
    practised.do("ShowTokens", shown=False)
    assert practised.state["film"] is None


def test_a_server_says_what_it_takes_before_it_is_asked(page: Page, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, stream_of("Hello"), close())
    page.do("ShowTokens", shown=True)
    page.ask("Hi")
    shown = page.state["film"]
    assert shown["most"] == 600
    assert "one token at a time" in shown["plan"]
    assert len(server.requests) == 1  # that of the question


class Endless:
    """A server whose every token may be one of two, and which can be held."""

    def __init__(self) -> None:
        self.asked = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        body = json.loads(request.content)
        top = [{"token": each, "logprob": -0.7} for each in "ab"]
        token = {"token": "a", "logprob": -0.7, "top_logprobs": top}
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "a"},
            "finish_reason": "stop",
            "logprobs": {"content": [token] * body.get("max_tokens", 1)},
        }
        return httpx.Response(200, json={"choices": [choice], "model": "m"})


@pytest.fixture
def endless(
    page: Page, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> tuple[Page, Endless]:
    films = Endless()
    transport = httpx.MockTransport(films.handle)

    def client(*arguments: Any, **options: Any) -> ChatClient:
        return ChatClient(*arguments, http_client=httpx.Client(transport=transport), **options)

    monkeypatch.setattr(filming, "ChatClient", client)
    monkeypatch.setattr(filming, "check_server", lambda *_: None)
    server.reply(SSE_HEAD, stream_of("Hello"), close())
    page.session.settings.update({"max_tokens": 200})
    page.do("ShowTokens", shown=True)
    page.ask("Hi")
    return page, films


def test_a_budget_is_kept_and_its_requests_count(endless: tuple[Page, Endless]) -> None:
    page, server = endless
    before, used = server.asked, page.session.tally.total().questions
    filmed(page, most=7)
    assert server.asked - before == 7
    assert page.session.tally.total().questions - used == 7
    film = page.state["film"]["film"]
    assert any("its budget was used up" in note for note in film["notes"])
    assert not film["can_deal"]


def test_a_film_that_is_stopped_shows_what_is_there(endless: tuple[Page, Endless]) -> None:
    page, server = endless
    before = server.asked
    turn = page.state["film"]["turn"]
    page.do("StartFilm", turn=turn, parameter="temperature", most=100_000)
    until(lambda: server.asked > before + 3)
    page.do("StopFilm")
    until(lambda: not page.state["film"]["running"])
    film = page.state["film"]["film"]
    assert film["frames"]
    assert any("it was stopped" in note for note in film["notes"])


def test_closing_the_panel_stops_a_film(endless: tuple[Page, Endless]) -> None:
    page, server = endless
    turn = page.state["film"]["turn"]
    page.do("StartFilm", turn=turn, parameter="temperature", most=100_000)
    film = page.model.builder.film
    page.model.close()
    until(lambda: not film.state(None).running)
    assert server.asked < 1000
