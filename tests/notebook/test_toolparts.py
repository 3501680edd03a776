"""Calls of tools as they are shown: all of them, safely, in every form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from markdown_it import MarkdownIt

from chatwidget.client.errors import StoppedError
from chatwidget.client.events import Data, Error, Finish, ToolProgress
from chatwidget.client.timing import Stopwatch, Timing
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChunkChoice,
    FunctionCallDelta,
    ToolCallDelta,
)
from chatwidget.render.display import output_modes
from chatwidget.render.display.answer import AnswerDisplay
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.messages import PartChange
from chatwidget.render.display.tool_html import calls_html, round_html
from chatwidget.render.display.widget_support import WidgetSupport
from chatwidget.tools.messages import rounds_of
from safe_html import Checked

if TYPE_CHECKING:
    from chatwidget.render.display.live import LiveView

HOSTILE = "<script>alert(1)</script> ![x](http://192.0.2.1/) \u202e\x1b[2J ```\n# not\n"


def steps(
    *results: str, text: str = "Let me see.", arguments: str = '{"a": 1}'
) -> list[dict[str, Any]]:
    """One round of calls, of which the first have results."""
    calls = [
        {"id": f"{place}", "type": "function", "function": {"name": "add", "arguments": arguments}}
        for place in range(2)
    ]
    asked = {"role": "assistant", "content": text, "tool_calls": calls}
    told = [
        {"role": "tool", "tool_call_id": f"{place}", "content": result}
        for place, result in enumerate(results)
    ]
    return [asked, *told]


def finished(*all_steps: dict[str, Any], text: str = "It is 3.") -> FinalOutput:
    message = ChatCompletionMessage(content=text)
    answer = ChatCompletion(choices=[Choice(message=message, finish_reason="stop")])
    return FinalOutput(answer, Timing(1.0), steps=all_steps)


def test_all_rounds_are_in_each_form_of_the_finished_answer() -> None:
    answer = finished(*steps("3", "4"), *steps("5", "6", text=""))
    html = Checked(answer.html()).text
    for form in (html, answer.markdown(), answer.text()):
        places = [form.index(part) for part in ("Let me see.", "add", "4", "6", "It is 3.")]
        assert places == sorted(places)


@pytest.mark.parametrize(
    "arguments", ['{"a": 1}', json.dumps({"text": "word " * 40}), '{"a": "\\n"', "", "a\nb"]
)
def test_arguments_are_in_sight_and_results_are_folded_away(arguments: str) -> None:
    (round_,) = rounds_of(steps("the result", arguments=arguments))
    html = calls_html(round_.calls, pending="1")
    assert html.count("<details") == 1
    first, _, rest = html.partition("<details")
    folded, _, pending = rest.partition("</details>")
    for shown in (f"{first}</div>", f"<div>{pending}"):
        assert "".join(arguments.split()) in "".join(Checked(shown).text.split())
    assert "the result" in Checked(f"<details{folded}</details>").text
    assert html.index("</details>") < html.index("chatwidget-pending")


def test_what_a_model_and_a_tool_write_is_shown_as_text() -> None:
    arguments = json.dumps({"text": HOSTILE, HOSTILE: "x"})
    named = steps(HOSTILE, HOSTILE, text=HOSTILE, arguments=arguments)
    named[0]["tool_calls"][0]["function"]["name"] = HOSTILE
    html = "".join(map(round_html, rounds_of(named))) + calls_html(rounds_of(named[:1])[0].calls)
    shown = Checked(html)
    assert shown.text.count("<script>alert(1)</script>") > 4
    assert "\u202e" not in html.partition("chatwidget-tools")[2]
    tokens = MarkdownIt().parse(finished(*named).markdown())
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"html_inline", "image"}
    assert "html_block" not in {token.type for token in tokens}
    assert [token.type for token in tokens].count("fence") >= 4


def test_arguments_are_whole_however_long_they_are() -> None:
    text = "x" * 100_000
    (round_,) = rounds_of(steps(arguments=json.dumps({"text": text})))
    assert text in calls_html(round_.calls)


@pytest.mark.parametrize(
    "bent",
    [
        [{}],
        [{"role": "tool", "content": "3"}],
        [{"role": "assistant"}],
        [{"role": "assistant", "content": [{"type": "text"}], "tool_calls": [{}]}],
        [{"role": "assistant", "tool_calls": [{"id": 3, "function": {"arguments": "{"}}]}],
        [{"role": "assistant", "tool_calls": [{"id": "1", "function": None}]}],
    ],
)
def test_steps_that_somebody_else_wrote_are_read(bent: list[dict[str, Any]]) -> None:
    Checked("".join(map(round_html, rounds_of(bent))))


class Output:
    """The output area."""

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def __call__(self, bundle: Any, **_: Any) -> None:
        self.shown.append(bundle)


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Output:
    output = Output()
    monkeypatch.setattr("IPython.display.display", output)
    monkeypatch.setattr(output_modes, "widget_support", WidgetSupport())
    return output


def data(text: str | None = None, **delta: Any) -> Data:
    choice = ChunkChoice(delta=ChoiceDelta(content=text, **delta))
    return Data(ChatCompletionChunk(choices=[choice]))


CALL = ToolCallDelta(0, "0", function=FunctionCallDelta("add", "{}"))


def test_the_call_is_on_the_screen_before_anybody_is_asked(output: Output) -> None:
    sink = AnswerDisplay(mode="live")
    sink.handle_data(data("Let me see.", tool_calls=[CALL]))
    view: LiveView = output.shown[0]
    sink.handle_tools(
        ToolProgress(steps=steps(), pending="0", is_asked=True, sentence="May add run?")
    )
    assert (view.label, view.asks) == ("May add run?", True)
    parts = view.get_state()["snapshot"]["parts"]
    assert "chatwidget-pending" in parts[-1]["add"]
    assert '"a": 1' in Checked(parts[-1]["add"]).text

    sink.handle_tools(ToolProgress(steps=steps("3", "4")))
    sink.handle_data(data("It is 3."))
    sink.handle_finish(Finish(ChatCompletion(choices=[])))
    assert view.asks is False
    parts = msgspec.convert(view.get_state()["snapshot"]["parts"], list[PartChange])
    keys = [change.part for change in parts]
    assert keys == sorted(keys, key=lambda key: key.order)
    assert [key.kind for key in keys] == ["content", "tools", "content"]


def test_without_widgets_the_call_is_on_the_screen_too(output: Output) -> None:
    sink = AnswerDisplay(mode="updates")
    sink.handle_data(data("Let me see."))
    sink.handle_tools(ToolProgress(steps=steps(), pending="0", is_asked=True))
    assert "chatwidget-pending" in output.shown[-1]["text/html"]


def test_calls_that_will_not_run_stay_as_they_came(output: Output) -> None:
    sink = AnswerDisplay(mode="live")
    sink.handle_data(data(tool_calls=[CALL]))
    sink.handle_tools(ToolProgress(steps=[], note="They were not run."))
    sink.handle_finish(Finish(ChatCompletion(choices=[])))
    assert "They were not run." in output.shown[-1]["text/html"]


def test_what_had_been_called_stays_when_the_user_stops(output: Output) -> None:
    sink = AnswerDisplay(mode="live")
    sink.handle_data(data("Let me see."))
    sink.handle_tools(ToolProgress(steps=steps("3", "Not run.")))
    sink.handle_error(Error(StoppedError("Stopped."), ChatCompletion(choices=[])))
    html = output.shown[-1]["text/html"]
    assert "Let me see." in html
    assert "→ 3" in html
    assert "Stopped." in html


def test_the_clock_stands_still_while_nobody_waits_for_the_model() -> None:
    now = 0.0
    stopwatch = Stopwatch(lambda: now)
    now = 1.0
    stopwatch.pause()
    stopwatch.pause()
    now = 60.0
    assert stopwatch.timing().total == 1.0
    stopwatch.resume()
    stopwatch.resume()
    now = 62.0
    stopwatch.feed(data("x").chunk)
    assert stopwatch.timing() == Timing(3.0, 3.0)
