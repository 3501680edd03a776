"""Pages that send anything: what is no message is dropped, and nothing is asked for it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.lab.film_messages import FilmAsk
from chatwidget.lab.grid_actions import GridActions
from chatwidget.lab.grid_messages import FromGrid, GridSample
from chatwidget.lab.grid_view import GridView
from chatwidget.lab.session_study import session_study
from chatwidget.lab.token_messages import asks_for_tokens
from chatwidget.panel.actions import read_action
from chatwidget.panel.control_messages import read_control_action
from chatwidget.render.display.from_page import read_message
from chatwidget.render.display.messages import from_live_view, from_picker
from notebook.pages import Page
from notebook.views import send

if TYPE_CHECKING:
    from collections.abc import Iterator

HALF = "\ud83d"
DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]
ODD = [
    *(None, True, -1, 0, 1, 2**64, 10**30, 1e308, float("nan"), float("-inf"), -0.5),
    *("", HALF, "<script>", "x" * 20_000, [], [1], {}, {"type": "ready"}, DEEP),
]


@pytest.mark.parametrize("content", ODD, ids=lambda each: str(type(each).__name__))
def test_no_reader_of_messages_raises(content: Any) -> None:
    for each in (content, {"type": content}, {"type": "ready", content.__class__: content}):
        for read in (read_action, read_control_action, from_live_view, from_picker):
            read(each)
        asks_for_tokens(each)
        read_message(each, FilmAsk)


def test_half_a_character_that_a_page_sends_can_be_encoded() -> None:
    found = read_message({"type": "ask", "what": f"a{HALF}\r\n"}, FilmAsk)
    assert found.what == "a\ufffd\r\n"
    both = read_message({"type": "ask", "what": "\ud83d\ude00"}, FilmAsk)
    assert both.what == "\U0001f600"


def messages(count: int) -> Iterator[dict[str, Any]]:
    """Messages of a grid whose fields are something odd."""
    chance = random.Random(1)
    for kind in get_args(FromGrid):
        if kind is not GridSample:
            for _ in range(count):
                fields = {name: chance.choice(ODD) for name in kind.__struct_fields__}
                yield {"type": kind.__struct_config__.tag, **fields}


def test_a_grid_obeys_no_message_that_makes_no_sense() -> None:
    session = ChatSession("practice")
    study = session_study(session, "Hi", vary={"temperature": [0, 1]}, repeats=2)
    study.run()
    actions = GridActions(study, session)
    view = GridView(actions.results.grid(), actions=actions)
    for message in messages(100):
        send(view, message)
    for cell in (-1, 2, 2**64, None, True, "0", HALF):
        send(view, {"type": "sample", "cell": cell})
    assert not actions._runs
    msgspec.json.encode(view.get_state())
    view.close()


def test_a_grid_that_was_closed_asks_for_nothing() -> None:
    session = ChatSession("practice")
    study = session_study(session, "Hi", vary={"temperature": [0, 1]}, repeats=2)
    actions = GridActions(study, session)
    view = GridView(actions.results.grid(), actions=actions)
    view.close()
    for message in ({"type": "sample", "cell": 0}, {"type": "use", "cell": 1}, {"type": "stop"}):
        view._handle_message(view, message, [])
    assert not actions._runs
    assert session.settings.temperature is None


@pytest.mark.parametrize(
    "fields",
    [
        {"low": float("nan")},
        {"low": -1e308, "high": 1e308},
        {"high": float("inf")},
        {"low": 10**400},
        {"low": HALF},
    ],
    ids=["nan", "wide", "infinity", "huge", "text"],
)
@pytest.mark.parametrize("name", ["temperature", "top_k", "n"])
def test_a_range_that_is_none_is_not_tuned(name: str, fields: dict[str, Any]) -> None:
    page = Page(ChatSession("practice"))
    page.do("ShowTune", shown=True)
    before = page.state["tune"]["form"]
    assert (
        read_action({"type": "PlanTune", "form": {"prompt": "Hi", "name": name, **fields}}) is None
    )
    assert page.state["tune"]["form"] == before


def test_half_a_character_in_a_question_to_tune_is_a_mark() -> None:
    page = Page(ChatSession("practice"))
    page.do("ShowTune", shown=True)
    page.do("PlanTune", form={"prompt": f"Why{HALF}?", "repeats": 1})
    assert page.state["tune"]["form"]["prompt"] == "Why\ufffd?"
    assert page.state["tune"]["brief"].startswith("Asks 4")
