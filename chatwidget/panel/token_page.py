"""The Tokens tab: the tokens of an answer, if it came with log probabilities."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from chatwidget.client.answer_fork import fork_prefill
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.logprobs_probe import (
    known_logprobs_meaning,
    learn_logprobs_meaning,
    logprobs_wanted,
)
from chatwidget.lab.token_messages import tokens_state
from chatwidget.panel.state import TokenAnswer, TokenPageState
from chatwidget.render.display.tables import excerpt
from chatwidget.tuning.tokens import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["TokenPage"]

_KEPT = 20
_TITLE = 32


class TokenPage:
    """What the Tokens tab shows of its own: the latest answers that came with log probabilities.

    A conversation does not keep them, since they are many times as long as the text.

    Attributes
    ----------
    shown
        Whether somebody looks.
    chosen
        The turn of the older answer that is looked at; empty for the newest.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self.shown = False
        self.chosen = ""
        self._answers: dict[str, tuple[Question, ChatCompletion]] = {}
        self._tried: set[tuple[Server, str]] = set()

    def keep(self, question: Question, completion: ChatCompletion) -> None:
        """Keep an answer, if it came with log probabilities; the oldest ones are forgotten."""
        self.chosen = ""
        if any(choice.logprobs is not None for choice in completion.choices):
            self._answers[question.turn_id] = question, completion
        while len(self._answers) > _KEPT:
            del self._answers[next(iter(self._answers))]

    def ask(self, *, wanted: bool) -> None:
        """Let questions ask for log probabilities, or not."""
        asked = logprobs_wanted(self._session.server)
        self._session.settings.update(asked if wanted else dict.fromkeys(asked))

    def state(self, newest: Turn | None) -> TokenPageState | None:
        """Return what is shown; None while nobody looks."""
        if not self.shown:
            return None
        asks, answers = bool(self._session.settings.get("logprobs")), [*self._listed()]
        turn = self.looked_at(newest)
        question, completion = self._answers.get(turn.id if turn else "", (None, None))
        if turn is None or question is None or completion is None:
            return TokenPageState(asks=asks, answers=answers)
        meaning = known_logprobs_meaning(question.server, question.config.model)
        sent = completion.ledger.sent if completion.ledger is not None else {}
        tokens = tokens_state(tokens_of(completion, turn.chosen), meaning, sent)
        return TokenPageState(asks=asks, tokens=tokens, answers=answers, turn=turn.id)

    def forked(self, turn: Turn, position: int, rank: int) -> Question:
        """Return the question whose answer goes on with another token.

        Parameters
        ----------
        turn
            The turn of the answer.
        position, rank
            Which of its tokens is another one, and which of those that are known there.

        Raises
        ------
        ConfigurationError
            If the answer is not kept any more, or called functions.
        ParameterError
            If nothing can go on from that token.
        """
        question, completion = self._answers.get(turn.id, (None, None))
        if question is None or completion is None:
            raise ConfigurationError("The tokens of this answer are not kept any more.")
        if turn.steps:
            raise ConfigurationError("An answer that called functions cannot go on from a token.")
        known = tokens_of(completion, turn.chosen)
        ranked = known[position].alternatives if position < len(known) else ()
        token = ranked[rank].token if rank < len(ranked) else ""
        prefill = fork_prefill(completion, position, token, turn.chosen)
        return question.going_on(prefill, turn.parent)

    def learn(self, newest: Turn | None, then: Callable[[], object]) -> None:
        """Find out once what the log probabilities that are shown mean, on a thread of its own.

        Parameters
        ----------
        newest
            The newest turn.
        then
            Called when it is found out.
        """
        turn = self.looked_at(newest)
        question, _ = self._answers.get(turn.id if turn else "", (None, None))
        if question is None or not self.shown:
            return
        server, model = question.server, question.config.model
        if (server, model) not in self._tried:
            self._tried.add((server, model))
            threading.Thread(target=self._learn, args=(server, model, then), daemon=True).start()

    def looked_at(self, newest: Turn | None) -> Turn | None:
        """Return the turn that is looked at."""
        return self._session.conversation.turns.get(self.chosen, newest)

    def _listed(self) -> Iterator[TokenAnswer]:
        """Yield the answers of the conversation whose tokens are kept, the newest first."""
        turns = self._session.conversation.turns
        for name in reversed(self._answers):
            if name in turns:
                said = turns[name].answer
                answer = excerpt((said and said.content) or "", _TITLE)
                yield TokenAnswer(name, f"{excerpt(turns[name].prompt, _TITLE)} → {answer}")

    def _learn(self, server: Server, model: str, then: Callable[[], object]) -> None:
        if learn_logprobs_meaning(self._session.client_of(server), model):
            then()
