"""The copy model, which reads passages of the handbook aloud, and knows where in them it stands.

An n-gram model alone forgets its subject after a few words.
So the practice model mixes it with a copy component, as cache models and pointer networks do:
R. Kuhn and R. De Mori, "A cache-based natural language model for speech recognition", IEEE TPAMI
12 (1990); S. Merity et al., "Pointer sentinel mixture models", ICLR 2017.

The copy model believes with some probability in each of several places, and expects the token that
stands there.
After each token it updates its beliefs by Bayes' rule, and moves every place one token on.
Where a sentence begins, it also believes a little in other sentences.
After a stray word, it believes a little in every place where this word has just been read: passages
that share a word are roads with a crossing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from chatwidget.practice.tokenizer import END

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["CopyModel", "Passage", "Trust"]

Place: TypeAlias = tuple[int, int]
"""The number of a passage, and a position in it; the position after its last token is its end."""

_OPENING = 0.12
"""How likely an answer opens with one of the runners-up."""

_TURNING = 0.06
"""How likely the copy model turns to another sentence where one begins."""

_CROSSING = 0.05
"""How likely the copy model has left its road for any other place."""

_FORGOTTEN = 1e-6


@dataclass(slots=True)
class Passage:
    """A text to read.

    Attributes
    ----------
    tokens
        The text, without the end token.
    starts
        The positions where sentences begin, except the first.
    after
        For each token the positions after it, as far as they are in sentences: nobody should get
        into the middle of a block of code.
    weight
        How well the passage fits the question, relative to the best one.
    """

    tokens: list[int] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)
    after: dict[int, list[int]] = field(default_factory=dict)
    weight: float = 1.0

    def add(self, segment: Sequence[int], *, prose: bool) -> None:
        """Add the tokens of a sentence or of another block."""
        if prose and self.tokens:
            self.starts.add(len(self.tokens))
        for token in segment:
            self.tokens.append(token)
            if prose:
                self.after.setdefault(token, []).append(len(self.tokens))


@dataclass(frozen=True, slots=True)
class Trust:
    """How likely the next token comes from the passages: while they fit, and after a stray word."""

    following: float
    strayed: float


class CopyModel:
    """Copy model: expects the next token from passages.

    Parameters
    ----------
    passages
        The texts to read, the best first.
    trust
        How closely to follow them.
    """

    def __init__(self, passages: Sequence[Passage], trust: Trust) -> None:
        self.trust = trust.following
        self._range = trust
        self._passages = passages
        self._size = sum(len(passage.tokens) + 1 for passage in passages)
        self._beliefs = _opening(passages)

    def expected(self) -> dict[int, float]:
        """Return the tokens that may come next, with probabilities that sum to one."""
        shares: dict[int, float] = defaultdict(float)
        for place, belief in self._beliefs.items():
            shares[self._token(place)] += belief
        return shares

    def follow(self, token: int, otherwise: float) -> None:
        """Take note of the token that came.

        Parameters
        ----------
        token
            The token.
        otherwise
            The probability with which it would have come from elsewhere, that is, the n-gram
            model's share in the mixture.
        """
        copied = self.trust * self.expected().get(token, 0.0)
        followed = copied / (copied + otherwise)
        beliefs: dict[Place, float] = defaultdict(float)
        for place, belief in self._beliefs.items():
            likelihood = otherwise + (self.trust if self._token(place) == token else 0.0)
            for reached, share in self._onward(place):
                beliefs[reached] += belief * likelihood * share
        for place, share in self._crossings(token):
            beliefs[place] += self.trust * share
        self._beliefs = _normalised(beliefs)
        self.trust = self._range.strayed + followed * (self._range.following - self._range.strayed)

    def _token(self, place: Place) -> int:
        number, position = place
        tokens = self._passages[number].tokens
        return tokens[position] if position < len(tokens) else END

    def _onward(self, place: Place) -> list[tuple[Place, float]]:
        """Return where the copy model may stand one token later, with probabilities."""
        number, position = place
        passage = self._passages[number]
        following = (number, min(position + 1, len(passage.tokens)))
        if following[1] not in passage.starts:
            return [(following, 1.0)]
        others = self._turnings(following)
        return [(following, 1.0 - _TURNING), *((other, _TURNING / len(others)) for other in others)]

    def _crossings(self, token: int) -> Iterator[tuple[Place, float]]:
        """Yield every place after the same token, as likely as any place is."""
        share = _CROSSING / self._size
        for number, passage in enumerate(self._passages):
            for position in passage.after.get(token, ()):
                yield (number, position), share

    def _turnings(self, place: Place) -> list[Place]:
        """Return the other sentences: later ones of this passage, its end, any of another."""
        number, position = place
        later = [(number, start) for start in self._passages[number].starts if start > position]
        elsewhere = [
            (other, start)
            for other, passage in enumerate(self._passages)
            for start in passage.starts
            if other != number
        ]
        return [*later, (number, len(self._passages[number].tokens)), *elsewhere]


def _opening(passages: Sequence[Passage]) -> dict[Place, float]:
    if len(passages) == 1:
        return {(0, 0): 1.0}
    rest = sum(passage.weight for passage in passages[1:])
    others = {
        (number, 0): _OPENING * passage.weight / rest
        for number, passage in enumerate(passages[1:], 1)
    }
    return {(0, 0): 1.0 - _OPENING, **others}


def _normalised(beliefs: Mapping[Place, float]) -> dict[Place, float]:
    """Scale beliefs to one, without those that are not worth the trouble."""
    least = _FORGOTTEN * sum(beliefs.values())
    kept = {place: belief for place, belief in beliefs.items() if belief > least}
    total = sum(kept.values())
    return {place: belief / total for place, belief in kept.items()}
