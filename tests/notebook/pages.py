"""A page that shows a panel: it keeps a state by the messages it gets, and does what people do."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.panel.actions import Ask, Ready, read_action
from chatwidget.panel.messages import Answered, FrameMessage, Snapshot, StateMessage, TurnsMessage
from chatwidget.panel.model import PanelModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.session import ChatSession
    from chatwidget.panel.messages import Message
    from chatwidget.panel.presets import Presets

__all__ = ["Page", "Shown", "until"]

PATIENCE = 20.0


def until(condition: Callable[[], object]) -> None:
    """Wait for what other threads bring about."""
    tick, left = threading.Event(), PATIENCE / 0.01
    while not condition():
        left -= 1
        assert left > 0
        tick.wait(0.01)


class Shown:
    """What a page shows by the messages that it was sent; it does what store.js does, on JSON."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answers: list[str] = []
        self.broken: list[str] = []
        self.number = -1
        self.state: dict[str, Any] = {}
        self.order: list[str] = []
        self.by_name: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, dict[Any, tuple[list[str], str]]] = {}

    def take(self, message: Message) -> None:
        """Apply a message; what does not fit to what is there is kept, on whichever thread."""
        self.messages.append(message)
        try:
            self._take(message)
        except (AssertionError, LookupError) as error:
            self.broken.append(f"{message}: {error!r}")

    def _take(self, message: Message) -> None:
        if isinstance(message, Answered):
            self.answers.append(message.problem)
            return
        if isinstance(message, Snapshot):
            self.state, self.by_name, self.parts = plain(message.state), {}, {}
            self._arrange(message.order, plain(message.turns))
            for turn in self.by_name.values():
                if turn["running"]:
                    self._grow(turn["id"], plain(message.growing))
        elif self.number < 0:
            return  # this page has not said yet that it is there
        else:
            assert message.number == self.number + 1, "one was missed"
            self._apply(message)
        self.number = message.number

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The turns, as they are shown."""
        assert not self.broken, self.broken
        return [self.by_name[name] for name in self.order]

    def html(self, turn: str) -> str:
        """The answer of a turn as it stands there, whole or growing."""
        return "".join("".join(settled) + tail for settled, tail in self.parts[turn].values())

    def seen(self) -> dict[str, Any]:
        """All of it, to compare two pages."""
        return {
            "number": self.number,
            "state": self.state,
            "turns": self.turns,
            "parts": self.parts,
        }

    def _apply(self, message: StateMessage | TurnsMessage | FrameMessage) -> None:
        if isinstance(message, StateMessage):
            fields = plain(message.fields)
            parameters = self.state["parameters"] | fields.pop("parameters", {})
            self.state = {**self.state, **fields, "parameters": parameters}
        elif isinstance(message, TurnsMessage):
            self._arrange(message.order, plain(message.turns))
        else:
            self._grow(message.turn, plain(message.parts))

    def _arrange(self, order: list[str], turns: list[dict[str, Any]]) -> None:
        for turn in turns:
            self.by_name[turn["id"]] = turn
            self.parts[turn["id"]] = {}
            self._grow(turn["id"], turn["parts"])
        assert len(order) == len(set(order)), "one stands there twice"
        self.order = order
        self.by_name = {name: self.by_name[name] for name in order}
        self.parts = {name: self.parts[name] for name in order}

    def _grow(self, name: str, parts: list[dict[str, Any]]) -> None:
        for part in parts:
            key = tuple(part["part"].values())
            settled, tail = self.parts[name].get(key, ([], ""))
            assert part["start"] == len(settled)
            units = tail.encode("utf-16-le", "surrogatepass")[: 2 * part["keep"]]
            tail = units.decode("utf-16-le", "surrogatepass") + part["add"]
            self.parts[name][key] = ([*settled, *part["settled"]], tail)


class Page(Shown):
    """A panel without its widget, and one page that shows it.

    Parameters
    ----------
    session
        What the panel is about.
    presets
        Where settings are kept; by default the user's own.
    view
        The name of the view; empty for a panel that nobody looks at yet.
    """

    def __init__(
        self, session: ChatSession, presets: Presets | None = None, *, view: str = "a"
    ) -> None:
        super().__init__()
        self.session = session
        self.model = PanelModel(session, self.take, presets)
        if view:
            self.look(view)

    def look(self, view: str = "a") -> None:
        """Show the panel, as a page does that was just loaded."""
        self.model.handle(Ready(view))

    def later(self) -> Shown:
        """Return what a view shows that is drawn only now."""
        other, before = Shown(), len(self.messages)
        self.look("later")
        self.model.handle(read("Leave", view="later"))
        other.take(next(it for it in self.messages[before:] if isinstance(it, Snapshot)))
        return other

    def do(self, kind: str, /, **fields: Any) -> str:
        """Do one thing, as the page's message says it; return the sentence that is shown then."""
        self.model.handle(read(kind, **fields))
        return self.sentence

    def do_with(self, kind: str, place: int = -1, **fields: Any) -> str:
        """Do something with a turn, the last one by default."""
        return self.do(kind, turn=self.order[place], **fields)

    def write(self, text: str, *files: bytes) -> str:
        """Send a question with files; return why it was not taken."""
        names = [f"{number}.bin" for number in range(len(files))]
        self.model.handle(Ask(text, names), [memoryview(file) for file in files])
        return self.answers[-1]

    def ask(self, prompt: str = "Hi") -> None:
        """Ask, and wait until the answer is there."""
        assert self.write(prompt) == ""
        self.settle()

    def settle(self) -> None:
        """Wait until no answer is written any more."""
        until(lambda: self.session.controller.question is None)
        until(lambda: not self.state.get("running"))

    @property
    def prompts(self) -> list[str]:
        """The questions, as they are shown."""
        return [turn["prompt"] for turn in self.turns]

    @property
    def texts(self) -> list[str]:
        """The answers, as they can be copied."""
        return [" ".join(turn["texts"]) for turn in self.turns]

    @property
    def version(self) -> str:
        """Such as 2/3, of the last turn."""
        last = self.turns[-1]
        return f"{last['versions'].index(last['id']) + 1}/{len(last['versions'])}"

    @property
    def sentence(self) -> str:
        """What is said below the conversation."""
        sentence: str = self.state["notice"]["sentence"]
        return sentence

    @property
    def undo(self) -> str:
        """What the button beside the sentence takes back."""
        undo: str = self.state["notice"]["undo"]
        return undo

    def parameter(self, name: str) -> dict[str, Any]:
        """A parameter, as it is shown."""
        state: dict[str, Any] = self.state["parameters"][name]
        return state


def read(kind: str, /, **fields: Any) -> Any:
    """Return the action that a page's message says."""
    action = read_action({"type": kind, **fields})
    assert action is not None, (kind, fields)
    return action


def plain(value: Any) -> Any:
    """Return a value as it arrives in a page."""
    return msgspec.json.decode(msgspec.json.encode(value))
