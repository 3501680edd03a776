"""A conversation knows what the next request says."""

from __future__ import annotations

from chatwidget.client.types import ChatCompletionMessage
from chatwidget.conversation import Conversation, Status, Turn


def turn(prompt: str, status: Status = "complete", cell_id: str | None = None) -> Turn:
    return Turn(prompt, ChatCompletionMessage(content=f"re: {prompt}"), status, cell_id)


def said(messages: list) -> list[str]:
    return [m.content if isinstance(m, ChatCompletionMessage) else m["content"] for m in messages]


def test_the_next_request_says_all_complete_turns_and_the_new_prompt() -> None:
    conversation = Conversation([turn("a"), turn("b")])
    assert said(conversation.messages("c")) == ["a", "re: a", "b", "re: b", "c"]


def test_the_system_message_comes_first_and_only_if_there_is_one() -> None:
    conversation = Conversation([turn("a")])
    with_system = conversation.messages("b", system="Be brief")
    assert with_system[0] == {"role": "system", "content": "Be brief"}
    assert said(conversation.messages("b")) == ["a", "re: a", "b"]


def test_stopped_and_failed_turns_stay_but_are_not_sent() -> None:
    conversation = Conversation([turn("a", "stopped"), turn("b", "failed"), turn("c")])
    assert said(conversation.messages("d")) == ["c", "re: c", "d"]
    assert len(conversation.turns) == 3


def test_a_turn_that_has_no_answer_is_not_sent() -> None:
    conversation = Conversation([Turn("a", None, "complete")])
    assert said(conversation.messages("b")) == ["b"]


def test_running_a_cell_again_replaces_its_turn_and_what_followed() -> None:
    conversation = Conversation([turn("a", cell_id="1"), turn("b", cell_id="2"), turn("c")])
    assert said(conversation.messages("b again", cell_id="2")) == ["a", "re: a", "b again"]
    conversation.record(turn("b again", cell_id="2"))
    assert [t.prompt for t in conversation.turns] == ["a", "b again"]


def test_turns_without_a_cell_are_added() -> None:
    conversation = Conversation()
    conversation.record(turn("a"))
    conversation.record(turn("a"))
    assert [t.prompt for t in conversation.turns] == ["a", "a"]


def test_clearing_forgets_all_turns() -> None:
    conversation = Conversation([turn("a")])
    conversation.clear()
    assert said(conversation.messages("b")) == ["b"]
