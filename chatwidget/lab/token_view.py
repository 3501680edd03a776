"""The token view of an answer: below it in a cell, or as the value of one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, overload

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.logprobs_probe import find_logprobs_meaning, known_logprobs_meaning
from chatwidget.lab.tokens_html import tokens_html
from chatwidget.lab.tokens_text import tokens_text
from chatwidget.render.display.final_output import answer_html
from chatwidget.render.display.side_by_side import columns_html, heading
from chatwidget.tuning.tokens import TokenPosition, least_certain, sentences, tokens_of
from chatwidget.tuning.watching import watch

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.client import ChatClient
    from chatwidget.client.logprobs_probe import LogprobsMeaning
    from chatwidget.client.wire.types import ChatCompletion
    from chatwidget.tuning.tokens import Sentence
    from chatwidget.tuning.watching import Watched, Where

__all__ = ["AnswerTokens", "TokensBelow", "logprobs_wanted"]

_MOST_ALTERNATIVES = 20


def logprobs_wanted(server: Server) -> dict[str, Any]:
    """Return the parameters that ask for log probabilities, with as many alternatives as may be."""
    _, most, _ = server.range_of("top_logprobs") or (0, _MOST_ALTERNATIVES, 1)
    return {"logprobs": True, "top_logprobs": min(int(most), _MOST_ALTERNATIVES)}


class AnswerTokens(Sequence[TokenPosition]):
    """The tokens of an answer; at the end of a cell they show how probable each of them was.

    Parameters
    ----------
    completion
        The answer, which was asked for with ``logprobs=True`` and ``top_logprobs``.
    choice
        Which of several answers, from 0.
    meaning
        Whether the log probabilities are ``raw`` or ``processed``, see `probe_logprobs`; None if
        that is not known.
    """

    def __init__(
        self, completion: ChatCompletion, choice: int = 0, meaning: LogprobsMeaning | None = None
    ) -> None:
        self.meaning = meaning
        self._tokens = tokens_of(completion, choice)

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

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what is shown at the end of a cell."""
        html = answer_html(tokens_html(self, self.meaning))
        return {"text/html": html, "text/plain": tokens_text(self, self.meaning)}


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

    def find_meaning(self, client: ChatClient) -> bool:
        """Find out what the log probabilities mean, if nobody has; tell whether that is news."""
        if known_logprobs_meaning(self._server, self._model) is not None:
            return False
        with suppress(ChatWidgetError):  # the answer is there, whatever becomes of this
            find_logprobs_meaning(client, self._model)
        return known_logprobs_meaning(self._server, self._model) is not None

    def html(self, completion: ChatCompletion) -> str:
        """Return the view as safe HTML, a column for each of several answers."""
        columns = [tokens_html(each, each.meaning) for each in self._choices(completion)]
        if len(columns) == 1:
            return columns[0]
        return columns_html([heading(n, len(columns)) + each for n, each in enumerate(columns)])

    def text(self, completion: ChatCompletion) -> str:
        """Return it as plain text."""
        return "\n\n".join(tokens_text(each, each.meaning) for each in self._choices(completion))

    def _choices(self, completion: ChatCompletion) -> list[AnswerTokens]:
        meaning = known_logprobs_meaning(self._server, self._model)
        return [AnswerTokens(completion, each.index, meaning) for each in completion.choices]
