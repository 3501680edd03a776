"""The token view of an answer: below it in a cell, or as the value of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload
from uuid import uuid4

import msgspec

from chatwidget.client.asked import asked_with
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.logprobs_probe import known_logprobs_meaning, learn_logprobs_meaning
from chatwidget.lab.token_messages import tokens_state
from chatwidget.lab.tokens_html import tokens_html
from chatwidget.lab.tokens_text import tokens_text
from chatwidget.render.display.answer import best_mode
from chatwidget.render.display.final_output import answer_html
from chatwidget.render.display.side_by_side import columns_html, heading
from chatwidget.tuning.tokens import TokenPosition, least_certain, sentences, tokens_of
from chatwidget.tuning.watching import watch

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.logprobs_probe import LogprobsMeaning
    from chatwidget.client.wire.types import ChatCompletion
    from chatwidget.lab.token_messages import TokensState
    from chatwidget.lab.token_tools import TokenTools
    from chatwidget.tuning.tokens import Sentence
    from chatwidget.tuning.watching import Watched, Where

__all__ = ["AnswerTokens", "TokensBelow", "answer_tokens"]


class _Body(msgspec.Struct):
    model: str = ""

    @classmethod
    def read(cls, body: bytes) -> _Body:
        return msgspec.json.decode(body, type=cls)


class AnswerTokens(Sequence[TokenPosition]):
    """The tokens of an answer; at the end of a cell they show how probable each of them was.

    Parameters
    ----------
    completion
        The answer, which was asked for with ``logprobs=True`` and ``top_logprobs``.
    choice
        Which of several answers, from 0.
    meaning
        Whether the log probabilities are ``raw`` or ``processed``, see `probe_logprobs`. By default
        what is known of the server that answered; a model of this machine is asked, which is free.
    """

    def __init__(
        self, completion: ChatCompletion, choice: int = 0, meaning: LogprobsMeaning | None = None
    ) -> None:
        self._meaning = meaning
        self._asked = asked_with(completion)
        self._tokens = tokens_of(completion, choice)
        self._sent = completion.ledger.sent if completion.ledger is not None else {}

    @cached_property
    def meaning(self) -> LogprobsMeaning | None:
        """What the log probabilities mean; None if that is not known."""
        if self._meaning is not None or self._asked is None:
            return self._meaning
        server, model = self._asked.server, _Body.read(self._asked.body).model
        if server.transport is not None:
            with ChatClient(server) as client:
                learn_logprobs_meaning(client, model)
        return known_logprobs_meaning(server, model)

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences, each with its confidence."""
        return sentences(self)

    @property
    def least_certain(self) -> list[int]:
        """The places of the five least certain tokens."""
        return least_certain(self)

    def watch(self, *words: str, where: Where = "first") -> list[Watched]:
        """Return how probable words were; the parameters are those of `watch`."""
        return watch(self, words, where)

    def __len__(self) -> int:
        return len(self._tokens)

    @overload
    def __getitem__(self, place: int) -> TokenPosition: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[TokenPosition]: ...

    def __getitem__(self, place: int | slice) -> TokenPosition | Sequence[TokenPosition]:
        return self._tokens[place]

    def __repr__(self) -> str:
        return f"<AnswerTokens: {len(self)} tokens>"

    def state(self) -> TokensState:
        """Return it for a page."""
        return tokens_state(self, self.meaning, self._sent)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what is shown at the end of a cell."""
        html = answer_html(_LiveTokens().html(self))
        return {"text/html": html, "text/plain": tokens_text(self, self.meaning)}


def answer_tokens(completion: ChatCompletion, choice: int = 0) -> AnswerTokens:
    """Return the tokens of an answer; `ChatCompletion.tokens` says more."""
    found = AnswerTokens(completion, choice)
    if not found:
        raise ConfigurationError(
            f"Choice {choice} came without log probabilities.",
            hint="Ask with logprobs=True and top_logprobs=20, or with %%chat --tokens.",
        )
    return found


class _LiveTokens:
    """The static view of tokens, and what makes it a live one where the front end can."""

    def __init__(self) -> None:
        self._place = f"chatwidget-tokens-{uuid4().hex[:12]}"
        self._tools: TokenTools | None = None

    def html(self, tokens: AnswerTokens) -> str:
        """Return the static view, which becomes a live one in the page."""
        if self._tools is not None:
            self._tools.show(tokens.state())
        elif tokens and best_mode() == "live":
            from chatwidget.lab.token_tools import TokenTools  # noqa: PLC0415 - loads ipywidgets

            self._tools = TokenTools(self._place, tokens.state())
        return tokens_html(tokens, tokens.meaning, place=self._place)


class TokensBelow:
    """The token view below an answer, as ``%%chat --tokens`` asks for it.

    Parameters
    ----------
    server, model
        Who answers.
    """

    def __init__(self, server: Server, model: str) -> None:
        self._server = server
        self._model = model
        self._live: defaultdict[int, _LiveTokens] = defaultdict(_LiveTokens)

    def html(self, completion: ChatCompletion) -> str:
        """Return the view as safe HTML, a column for each of several answers."""
        columns = [self._live[n].html(each) for n, each in enumerate(self._choices(completion))]
        if len(columns) == 1:
            return columns[0]
        return columns_html([heading(n, len(columns)) + each for n, each in enumerate(columns)])

    def text(self, completion: ChatCompletion) -> str:
        """Return it as plain text."""
        return "\n\n".join(tokens_text(each, each.meaning) for each in self._choices(completion))

    def _choices(self, completion: ChatCompletion) -> list[AnswerTokens]:
        choices = [AnswerTokens(completion, each.index) for each in completion.choices]
        for each in choices:  # nothing is asked while an answer is drawn
            each.meaning = known_logprobs_meaning(self._server, self._model)
        return choices
