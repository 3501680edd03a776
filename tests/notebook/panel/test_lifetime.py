"""How long things live: a closed panel leaves nothing behind, and many cost no more than one."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget import ChatPanel
from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.observing import observe
from chatwidget.chat.shell_session import current_session
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel.control import ParameterControl
from chatwidget.panel.messages import TurnsMessage
from chatwidget.render.display.live import LiveView
from chatwidget.render.display.messages import PartKey
from chatwidget.render.display.picker import Picker
from chatwidget.render.markup.rendering import Frame
from cpu import cpu_seconds
from notebook.pages import Page, read, until
from wire.replies import SSE_HEAD, chunk, sse, stream_of
from wire.scripted_server import close, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.session import ChatSession
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


def calls(work: Callable[[], object]) -> int:
    """Count the calls, of Python and of C, that some work takes in this thread."""
    count = 0

    def profile(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def cost_of_a_change(session: ChatSession) -> int:
    """Return the calls that it takes to change the temperature."""

    def change(value: float) -> None:
        session.settings.temperature = value  # type: ignore[attr-defined]

    observe(session.settings, print, ["temperature"])()  # traitlets keeps a list of nobody
    for value in (0.25, 0.5, 0.25):
        change(value)
    return calls(lambda: change(0.5))


def ready(panel: ChatPanel, view: str = "a") -> ChatPanel:
    """Let a page show the panel."""
    panel._handle_message(panel, {"type": "Ready", "view": view}, [])
    return panel


def settled(session: ChatSession) -> None:
    """Wait until no timer waits, and no answer is written."""
    until(lambda: not any(isinstance(it, threading.Timer) for it in threading.enumerate()))
    until(lambda: session.controller.question is None)


def conversation(turns: int) -> Conversation:
    made: dict[str, Turn] = {}
    for number in range(turns):
        name, parent = f"turn-{number}", f"turn-{number - 1}" if number else None
        answers = [ChatCompletionMessage(content="The sea was **calm**.")]
        made[name] = Turn(id=name, parent=parent, prompt=f"Number {number}?", answers=answers)
    return Conversation(made, f"turn-{turns - 1}" if turns else None)


# A panel that is closed


@pytest.mark.parametrize("count", [1, 4])
def test_after_panels_were_closed_a_settings_change_costs_what_it_did_before(
    count: int, session: ChatSession
) -> None:
    before = cost_of_a_change(session)
    panels = [ready(ChatPanel(session)) for _ in range(count)]
    assert cost_of_a_change(session) > before
    for panel in panels:
        panel.close()
    assert cost_of_a_change(session) == before


def test_a_closed_panel_hears_of_nothing(scripted: ChatSession, server: ScriptedServer) -> None:
    server.otherwise(SSE_HEAD, stream_of("One"), close())
    panel = ready(ChatPanel(scripted))
    panel.model.handle(read("SetRerun", enabled=True, per_minute=20))
    panel.ask("Hi", 20)
    until(lambda: panel.completion is not None)
    panel.close()
    sent: list[Any] = []
    panel.send = sent.append
    panel.session.settings.update({"temperature": 0.5})
    panel.session.cell_config = None
    scripted.controller.rerun.used = 5
    settled(scripted)
    scripted.controller.ask("And now?")
    scripted.controller.wait(20)
    settled(scripted)
    assert sent == []
    assert panel.controls == {}
    assert len(panel.messages) == 2
    assert len(server.requests) == 2


def test_a_panel_can_be_closed_twice_and_while_an_answer_is_written(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, sse(chunk("Hel")), stall())
    panel = ready(ChatPanel(scripted))
    scripted.controller.ask("Hi")
    until(lambda: scripted.controller.partial and scripted.controller.partial.text)
    panel.close()
    panel.close()
    assert scripted.controller.question is not None
    scripted.controller.stop()
    assert [turn.status for turn in scripted.conversation.path()] == ["stopped"]


def test_a_closed_panel_is_freed_with_all_that_it_held(session: ChatSession) -> None:
    panel = ready(ChatPanel(session))
    for group in ("sampling", "length", "tools"):
        panel.model.handle(read("OpenGroup", name=group, open=True))
    panel.ask("What is a penalty?", 20)
    settled(session)
    panel.model.handle(read("Compare", turn=session.conversation.head))
    held = [panel, panel.model, panel.model.builder, *panel.controls.values()]
    references = {repr(type(each)): weakref.ref(each) for each in held}
    sliders = {name: weakref.ref(it.slider) for name, it in panel.controls.items() if it.slider}
    panel.close()
    del panel, held
    gc.collect()
    alive = {name for name, it in {**references, **sliders}.items() if it() is not None}
    assert alive == set()


def test_a_control_that_stood_alone_is_freed_when_it_is_closed(session: ChatSession) -> None:
    before = cost_of_a_change(session)
    control = ParameterControl(session, "temperature")
    reference = weakref.ref(control)
    control.close()
    del control
    gc.collect()
    assert reference() is None
    assert cost_of_a_change(session) == before


def test_the_view_of_an_answer_is_freed_when_it_is_closed() -> None:
    live, picker = LiveView(label="practice", on_stop=print), Picker("a-turn", 2, print)
    live.draw([(PartKey(0, 0, "content"), Frame(["<p>Hello</p>"], ""))])
    references = [weakref.ref(live), weakref.ref(picker)]
    live.close()
    picker.close()
    del live, picker
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_a_model_without_a_widget_is_freed_when_it_is_closed(session: ChatSession) -> None:
    page = Page(session)
    reference = weakref.ref(page.model)
    page.model.close()
    del page
    gc.collect()
    assert reference() is None


# Many panels


@pytest.mark.parametrize("count", [1, 2, 10])
def test_one_move_of_a_slider_is_one_request_however_many_panels_there_are(
    count: int, scripted: ChatSession, server: ScriptedServer
) -> None:
    server.otherwise(SSE_HEAD, stream_of("An answer."), close())
    panels = [ready(ChatPanel(scripted)) for _ in range(count)]
    panels[0].ask("Hi", 20)
    for panel in panels:
        panel.model.handle(read("SetRerun", enabled=True, per_minute=20))
    panels[-1].controls["temperature"].slider.value = 0.5
    settled(scripted)
    assert len(server.requests) == 2
    assert server.requests[1].json["temperature"] == 0.5
    assert scripted.controller.rerun.used == 1
    for panel in panels:
        assert panel.controls["temperature"].slider.value == 0.5
        panel.close()


def test_a_panel_whose_views_have_all_left_sends_nothing_and_draws_nothing(
    scripted: ChatSession, server: ScriptedServer
) -> None:
    page = Page(scripted)
    page.look("b")
    page.do("Leave", view="a")
    page.do("Leave", view="b")
    count = len(page.messages)
    server.reply(SSE_HEAD, sse(*map(chunk, ["One ", "two ", "three"])), stall())
    page.write("Hi")
    until(lambda: scripted.controller.partial and "three" in scripted.controller.partial.text)
    growing = page.model._growing
    assert growing is not None
    assert growing.whole() == []
    page.do("SetParameter", name="temperature", value=0.5)
    assert [type(each).__name__ for each in page.messages[count:]] == ["Answered"]
    page.do("Stop")


def test_a_settings_change_costs_a_panel_that_nobody_sees_next_to_nothing(
    session: ChatSession,
) -> None:
    before = cost_of_a_change(session)
    page = Page(session)
    seen = cost_of_a_change(session) - before
    page.do("Leave", view="a")
    assert cost_of_a_change(session) - before < seen / 5


# Long conversations


def test_a_turn_that_comes_to_many_is_sent_alone(session: ChatSession) -> None:
    session.change(lambda _: conversation(200))
    page = Page(session)
    assert len(page.turns) == 200
    page.messages.clear()
    turn = Turn(id="last", parent="turn-199", prompt="And now?")
    session.change(lambda it: it.with_turn(turn))
    (message,) = (each for each in page.messages if isinstance(each, TurnsMessage))
    assert [each.id for each in message.turns] == ["last"]
    assert page.later().seen() == page.seen()


def test_what_a_turn_costs_grows_no_faster_than_the_conversation(session: ChatSession) -> None:
    def cost(turns: int) -> float:
        session.change(lambda _: conversation(turns))
        page = Page(session)
        turn = Turn(id="last", parent=session.conversation.head, prompt="And now?")
        spent = cpu_seconds(lambda: session.change(lambda it: it.with_turn(turn)))
        page.model.close()
        return spent

    cost(100)
    assert min(cost(1_600) for _ in range(3)) < 10 * min(cost(400) for _ in range(3))


# %chat panel


def test_run_again_the_command_moves_the_one_panel_that_there_is(cells: Cells) -> None:
    cells.run("%chat panel")
    first, *copies = cells.outputs
    panel = current_session().panel
    assert isinstance(panel, ChatPanel)
    cells.run("%%chat\nWhat is a penalty?")
    views = [it for it in cells.outputs if "application/vnd.jupyter.widget-view+json" in it.data]
    assert views == []
    cells.run("%chat panel")
    assert current_session().panel is panel
    moved = [it for it in cells.outputs if it.update]
    places = [it.transient["display_id"] for it in moved]
    assert places[0] == first.transient["display_id"]
    assert "The panel was moved to another cell." in moved[0].data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" not in moved[0].data
    assert set(places[1:]) == {it.transient["display_id"] for it in copies}
    assert all(it.data["text/html"] == "" for it in moved[1:])
    view, copy, *_ = [it for it in cells.outputs if not it.update]
    assert view.data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
    assert "What is a penalty?" in copy.data["text/html"]
    cells.run("%chat panel")
    assert current_session().panel is panel


def test_a_turn_after_the_move_is_written_in_the_new_cell_alone(cells: Cells) -> None:
    cells.run("%chat panel")
    old = {it.transient["display_id"] for it in cells.outputs}
    cells.run("%chat panel")
    cells.run("%%chat\nWhat is a penalty?")
    written = [it for it in cells.outputs if "chatwidget-panel-copy" in it.data["text/html"]]
    assert len(written) == 1
    assert not old & {it.transient["display_id"] for it in cells.outputs if it.update}


def test_after_a_panel_was_closed_the_command_makes_another(cells: Cells) -> None:
    cells.run("%chat panel")
    panel = current_session().panel
    assert isinstance(panel, ChatPanel)
    panel.close()
    assert current_session().panel is None
    cells.run("%chat panel")
    assert current_session().panel not in {None, panel}


def test_to_show_a_panel_by_its_name_moves_it_too(cells: Cells) -> None:
    cells.run("from chatwidget import ChatPanel; panel = ChatPanel(); panel")
    first = cells.outputs[0].transient["display_id"]
    cells.run("panel")
    assert first in {it.transient["display_id"] for it in cells.outputs if it.update}


def test_a_panel_that_no_page_shows_any_more_asks_nothing_by_itself(
    session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = ready(ChatPanel(session))
    session.controller.ask("Hi")
    session.controller.wait(30)
    settled(session)
    asked: list[str] = []
    monkeypatch.setattr(session.controller.rerun, "now", lambda: asked.append("again"))
    session.controller.rerun.enabled = True
    panel._handle_message(panel, {"type": "Leave", "view": "a"}, [])
    session.settings.temperature = 0.3  # type: ignore[attr-defined]
    settled(session)
    assert asked == []
    ready(panel, "b")
    session.settings.temperature = 0.4  # type: ignore[attr-defined]
    settled(session)
    assert asked == ["again"]
    panel.close()
