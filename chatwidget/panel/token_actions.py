"""The actions of the Tokens tab: look, choose an answer, go on with another token."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from chatwidget.client.continuing import check_continues
from chatwidget.client.errors import ChatWidgetError
from chatwidget.panel.action_group import ActionGroup, Handlers, error_sentence
from chatwidget.panel.actions import AskForTokens, ChooseTokens, ForkAnswer, ShowTokens

if TYPE_CHECKING:
    from chatwidget.chat.question import Question

__all__ = ["TokenActions"]


class TokenActions(ActionGroup):
    """The actions on the tokens of answers."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            ShowTokens: self._show,
            AskForTokens: lambda it: self._builder.tokens.ask(wanted=it.wanted),
            ChooseTokens: self._choose,
            ForkAnswer: self._fork,
        }

    def _show(self, action: ShowTokens) -> None:
        self._builder.tokens.shown = action.shown
        self._look()

    def _choose(self, action: ChooseTokens) -> None:
        self._builder.tokens.chosen = self._turn(action.turn).id
        self._look()

    def _look(self) -> None:
        self._context.refresh("tokens", "film")
        page, newest = self._builder.tokens, self._builder.newest()
        page.learn(newest, lambda: self._context.refresh("tokens"))

    def _fork(self, action: ForkAnswer) -> None:
        """Go on, once it is known that the server can; it is asked on a thread of its own."""
        turn = self._turn(action.turn)
        question = self._builder.tokens.forked(turn, action.position, action.rank)
        threading.Thread(target=self._go_on, args=(question,), daemon=True).start()

    def _go_on(self, question: Question) -> None:
        client = self._session.client_of(question.server)
        try:
            check_continues(client, question.config.model, question.messages)
            self._session.controller.go_on(question)
        except ChatWidgetError as error:
            self._context.say(error_sentence(error))
            return
        self._context.say("The answer goes on from there, as another version.")
