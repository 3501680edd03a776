"""The tokens of an answer with their log probabilities, and what can be known from a short list.

A server lists a few likely tokens at each position. All that it does not list lies below the last
one of them, and together it is what the listed ones leave over.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from chatwidget.client.wire.logprobs import told_logprob, told_logprobs
from chatwidget.tuning.distributions import Known
from chatwidget.tuning.visible import spelled, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.client.wire.types import ChatCompletion, ChoiceLogprobs, TokenLogprob

__all__ = ["Alternative", "Sentence", "TokenPosition", "least_certain", "sentences", "tokens_of"]

_SENTENCE_END = (".", "!", "?", "…", "\u3002", "\uff01", "\uff1f")
_CLOSING = "\"'\u201d\u2019\u00bb)]*_ "


@dataclass(frozen=True, slots=True)
class Alternative:
    r"""A token that could have stood at a position.

    Attributes
    ----------
    token
        The token; half a character is written as ``\xe2``.
    logprob
        Its log probability.
    """

    token: str
    logprob: float

    @property
    def probability(self) -> float:
        """Its probability."""
        return math.exp(self.logprob)


@dataclass(frozen=True, slots=True)
class TokenPosition:
    r"""A token of an answer, and what else could have stood in its place.

    Attributes
    ----------
    token
        The token that was chosen; half a character is written as ``\xe2``.
    text
        What it adds to the text; empty if it is a part of a character.
    logprob
        Its log probability; None where the server does not tell it.
    alternatives
        The tokens that are known, the likeliest first; the chosen one is among them.
    floor
        The log probability of the last token that the server listed; None if it listed none.
    """

    token: str
    text: str
    logprob: float | None
    alternatives: tuple[Alternative, ...]
    floor: float | None = None

    @property
    def probability(self) -> float | None:
        """The probability of the token; None where the server does not tell it."""
        return None if self.logprob is None else math.exp(self.logprob)

    @property
    def known(self) -> Known[str]:
        """What is known of the distribution that the token comes from."""
        floor = 0.0 if self.floor is None else self.floor
        return Known({each.token: each.logprob for each in self.alternatives}, floor)

    @property
    def others(self) -> float:
        """The probability of all tokens that are not known, together."""
        return self.known.unseen

    @property
    def bound(self) -> float:
        """The most that any single one of those can have: as much as the last one listed."""
        return math.exp(self.known.ceiling)

    @property
    def entropy(self) -> float:
        """The least entropy in bits that the distribution can have, by what is known of it.

        The unseen tokens have at least that of as few of them as can hold their share.

        References
        ----------
        C. E. Shannon, "A mathematical theory of communication", Bell Syst. Tech. J. 27 (1948).
        """
        known = self.known
        listed = -math.fsum(each.probability * each.logprob for each in self.alternatives)
        unseen = -known.unseen * known.ceiling if known.unseen else 0.0
        return max(0.0, listed + unseen) / math.log(2)

    def probability_of(self, token: str) -> tuple[float, float]:
        """Return the least and the most that a token can have at this position."""
        for each in self.alternatives:
            if each.token == token:
                return each.probability, each.probability
        return 0.0, self.bound


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer.

    Attributes
    ----------
    start, end
        Its first token, and the one after its last.
    confidence
        The geometric mean of its tokens' probabilities; None where none is told.
    """

    start: int
    end: int
    confidence: float | None


def tokens_of(completion: ChatCompletion, choice: int = 0) -> list[TokenPosition]:
    """Return the tokens of an answer that came with log probabilities; none, if it did not.

    Parameters
    ----------
    completion
        The answer.
    choice
        Which of several answers, from 0.
    """
    chosen = next((each for each in completion.choices if each.index == choice), None)
    listed = _listed(chosen.logprobs if chosen is not None else None)
    return [_position(token, text) for token, text in zip(listed, texts(listed), strict=True)]


def least_certain(tokens: Sequence[TokenPosition], count: int = 5) -> list[int]:
    """Return the places of the tokens with the lowest probabilities, the least certain first."""
    told = [(each.logprob, place) for place, each in enumerate(tokens) if each.logprob is not None]
    return [place for _, place in heapq.nsmallest(count, told)]


def sentences(tokens: Sequence[TokenPosition]) -> list[Sentence]:
    """Return the sentences of an answer: they end before a space, and at the end of a line."""
    starts = [place for place in range(1, len(tokens)) if _begins(tokens, place)]
    edges = [0, *starts, len(tokens)] if tokens else []
    return [Sentence(start, end, _confidence(tokens[start:end])) for start, end in pairwise(edges)]


def _listed(logprobs: ChoiceLogprobs | None) -> list[TokenLogprob]:
    return [] if logprobs is None else [*(logprobs.content or ()), *(logprobs.refusal or ())]


def _position(token: TokenLogprob, text: str) -> TokenPosition:
    known = told_logprobs(token.top_logprobs, spelled)
    floor = min(known.values(), default=None)
    logprob = told_logprob(token.logprob)
    if logprob is not None:
        known.setdefault(spelled(token), logprob)
    ranked = sorted(known.items(), key=lambda item: -item[1])
    alternatives = tuple(Alternative(*each) for each in ranked)
    return TokenPosition(spelled(token), text, logprob, alternatives, floor)


def _begins(tokens: Sequence[TokenPosition], place: int) -> bool:
    """Tell whether a sentence begins with this token."""
    before, text = tokens[place - 1].text, tokens[place].text
    if "\n" in before:
        return bool(text.strip())
    ends = before.rstrip(_CLOSING).endswith(_SENTENCE_END)
    return ends and text[:1].isspace() and "\n" not in text


def _confidence(tokens: Sequence[TokenPosition]) -> float | None:
    told = [token.logprob for token in tokens if token.logprob is not None]
    return math.exp(math.fsum(told) / len(told)) if told else None
