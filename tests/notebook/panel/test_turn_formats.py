"""Answers that were asked for in a format, as the panel, its copy and the history show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.conversation import Turn
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel.static_copy import turn_html
from chatwidget.panel.turn_state import finished_turn
from chatwidget.render.display.transcript import TurnView

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}
CITY = '{"name": "Lisbon", "people": 545796}'


def of_panel(turn: Turn) -> str:
    return "".join(html for part in finished_turn(turn).parts for html in part.settled)


def of_history(turn: Turn) -> str:
    return TurnView(turn)._repr_html_()


@pytest.fixture(params=[of_panel, turn_html, of_history], ids=["panel", "copy", "history"])
def shown(request: pytest.FixtureRequest) -> Callable[..., str]:
    def show(text: str, response_format: object) -> str:
        answer = ChatCompletionMessage(content=text)
        facts: dict[str, Any] = {"parameters": {"response_format": response_format}}
        return str(request.param(Turn(prompt="Where?", answers=[answer], facts=facts)))

    return show


@pytest.mark.parametrize("text", [CITY, f"```json\n{CITY}\n```", f"Here it is: {CITY}"])
def test_the_instance_of_a_schema_is_a_table(text: str, shown: Callable[..., str]) -> None:
    html = shown(text, SCHEMA)
    assert "<table>" in html
    assert "545796" in html
    assert "Here it is" not in html


def test_json_is_shown_with_a_line_for_each_value(shown: Callable[..., str]) -> None:
    html = shown(f"Sure: {CITY}", {"type": "json_object"})
    assert "chatwidget-code" in html
    assert "<table>" not in html
    assert "Sure" not in html


@pytest.mark.parametrize("text", ["I *cannot* say.", '{"name": "Lis'])
def test_what_is_no_json_is_shown_as_other_answers_are(
    text: str, shown: Callable[..., str]
) -> None:
    assert shown(text, SCHEMA) == shown(text, None)


@pytest.mark.parametrize("odd", ["json_schema", 3, [], {"type": []}, {"type": {"a": 1}}, {}])
def test_an_odd_format_of_a_file_changes_nothing(odd: object, shown: Callable[..., str]) -> None:
    assert shown("I *cannot* say.", odd) == shown("I *cannot* say.", None)
