"""The conversation view sends what changed, and a page that comes late is told all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.client.types import ChatCompletionMessage
from chatwidget.panel.items import TurnItems, finished_item
from chatwidget.render.display.messages import PartChange, PartKey
from chatwidget.render.markup.rendering import Frame
from notebook.pages import Page
from safe_html import Checked

if TYPE_CHECKING:
    import pytest

    from chatwidget.panel.actions import Action

CONTENT = PartKey(0, 0, "content")


def item(name: str, *, running: bool = False, **more: Any) -> dict[str, Any]:
    return {"id": name, "prompt": name, "running": running, **more}


def test_only_what_changed_is_sent(page: Page) -> None:
    page.show([item("a"), item("b")])
    page.show([item("a"), item("b", chosen=1), item("c")])
    page.show([item("a"), item("b", chosen=1), item("c")])
    first, second = page.messages
    assert [turn["id"] for turn in first["turns"]] == ["a", "b"]
    assert [turn["id"] for turn in second["turns"]] == ["b", "c"]
    assert second["order"] == ["a", "b", "c"]
    assert [message["number"] for message in page.messages] == [1, 2]


def test_a_sentence_is_sent_when_it_is_new(page: Page) -> None:
    for sentence in ("", "Wait.", "Wait.", ""):
        page.say(sentence)
    assert [message["sentence"] for message in page.messages] == ["Wait.", ""]


def test_the_bytes_of_an_answer_grow_with_its_length(page: Page) -> None:
    def cost(tokens: int) -> int:
        page.show([])
        page.show([item("a", running=True)])
        page.messages.clear()
        tail = ""
        for number in range(tokens):
            tail = f"{tail} word{number % 10}" if number % 100 else " word"
            settled = [f"<p>{'word ' * 100}</p>"] if number and not number % 100 else []
            page.draw("a", [(CONTENT, Frame(settled, tail))])
        return sum(len(str(message)) for message in page.messages)

    assert cost(2_000) < 1.1 * 2 * cost(1_000)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("show"), st.lists(st.sampled_from("abcd"), unique=True), st.booleans()),
        st.tuples(st.just("draw"), st.text(max_size=5), st.text(max_size=5)),
        st.tuples(st.just("ask"), st.sampled_from(["", "t1", "t2"])),
        st.tuples(st.just("say"), st.text(max_size=3)),
    )
)


class Live:
    """What transcript.js does with messages, on plain data."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.turns: dict[str, Any] = {}
        self.parts: dict[str, dict[str, tuple[list[str], str]]] = {}
        self.asks = ("", "")
        self.sentence = ""

    def take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "turns":
                self.order = message["order"]
                for turn in message["turns"]:
                    self.turns[turn["id"]] = turn
                    self.parts[turn["id"]] = {}
                    self.asks = ("", "") if turn["running"] else self.asks
                self.turns = {name: self.turns[name] for name in self.order}
            case "frame":
                for part in message["parts"]:
                    known = self.parts[message["id"]]
                    key = msgspec.convert(part["part"], PartKey)
                    settled, tail = known.get(key, ([], ""))
                    assert part["start"] == len(settled)
                    units = tail.encode("utf-16-le", "surrogatepass")[: 2 * part["keep"]]
                    tail = units.decode("utf-16-le", "surrogatepass") + part["add"]
                    known[key] = (settled + part["settled"], tail)
            case "ask":
                self.asks = (message["token"], message["name"])
            case "say":
                self.sentence = message["sentence"]


@given(STEPS)
def test_a_page_that_comes_late_sees_what_the_others_see(steps: list[Any]) -> None:
    page, live = Page(), Live()
    for step in steps:
        match step:
            case ("show", names, runs):
                page.show([item(each, running=runs and each == names[-1]) for each in names])
            case ("draw", settled, tail):
                frame = Frame([settled] if settled else [], tail)
                page.draw(page.whole["growing"]["id"] or "none", [(CONTENT, frame)])
            case ("ask", token):
                page.ask(token, "add" * bool(token))
            case ("say", sentence):
                page.say(sentence)
    for message in page.messages:
        live.take(message)
    whole = page.whole
    assert whole["number"] == len(page.messages)
    assert whole["order"] == live.order
    assert {turn["id"]: turn for turn in whole["turns"]} == live.turns
    assert whole["sentence"] == live.sentence
    growing = whole["growing"]
    if growing["id"]:
        parts = msgspec.convert(growing["parts"], list[PartChange])
        shown = {change.part: (change.settled, change.add) for change in parts}
        assert shown == live.parts[growing["id"]]
        assert (growing["token"], growing["name"]) == live.asks


def test_a_page_that_is_ready_gets_all_of_it(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[Any] = []
    monkeypatch.setattr(page, "send_state", keys.append)
    page._handle_message(page, {"type": "ready"}, [])
    assert keys == ["snapshot"]


def test_actions_are_about_turns_that_are_shown(page: Page) -> None:
    page.show([item("a")])
    page.do("delete", turn="a")
    page.do("delete", turn="b")
    page.do("rm", turn="a")
    actions: list[Action] = page.acted
    assert [action.name for action in actions] == ["delete"]


HOSTILE = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) <script>alert(1)</script>"


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
    shown = finished_item(turn)
    for part in shown["parts"]:
        for html in part["settled"]:
            Checked(html)
    assert shown["notice"].endswith(HOSTILE)


def test_a_turn_that_stays_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def spy(turn: Turn) -> dict[str, Any]:
        made.append(turn.id)
        return finished_item(turn)

    monkeypatch.setattr("chatwidget.panel.items.finished_item", spy)
    items, conversation = TurnItems(), Conversation()
    for number in range(3):
        answers = [ChatCompletionMessage(content=str(number))] * 2
        turn = Turn(id=f"t{number}", parent=conversation.head, prompt="?", answers=answers)
        conversation = conversation.with_turn(turn)
        shown = [items.finished(each, conversation) for each in conversation.path()]
        assert len(shown) == number + 1
    assert made == ["t0", "t1", "t2"]
    conversation = conversation.choosing("t1", 1)
    assert items.finished(conversation.turns["t1"], conversation)["chosen"] == 1


def test_several_answers_are_headed_and_the_one_in_use_is_marked() -> None:
    answers = [ChatCompletionMessage(content=text) for text in ("one", "two")]
    shown = finished_item(Turn(prompt="?", answers=answers, chosen=1))
    parts = msgspec.convert(shown["parts"], list[PartChange])
    heads = [change.settled[0] for change in parts if change.part.kind == "heading"]
    assert ["in use" in head for head in heads] == [False, True]


def test_facts_and_reasons_are_told() -> None:
    facts = {
        "model": "m",
        "usage": {"completion_tokens": 1200},
        "timing": {"first_token_s": 0.204, "tokens_per_s": 88.4},
        "parameters": {"temperature": 0.2},
        "extra_body": {"top_k": 4},
        "finish_reason": "length",
    }
    shown = finished_item(Turn(prompt="?", system="Be brief.", facts=facts))
    assert shown["facts"] == ["m", "1,200 tokens", "first token 0.20 s", "88 tokens/s"]
    assert shown["why"] == ["temperature = 0.2", "top_k = 4", "system message: Be brief."]
    assert "limit of tokens" in shown["notice"]
    assert finished_item(Turn(prompt="?"))["why"] == ["No parameter was sent."]
