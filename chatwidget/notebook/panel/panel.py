"""The panel: a chat with live controls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from chatwidget.notebook.panel.compare import Comparison
from chatwidget.notebook.panel.composer import Composer
from chatwidget.notebook.panel.controls import ControlFactory
from chatwidget.notebook.panel.copy import StaticCopy
from chatwidget.notebook.panel.deeds import Deeds
from chatwidget.notebook.panel.exchange import Exchange
from chatwidget.notebook.panel.request import RequestTab
from chatwidget.notebook.panel.settings import SettingsPane
from chatwidget.notebook.panel.token_ids import token_id
from chatwidget.notebook.panel.transcript import TranscriptView
from chatwidget.notebook.panel.tuning import Tuner
from chatwidget.notebook.panel.tuning_bar import TuningBar
from chatwidget.notebook.scripts import script
from chatwidget.notebook.session import current_session

if TYPE_CHECKING:
    from chatwidget.client.types import ChatCompletion
    from chatwidget.conversation import Turn
    from chatwidget.notebook.session import ChatSession
    from chatwidget.notebook.settings import SettingsBase

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
    """

    def __init__(self, session: ChatSession | None = None) -> None:
        self.session = session or current_session()
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
        self._help = widgets.VBox()
        super().__init__([_style(), self._layout_of_parts()])
        self.add_class("chatwidget-panel")
        self.exchange.observe(self._follow, "running")
        self.session.observe(self._remember, ["conversations", "current"])
        self._remember()

    @property
    def settings(self) -> SettingsBase:
        """The request parameters, each a trait."""
        return self.session.settings

    @property
    def messages(self) -> list[Any]:
        """The messages of the conversation, as a later request says them."""
        conversation = self.session.conversation
        return conversation.messages(conversation.head)

    @property
    def completion(self) -> ChatCompletion | None:
        """The last answer that was asked for here; None before the first."""
        found: ChatCompletion | None = self.exchange.completion
        return found

    def ask(self, prompt: str, timeout: float | None = None) -> ChatCompletion:
        """Ask as the composer does, and wait for the answer.

        Raises
        ------
        ChatWidgetError
            If it cannot be asked, or is not answered.
        """
        self.exchange.ask(prompt)
        return self.exchange.wait(timeout)

    def _layout_of_parts(self) -> widgets.HBox:
        chat = widgets.VBox(
            [TuningBar(self.tuner), self._comparison, self._transcript, self._composer]
        )
        chat.add_class("chatwidget-chat")
        tabs = widgets.Tab([chat, self._request], titles=("Chat", "Request"))
        tabs.add_class("chatwidget-tabs")
        side = widgets.VBox([self.controls, self._help])
        side.add_class("chatwidget-side")
        columns = widgets.HBox([side, tabs])
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
        display(self._repr_mimebundle_(), raw=True)
        self._copy.show(self.session.conversation)

    def _follow(self, _change: object) -> None:
        self._composer.running = self.exchange.running
        if self._copy.is_shown and not self.exchange.running:
            self._copy.show(self.session.conversation)

    def _remember(self, _change: object = None) -> None:
        turns: list[Turn] = self.session.conversation.path()
        self._composer.prompts = [turn.prompt for turn in turns][-_REMEMBERED:]

    def _explain(self, page: str) -> None:
        """Show a page of the handbook beside the controls; the same page again is put away."""
        from chatwidget.notebook.panel.help import HelpPage  # noqa: PLC0415 - when first asked for

        open_page = self._help.children[0].page if self._help.children else None
        self._help.children = [] if open_page == page else [HelpPage(page)]


_REMEMBERED = 50


def _namespace() -> dict[str, Any]:
    shell = get_ipython()
    found: dict[str, Any] = shell.user_ns if shell is not None else {}
    return found


def _style() -> widgets.HTML:
    text = f"<style>{script('panel.css')}</style>"
    return widgets.HTML(text, layout={"display": "none"})
