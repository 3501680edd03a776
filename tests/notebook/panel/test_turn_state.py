"""A turn as the page draws it: rendered once, safe whatever a model says, with its footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel import turn_state
from chatwidget.panel.turn_state import TurnStates, finished_turn
from safe_html import Checked

if TYPE_CHECKING:
    import pytest

HOSTILE = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) <script>alert(1)</script>"


def said(name: str, *answers: str, **more: Any) -> Turn:
    messages = [ChatCompletionMessage(content=text) for text in answers]
    return Turn(id=name, prompt="?", answers=messages, **more)


def test_whatever_a_model_says_the_html_is_safe() -> None:
    call = {"id": "1", "function": {"name": HOSTILE, "arguments": f'{{"a": "{HOSTILE}"}}'}}
    turn = Turn(
        prompt=HOSTILE,
        steps=[
            {"role": "assistant", "content": HOSTILE, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": HOSTILE},
        ],
        answers=[ChatCompletionMessage(content=HOSTILE, reasoning=HOSTILE, refusal=HOSTILE)] * 2,
        status="failed",
        facts={"model": HOSTILE, "error": HOSTILE, "parameters": {"user": HOSTILE}},
    )
    shown = finished_turn(turn)
    parts = [html for part in shown.parts for html in part.settled]
    assert len(parts) == 2 + 2 * 4
    for html in parts:
        Checked(html)
    assert shown.notice.endswith(HOSTILE)  # shown as text


def test_a_turn_that_stays_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def spy(turn: Turn) -> Any:
        made.append(turn.id)
        return finished_turn(turn)

    monkeypatch.setattr(turn_state, "finished_turn", spy)
    states, conversation = TurnStates(), Conversation()
    for number in range(3):
        turn = said(f"t{number}", "one", "two", parent=conversation.head)
        conversation = conversation.with_turn(turn)
        assert len(states.path(conversation, conversation.path())) == number + 1
    assert made == ["t0", "t1", "t2"]
    conversation = conversation.choosing("t1", 1)
    assert states.path(conversation, conversation.path())[1].chosen == 1
    assert made == ["t0", "t1", "t2", "t1"]


def test_a_turn_knows_its_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = Conversation()
    for name in ("a", "b"):
        conversation = conversation.with_turn(said(name, "x"))
    states = TurnStates()
    (shown,) = states.path(conversation, conversation.path())
    assert (shown.id, shown.versions) == ("b", ["a", "b"])
    conversation = conversation.without("a")
    (shown,) = states.path(conversation, conversation.path())
    assert shown.versions == ["b"]


def test_several_answers_are_headed_and_the_one_in_use_is_marked() -> None:
    shown = finished_turn(said("a", "one", "two", chosen=1))
    heads = [part.settled[0] for part in shown.parts if part.part.kind == "heading"]
    assert ["in use" in head for head in heads] == [False, True]
    assert (shown.texts, shown.chosen) == (["one", "two"], 1)


def test_the_footer_says_what_was_sent_and_the_reasons_all_of_it() -> None:
    facts = {
        "model": "m",
        "usage": {"completion_tokens": 1200},
        "timing": {"first_token_s": 0.204, "tokens_per_s": 88.4},
        "parameters": {"temperature": 0.2},
        "extra_body": {"top_k": 4},
        "finish_reason": "length",
        "notes": ["top_p was left out."],
    }
    shown = finished_turn(Turn(prompt="?", system="Be brief.", facts=facts))
    assert shown.facts == [
        "m",
        "temperature 0.2",
        "top_k 4",
        "1,200 tokens",
        "first token 0.20 s",
        "88 tokens/s",
    ]
    assert shown.why == [
        "temperature = 0.2",
        "top_k = 4",
        "system message: Be brief.",
        "top_p was left out.",
    ]
    assert "limit of tokens" in shown.notice
    assert finished_turn(Turn(prompt="?")).why == ["No parameter was sent."]
