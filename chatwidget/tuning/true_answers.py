"""The true answers of the practice model: each with its probability, as far as that is possible.

Answers are a tree of beginnings, of which the likeliest are followed one after another.
What is left when there are too many is drawn: free draws of the answers that were not followed.
"""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, count
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.practice.sampling import adjusted
from chatwidget.practice.tokenizer import END
from chatwidget.tuning.distributions import shifts
from chatwidget.tuning.film.practice import PracticeWalker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chatwidget.practice.sampling import Sampling
    from chatwidget.tuning.film.practice import Scene

__all__ = ["AnswerTree", "TrueAnswer", "TrueAnswers"]

_CONTEXTS = 500
_FEWEST_DRAWS, _MOST_DRAWS = 60, 300
_PILOT = 10
_STEPS = 5000
_EXACT = 1e-3
"""What is left over and changes no number that is shown."""
_SMALL = 1e-6


class TrueAnswer(NamedTuple):
    """An answer: its text, why it ended, how many tokens it has, and how likely it is."""

    text: str
    reason: str
    tokens: int
    share: float


class TrueAnswers(NamedTuple):
    """All answers under one setting.

    Attributes
    ----------
    followed
        Those whose probability is known.
    drawn
        Free draws of all others, with equal shares of what is left; none if nothing to speak of is.
    """

    followed: list[TrueAnswer]
    drawn: list[TrueAnswer]


class AnswerTree:
    """The answers to one request; what was found out of a beginning serves all settings.

    Parameters
    ----------
    scene
        The request.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._root = _Node(PracticeWalker(scene))

    def under(self, sampling: Sampling) -> TrueAnswers:
        """Return the answers under settings; the same settings give the same ones."""
        chances = _Chances(self._scene, sampling)
        followed: list[TrueAnswer] = []
        rests: list[_Rest] = []
        numbers, left = count(), 1.0
        heap: list[tuple[float, int, Callable[[], _Node]]] = [(-1.0, 0, lambda: self._root)]
        while heap and left > _EXACT and len(rests) < _CONTEXTS:
            negative, _, found = heapq.heappop(heap)
            node = found()
            if node.walker.is_done:
                followed.append(_answer(node.walker, -negative))
                left += negative
                continue
            rest = _Rest(found, -negative)
            for token, share in rest.likely(chances, self._scene.limit):
                child: Callable[[], _Node] = partial(node.child, token)
                heapq.heappush(heap, (-share, next(numbers), child))
            rests.append(rest)
        rests += [_Rest(found, -negative) for negative, _, found in heap]
        return TrueAnswers(followed, _drawn(rests, chances))


@dataclass
class _Node:
    walker: PracticeWalker
    children: dict[int, _Node] = field(default_factory=dict)

    def child(self, token: int) -> _Node:
        if token not in self.children:
            walker = self.walker.copy()
            walker.accept(token)
            self.children[token] = _Node(walker)
        return self.children[token]


@dataclass(frozen=True)
class _Step:
    """What comes next: tokens with their probabilities, and that of all others together."""

    shares: Mapping[int, float]
    others: float


class _Chances:
    """The distribution of the next token under settings."""

    def __init__(self, scene: Scene, sampling: Sampling) -> None:
        self._sampling = sampling
        self.random = random.Random(0)  # noqa: S311 - it is statistics
        logs = scene.model.ngrams.log_unigrams
        self._top, warmth = max(logs), sampling.temperature or 1.0
        self._plain = [math.exp((each - self._top) / warmth) for each in logs]
        self._sums = list(accumulate(self._plain))

    def step(self, walker: PracticeWalker) -> _Step:
        """Return the distribution of the token after a beginning."""
        sampling, model = self._sampling, walker.continuation
        if sampling.temperature == 0:
            changed = adjusted(walker.logits, walker.counts, sampling)
            return _Step({changed.index(max(changed)): 1.0}, 0.0)
        shifted = shifts(
            walker.counts,
            frequency_penalty=sampling.frequency_penalty,
            presence_penalty=sampling.presence_penalty,
            logit_bias=sampling.logit_bias,
        )
        logits = {
            token: model.logit(token) + shifted.get(token, 0.0)
            for token in model.expected.keys() | shifted.keys()
        }
        top = max(model.shift + self._top, *logits.values())
        weights = {
            token: math.exp((logit - top) / sampling.temperature) for token, logit in logits.items()
        }
        plain = max(0.0, self._sums[-1] - math.fsum(self._plain[token] for token in logits))
        others = plain * math.exp((model.shift + self._top - top) / sampling.temperature)
        total = math.fsum(weights.values()) + others
        return _Step({each: weight / total for each, weight in weights.items()}, others / total)

    def draw(self, step: _Step, without: frozenset[int] = frozenset()) -> int:
        """Draw a token, none of some."""
        shares = {token: each for token, each in step.shares.items() if token not in without}
        place = self.random.random() * (math.fsum(shares.values()) + step.others)
        for token, share in shares.items():
            place -= share
            if place < 0:
                return token
        while True:  # most of these are none of the others
            (token,) = self.random.choices(range(len(self._sums)), cum_weights=self._sums)
            if token not in step.shares:
                return token


@dataclass
class _Rest:
    """A beginning, and how likely the answers are that begin so and were not followed."""

    node: Callable[[], _Node]
    share: float
    followed: frozenset[int] = frozenset()

    def likely(self, chances: _Chances, limit: int) -> Iterator[tuple[int, float]]:
        """Yield the tokens that are worth to be followed, with the probability of what begins so.

        The token after the limit tells no more than whether it is the end.
        """
        walker = self.node().walker
        shares = {token: self.share * each for token, each in chances.step(walker).shares.items()}
        if walker.position == limit:
            end = shares.get(END, 0.0)
            shares = {END: end, END + 1: self.share - end}
        kept = {token: each for token, each in shares.items() if each >= _SMALL}
        self.followed = frozenset(kept)
        self.share = max(0.0, self.share - math.fsum(kept.values()))
        yield from kept.items()

    def drawn(self, chances: _Chances) -> PracticeWalker:
        """Draw one of these answers."""
        walker = self.node().walker
        if walker.is_done:
            return walker
        walker, without = walker.copy(), self.followed
        while not walker.is_done:
            walker.accept(chances.draw(chances.step(walker), without))
            without = frozenset()
        return walker


def _drawn(rests: list[_Rest], chances: _Chances) -> list[TrueAnswer]:
    """Draw answers that were not followed: the fewer, the longer they are."""
    left = math.fsum(rest.share for rest in rests)
    if left <= _EXACT:
        return []
    places = chances.random.choices(rests, [rest.share for rest in rests], k=_MOST_DRAWS)
    drawn = [rest.drawn(chances) for rest in places[:_PILOT]]
    length = sum(walker.position for walker in drawn) / _PILOT
    count = int(max(_FEWEST_DRAWS, min(_STEPS / length, _MOST_DRAWS)))
    drawn += [rest.drawn(chances) for rest in places[_PILOT:count]]
    return [_answer(walker, left / count) for walker in drawn]


def _answer(walker: PracticeWalker, share: float) -> TrueAnswer:
    text, reason = walker.spelled()
    tokens = min(walker.position, walker.scene.limit) - (walker.tokens[-1:] == [END])
    return TrueAnswer(text, reason, max(0, tokens), share)
