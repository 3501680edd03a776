"""A conversation knows what the next request says, and loses nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.client.wire.types import ChatCompletionMessage, FunctionCall, ToolCall


def answer(text: str) -> ChatCompletionMessage:
    return ChatCompletionMessage(content=text)


def turn(prompt: str, **fields: Any) -> Turn:
    return Turn(prompt=prompt, id=prompt, **({"answers": [answer(f"re: {prompt}")]} | fields))


def read(text: bytes) -> Conversation:
    """Read a conversation as it is read from a file."""
    conversation = msgspec.json.decode(text, type=Conversation)
    conversation.check()
    return conversation


def chain(*turns: Turn) -> Conversation:
    conversation = Conversation()
    for each in turns:
        conversation = run(conversation, each)
    return conversation


def run(conversation: Conversation, added: Turn) -> Conversation:
    """Record a turn as a session does: where its cell stood, or at the end."""
    fields = {name: getattr(added, name) for name in added.__struct_fields__}
    fields["parent"] = conversation.parent_for(added.cell_id)
    return conversation.with_turn(Turn(**fields))


def said(messages: list[Any]) -> list[str]:
    return [m.content if isinstance(m, ChatCompletionMessage) else m["content"] for m in messages]


def prompts(conversation: Conversation) -> list[str]:
    return [each.prompt for each in conversation.path()]


def test_the_next_request_says_all_complete_turns() -> None:
    conversation = chain(turn("a"), turn("b"))
    assert said(conversation.messages(conversation.head)) == ["a", "re: a", "b", "re: b"]


def test_stopped_and_failed_turns_stay_but_are_not_sent() -> None:
    conversation = chain(turn("a", status="stopped"), turn("b", status="failed"), turn("c"))
    assert said(conversation.messages(conversation.head)) == ["c", "re: c"]
    assert prompts(conversation) == ["a", "b", "c"]


def test_a_turn_that_has_no_answer_is_not_sent() -> None:
    assert chain(turn("a", answers=[])).messages("a") == []


def test_what_was_sent_in_place_of_the_prompt_is_sent_again() -> None:
    parts = [{"type": "text", "text": "a with a picture"}]
    assert said(chain(turn("a", content=parts)).messages("a"))[0] == parts


def test_the_steps_of_tools_stand_between_prompt_and_answer() -> None:
    call = {"role": "assistant", "content": "calling"}
    result = {"role": "tool", "tool_call_id": "1", "content": "42"}
    sent = chain(turn("a", steps=[call, result])).messages("a")
    assert said(sent) == ["a", "calling", "42", "re: a"]


def test_running_a_cell_again_replaces_its_turn_and_what_hung_on_it() -> None:
    first = chain(turn("a", cell_id="1"), turn("b", cell_id="2"), turn("c", cell_id="3"))
    again = run(first, turn("b again", cell_id="2"))
    assert prompts(again) == ["a", "b again"]
    assert prompts(run(again, turn("c again", cell_id="3"))) == ["a", "b again", "c again"]


def test_running_a_cell_again_keeps_the_earlier_run_as_a_version() -> None:
    first = chain(turn("a", cell_id="1"), turn("b", cell_id="2"), turn("c", cell_id="3"))
    again = run(first, turn("b again", cell_id="2"))
    assert [each.prompt for each in again.versions("b again")] == ["b", "b again"]
    assert prompts(again.showing("b")) == ["a", "b", "c"]


def test_showing_a_version_goes_to_its_newest_end() -> None:
    first = chain(turn("a"), turn("b", cell_id="2"))
    again = run(first, turn("b2", cell_id="2")).until("b")
    longer = run(again, turn("c"))
    assert prompts(longer.showing("a")) == ["a", "b", "c"]


def test_turns_without_a_cell_are_added() -> None:
    assert prompts(chain(turn("a"), turn("b"))) == ["a", "b"]


def test_a_conversation_goes_on_with_the_answer_that_was_chosen() -> None:
    conversation = chain(turn("a", answers=[answer("one"), answer("two")]))
    assert said(conversation.messages("a"))[-1] == "one"
    assert said(conversation.choosing("a", 1).messages("a"))[-1] == "two"
    with pytest.raises(IndexError, match="2 answers"):
        conversation.choosing("a", 2)


def test_taking_a_turn_out_takes_what_answered_to_it() -> None:
    conversation = chain(turn("a"), turn("b"), turn("c"))
    assert prompts(conversation.without("b")) == ["a"]
    assert list(conversation.without("b").turns) == ["a"]


def test_taking_a_version_out_shows_the_one_beside_it() -> None:
    first = chain(turn("a"), turn("b", cell_id="2"), turn("c"))
    again = run(first, turn("b again", cell_id="2"))
    assert prompts(again.without("b again")) == ["a", "b", "c"]
    assert prompts(again.without("b")) == ["a", "b again"]


def test_nothing_is_lost_on_the_way_to_json_and_back() -> None:
    call = ToolCall("1", "function", FunctionCall("f", "{}"), {"signature": "s"})
    conversation = chain(
        turn("a", cell_id="1", status="stopped", system="Be brief", facts={"model": "m"}),
        turn(
            "b",
            answers=[ChatCompletionMessage(reasoning="hm", tool_calls=[call]), answer("two")],
            chosen=1,
            steps=[{"role": "tool", "tool_call_id": "1", "content": "42"}],
            content=[{"type": "text", "text": "b"}],
        ),
    )
    assert read(msgspec.json.encode(conversation)) == conversation


@given(st.lists(st.tuples(st.text(max_size=5), st.none() | st.sampled_from("123"))))
def test_any_run_of_cells_survives_json_and_holds_each_cell_once(
    cells: list[tuple[str, str | None]],
) -> None:
    conversation = Conversation()
    for number, (prompt, cell_id) in enumerate(cells):
        added = Turn(prompt=prompt, id=str(number), cell_id=cell_id, answers=[answer(prompt)])
        conversation = run(conversation, added)
    held = [each.cell_id for each in conversation.path() if each.cell_id is not None]
    assert len(held) == len(set(held))
    assert len(conversation.turns) == len(cells)
    assert read(msgspec.json.encode(conversation)) == conversation


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"turns": {"a": {"prompt": "a", "id": "a", "parent": "b"}}}', "answers to none"),
        ('{"turns": {"a": {"prompt": "a", "id": "b"}}}', "answers to none"),
        ('{"head": "a"}', "There is no turn 'a'"),
        ('{"turns": 5}', "Expected"),
        ("no json", "JSON"),
    ],
)
def test_what_is_no_conversation_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(text.encode())
