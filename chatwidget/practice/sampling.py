"""Sampling a token from logits: penalties, bias, temperature and top_p, as the vendor has them.

See "Parameter details" in the OpenAI API guide.
The order is: bias and penalties are added to the logits, temperature divides them, softmax makes
probabilities, top_p keeps the likeliest, and one token is drawn.
Log probabilities are reported *before* all of this: they are what the model thinks, so that the
effect of each setting can be computed from them.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

__all__ = [
    "Sampling",
    "adjusted",
    "choose",
    "draw",
    "likeliest",
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
    logits: Sequence[float], counts: Mapping[int, int], sampling: Sampling, random: Random
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
    random
        Where chance comes from.
    """
    changed = adjusted(logits, counts, sampling)
    if sampling.temperature == 0:
        return changed.index(max(changed))
    return draw(nucleus(probabilities(changed, sampling.temperature), sampling.top_p), random)


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


def nucleus(shares: Sequence[float], top_p: float) -> list[float]:
    """Keep the smallest set of likeliest tokens that reach top_p together, scaled to one."""
    if top_p >= 1:
        return list(shares)
    # All tokens below this floor sum to less than 1 - top_p, so the set lies above it.
    floor = (1 - top_p) / (2 * len(shares))
    ranked = sorted(
        ((share, -token) for token, share in enumerate(shares) if share >= floor), reverse=True
    )
    sums = list(accumulate(share for share, _ in ranked))
    size = next((rank for rank, total in enumerate(sums, 1) if total >= top_p), len(ranked))
    kept = [0.0] * len(shares)
    for share, token in ranked[:size]:
        kept[-token] = share / sums[size - 1]
    return kept


def draw(shares: Sequence[float], random: Random) -> int:
    """Draw one token with its probability."""
    return random.choices(range(len(shares)), shares)[0]


def likeliest(logits: Sequence[float], count: int) -> list[int]:
    """Return the tokens with the highest logits, best first."""
    return heapq.nlargest(count, range(len(logits)), key=logits.__getitem__)
