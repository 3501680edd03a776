"""An n-gram language model with interpolated Kneser-Ney smoothing.

R. Kneser and H. Ney, "Improved backing-off for m-gram language modeling", ICASSP 1995; interpolated
as in S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language modeling",
Computer Speech & Language 13 (1999), pages 359-394.

The probability of a token after a context is what is left of its count after a discount, plus the
discounted mass times the probability of the token after a context that is one token shorter.
The longest contexts have ordinary counts.
Shorter ones count after how many different tokens a token was seen, not how often: "Francisco" may
be frequent, but it follows only "San".
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from chatwidget.practice.tokenizer import END

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["NgramModel"]

Context: TypeAlias = tuple[int, ...]
Counts: TypeAlias = "dict[Context, dict[int, int]]"
_DISCOUNT = 0.1
"""The discount that predicts unseen text best would be near 0.8.

A small one keeps to the words that were seen together, which reads better.
"""

_UNSEEN = 1e-4


class NgramModel:
    """Predicts the next token from the last few.

    Parameters
    ----------
    sequences
        The training texts, as tokens without the end token.
    size
        The size of the vocabulary.
    order
        The length of the longest n-gram: its last token is predicted from those before it.

    Attributes
    ----------
    unigrams, log_unigrams
        The probability of each token by itself, and its logarithm.
    ranked
        The tokens, the likeliest by itself first.
    """

    def __init__(self, sequences: Iterable[Sequence[int]], size: int, order: int = 4) -> None:
        self.order = order
        levels = [_count(sequences, order)]
        for _ in range(order - 1):
            levels.insert(0, _continuations(levels[0]))
        self.unigrams = _with_base(*_discounted(levels[0][()]), size)
        self.log_unigrams = list(map(math.log, self.unigrams))
        self.ranked = sorted(range(size), key=self.unigrams.__getitem__, reverse=True)
        self._ranked_logs = [-self.log_unigrams[token] for token in self.ranked]
        self._levels = levels[1:]  # counts: of most contexts no shares are ever asked for

    def probabilities(self, context: Sequence[int]) -> list[float]:
        """Return the probability of every token after a context.

        Only the last ``order - 1`` tokens of the context count.
        The start of a text is the end token, repeated.
        """
        scale, additions = self.mixture(context)
        result = [scale * share for share in self.unigrams]
        for token, share in additions.items():
            result[token] += share
        return result

    def mixture(self, context: Sequence[int]) -> tuple[float, dict[int, float]]:
        """Return the same as a factor of `unigrams`, and what is added for the few tokens seen."""
        # Each level adds to the few tokens that it has seen, and scales all that is below it.
        additions: dict[int, float] = defaultdict(float)
        mass = 1.0
        for length in range(min(self.order - 1, len(context)), 0, -1):
            counts = self._levels[length - 1].get(tuple(context[-length:]))
            if counts is not None:
                shares, rest = _discounted(counts)
                for token, share in shares.items():
                    additions[token] += mass * share
                mass *= rest
        return mass, additions

    def likely(self, least: float) -> list[int]:
        """Return the tokens whose own log probability is at least this."""
        return self.ranked[: bisect_right(self._ranked_logs, -least)]


def _count(sequences: Iterable[Sequence[int]], order: int) -> Counts:
    """Count the n-grams of the highest order; every text starts after a full context of ends."""
    counts: Counts = defaultdict(lambda: defaultdict(int))
    padding = [END] * (order - 1)
    for sequence in sequences:
        padded = [*padding, *sequence, END]
        for position in range(order - 1, len(padded)):
            counts[tuple(padded[position - order + 1 : position])][padded[position]] += 1
    return counts


def _continuations(counts: Counts) -> Counts:
    """Count after how many different tokens each n-gram that is one token shorter was seen."""
    shorter: Counts = defaultdict(lambda: defaultdict(int))
    for context, followers in counts.items():
        followers_of_shorter = shorter[context[1:]]
        for token in followers:
            followers_of_shorter[token] += 1
    return shorter


def _discounted(followers: Mapping[int, int]) -> tuple[dict[int, float], float]:
    """Return the discounted shares of the tokens after one context, and the mass set free."""
    total = sum(followers.values())
    shares = {token: (count - _DISCOUNT) / total for token, count in followers.items()}
    return shares, len(followers) * _DISCOUNT / total


def _with_base(shares: Mapping[int, float], rest: float, size: int) -> list[float]:
    """Spread the rest over the vocabulary: evenly over words, next to nothing on spare bytes.

    A byte that the training text never needed can still be forced by logit_bias.
    """
    weights = [1.0 if token in shares else _UNSEEN for token in range(size)]
    scale = rest / sum(weights)
    return [scale * weight + shares.get(token, 0.0) for token, weight in enumerate(weights)]
