from __future__ import annotations

import re
from typing import Any

import pytest

from chatwidget.chat.conversation import Turn
from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChunkChoice,
)
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.messages import PartKey
from chatwidget.render.display.output_modes import UpdatesOutputMode
from chatwidget.render.display.parts import GrowingAnswer
from chatwidget.render.display.side_by_side import choices_html, turn_class
from chatwidget.render.display.text_output_mode import TextOutputMode
from chatwidget.render.display.transcript import TurnView
from safe_html import Checked

PLACE = {"conversation": "main", "turn": "abc123", "parent": None}


def finished(*texts: str, place: dict[str, Any] = PLACE, status: str = "complete") -> str:
    choices = [
        Choice(index=i, message=ChatCompletionMessage(content=text), finish_reason="stop")
        for i, text in enumerate(texts)
    ]
    answer = FinalOutput(
        ChatCompletion(choices=choices), Timing(1.0), turn_metadata=place, status=status
    )
    body = answer.html()
    assert Checked(body).text
    return body


def chunk(index: int, text: str | None = None, finish_reason: str | None = None) -> Any:
    delta = ChoiceDelta(content=text)
    choice = ChunkChoice(index=index, delta=delta, finish_reason=finish_reason)
    return ChatCompletionChunk(choices=[choice])


def growing(answer: GrowingAnswer) -> dict[PartKey, str]:
    return {
        key: Checked("".join([*frame.settled, frame.tail])).text.strip()
        for key, frame in answer.frames()
    }


def test_one_answer_needs_no_column() -> None:
    assert choices_html(["<p>a</p>"]) == "<p>a</p>"
    assert choices_html([]) == ""


def test_each_of_several_answers_has_a_column_and_one_is_marked() -> None:
    html = finished("a", "b", "c", place=PLACE | {"chosen": 1})
    columns = html.split('<div class="chatwidget-column')[1:]
    assert len(columns) == 3
    assert [" chatwidget-chosen" in column[:20] for column in columns] == [False, True, False]
    assert [Checked(f"<div>{column[2:]}").text.count("in use") for column in columns[:1]] == [0]
    assert "Choice 2 of 3 in use" in Checked(html).text
    assert "chatwidget-turn-abc123" in html


@pytest.mark.parametrize(
    "options", [{"place": {}}, {"status": "stopped"}], ids=["no conversation", "stopped"]
)
def test_nothing_is_marked_where_no_conversation_goes_on(options: dict[str, Any]) -> None:
    assert "in use" not in finished("a", "b", **options)


def test_each_answer_that_is_cut_off_is_named_in_text_and_markdown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    choices = [
        Choice(index=i, message=ChatCompletionMessage(content="a"), finish_reason=reason)
        for i, reason in enumerate(("stop", "length"))
    ]
    answer = FinalOutput(ChatCompletion(choices=choices), Timing(1.0))
    said = "Choice 2: The answer was cut off: it reached the limit of tokens."
    assert f"*{said}*" in answer.markdown()
    TextOutputMode().close(answer)
    assert said in capsys.readouterr().out
    assert said not in answer.text()


def test_the_name_of_a_turn_cannot_break_out_of_its_class() -> None:
    assert turn_class('a" onclick="x') == "chatwidget-turn-aonclickx"


def test_an_answer_that_begins_gets_its_column_before_its_first_word() -> None:
    answer = GrowingAnswer(3)
    for index in range(3):
        answer.feed(chunk(index))
    assert list(growing(answer).values()) == ["Choice 1 of 3", "Choice 2 of 3", "Choice 3 of 3"]


def test_a_server_that_gives_one_answer_of_three_leaves_no_empty_columns() -> None:
    answer = GrowingAnswer(3)
    answer.feed(chunk(0, "a"))
    assert list(growing(answer).values()) == ["Choice 1 of 3", "a"]


def test_each_answer_says_how_it_ended_while_others_go_on() -> None:
    answer = GrowingAnswer(2)
    for news in (chunk(0, "a"), chunk(1, "b"), chunk(0, finish_reason="length")):
        answer.feed(news)
    parts = growing(answer)
    assert [key for key in parts if key.kind == "end"] == [PartKey(0, 0, "end")]
    assert "reached the limit" in parts[PartKey(0, 0, "end")]


def test_a_single_answer_says_it_in_its_finished_form() -> None:
    answer = GrowingAnswer()
    answer.feed(chunk(0, "a", finish_reason="length"))
    assert list(growing(answer).values()) == ["a"]


def test_updates_show_columns_with_one_heading_each(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        "IPython.display.display", lambda bundle, **_: shown.append(bundle["text/html"])
    )
    output_mode = UpdatesOutputMode(2)
    for news in (chunk(0, "a"), chunk(1, "b"), chunk(0, " a")):
        output_mode._scheduler._waiting.append(news)
    output_mode._scheduler.draw_now()
    assert shown[-1].count('class="chatwidget-column"') == 2
    assert re.findall(r"Choice \d of \d", shown[-1]) == ["Choice 1 of 2", "Choice 2 of 2"]


def test_a_turn_of_the_history_is_shown_in_columns_too() -> None:
    answers = [ChatCompletionMessage(content=text) for text in ("a", "b")]
    html = TurnView(Turn(prompt="Hi", answers=answers, chosen=1))._repr_html_()
    assert "Choice 2 of 2 in use" in Checked(html).text
