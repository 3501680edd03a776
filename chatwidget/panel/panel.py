"""The panel: a chat with live controls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import display

from chatwidget.chat.shell_session import current_session
from chatwidget.panel.compare import Comparison
from chatwidget.panel.composer import Composer
from chatwidget.panel.controls import ControlFactory
from chatwidget.panel.copy import StaticCopy
from chatwidget.panel.deeds import Deeds
from chatwidget.panel.exchange import Exchange
from chatwidget.panel.frame import Frame
from chatwidget.panel.request import RequestTab
from chatwidget.panel.settings import SettingsPane
from chatwidget.panel.token_ids import token_id
from chatwidget.panel.transcript import TranscriptView
from chatwidget.panel.tuning import Tuner
from chatwidget.panel.tuning_bar import TuningBar

if TYPE_CHECKING:
    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.types import ChatCompletion

__all__ = ["ChatPanel"]

_EXAMPLES = (
    "What is a good temperature for brainstorming?",
    "How do penalties change an answer?",
    "Write a short story about a token that nobody chose.",
)


class ChatPanel(widgets.VBox):
    """A chat with a control for each request parameter, on one session with the cell magic.

    Moving a control changes what the next ``%%chat`` sends, and ``%chat set`` moves the control.
    A parameter whose box is not ticked is not sent.

    Parameters
    ----------
    session
        The session to show and control; by default the one of the running shell. Several panels
        may share one.

    Attributes
    ----------
    settings
        The request parameters, each a trait.
    messages
        The messages of the conversation, as a later request says them.
    completion
        The last answer that was asked for here; None before the first.
    """

    session = traitlets.Any()
    settings = traitlets.Any()
    completion = traitlets.Any()
    messages: traitlets.List[Any] = traitlets.List()

    def __init__(self, session: ChatSession | None = None) -> None:
        self.session = session or current_session()
        self.settings = self.session.settings
        self._transcript = TranscriptView(self._act, _EXAMPLES)
        self.exchange = Exchange(self.session, self._transcript)
        self._composer = Composer(self._ask, self.exchange.stop)
        self._request = RequestTab(self.session)
        self._comparison = Comparison(self.session)
        say = self._transcript.say
        self._deeds = Deeds(self.session, self.exchange, say, self._comparison.pin)
        self.tuner = Tuner(self.session, self.exchange, say)
        self._copy = StaticCopy()
        make_control = ControlFactory(_namespace(), partial(token_id, self.session))
        self.controls = SettingsPane(self.session, self.tuner, make_control, self._explain)
        self._side = widgets.VBox([self.controls])
        super().__init__([Frame(), self._columns()])
        self.add_class("chatwidget-panel")
        self.exchange.observe(self._follow, "running")
        traitlets.dlink((self.exchange, "completion"), (self, "completion"))
        self.session.observe(self._remember, ["conversations", "current"])
        self._remember()

    def ask(self, prompt: str, timeout: float | None = None) -> ChatCompletion:
        """Ask as the composer does, and wait for the answer.

        Raises
        ------
        ChatWidgetError
            If it cannot be asked, or is not answered.
        """
        self.exchange.ask(prompt)
        return self.exchange.wait(timeout)

    def stop(self) -> None:
        """Stop the answer that is being written; what is there stays."""
        self.exchange.stop()

    def close(self) -> None:
        """Take the panel away; the session stays as it is."""
        self.session.panels.discard(self)
        super().close()

    def _columns(self) -> widgets.HBox:
        bar = TuningBar(self.tuner, self._show_side)
        chat = widgets.VBox([bar, self._comparison, self._transcript, self._composer])
        chat.add_class("chatwidget-chat")
        tabs = widgets.Tab([chat, self._request], titles=("Chat", "Request"))
        tabs.add_class("chatwidget-tabs")
        self._side.add_class("chatwidget-side")
        columns = widgets.HBox([self._side, tabs])
        columns.add_class("chatwidget-columns")
        return columns

    def _ask(self, text: str, parts: list[dict[str, Any]]) -> None:
        said: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
        self.exchange.ask(text, content=[*said, *parts] if parts else None)
        self._request.ask_about(text)

    def _act(self, action: Any) -> None:
        self._deeds.do(action)

    def _ipython_display_(self) -> None:
        """Show the panel, and below it the copy that stays when the panel is gone."""
        self.session.panels.add(self)
        display(self._repr_mimebundle_(), raw=True)
        self._copy.show(self.session.conversation)

    def _follow(self, _change: object) -> None:
        self._composer.running = self.exchange.running

    def _remember(self, _change: object = None) -> None:
        conversation = self.session.conversation
        turns: list[Turn] = conversation.path()
        self._composer.prompts = [turn.prompt for turn in turns][-_REMEMBERED:]
        self.messages = conversation.messages(conversation.head)
        if self._copy.is_shown:
            self._copy.show(conversation)

    def _show_side(self, is_shown: bool) -> None:  # noqa: FBT001 - the value of a button
        self._side.layout.display = None if is_shown else "none"

    def _explain(self, page: str) -> None:
        """Show a page of the handbook in place of the controls."""
        from chatwidget.panel.help import HelpPage  # noqa: PLC0415 - when first asked for

        self._side.children = [HelpPage(page, self._close_help)]

    def _close_help(self) -> None:
        self._side.children = [self.controls]


_REMEMBERED = 20


def _namespace() -> dict[str, Any]:
    shell = get_ipython()
    found: dict[str, Any] = shell.user_ns if shell is not None else {}
    return found
