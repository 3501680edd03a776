"""What stays in the notebook when the panel is gone: safe HTML that does nothing, and text."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from IPython.utils.capture import capture_output
from msgspec.structs import replace

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel.static_copy import StaticCopy, copy_html, copy_text, turn_html
from chatwidget.persistence.notebook_reader import read_notebook
from safe_html import Checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import RichOutput

HOSTILE = "<img src=x onerror=alert(1)></div><script>alert(1)</script>"
ANSWER = "The sea was **calm**, and no wind blew; then a breeze came up from the south.\n\n" * 25


class Kept:
    """The outputs of a cell, as a notebook keeps them, and what it took to write them.

    Attributes
    ----------
    outputs
        The outputs, in their order.
    written
        The number of each output that was written, in the order in which that was done.
    size
        How many bytes were written.
    """

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.written: list[int] = []
        self.size = 0
        self._places: dict[str, int] = {}

    @contextmanager
    def watch(self) -> Iterator[list[int]]:
        """Take what is shown in the block; return the numbers of the outputs that were written."""
        self.written = written = []
        with capture_output() as captured:
            yield written
        for output in captured.outputs:
            self._take(output)

    def _take(self, output: RichOutput) -> None:
        name = output.transient["display_id"]
        kept = {"output_type": "display_data", "data": output.data, "metadata": output.metadata}
        self.size += len(json.dumps(kept).encode())
        if output.update:
            self.outputs[self._places[name]] = kept
        else:
            self._places[name] = len(self.outputs)
            self.outputs.append(kept)
        self.written.append(self._places[name])

    @property
    def texts(self) -> list[str]:
        """What each output says as text."""
        return [output["data"]["text/plain"] for output in self.outputs]

    @property
    def shown(self) -> list[Checked]:
        """What a person would find in each output."""
        return [body(output["data"]["text/html"]) for output in self.outputs]

    def notebook(self) -> str:
        """Return a notebook with the cell."""
        cell = {"cell_type": "code", "id": "c", "source": "%chat panel", "outputs": self.outputs}
        return json.dumps({"cells": [cell]})


@pytest.fixture
def kept(shell: InteractiveShell) -> Kept:
    return Kept()


class Copied:
    """A copy that follows a conversation."""

    def __init__(self, kept: Kept, *turns: Turn) -> None:
        self.kept = kept
        self.conversation = of(*turns)
        with kept.watch():
            self.copy = StaticCopy("main", self.conversation.path())

    def say(self, *turns: Turn) -> list[int]:
        for turn in turns:
            parent = self.conversation.head
            self.conversation = self.conversation.with_turn(replace(turn, parent=parent))
        return self.follow(self.conversation)

    def follow(self, conversation: Conversation, name: str = "main") -> list[int]:
        """Return the numbers of the outputs that were written."""
        self.conversation = conversation
        with self.kept.watch() as written:
            self.copy.follow(name, conversation.path())
        return written


def of(*turns: Turn) -> Conversation:
    conversation = Conversation()
    for turn in turns:
        conversation = conversation.with_turn(replace(turn, parent=conversation.head))
    return conversation


def said(prompt: str, *answers: str, **more: Any) -> Turn:
    messages = [ChatCompletionMessage(content=text) for text in answers]
    return Turn(id=prompt, prompt=prompt, answers=messages, **more)


def body(html: str) -> Checked:
    return Checked(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))


def page(*turns: Turn) -> Checked:
    return body(copy_html(map(turn_html, turns), is_first=True))


def test_the_conversation_is_there_and_harmless() -> None:
    shown = page(said(HOSTILE, f"**Hello** {HOSTILE}"))
    assert shown.text.count("alert(1)") == 4
    assert "Hello" in shown.text


def test_what_a_model_called_is_there_too() -> None:
    call = {"id": "1", "function": {"name": "add", "arguments": '{"a": 1}'}}
    steps = [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "42"},
    ]
    shown = page(said("?", "It is that.", steps=steps))
    assert "add" in shown.text
    assert "42" in shown.text


def test_several_answers_stand_side_by_side() -> None:
    assert "chatwidget-choices" in page(said("?", "One", "Two")).classes


def test_a_question_without_an_answer_says_so() -> None:
    assert "No answer." in page(Turn(prompt="?", status="failed")).text
    assert copy_text([Turn(prompt="?", status="failed")]) == "> ?\n\nNo answer."


def test_as_text_nothing_moves_the_cursor() -> None:
    text = copy_text([said("Hi", "red \x1b[31m and \x07 bell")])
    assert "\x1b" not in text
    assert text.startswith("> Hi\n\nred ")


def test_a_panel_in_which_nothing_was_asked_says_so_and_has_room_for_what_comes(kept: Kept) -> None:
    Copied(kept)
    first, *ready = kept.shown
    assert "Nothing was asked" in first.text
    assert [each.text.strip() for each in ready] == ["", "", ""]
    assert all(output["data"].keys() == {"text/html", "text/plain"} for output in kept.outputs)


def test_what_was_there_before_is_one_output_and_each_turn_that_comes_is_another(
    kept: Kept,
) -> None:
    copied = Copied(kept, said("a", "1"), said("b", "2"))
    assert copied.say(said("c", "3")) == [1]
    assert copied.say(said("d", "4"), said("e", "5")) == [2, 3]
    assert copied.say(said("f", "6")) == [4]
    assert kept.texts == ["> a\n\n1\n\n> b\n\n2", "> c\n\n3", "> d\n\n4", "> e\n\n5", "> f\n\n6"]
    assert [each.text.count("3") for each in kept.shown] == [0, 1, 0, 0, 0]


def test_what_has_not_changed_is_not_written_again(kept: Kept) -> None:
    copied = Copied(kept, said("a", "1"))
    copied.say(said("b", "2"))
    assert copied.follow(copied.conversation) == []
    beside = copied.conversation.with_turn(replace(said("c", "3"), parent="a"))
    assert copied.follow(beside.showing("b")) == []


def test_another_version_writes_its_turn_and_empties_what_followed(kept: Kept) -> None:
    copied = Copied(kept)
    copied.say(said("a", "1"), said("b", "2"), said("c", "3"))
    before = copied.conversation
    assert copied.follow(before.with_turn(replace(said("b2", "other"), parent="a"))) == [2, 3]
    assert kept.texts[1:] == ["> a\n\n1", "> b2\n\nother", ""]
    assert copied.follow(before) == [2, 3]
    assert kept.texts[1:] == ["> a\n\n1", "> b\n\n2", "> c\n\n3"]
    copied.follow(before.choosing("c", 0))
    assert kept.texts[3] == "> c\n\n3"


def test_a_turn_that_is_deleted_is_emptied_and_its_place_is_used_again(kept: Kept) -> None:
    copied = Copied(kept)
    copied.say(said("a", "1"), said("b", "2"))
    assert copied.follow(copied.conversation.without("b")) == [2]
    assert kept.texts[1:] == ["> a\n\n1", "", ""]
    assert "chatwidget" not in kept.outputs[2]["metadata"]
    assert copied.say(said("c", "3")) == [2]
    assert kept.texts[2] == "> c\n\n3"


def test_another_answer_that_is_chosen_is_written(kept: Kept) -> None:
    copied = Copied(kept)
    copied.say(said("a", "one", "two"), said("b", "2"))
    assert copied.follow(copied.conversation.choosing("a", 1)) == [1]
    assert kept.texts[1] == "> a\n\ntwo"


def test_another_conversation_is_written_over_what_was_there(kept: Kept) -> None:
    copied = Copied(kept, said("a", "1"))
    copied.say(said("b", "2"), said("c", "3"))
    before = copied.conversation
    copied.follow(of(said("x", "9")), "other")
    assert kept.texts == ["> x\n\n9", "", "", ""]
    copied.follow(before)
    assert kept.texts == ["> a\n\n1", "> b\n\n2", "> c\n\n3", ""]
    assert read_notebook(kept.notebook()).conversations == {"main": before}


def test_turns_that_belong_to_another_conversation_now_say_so(kept: Kept) -> None:
    copied = Copied(kept, said("a", "1"))
    copied.say(said("b", "2"))
    assert copied.follow(copied.conversation, "a copy") == [0, 1, 2, 3]
    assert list(read_notebook(kept.notebook()).conversations) == ["a copy"]


def test_the_styles_are_written_once(kept: Kept) -> None:
    copied = Copied(kept, said("a", "1"))
    copied.say(*(said(name, "2") for name in "bcdef"))
    styled = ["<style>" in output["data"]["text/html"] for output in kept.outputs]
    assert styled == [True, *[False] * 5]


def test_the_bytes_of_a_turn_are_those_of_a_turn_however_many_there_are(shell: object) -> None:
    costs = {count: bytes_per_byte(count) for count in (10, 50, 100, 200)}
    assert max(costs.values()) < 1.1 * min(costs.values()), costs


def bytes_per_byte(count: int) -> float:
    """Return what is written for each byte of a conversation that is asked turn by turn."""
    kept = Kept()
    copied = Copied(kept)
    kept.size = 0
    for number in range(count):
        copied.say(said(f"What does the wind do, number {number:4}?", ANSWER))
    return kept.size / sum(len(text.encode()) for text in kept.texts)


def test_to_open_a_panel_on_a_long_conversation_writes_it_once(kept: Kept) -> None:
    turns = [said(f"Number {number}", ANSWER) for number in range(20)]
    copied = Copied(kept, *turns)
    once, kept.size = kept.size, 0
    copied.say(said("And now?", ANSWER))
    assert kept.size < once / 10


def test_a_notebook_gives_the_turns_back_that_were_asked_in_the_panel(kept: Kept) -> None:
    steps = [
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "42"},
    ]
    facts = {"model": "m", "parameters": {"temperature": 0.5}}
    turns = [
        said("a", "1", facts=facts),
        said(" b\n", "2 \n", system="Be brief."),
        said("c", "3", "4", chosen=1),
        said("d", "42", steps=steps),
        Turn(id="e", prompt="e", status="stopped", answers=[ChatCompletionMessage(content="Hal")]),
        Turn(id="f", prompt="f", status="failed", content="f, filled in"),
    ]
    first, *rest = (replace(it, facts={**it.facts, "status": it.status}) for it in turns)
    copied = Copied(kept, first)
    copied.say(*rest)
    found = read_notebook(kept.notebook())
    assert found.conversations == {"main": copied.conversation}
    assert found.remarks == ()


def test_a_turn_of_a_cell_is_shown_but_it_is_its_cell_that_tells_of_it(kept: Kept) -> None:
    copied = Copied(kept)
    copied.say(said("a", "1", cell_id="cell-1"), said("b", "2"))
    assert kept.texts[1:3] == ["> a\n\n1", "> b\n\n2"]
    assert "chatwidget" not in kept.outputs[1]["metadata"]
    (told,) = kept.outputs[2]["metadata"]["chatwidget"]["turns"]
    assert (told["turn"], told["parent"], told["conversation"]) == ("b", "a", "main")


def test_a_panel_that_moved_leaves_nothing(kept: Kept) -> None:
    copied = Copied(kept, said("a", "1"))
    copied.say(*(said(name, "2") for name in "bcdef"))
    with kept.watch() as written:
        copied.copy.leave()
    assert written == [0, 1, 2, 3, 4, 5]
    assert kept.texts == [""] * 6
    assert [each["data"]["text/html"] for each in kept.outputs] == [""] * 6
    assert not any(output["metadata"] for output in kept.outputs)


def test_what_nobody_has_restored_yet_stays_in_the_notebook(kept: Kept) -> None:
    before = Copied(kept, said("a", "1"))
    before.say(said("b", "2"))
    earlier = [
        turn
        for output in kept.outputs
        for turn in output["metadata"].get("chatwidget", {"turns": []})["turns"]
    ]
    kept.outputs.clear()
    with kept.watch():
        copy = StaticCopy("main", (), earlier)
    copied = read_notebook(kept.notebook()).conversations["main"]
    assert copied == before.conversation
    with kept.watch() as written:
        copy.forget_earlier([{"another": 1}])
    assert written == []
    with kept.watch() as written:
        copy.forget_earlier([copied.turns])
        copy.forget_earlier([copied.turns])
    assert written == [0]
    assert not any(output["metadata"] for output in kept.outputs)
