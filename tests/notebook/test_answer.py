from __future__ import annotations

import json
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.errors import (
    APIConnectionError,
    RateLimitError,
    StoppedError,
    StreamInterruptedError,
)
from chatwidget.client.events import Data, Error, Finish, Wait
from chatwidget.client.timing import Timing
from chatwidget.client.wire.ledger import Ledger
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChunkChoice,
    CompletionUsage,
    FunctionCall,
    FunctionCallDelta,
    ToolCall,
    ToolCallDelta,
)
from chatwidget.render.display import output_modes
from chatwidget.render.display.answer import AnswerDisplay
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.parts import GrowingAnswer
from chatwidget.render.display.widget_support import WidgetSupport
from safe_html import Checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.render.display.messages import PartKey


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Output:
    """The output area: what `display` was called with."""

    def __init__(self) -> None:
        self.shown: list[tuple[Any, dict[str, Any]]] = []
        self.failures: list[BaseException] = []

    def __call__(self, bundle: Any, **options: Any) -> None:
        if self.failures:
            raise self.failures.pop()
        self.shown.append((bundle, options))

    @property
    def last(self) -> Any:
        return self.shown[-1][0]


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Output:
    output = Output()
    monkeypatch.setattr("IPython.display.display", output)
    monkeypatch.setattr(output_modes, "widget_support", WidgetSupport())
    return output


def data(text: str | None = None, index: int = 0, **delta: Any) -> Data:
    choice = ChunkChoice(index=index, delta=ChoiceDelta(content=text, **delta))
    return Data(ChatCompletionChunk(choices=[choice], model="m"))


def completion(*texts: str, finish_reason: str | None = "stop", **message: Any) -> ChatCompletion:
    choices = [
        Choice(
            index=index,
            message=ChatCompletionMessage(content=text, **message),
            finish_reason=finish_reason,
        )
        for index, text in enumerate(texts)
    ]
    return ChatCompletion(choices=choices, model="m", usage=CompletionUsage(3, 49, 52))


def visible(html: str) -> str:
    return Checked(html).text


def finished(answer: ChatCompletion, **options: Any) -> FinalOutput:
    return FinalOutput(answer, Timing(2.0, 1.0), **options)


@pytest.mark.parametrize("mode", ["live", "updates"])
def test_an_answer_ends_as_one_static_output_in_its_place(output: Output, mode: Any) -> None:
    clock = Clock()
    sink = AnswerDisplay(server="practice", parameters={"top_p": 0.5}, mode=mode, clock=clock)
    sink.open()
    clock.now = 0.5
    sink.handle_data(data("Hello *you*"))
    clock.now = 1.5
    sink.handle_finish(Finish(completion("Hello *you*")))
    assert len({options["display_id"] for _, options in output.shown}) == 1
    assert [options["update"] for _, options in output.shown][:2] == [False, True]
    bundle, options = output.shown[-1]
    assert set(bundle) == {"text/html", "text/markdown", "text/plain"}
    assert bundle["text/plain"] == "Hello *you*"
    assert "Hello you" in visible(bundle["text/html"])
    facts = options["metadata"]["chatwidget"]
    assert facts["status"] == "complete"
    assert facts["parameters"] == {"top_p": 0.5}
    assert facts["timing"] == {"first_token_s": 0.5, "total_s": 1.5, "tokens_per_s": 49.0}
    assert "m · practice · top_p 0.5 · 49 tokens · first token 0.50 s" in bundle["text/html"]


def test_the_widget_is_closed_when_the_next_answer_has_ended(output: Output) -> None:
    views = []
    for _ in range(2):
        sink = AnswerDisplay(mode="live")
        sink.handle_data(data("text"))
        views.append(output.last)
        sink.handle_finish(Finish(completion("text")))
    assert [view.comm is None for view in views] == [True, False]


def test_a_page_that_was_loaded_anew_finds_the_whole_answer_in_the_last_view(
    output: Output,
) -> None:
    sink = AnswerDisplay(mode="live")
    sink.handle_data(data("all of it"))
    view = output.shown[0][0]
    sink.handle_finish(Finish(completion("all of it")))
    assert "all of it" in str(view.get_state("snapshot"))
    assert not view.running


def test_an_answer_that_did_not_stream_is_shown_too(output: Output) -> None:
    sink = AnswerDisplay(mode="updates")
    sink.handle_finish(Finish(completion("Hello")))
    assert "Hello" in visible(output.last["text/html"])


@pytest.mark.parametrize("mode", ["live", "updates"])
def test_what_had_arrived_stays_when_the_user_stops(output: Output, mode: Any) -> None:
    sink = AnswerDisplay(mode=mode)
    sink.handle_data(data("Half an ans"))
    sink.handle_error(Error(StoppedError("stopped"), completion("Half an ans", finish_reason=None)))
    text = visible(output.last["text/html"])
    assert "Half an ans" in text
    assert "Stopped." in text
    assert output.last["text/plain"] == "Half an ans"
    assert output.shown[-1][1]["metadata"]["chatwidget"]["status"] == "stopped"


def test_an_answer_that_broke_off_says_why(output: Output) -> None:
    sink = AnswerDisplay(mode="updates")
    error = StreamInterruptedError("The server <b>closed</b> the connection.")
    sink.handle_error(Error(error, completion("Half", finish_reason=None)))
    assert "The answer broke off: The server <b>closed</b>" in visible(output.last["text/html"])
    assert "&lt;b>closed" in output.last["text/markdown"]


@pytest.mark.parametrize(
    "said",
    [
        "The answer broke off before its end.",
        "The answer broke off after 120 s without a word.",
        "The server closed the connection.",
    ],
)
def test_that_it_broke_off_is_said_once(output: Output, said: str) -> None:
    sink = AnswerDisplay(mode="updates")
    sink.handle_error(Error(StreamInterruptedError(said), completion("Half", finish_reason=None)))
    shown = visible(output.last["text/html"])
    assert said in shown
    assert shown.count("The answer broke off") == 1


def test_an_error_before_any_text_says_that_there_is_no_answer(output: Output) -> None:
    sink = AnswerDisplay(mode="updates")
    sink.open()
    sink.handle_error(Error(APIConnectionError("Nobody is there."), ChatCompletion(choices=[])))
    assert "No answer." in visible(output.last["text/html"])
    assert output.last["text/plain"] == "No answer."


def test_an_interrupt_while_the_end_is_drawn_leaves_the_end(output: Output) -> None:
    sink = AnswerDisplay(mode="updates")
    sink.open()
    output.failures = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        sink.handle_finish(Finish(completion("All of it")))
    assert output.last["text/plain"] == "All of it"


def test_an_interrupt_while_the_answer_opens_leaves_the_end(output: Output) -> None:
    sink = AnswerDisplay(mode="live")
    output.failures = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        sink.handle_data(data("x"))
    sink.handle_error(Error(StoppedError("stopped"), completion("x", finish_reason=None)))
    assert "Stopped." in visible(output.last["text/html"])


def test_updates_are_few_and_hold_all_text_so_far(output: Output) -> None:
    output_mode = output_modes.UpdatesOutputMode()
    output_mode.open()
    for number in range(2000):
        output_mode._scheduler._waiting.append(data(f"word{number} ").chunk)
        output_mode._scheduler.draw_now()
    assert len(output.shown) < 120
    assert "word0 " in visible(output.last["text/html"])


@pytest.mark.parametrize("reason", ["length", "content_filter", "MAX_TOKENS", "SAFETY", "abort"])
def test_an_answer_that_was_cut_off_says_so(reason: str) -> None:
    assert "cut off" in visible(finished(completion("a", finish_reason=reason)).html())


def test_an_answer_that_was_aborted_says_so_once() -> None:
    answer = completion("a", finish_reason="abort")
    answer.ledger = Ledger(remarks=("The answer was cut off: the server aborted it.",))
    assert visible(finished(answer).html()).count("aborted") == 1


def test_an_empty_answer_says_so() -> None:
    answer = finished(completion(""))
    assert "The answer is empty." in visible(answer.html())
    assert answer.text() == "The answer is empty."


def test_all_choices_are_shown_under_headings() -> None:
    answer = finished(completion("one", "two", "three"))
    text = visible(answer.html())
    for number, word in enumerate(["one", "two", "three"], 1):
        assert f"Choice {number} of 3" in text
        assert word in text
        assert word in answer.text()
        assert word in answer.markdown()


def test_refusal_reasoning_and_tool_calls_are_shown() -> None:
    message = ChatCompletionMessage(
        refusal="I will not.",
        reasoning="Let me *think*.",
        tool_calls=[ToolCall(function=FunctionCall("look<up>", '{"a": "<script>"}'))],
    )
    html = finished(ChatCompletion(choices=[Choice(message=message)])).html()
    text = visible(html)
    assert "I will not." in text
    assert "Let me think." in text
    assert "look<up>" in text
    assert '{"a": "<script>"}' in text
    assert "<details" in html


def test_no_key_is_in_the_metadata() -> None:
    answer = finished(completion("a"), parameters={"openai_api_key": "sk-canary", "seed": 1})
    assert "sk-canary" not in json.dumps(answer.metadata())
    assert answer.metadata()["chatwidget"]["parameters"] == {"seed": 1}


def test_metadata_is_json_whatever_the_parameters_are() -> None:
    odd = {"a": float("nan"), "b": object(), "c": {1, 2}, "d": "\ud800", "e": {(1, 2): 3}}
    text = json.dumps(finished(completion("x"), parameters=odd).metadata(), allow_nan=False)
    text.encode()


def test_usage_is_left_out_if_the_server_sent_none() -> None:
    answer = completion("a")
    answer.usage = None
    assert "tokens" not in finished(answer).footer().replace("first token", "")


anything = st.text(st.characters())


@given(anything, anything, anything, anything)
def test_no_content_breaks_the_finished_form(
    text: str, reasoning: str, name: str, arguments: str
) -> None:
    answer = completion(
        text,
        reasoning=reasoning,
        tool_calls=[ToolCall(function=FunctionCall(name, arguments))],
        finish_reason=name,
    )
    answer.model = name
    form = finished(answer, server=arguments, remark=reasoning)
    visible(form.html())
    json.dumps([form.bundle(), form.metadata()], ensure_ascii=False).encode()


def parts_at_the_end(events: list[Data], choices: int = 1) -> dict[PartKey, str]:
    growing = GrowingAnswer(choices)
    shown: dict[PartKey, str] = {}
    for event in events:
        growing.feed(event.chunk)
        for key, frame in growing.frames():
            before = shown.get(key, "").partition("\0")[0]
            shown[key] = f"{before}{''.join(frame.settled)}\0{frame.tail}"
    return {key: Checked(html.replace("\0", "")).text.strip() for key, html in shown.items()}


def test_parts_sort_as_they_are_shown() -> None:
    events = [
        data("b", index=1),
        data("a"),
        data(reasoning_content="thought"),
        data(refusal="no", index=1),
    ]
    parts = parts_at_the_end(events, choices=2)
    assert [parts[key] for key in sorted(parts, key=lambda key: key.order)] == [
        *["Choice 1 of 2", "thought", "a"],
        *["Choice 2 of 2", "b", "no"],
    ]


def test_one_choice_has_no_heading() -> None:
    assert list(parts_at_the_end([data("a")]).values()) == ["a"]


def test_tool_calls_grow_one_after_the_other() -> None:
    def call(index: int, name: str | None, arguments: str) -> Data:
        function = FunctionCallDelta(name, arguments)
        return data(tool_calls=[ToolCallDelta(index=index, function=function)])

    events = [call(0, "one", '{"a"'), call(0, None, ": 1}"), call(1, "two", "{}")]
    (text,) = parts_at_the_end(events).values()
    assert text.split() == ["Tool", "call", "one", '{"a":', "1}", "Tool", "call", "two", "{}"]


def test_in_a_terminal_the_text_is_printed_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    sink = AnswerDisplay(server="s", mode="auto")
    sink.open()
    sink.handle_data(data(reasoning="Hm."))
    sink.handle_data(data("Hello \x1b[31m"))
    sink.handle_data(data("you"))
    assert capsys.readouterr().out == "Reasoning: Hm.\n\nHello [31myou"
    sink.handle_finish(Finish(completion("Hello you")))
    rest = capsys.readouterr().out
    assert "Hello" not in rest
    assert "m · s · 49 tokens" in rest


def test_in_a_terminal_what_did_not_stream_is_printed_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sink = AnswerDisplay(mode="text")
    sink.handle_data(data("one"))
    sink.handle_error(Error(StoppedError("x"), completion("one", "two", finish_reason=None)))
    printed = capsys.readouterr().out
    assert printed.count("one") == 1
    assert "Choice 2 of 2\n\ntwo" in printed
    assert "Stopped." in printed


PARENT = {"metadata": {"cellId": "one"}}


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shell = types.SimpleNamespace(kernel=object(), parent_header=PARENT)
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: shell)
    return


def test_where_no_cell_is_on_a_screen_no_widget_is_made(
    output: Output, kernel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PARENT["metadata"], "cellId")
    sink = AnswerDisplay()
    sink.open()
    assert set(output.last) == {"text/html", "text/plain"}
    sink.handle_finish(Finish(completion("x")))


def test_in_a_kernel_the_answer_is_live(output: Output, kernel: None) -> None:
    sink = AnswerDisplay()
    sink.open()
    assert type(output.last).__name__ == "LiveView"
    sink.handle_finish(Finish(completion("x")))


def test_where_no_view_was_ever_drawn_the_answer_is_shown_in_updates(
    output: Output, kernel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "chatwidget.render.display.answer.widget_support.__class__.draws_views", False
    )
    sink = AnswerDisplay()
    sink.open()
    assert set(output.last) == {"text/html", "text/plain"}
    sink.handle_finish(Finish(completion("x")))


def test_building_a_display_loads_no_widgets() -> None:
    code = (
        "import sys; from chatwidget.render.display.answer import AnswerDisplay; AnswerDisplay();"
        "assert not {'ipywidgets', 'anywidget', 'IPython'} & set(sys.modules), 'loaded'"
    )
    import subprocess

    subprocess.run([sys.executable, "-c", code], check=True)


WAIT = Wait(seconds=3.0, error=RateLimitError("Too many requests.", status_code=429), retry=1)


def test_a_wait_is_told_until_the_answer_begins(output: Output) -> None:
    sink = AnswerDisplay(mode="live", model="m", server="s")
    sink.handle_wait(WAIT)
    view = output.last
    assert view.label == "Too many requests. Trying again in 3 s."
    sink.handle_data(data("Hi"))
    assert view.label == "m · s"
    sink.handle_finish(Finish(completion("Hi")))


@pytest.mark.parametrize(
    ("model", "server", "label"),
    [("practice", "practice", "practice"), ("m", "", "m"), ("", "s", "s"), ("m", "s", "m · s")],
)
def test_who_answers_is_named_once(output: Output, model: str, server: str, label: str) -> None:
    sink = AnswerDisplay(mode="live", model=model, server=server)
    sink.handle_data(data("Hi"))
    assert output.last.label == label
    sink.handle_finish(Finish(completion("Hi")))


def test_a_wait_is_told_without_widgets_and_in_a_terminal(
    output: Output, capsys: pytest.CaptureFixture[str]
) -> None:
    AnswerDisplay(mode="updates").handle_wait(WAIT)
    assert "Trying again in 3 s." in output.last["text/html"]
    AnswerDisplay(mode="text").handle_wait(WAIT)
    assert capsys.readouterr().out == "Too many requests. Trying again in 3 s.\n"
