"""What a panel costs its kernel: the models that it opens with, and the bytes of its static copy.

No page is needed for it: what a kernel would send is counted as it is shown.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipywidgets.widgets.widget import _instances
from traitlets.config import Config

from chatwidget.chat.conversation import Conversation
from chatwidget.chat.session import ChatSession
from chatwidget.panel.panel import ChatPanel

from .panel_feed import conversation

__all__ = ["Opened", "copied", "opened"]


@dataclass(frozen=True)
class Opened:
    """What it takes to open a panel.

    Attributes
    ----------
    models
        How many widget models it has.
    milliseconds
        The time until they are made and shown, without that of the imports.
    """

    models: int
    milliseconds: float


def opened(turns: int) -> Opened:
    """Open a panel on a conversation of so many turns."""
    _make_shell()
    session = _session(conversation(turns))
    before, began = len(_instances), time.perf_counter()
    panel = ChatPanel(session)
    with capture_output():
        panel._ipython_display_()
    seen = Opened(len(_instances) - before, (time.perf_counter() - began) * 1e3)
    panel.close()
    return seen


def copied(turns: int) -> float:
    """Ask so many questions, and return the bytes of the copy for each byte of their text."""
    asked = conversation(turns)
    _make_shell()
    panel = ChatPanel(_session(Conversation()))
    with capture_output():
        panel._ipython_display_()
    with capture_output() as captured:
        for turn in asked.path():
            panel.session.change(lambda it, turn=turn: it.with_turn(turn))
    panel.close()
    return sum(map(_size, captured.outputs)) / _text_size(asked)


def _session(conversation: Conversation) -> ChatSession:
    session = ChatSession("practice")
    session.change(lambda _: conversation)
    return session


def _size(output: Any) -> int:
    return len(json.dumps([output.data, output.metadata]).encode())


def _text_size(conversation: Conversation) -> int:
    texts = [
        text for turn in conversation.path() for text in (turn.prompt, turn.answers[0].content)
    ]
    return sum(len((text or "").encode()) for text in texts)


def _make_shell() -> None:
    """Let what is shown go to a shell, as it does in a notebook."""
    if not InteractiveShell.initialized():
        InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
