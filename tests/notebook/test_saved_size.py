"""What an answer costs in a saved notebook: its text, and no stylesheet."""

from __future__ import annotations

import pytest

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    CompletionUsage,
)
from chatwidget.render.display.assets import stylesheet
from chatwidget.render.display.code_tools import CodeTools
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.transcript import TurnView, turn_table
from chatwidget.render.display.widget_support import WidgetSupport
from chatwidget.render.markup.markdown import code_html

PROSE = (
    "Temperature divides the logits before the softmax, so that a low value makes the likeliest"
    " token likelier still. A high value flattens the distribution."
)
PYTHON = '''```python
def mean(values: list[float]) -> float:
    """Return the mean of some numbers, which must not be empty."""
    total = sum(values)
    return total / len(values)  # their number is never zero here


print(mean([1.0, 2.0, 4.5]))
```
'''
LISTS = (
    "## How to begin\n\n1. Choose a **server** with `%chat use`.\n2. Ask a question.\n"
    "\n- One more thing: read the handbook.\n- Another one: look at the footer.\n\n"
)
TEXTS = {
    "prose of 300": f"{PROSE} {PROSE}",
    "prose of 850": " ".join([PROSE] * 6),
    "lists": LISTS * 2 + PROSE,
    "lists and code": LISTS + PYTHON + PROSE,
    "code": f"{PYTHON}\nIt takes any numbers, and {PROSE}",
    "quotes": 'He said "no", and she said "yes": it\'s "fine" & <good>. ' * 6,
    "a page": f"{LISTS}{PYTHON}\n{PROSE}\n\n" * 8,
}


def finished(text: str) -> FinalOutput:
    message = ChatCompletionMessage(content=text)
    completion = ChatCompletion(
        [Choice(0, message, "stop")], model="model-4-mini", usage=CompletionUsage(100, 200, 300)
    )
    return FinalOutput(
        completion, Timing(1.5, 0.3), server="openai", parameters={"temperature": 0.2}
    )


@pytest.mark.parametrize("name", TEXTS)
def test_a_saved_answer_costs_at_most_three_times_its_text(name: str) -> None:
    text = TEXTS[name]
    size = len(text.encode())
    bundle = finished(text).bundle()
    assert size > 300
    assert len(bundle["text/html"].encode()) <= 3 * size
    # the exact text, and what pandoc reads, which for prose is the same
    assert len((bundle["text/markdown"] + bundle["text/plain"]).encode()) <= 2.1 * size


def test_a_long_answer_costs_hardly_more_than_its_text() -> None:
    text = " ".join([PROSE] * 100)
    assert len(finished(text).html()) < 1.05 * len(text)


def test_no_output_holds_a_stylesheet() -> None:
    answer = ChatCompletionMessage(content=PYTHON)
    turn = Turn(id="t", prompt="Hi", answers=[answer], status="complete")
    conversation = Conversation().with_turn(turn)
    shown = [
        finished(PYTHON).html(),
        turn_table(conversation)._repr_html_(),
        TurnView(turn)._repr_html_(),
        (finished(PYTHON).completion._repr_mimebundle_() or {})["text/html"],
    ]
    assert not any("<style" in html or "style=" in html for html in shown)


def test_the_page_has_the_stylesheet_of_all_that_is_static() -> None:
    for name in ("answer", "dry_run", "code_tools"):
        assert stylesheet(name) in CodeTools._css


def test_a_page_is_given_its_stylesheet_once_whoever_asks() -> None:
    given: list[int] = []
    support = WidgetSupport(equip=lambda: given.append(1))
    support.equip_page()
    support.on_ready()
    support.equip_page()
    assert given == [1]


def test_code_has_the_class_that_exports_have_colours_for() -> None:
    assert 'class="chatwidget-code highlight"' in code_html("x = 1", "python")
    assert "highlight" not in code_html("x = 1", "nonsense")
    assert "highlight" not in code_html("x = 1", "python", continued=True)
