"""What stays in the notebook when the panel is gone: safe HTML that does nothing, and text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.client.types import ChatCompletionMessage
from chatwidget.panel.copy import StaticCopy, copy_text, page_html, turn_html
from safe_html import Checked

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

HOSTILE = "<img src=x onerror=alert(1)></div><script>alert(1)</script>"


def of(*turns: Turn) -> Conversation:
    conversation = Conversation()
    for turn in turns:
        conversation = conversation.with_turn(turn)
    return conversation


def said(prompt: str, *answers: str) -> Turn:
    return Turn(prompt=prompt, answers=[ChatCompletionMessage(content=text) for text in answers])


def body(conversation: Conversation) -> Checked:
    return Checked(
        re.sub(
            r"<style>.*?</style>",
            "",
            page_html(map(turn_html, conversation.path())),
            flags=re.DOTALL,
        )
    )


def test_the_conversation_is_there_and_harmless() -> None:
    shown = body(of(said(HOSTILE, f"**Hello** {HOSTILE}")))
    assert shown.text.count("alert(1)") == 4
    assert "Hello" in shown.text


def test_what_a_model_called_is_there_too() -> None:
    call = {"id": "1", "function": {"name": "add", "arguments": '{"a": 1}'}}
    steps = [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "42"},
    ]
    answers = [ChatCompletionMessage(content="It is 42.")]
    conversation = of(Turn(prompt="?", steps=steps, answers=answers))
    assert "add" in body(conversation).text
    assert "42" in body(conversation).text


def test_several_answers_stand_side_by_side() -> None:
    assert "chatwidget-choices" in body(of(said("?", "One", "Two"))).classes


def test_a_question_without_an_answer_says_so() -> None:
    assert "No answer." in body(of(Turn(prompt="?", status="failed"))).text


@pytest.mark.parametrize("conversation", [Conversation()])
def test_an_empty_one_says_so(conversation: Conversation) -> None:
    assert "Nothing has been asked" in body(conversation).text
    assert copy_text(conversation)


def test_as_text_nothing_moves_the_cursor() -> None:
    text = copy_text(of(said("Hi", "red \x1b[31m and \x07 bell")))
    assert "\x1b" not in text
    assert text.startswith("> Hi\n\nred ")


def test_it_is_one_output_that_is_written_anew(shell: InteractiveShell) -> None:
    from IPython.utils.capture import capture_output

    copy = StaticCopy()
    assert not copy.is_shown
    with capture_output() as captured:
        copy.show(Conversation())
        copy.show(of(said("Hi", "Hello")))
    first, second = captured.outputs
    assert copy.is_shown
    assert first.data.keys() == {"text/html", "text/plain"}
    assert "Hello" in second.data["text/plain"]
