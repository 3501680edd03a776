from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.render.display.live import LiveView
from chatwidget.render.display.messages import PartKey
from chatwidget.render.markup.rendering import Frame, IncrementalRenderer, join, render
from chatwidget.tools.registry import Decision
from notebook.views import send

CONTENT = PartKey(0, 0, "content")


class Recorder(LiveView):
    """A view that keeps what it sends instead of sending it."""

    def __init__(self, **options: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        self.snapshots: list[dict[str, Any]] = []
        super().__init__(**options)

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(content)

    def send_state(self, key: Any = None) -> None:
        if key == "snapshot":
            self.snapshots.append(snapshot(self))


def snapshot(view: LiveView) -> dict[str, Any]:
    state: dict[str, Any] = view.get_state("snapshot")["snapshot"]
    return state


class Browser:
    """What live.js does with messages, on strings."""

    def __init__(self) -> None:
        self.number = 0
        self.parts: dict[PartKey, tuple[list[str], str]] = {}

    def take(self, message: dict[str, Any]) -> None:
        if message["number"] == self.number + 1:
            self.apply(message)

    def catch_up(self, snapshot: dict[str, Any]) -> None:
        if snapshot.get("number", 0) > self.number:
            self.parts = {}
            self.apply(snapshot)

    def apply(self, message: dict[str, Any]) -> None:
        self.number = message["number"]
        for change in message["parts"]:
            key = msgspec.convert(change["part"], PartKey)
            settled, tail = self.parts.get(key, ([], ""))
            assert change["start"] == len(settled)
            units = tail.encode("utf-16-le")[: 2 * change["keep"]]
            tail = units.decode("utf-16-le") + change["add"]
            self.parts[key] = (settled + change["settled"], tail)


def stream(view: LiveView, text: str, step: int = 5) -> IncrementalRenderer:
    renderer = IncrementalRenderer()
    for start in range(0, len(text), step):
        renderer.feed(text[start : start + step])
        view.draw([(CONTENT, renderer.frame())])
    return renderer


@given(st.text(max_size=300), st.integers(1, 50))
def test_a_view_shows_what_was_rendered(text: str, step: int) -> None:
    view, browser = Recorder(), Browser()
    renderer = stream(view, text, step)
    view.draw([(CONTENT, renderer.finish())])
    for message in view.sent:
        browser.take(message)
    settled, tail = browser.parts[CONTENT]
    assert join(settled) == render(text)
    assert tail == ""


def test_a_view_that_comes_late_catches_up_and_goes_on() -> None:
    view, browser = Recorder(), Browser()
    text = "A paragraph of \U0001f600 text.\n\n" * 20
    renderer = stream(view, text)
    browser.catch_up(snapshot(view))
    for message in view.sent:
        browser.take(message)
    view.draw([(CONTENT, renderer.finish())])
    browser.catch_up(snapshot(view))
    assert join(browser.parts[CONTENT][0]) == render(text)


def test_a_view_that_missed_a_message_waits_for_the_snapshot() -> None:
    view, browser = Recorder(), Browser()
    stream(view, "some text that goes on and on", 3)
    browser.take(view.sent[0])
    browser.take(view.sent[2])
    assert browser.number == 1


def test_a_view_that_is_drawn_late_gets_a_snapshot_with_the_next_frame() -> None:
    view = Recorder()
    renderer = stream(view, "word " * 100)
    send(view, {"type": "ready"})
    renderer.feed("more")
    view.draw([(CONTENT, renderer.frame())])
    assert view.snapshots[-1]["number"] == view.sent[-1]["number"]


@pytest.mark.parametrize("text", ["word and `code` " * 8000, "```python\n" + "x = 1\n" * 16_000])
def test_what_is_sent_is_linear_in_the_length(text: str) -> None:
    def sent(length: int) -> int:
        view = Recorder()
        stream(view, text[:length], 25)
        return len(str(view.sent)) + len(str(view.snapshots))

    assert sent(80_000) < 1.3 * 4 * sent(20_000)


def test_a_frame_of_one_more_word_is_small() -> None:
    view = Recorder()
    renderer = stream(view, "word " * 2000)
    renderer.feed("more ")
    view.draw([(CONTENT, renderer.frame())])
    assert len(str(view.sent[-1])) < 200


@pytest.mark.parametrize(
    "message",
    [
        None,
        "stop",
        ["stop"],
        {},
        {"type": "run"},
        {"type": ["stop"]},
        {"type": {"stop": 1}},
        {"type": "stop", "code": "x"},
        {"type": "stop" * 10_000},
        {"method": "stop"},
    ],
)
def test_unknown_messages_are_ignored(message: Any) -> None:
    stops: list[int] = []
    view = Recorder(on_stop=lambda: stops.append(1), on_ready=lambda: stops.append(2))
    send(view, message)
    assert not stops


def test_the_stop_button_stops_what_runs_in_the_background() -> None:
    stops: list[int] = []
    view = Recorder(on_stop=lambda: stops.append(1))
    assert not view.interrupts
    send(view, {"type": "stop"})
    assert stops == [1]
    view.end()
    send(view, {"type": "stop"})
    assert stops == [1]


DECISIONS: list[Any] = [
    {"type": "decide", "approval_id": "t", "decision": "perhaps"},
    {"type": "decide", "approval_id": "t", "decision": ["yes"]},
    {"type": "decide", "approval_id": "t"},
    {"type": "decide", "approval_id": "t", "decision": "yes", "code": "x"},
    {"type": "stop", "approval_id": "t", "decision": "yes"},
]


@pytest.mark.parametrize("content", DECISIONS)
def test_what_is_no_decision_decides_nothing_S25(content: Any) -> None:
    decisions: list[Any] = []
    view = Recorder(on_decide=lambda *decision: decisions.append(decision))
    send(view, content)
    assert decisions == []


@pytest.mark.parametrize("made", Decision)
def test_a_decision_comes_with_its_approval_id(made: Decision) -> None:
    decisions: list[Any] = []
    view = Recorder(on_decide=lambda *decision: decisions.append(decision))
    send(view, {"type": "decide", "approval_id": "t", "decision": made.value})
    assert decisions == [("t", made)]


def test_without_a_callback_the_stop_button_interrupts_the_kernel() -> None:
    view = Recorder()
    assert view.interrupts
    send(view, {"type": "stop"})


def test_a_front_end_without_widgets_shows_that_an_answer_will_come() -> None:
    view = Recorder()
    data, *_ = view._repr_mimebundle_()
    assert data["text/plain"] == "…"
    assert "application/vnd.jupyter.widget-view+json" in data


def test_no_message_of_a_frame_is_taken_back() -> None:
    view = Recorder()
    view.draw([(CONTENT, Frame(["<p>a</p>\n"], "<p>b</p>\n"))])
    view.draw([(CONTENT, Frame([], "<p>bc</p>\n"))])
    change = view.sent[-1]["parts"][0]
    assert (change["start"], change["settled"]) == (1, [])
    assert (change["keep"], change["add"]) == (4, "c</p>\n")
