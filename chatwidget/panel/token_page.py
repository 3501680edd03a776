"""The Tokens tab: the tokens of the newest answer, if it came with log probabilities."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from chatwidget.client.logprobs_probe import (
    known_logprobs_meaning,
    learn_logprobs_meaning,
    logprobs_wanted,
)
from chatwidget.lab.token_messages import tokens_state
from chatwidget.panel.state import TokenPageState
from chatwidget.tuning.tokens import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["TokenPage"]

_KEPT = 20


class TokenPage:
    """What the Tokens tab shows of its own: the latest answers that came with log probabilities.

    A conversation does not keep them, since they are many times as long as the text.

    Attributes
    ----------
    shown
        Whether somebody looks.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self.shown = False
        self._answers: dict[str, tuple[Question, ChatCompletion]] = {}
        self._tried: set[tuple[Server, str]] = set()

    def keep(self, question: Question, completion: ChatCompletion) -> None:
        """Keep an answer, if it came with log probabilities; the oldest ones are forgotten."""
        if any(choice.logprobs is not None for choice in completion.choices):
            self._answers[question.turn_id] = question, completion
        while len(self._answers) > _KEPT:
            del self._answers[next(iter(self._answers))]

    def ask(self, *, wanted: bool) -> None:
        """Let questions ask for log probabilities, or not."""
        asked = logprobs_wanted(self._session.server)
        self._session.settings.update(asked if wanted else dict.fromkeys(asked))

    def state(self, turn: Turn | None) -> TokenPageState | None:
        """Return what is shown of a turn; None while nobody looks."""
        if not self.shown:
            return None
        asks = bool(self._session.settings.get("logprobs"))
        question, completion = self._answers.get(turn.id if turn else "", (None, None))
        if turn is None or question is None or completion is None:
            return TokenPageState(asks=asks)
        meaning = known_logprobs_meaning(question.server, question.config.model)
        sent = completion.ledger.sent if completion.ledger is not None else {}
        tokens = tokens_of(completion, turn.chosen)
        return TokenPageState(asks=asks, tokens=tokens_state(tokens, meaning, sent))

    def learn(self, turn: Turn | None, then: Callable[[], object]) -> None:
        """Find out once what the log probabilities of a turn mean, on a thread of its own.

        Parameters
        ----------
        turn
            The turn that is shown.
        then
            Called when it is found out.
        """
        question, _ = self._answers.get(turn.id if turn else "", (None, None))
        if question is None or not self.shown:
            return
        server, model = question.server, question.config.model
        if (server, model) not in self._tried:
            self._tried.add((server, model))
            threading.Thread(target=self._learn, args=(server, model, then), daemon=True).start()

    def _learn(self, server: Server, model: str, then: Callable[[], object]) -> None:
        if learn_logprobs_meaning(self._session.client_of(server), model):
            then()
