"""Gumbel noise: a number for each seed, answer, position and token, the same on every machine."""

from __future__ import annotations

import hashlib
import math
import struct
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Noise", "NoiseSource", "gumbel", "noise_of"]

_LUCKY = 1 / 64
"""The share of tokens whose noise is worth a look even where they are unlikely."""

_LUCKY_WORD = int((1 - _LUCKY) * 2**64)
_LUCKY_NOISE = -math.log(-math.log(1 - _LUCKY))


def gumbel(word: int) -> float:
    """Return the noise that 64 random bits make."""
    # the middle of one of 2**53 equal parts of the unit interval, which is never 0 or 1
    return -math.log(-math.log(((word >> 11) + 0.5) * 2.0**-53))


def noise_of(seed: int, position: int, token: bytes) -> float:
    """Return the noise of a token of another model, which is known by its text."""
    key = b"%d:%d:%b" % (seed, position, token)
    return gumbel(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little"))


class NoiseSource:
    """Source of the noise of one of the n answers to a request.

    Parameters
    ----------
    seed
        Where chance starts.
    index
        Which of the n answers it is; each has its own noise, so that the first answer does not
        depend on n.
    size
        The size of the vocabulary.
    """

    def __init__(self, seed: int, index: int, size: int) -> None:
        self._name = f"{seed}:{index}"
        self._words = struct.Struct(f"<{size}Q")

    def at(self, position: int) -> Noise:
        """Return the noise at a position of the answer."""
        digest = hashlib.shake_128(f"{self._name}:{position}".encode())
        return Noise(self._words.unpack(digest.digest(self._words.size)))


class Noise:
    """The noise of each token at one position.

    Parameters
    ----------
    words
        64 random bits for each token.
    """

    def __init__(self, words: Sequence[int]) -> None:
        self._words = words
        self._known: dict[int, float] = {}

    def __getitem__(self, token: int) -> float:
        noise = self._known.get(token)
        if noise is None:
            noise = self._known[token] = gumbel(self._words[token])
        return noise

    @cached_property
    def lucky(self) -> list[int]:
        """The tokens whose noise is high."""
        return [token for token, word in enumerate(self._words) if word >= _LUCKY_WORD]

    def least(self, token: int, logit: float, temperature: float) -> float:
        """Return the logit that a token needs to win over another, unless it is lucky."""
        return logit - temperature * max(0.0, _LUCKY_NOISE - self[token])

    def candidates(self, logits: Sequence[float], temperature: float) -> list[int]:
        """Return all tokens that may have the highest ``logit + temperature * noise``.

        What is neither likely nor lucky cannot win over the likeliest token; so the noise of most
        tokens need not be computed.
        """
        best = logits.index(max(logits))
        least = self.least(best, logits[best], temperature)
        likely = [token for token, logit in enumerate(logits) if logit >= least]
        return sorted({*likely, *self.lucky})
