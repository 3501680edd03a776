"""The ground of the actions of a panel: what they change, and how they say what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.panel.state import NoticeState

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.errors import ChatWidgetError
    from chatwidget.panel.panel_state import StateBuilder

__all__ = ["ActionContext", "ActionGroup", "Handlers", "NoTurnError", "error_sentence", "left_out"]

Handlers: TypeAlias = "dict[type, Callable[[Any], object]]"
"""What is called with an action, by the action's class."""


class NoTurnError(Exception):
    """The page is behind: the conversation that is shown has no such turn."""


class ActionContext:
    """What all actions of a panel share.

    Parameters
    ----------
    session
        Whose conversation and settings are changed.
    builder
        What the panel has of its own.
    refresh
        Called with the fields of the state that may have changed, beside those that follow the
        session by themselves.
    """

    def __init__(
        self, session: ChatSession, builder: StateBuilder, refresh: Callable[..., object]
    ) -> None:
        self.session = session
        self.builder = builder
        self.refresh = refresh
        self._undo: Callable[[], object] | None = None

    def say(self, sentence: str) -> None:
        """Say something below the conversation; an empty sentence takes the last one away."""
        self.builder.notice = NoticeState(sentence)
        self.refresh("notice")

    def offer_undo(self, sentence: str, undo: Callable[[], object]) -> None:
        """Say what was done, with a button that takes it back."""
        self._undo = undo
        self.builder.notice = NoticeState(sentence, undo="Undo")
        self.refresh("notice")

    def take_back(self) -> None:
        """Undo what was offered last, once."""
        undo, self._undo = self._undo, None
        if undo is not None:
            self.say("")
            undo()  # which may have to say that it failed

    def put_back(self, config: RequestConfig) -> None:
        """Make the settings what they were before."""
        session = self.session
        if config.server is not None and config.server != session.server:
            session.use(config.server)
        session.model, session.system = config.model, config.system or ""
        session.settings.replace(config.parameters)
        session.extra_body = dict(config.extra_body)


class ActionGroup:
    """Actions of one theme; `handlers` says which."""

    def __init__(self, context: ActionContext) -> None:
        self._context = context
        self._session = context.session
        self._builder = context.builder

    def handlers(self) -> Handlers:
        """Return what is called with each action of the theme."""
        raise NotImplementedError

    def _turn(self, name: str) -> Turn:
        turn = self._session.conversation.turns.get(name)
        if turn is None:
            raise NoTurnError(name)
        return turn


def error_sentence(error: ChatWidgetError) -> str:
    """Return what an error says, and what to do next."""
    return f"{error.message} {error.hint}".strip()


def left_out(unusable: list[str]) -> str:
    """Return which parameters could not be set, as a sentence that may follow another one."""
    return f" These could not be set: {', '.join(unusable)}." if unusable else ""
