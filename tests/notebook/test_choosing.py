from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError
from chatwidget.render.display import output_modes
from chatwidget.render.display.answer import AnswerDisplay
from chatwidget.render.display.choice_controller import ChoiceController
from chatwidget.render.display.picker import Picker
from notebook.views import send
from wire.replies import chunk, done, event_stream, sse, stream_of

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


def several(*texts: str) -> list[bytes]:
    begun = [chunk(text, index=index) for index, text in enumerate(texts)]
    ended = [chunk(None, index=i, finish_reason="stop") for i in range(len(texts))]
    return event_stream(sse(*begun, *ended) + done())


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    server.reply(*several("one", "two", "three"))
    server.otherwise(*event_stream(stream_of("Next")))
    return cells


class Shown:
    """What is displayed, and the pickers that are made."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.bundles: list[dict[str, str]] = []
        self.metadata: list[dict[str, Any]] = []
        self.pickers: list[Picker] = []
        patch.setattr("IPython.display.display", self.take)
        patch.setattr(Picker, "__init__", self.watched(Picker.__init__))
        patch.setattr(output_modes, "widget_support", output_modes.WidgetSupport())

    def take(self, bundle: Any, *, metadata: dict[str, Any], **_options: object) -> None:
        if "chatwidget" in metadata:
            self.bundles.append(bundle)
            self.metadata.append(metadata["chatwidget"])

    def watched(self, create: Any) -> Any:
        def init(picker: Picker, *arguments: Any) -> None:
            create(picker, *arguments)
            self.pickers.append(picker)

        return init


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    return Shown(monkeypatch)


def ask(session: ChatSession, mode: Any = "live", *, keep: bool = True) -> None:
    """Ask a question as a cell does."""
    question = session.question("Hi", model="scripted", keep=keep, n=3)
    display = AnswerDisplay(mode=mode, place=lambda: session.turn_metadata(question))
    session.ask(
        question, stream_to=(display, ChoiceController(session, question, display).on_event)
    )


@pytest.fixture
def session(server: ScriptedServer) -> ChatSession:
    server.reply(*several("one", "two", "three"))
    server.otherwise(*event_stream(stream_of("Next")))
    return ChatSession(server.url)


def test_in_a_terminal_the_choices_are_listed_with_how_to_pick(asking: Cells) -> None:
    said = asking.run("%%chat --n 3\nHi")
    for index, text in enumerate(("one", "two", "three"), start=1):
        assert f"Choice {index} of 3\n\n{text}" in said
    assert "Choice 1 is in use; %chat pick 2 uses choice 2." in said


def test_the_answer_that_is_picked_goes_into_the_next_request(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("%%chat --n 3\nHi")
    assert "goes on with choice 3 of 3" in asking.run("%chat pick 3")
    asking.run("%%chat\nAgain")
    assert [m["content"] for m in server.requests[-1].json["messages"]] == ["Hi", "three", "Again"]


@pytest.mark.parametrize(
    ("cell", "line", "said"),
    [
        ("pass", "pick 2", "nothing has 0 answers"),
        ("%%chat --n 3\nHi", "pick 4", "a number from 1 to 3; got '4'"),
        ("%%chat --n 3\nHi", "pick", "a number from 1 to 3; got ''"),
    ],
)
def test_what_cannot_be_picked_is_told(asking: Cells, cell: str, line: str, said: str) -> None:
    asking.run(cell)
    asking.run(f"%chat {line}")
    assert isinstance(asking.error, ConfigurationError)
    assert said in str(asking.error)


def test_a_turn_with_one_answer_leaves_nothing_to_pick(asking: Cells) -> None:
    asking.run("%%chat --n 3\nHi")
    asking.run("%%chat\nAgain")
    asking.run("%chat pick 1")
    assert "“Again” has 1 answer" in str(asking.error)


def test_without_a_conversation_nothing_is_offered(asking: Cells) -> None:
    assert "%chat pick" not in asking.run("%%chat --no-history --n 3\nHi")
    assert current_session().conversation.turns == {}


def test_a_button_changes_the_conversation_and_the_mark(session: ChatSession, shown: Shown) -> None:
    ask(session)
    (picker,) = shown.pickers
    send(picker, {"type": "pick", "choice": 1})
    assert session.conversation.path()[-1].chosen == 1
    assert picker.chosen == 1
    assert "Choice 2 of 3 <span" in shown.bundles[-1]["text/html"]
    assert shown.metadata[-1]["chosen"] == 1


@pytest.mark.parametrize("mode", ["live", "updates"])
def test_the_mark_follows_whoever_chooses(session: ChatSession, shown: Shown, mode: str) -> None:
    ask(session, mode)
    turn = session.conversation.path()[-1]
    session.change(lambda it: it.choosing(turn.id, 2))
    assert shown.metadata[-1]["chosen"] == 2
    session.change(lambda it: it.choosing(turn.id, 0))
    assert "Choice 1 of 3 <span" in shown.bundles[-1]["text/html"]


def test_the_choice_ends_when_the_conversation_goes_on(session: ChatSession, shown: Shown) -> None:
    ask(session)
    turn = session.conversation.path()[-1]
    ask(session)
    (picker,) = shown.pickers
    assert picker.comm is None
    outputs = len(shown.bundles)
    session.change(lambda it: it.choosing(turn.id, 2))
    assert len(shown.bundles) == outputs


def test_one_answer_and_no_conversation_make_no_buttons(session: ChatSession, shown: Shown) -> None:
    ask(session, keep=False)
    ask(session)
    assert shown.pickers == []


@pytest.mark.parametrize(
    "content",
    [
        None,
        {"type": "pick"},
        {"type": "pick", "choice": 3},
        {"type": "pick", "choice": -1},
        {"type": "pick", "choice": True},
        {"type": "pick", "choice": "1"},
        {"type": "drop", "choice": 1},
        {"type": "pick", "choice": 1, "more": 1},
        ["pick", 1],
    ],
)
def test_other_messages_of_the_front_end_change_nothing_S25(content: object) -> None:
    picked: list[int] = []
    picker = Picker("abc", 3, picked.append)
    send(picker, content)
    assert picked == []
