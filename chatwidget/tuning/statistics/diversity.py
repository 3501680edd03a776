"""Diversity of texts: how different the answers to one question are.

All of these depend on how long the texts are (arXiv 2507.15092): longer ones repeat themselves
more. Compare texts of like length, cut them with `cut_to_shortest`, or show the lengths beside.
"""

from __future__ import annotations

import math
import random
import zlib
from collections import Counter
from itertools import chain, combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

__all__ = [
    "agreement",
    "compression_ratio",
    "cut_to_shortest",
    "distinct_n",
    "duplicate_share",
    "entropy",
    "pairwise_jaccard",
    "self_repetition",
]

_MOST_PAIRS = 2000


def duplicate_share(texts: Sequence[str]) -> float:
    """Share of texts that are an exact copy of one before; nan without texts."""
    return 1 - len(set(texts)) / len(texts) if texts else math.nan


def distinct_n(texts: Sequence[str], n: int = 2) -> float:
    """Share of different n-grams of words among all of them; nan without any.

    References
    ----------
    J. Li, M. Galley, C. Brockett, J. Gao, B. Dolan, "A diversity-promoting objective function for
    neural conversation models", NAACL 2016, arXiv 1510.03055.
    """
    grams = list(chain.from_iterable(_grams(text, n) for text in texts))
    return len(set(grams)) / len(grams) if grams else math.nan


def pairwise_jaccard(texts: Sequence[str], seed: int = 0) -> float:
    """Mean likeness of two texts: words that both have, among those that either has.

    1 means that all have the same words. Of many pairs a sample is taken, by `seed`. nan without
    two texts.

    References
    ----------
    P. Jaccard, "The distribution of the flora in the alpine zone", New Phytol. 11 (1912).
    """
    words = [frozenset(text.split()) for text in texts]
    likeness = [_jaccard(*pair) for pair in _pairs(words, seed)]
    return sum(likeness) / len(likeness) if likeness else math.nan


def compression_ratio(texts: Sequence[str]) -> float:
    """Ratio of the texts' size to that after compression: the higher, the more repetitive.

    Short texts compress badly and long ones well, so that it compares only texts of like length.
    nan without any text.

    References
    ----------
    C. Shaib, J. Barrow, J. Sun, A. F. Siu, B. C. Wallace, A. Nenkova, "Standardizing the
    measurement of text diversity", arXiv 2403.00553.
    """
    written = "\n".join(texts).encode("utf-8", "surrogatepass")
    return len(written) / len(zlib.compress(written, 9)) if written else math.nan


def self_repetition(texts: Sequence[str], n: int = 4) -> float:
    """Mean over texts of log(1 + how often its n-grams of words stand in other texts).

    0 means that no text shares an n-gram with another; nan without texts.

    References
    ----------
    N. Salkar, T. Trikalinos, B. C. Wallace, A. Nenkova, "Self-repetition in abstractive neural
    summarizers", AACL 2022, arXiv 2210.08145.
    """
    of_texts = [set(_grams(text, n)) for text in texts]
    texts_with = Counter(chain.from_iterable(of_texts))
    others = (sum(texts_with[gram] - 1 for gram in grams) for grams in of_texts)
    return sum(map(math.log1p, others)) / len(texts) if texts else math.nan


def agreement(kinds: Sequence[Hashable]) -> float:
    """Share of answers that are of the most frequent kind; nan without answers."""
    return max(Counter(kinds).values()) / len(kinds) if kinds else math.nan


def entropy(kinds: Sequence[Hashable]) -> float:
    """Entropy of the kinds of answers, in bits: 0 if all are of one kind; nan without answers.

    Kinds that mean the same make it the discrete semantic entropy of S. Farquhar, J. Kossen,
    L. Kuhn, Y. Gal, "Detecting hallucinations in large language models using semantic entropy",
    Nature 630 (2024). It is too small for few answers.

    References
    ----------
    C. E. Shannon, "A mathematical theory of communication", Bell Syst. Tech. J. 27 (1948).
    """
    shares = [count / len(kinds) for count in Counter(kinds).values()]
    return sum(-share * math.log2(share) for share in shares) if kinds else math.nan


def cut_to_shortest(texts: Sequence[str]) -> list[str]:
    """Cut all texts after as many words as the shortest one has, so that lengths do not count."""
    words = [text.split() for text in texts]
    shortest = min(map(len, words), default=0)
    return [" ".join(each[:shortest]) for each in words]


def _grams(text: str, n: int) -> Iterator[tuple[str, ...]]:
    words = text.split()
    return zip(*(words[start:] for start in range(n)), strict=False)


def _pairs(
    words: Sequence[frozenset[str]], seed: int
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    if math.comb(len(words), 2) <= _MOST_PAIRS:
        yield from combinations(words, 2)
        return
    sample = random.Random(seed).sample  # noqa: S311 - it is statistics
    for _ in range(_MOST_PAIRS):
        one, other = sample(range(len(words)), 2)
        yield words[one], words[other]


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    either = len(one | other)
    return len(one & other) / either if either else 1.0
