"""A film in a cell: what stays in the notebook, and what the page is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from chatwidget import ChatClient, ConfigurationError
from chatwidget.chat.session import ChatSession
from chatwidget.client.auth.servers import find_server
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.lab.film_messages import film_state
from chatwidget.lab.film_tools import FilmTools
from chatwidget.lab.film_view import film_html, film_text
from chatwidget.magic.commands.films import film as film_command
from chatwidget.tuning.film.film import Film, Frame

if TYPE_CHECKING:
    from notebook.conftest import Cells


@pytest.fixture
def film() -> Film:
    answer = ChatClient("practice").create_chat_completion(
        "What is a seed?", seed=1, temperature=0.8, max_tokens=20
    )
    found: Film = answer.film()
    return found


def drawn(text: str) -> Film:
    """A film of one answer."""
    choice = Choice(0, ChatCompletionMessage(content=text), "stop")
    return Film("temperature", [Frame(0, 1, ChatCompletion([choice]))], [], 1)


def test_the_static_film_tells_each_answer(film: Film) -> None:
    html, text = film_html(film), film_text(film)
    assert html.count("<details") == len(film)
    assert html.count("<details open") == 1
    for frame in film.frames:
        assert frame.text in text
    assert "becomes" in html


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\x1b[31m", "&lt;b&gt;"]
)
def test_what_a_model_wrote_is_text(text: str) -> None:
    film = drawn(text)
    html = film_html(film)
    assert "<script" not in html
    assert "<img" not in html
    assert "\x1b" not in html + film_text(film)


def test_the_page_gets_the_film_and_others_when_it_asks(film: Film) -> None:
    tools = FilmTools("place", film)
    sent: list[Any] = []
    tools.send = lambda content, *_: sent.append(content)  # type: ignore[method-assign] # a page
    for content in ({"type": "ready"}, {"type": "ask", "what": "again"}, {"type": "nonsense"}):
        tools._handle_message(tools, content, [])
    assert [each["seed"] for each in sent] == [1, 2]
    assert sent[0] == msgspec.to_builtins(film_state(film))
    tools._handle_message(tools, {"type": "ask", "what": "stack"}, [])
    assert [each["seed"] for each in sent[-1]["stack"]] == list(range(2, 22))
    tools.close()


def test_the_command_shows_the_film_of_the_last_answer(cells: Cells) -> None:
    cells.run("%chat use practice")
    cells.run("%%chat --seed 3 -t 0.5 --max-tokens 10\nWhat is a seed?")
    for line, heading in {
        "%chat film temperature 0 1 --seed 4": "temperature from 0 to 1:",
        "%chat film top-p": "top_p from 0 to 1:",
    }.items():
        printed = cells.run(line)
        shown = [printed, *(str(each.data.get("text/plain")) for each in cells.outputs)]
        assert heading in "".join(shown)


@pytest.mark.parametrize("rest", ["temperature zero", "temperature 0 1 2", "--seed"])
def test_the_command_says_what_it_takes(cells: Cells, rest: str) -> None:
    cells.run("%chat use practice")
    cells.run("%%chat --max-tokens 3\nHi")
    with pytest.raises(ConfigurationError, match="takes a parameter"):
        cells.shell.run_line_magic("chat", f"film {rest}")


def test_without_an_answer_there_is_nothing_to_film(cells: Cells) -> None:
    with pytest.raises(ConfigurationError, match="no answer"):
        cells.shell.run_line_magic("chat", "film")


def test_each_session_films_its_own_answer() -> None:
    sessions = [ChatSession("practice"), ChatSession("practice")]
    for number, session in enumerate(sessions):
        session.ask("What is a seed?", seed=number, max_tokens=4)
    for number, session in enumerate(sessions):
        assert film_command(session, "temperature 0 1").seed == number
        other = sessions[1 - number].conversation.path()[-1]
        assert session.asked.get(other.id) is None


def test_the_command_says_what_it_may_take_before_it_asks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = ChatSession("practice")
    session.ask("Hi", max_tokens=2)
    turn = session.conversation.path()[-1].id
    asked = session.asked.get(turn)
    assert asked is not None
    elsewhere = replace(asked, server=find_server("http://127.0.0.1:9/v1"))
    monkeypatch.setattr(session.asked, "get", lambda _: elsewhere)
    told: list[str] = []

    def film(*_: object, **options: object) -> None:
        told.append(capsys.readouterr().out)
        assert options["most"] in {7, 600}

    monkeypatch.setattr("chatwidget.tuning.film.making.film_of_request", film)
    film_command(session, "temperature --most 7")
    film_command(session, "")
    assert ["At most 7 requests" in told[0], "At most 600 requests" in told[1]] == [True, True]
