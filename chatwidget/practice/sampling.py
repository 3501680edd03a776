"""Sampling a token from logits: penalties, bias, temperature and top_p, as the vendor has them.

See "Parameter details" in the OpenAI API guide.
The order is: bias and penalties are added to the logits, temperature divides them, softmax makes
probabilities, top_p keeps the likeliest, and one token is drawn.

It is drawn by Gumbel noise: of the tokens that are kept, the one with the highest
``logit + temperature * noise`` comes, which is each with its probability (C. J. Maddison et al.,
"A* Sampling", NeurIPS 2014).
The noise is that of the seed, the position and the token, whatever the settings are.
So with a seed one can tell what another setting would have drawn.

Log probabilities are reported *before* all of this: they are what the model thinks, so that the
effect of each setting can be computed from them.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.practice.noise import Noise

__all__ = [
    "Nucleus",
    "Sampling",
    "adjusted",
    "choose",
    "likeliest",
    "likely",
    "nucleus",
    "probabilities",
]


@dataclass(frozen=True, slots=True)
class Sampling:
    """The settings that decide how a token is drawn; the defaults change nothing."""

    temperature: float = 1.0
    top_p: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logit_bias: Mapping[int, float] = field(default_factory=dict)


def choose(
    logits: Sequence[float],
    counts: Mapping[int, int],
    sampling: Sampling,
    noise: Noise,
) -> int:
    """Draw one token.

    Parameters
    ----------
    logits
        The model's log probabilities, one for each token of the vocabulary.
    counts
        How often each token was already drawn for this answer; the prompt does not count.
    sampling
        The settings.
    noise
        The Gumbel noise of each token at this position.
    """
    changed = adjusted(logits, counts, sampling)
    temperature = sampling.temperature
    if temperature == 0:
        return changed.index(max(changed))
    if sampling.top_p >= 1:
        kept: Sequence[int] = noise.candidates(changed, temperature)
    else:
        kept = likely(probabilities(changed, temperature), sampling.top_p).tokens
    return max(kept, key=lambda token: changed[token] + temperature * noise[token])


def adjusted(logits: Sequence[float], counts: Mapping[int, int], sampling: Sampling) -> list[float]:
    """Add the bias, and subtract the penalties of tokens that the answer already has.

    ``logit[j] + bias[j] - count[j] * frequency_penalty - (count[j] > 0) * presence_penalty``
    """
    changed = list(logits)
    for token, bias in sampling.logit_bias.items():
        changed[token] += bias
    for token, count in counts.items():
        if count > 0:
            changed[token] -= count * sampling.frequency_penalty + sampling.presence_penalty
    return changed


def probabilities(logits: Sequence[float], temperature: float) -> list[float]:
    """Return the softmax of ``logits / temperature``; at zero, the likeliest token has it all."""
    top = max(logits)
    if temperature == 0:
        chosen = logits.index(top)
        return [float(token == chosen) for token in range(len(logits))]
    # numbers are subtracted before they are divided: a tiny temperature must not overflow
    weights = [math.exp((logit - top) / temperature) for logit in logits]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


@dataclass(frozen=True, slots=True)
class Nucleus:
    """The smallest set of likeliest tokens that reach top_p together.

    Attributes
    ----------
    tokens
        The tokens, the likeliest first; of equal ones the one with the lower number.
    before
        For each of them the probability of all that are likelier.
    mass
        The probability of all of them.
    """

    tokens: Sequence[int]
    before: Sequence[float]
    mass: float


def nucleus(shares: Sequence[float], top_p: float) -> list[float]:
    """Return what top_p leaves of a distribution: the likeliest tokens, scaled to one."""
    kept = likely(shares, top_p)
    scaled = [0.0] * len(shares)
    for token in kept.tokens:
        scaled[token] = shares[token] / kept.mass
    return scaled if top_p < 1 else list(shares)


def likely(shares: Sequence[float], top_p: float) -> Nucleus:
    """Keep the smallest set of likeliest tokens that reach top_p together."""
    # All tokens below this floor sum to less than 1 - top_p, so the set lies above it.
    floor = (1 - top_p) / (2 * len(shares)) if top_p < 1 else 0.0
    ranked = sorted(
        ((share, -token) for token, share in enumerate(shares) if share >= floor), reverse=True
    )
    sums = list(accumulate(map(itemgetter(0), ranked), initial=0.0))
    reached = (rank for rank, total in enumerate(sums) if rank and total >= top_p)
    size = len(ranked) if top_p >= 1 else next(reached, len(ranked))
    return Nucleus([-token for _, token in ranked[:size]], sums[:size], sums[size])


def likeliest(logits: Sequence[float], count: int) -> list[int]:
    """Return the tokens with the highest logits, best first."""
    return heapq.nlargest(count, range(len(logits)), key=logits.__getitem__)
