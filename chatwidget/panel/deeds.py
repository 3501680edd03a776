"""What is done when a person wants something done with a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ChatWidgetError
from chatwidget.tools.toolbox import Decision

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.session import ChatSession
    from chatwidget.panel.actions import Action
    from chatwidget.panel.exchange import Exchange

__all__ = ["Deeds"]

_WITHOUT_A_TURN = frozenset({"ask", "approve", "deny"})


class Deeds:
    """Does what `Action` names.

    Parameters
    ----------
    session
        Whose conversation and settings are changed.
    exchange
        What asks.
    say
        Takes a sentence for the person: why something cannot be done.
    pin
        Takes the turn that a person wants to compare with.
    """

    def __init__(
        self,
        session: ChatSession,
        exchange: Exchange,
        say: Callable[[str], object],
        pin: Callable[[Turn], object],
    ) -> None:
        self._session = session
        self._pin_turn = pin
        self._exchange = exchange
        self._say = say

    def do(self, action: Action) -> None:
        """Do one action; what goes wrong is told, and changes nothing."""
        deed = getattr(self, f"_{action.name}")
        is_recorded = action.turn in self._session.conversation.turns
        if not is_recorded and action.name not in _WITHOUT_A_TURN:
            return
        try:
            deed(action)
        except ChatWidgetError as error:
            self._say(f"{error.message} {error.hint}".strip())

    def _ask(self, action: Action) -> None:
        if action.text.strip():
            self._exchange.ask(action.text)

    def _edit(self, action: Action) -> None:
        turn = self._session.conversation.turns[action.turn]
        if action.text.strip():
            content = _with_text(turn, action.text)
            self._exchange.ask(action.text, content=content, beside=turn.id)

    def _regenerate(self, action: Action) -> None:
        turn = self._session.conversation.turns[action.turn]
        self._exchange.ask(turn.prompt, content=turn.content, beside=action.turn)

    def _show(self, action: Action) -> None:
        self._session.change(lambda it: it.showing(action.turn))

    def _choose(self, action: Action) -> None:
        turn = self._session.conversation.turns[action.turn]
        if 0 <= action.index < len(turn.answers):
            self._session.change(lambda it: it.choosing(action.turn, action.index))

    def _delete(self, action: Action) -> None:
        self._session.change(lambda it: it.without(action.turn))

    def _pin(self, action: Action) -> None:
        self._pin_turn(self._session.conversation.turns[action.turn])

    def _approve(self, action: Action) -> None:
        decision = Decision.ALWAYS if action.always else Decision.YES
        self._exchange.approvals.decide(action.text, decision)

    def _deny(self, action: Action) -> None:
        self._exchange.approvals.decide(action.text, Decision.NO)

    def _adopt(self, action: Action) -> None:
        turn = self._session.conversation.turns[action.turn]
        unusable = self._session.settings.replace(turn.facts.get("parameters") or {})
        self._session.system = turn.system
        self._session.extra_body = turn.facts.get("extra_body") or {}
        if unusable:
            self._say(f"These could not be set again: {', '.join(unusable)}.")


def _with_text(turn: Turn, text: str) -> list[dict[str, Any]] | None:
    """Return what a turn sent beside its prompt, with another prompt; None if that is all."""
    if not isinstance(turn.content, list):
        return None
    others = [part for part in turn.content if part != {"type": "text", "text": turn.prompt}]
    return [{"type": "text", "text": text}, *others]
