"""What runs in a notebook's kernel: a panel, whose conversation has turns, and a long answer in it.

The answer comes from a thread, as a panel's answers do, while the kernel is idle.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from IPython.display import display

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.session import ChatSession
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.panel.panel import ChatPanel

from .events import events
from .long_answer import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.events import Data, Finish

__all__ = ["conversation", "in_panel"]

_PATIENCE = 60.0
"""Seconds that the page may take to show the panel."""

_EARLIER_TOKENS = 100


class _FedSession(ChatSession):
    """A session that asks nobody: whoever feeds it is its server."""

    sink: Any = None

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self.is_seen = threading.Event()

    def start(self, question: Any, *, stream_to: Any, **_options: Any) -> Any:
        self.asked, self.sink = question, stream_to
        return _NoTask()

    def give(self, data: Data) -> None:
        self.sink.handle_data(data)

    def end(self, finish: Finish) -> None:
        asked = self.asked
        answers = [choice.message for choice in finish.completion.choices]
        turn = Turn(id=asked.turn_id, parent=asked.parent, prompt=asked.prompt, answers=answers)
        self.record(asked, turn)
        self.sink.handle_finish(finish)


class _NoTask:
    """A task that has nothing to stop."""

    completion = None

    def cancel(self) -> bool:
        return False


def in_panel(turns: int, count: int, show: Callable[..., object]) -> None:
    """Stream an answer into a panel with so many turns, when the page shows it.

    The second time it is the panel of the first time, without the answer that came then.

    Parameters
    ----------
    turns
        How many there are before.
    count
        How many tokens the answer has.
    show
        Called, in a thread, with what takes the tokens and what ends the answer.
    """
    panel = _panels.get(turns) or _opened(turns)
    panel.session.change(lambda _: conversation(turns))
    threading.Thread(target=_stream, args=(panel, count, show)).start()


_panels: dict[int, ChatPanel] = {}


def _opened(turns: int) -> ChatPanel:
    session = _FedSession("practice")
    session.change(lambda _: conversation(turns))
    _panels[turns] = panel = ChatPanel(session)
    panel.on_msg(lambda *_: session.is_seen.set())  # the view says that it is there
    display(panel)
    return panel


@cache  # a turn that is the same is shown once
def conversation(turns: int) -> Conversation:
    """Return a conversation of so many turns, each of them alike."""
    answer = ChatCompletionMessage(content="".join(tokens(_EARLIER_TOKENS)).translate(_NO_MARKS))
    conversation = Conversation()
    for number in range(turns):
        turn = Turn(
            id=f"turn-{number}",
            parent=conversation.head,
            prompt=f"What does the wind do, number {number}?",
            answers=[answer],
        )
        conversation = conversation.with_turn(turn)
    return conversation


_NO_MARKS = {ord("⟦"): None, ord("⟧"): None}


def _stream(panel: ChatPanel, count: int, show: Callable[..., object]) -> None:
    session, (data, finish) = panel.session, events(count)
    if not session.is_seen.wait(_PATIENCE):
        raise TimeoutError("The page does not show the panel.")
    session.controller.ask("What does the wind do?")
    show(lambda number, _token: session.give(data[number]), lambda: session.end(finish))
