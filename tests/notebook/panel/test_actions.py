"""A page may send anything; only the few actions that there are do anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.panel.actions import LONGEST_PROMPT, Action, read_action
from chatwidget.panel.composer import Composer
from chatwidget.panel.ticks import Ticks
from notebook.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWN = {"a-turn"}
GOOD = {"type": "action", "name": "edit", "turn": "a-turn", "text": "Hi"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
ALMOST = st.dictionaries(
    st.sampled_from(["type", "name", "turn", "text", "index", "always", "enclosures"]),
    JSON | st.sampled_from(["action", "send", "stop", "choose", "ask", "edit", "a-turn"]),
)


def test_an_action_is_read() -> None:
    assert read_action(GOOD, KNOWN) == Action("edit", "a-turn", "Hi")
    assert read_action({"type": "action", "name": "ask", "text": "Hi"}, ()) == Action(
        "ask", text="Hi"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"type": "other"},
        {"name": "eval"},
        {"name": "_ask"},
        {"name": ["ask"]},
        {"turn": "no-turn"},
        {"turn": None},
        {"turn": {}},
        {"text": 3},
        {"text": "x" * (LONGEST_PROMPT + 1)},
        {"index": "0"},
        {"index": 1.5},
        {"always": "yes"},
        {"key": "sk-1"},
        {"base_url": "http://127.0.0.1/"},
        {"tools": []},
    ],
)
def test_anything_else_is_dropped(change: dict[str, Any]) -> None:
    assert read_action({**GOOD, **change}, KNOWN) is None


@given(JSON | ALMOST)
def test_no_message_is_too_strange(content: Any) -> None:
    action = read_action(content, KNOWN)
    assert action is None or (action.turn in KNOWN or action.name == "ask")


@pytest.fixture(scope="module")
def views() -> Iterator[list[Any]]:
    """Everything that listens to a page; what it hears must not go on."""
    asked: list[Any] = []

    def ask(text: str, parts: list[dict[str, Any]]) -> None:
        assert isinstance(text, str)
        assert all("type" in part for part in parts)
        asked.append(text)

    ticks = Ticks("temperature", asked.append)
    ticks.marks = [{"name": "a-turn", "value": 1.0, "title": "", "shown": True}]
    yield [Page(), Composer(ask, lambda: None), ticks]
    assert all(isinstance(text, str) for text in asked)


@given(content=JSON | ALMOST)
def test_no_view_falls_over_what_a_page_sends(content: Any, views: list[Any]) -> None:
    for view in views:
        view._handle_message(view, content, [])
