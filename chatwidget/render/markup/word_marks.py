"""Marks on the words in which two texts differ: of plain text, and of safe HTML."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MarkedPair", "marked_pair", "marked_pieces", "matched_words"]

# Tags stand between texts. A formula is one word: the typesetter wants its text as it is.
_FORMULA = re.compile(r'<(?:span|div) class="chatwidget-math\b[^>]*>[^<]*</(?:span|div)>')
_PIECES = re.compile(rf"{_FORMULA.pattern}|<[^>]*>|[^<]+")
_WORDS = re.compile(r"&[#\w]+;|\w+(?:[.,'\u2019]\w+)*|\s+|[^\w\s]")


class MarkedPair(NamedTuple):
    """Two texts as safe HTML with marks where they differ; how many words they have, and share."""

    before: str
    after: str
    words: int
    same: int


def marked_pair(before: str, after: str) -> MarkedPair:
    """Mark the words in which two texts of safe HTML differ; the cost is that of sorting."""
    tokens = _tokens(before), _tokens(after)
    words = [[token for token in each if _is_word(token)] for each in tokens]
    matches = matched_words(*words)
    one, other = (_marked(*each) for each in zip(tokens, matches, strict=True))
    return MarkedPair(one, other, sum(map(len, words)), sum(map(sum, matches)))


def matched_words(before: Sequence[str], after: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Return which words of two texts are matched with each other, in their order.

    Words that occur once in either text are anchors, of which the longest run in the same order is
    kept; from each of them the match goes on to its neighbours as long as they are the same
    (Heckel, "A technique for isolating differences between files", CACM 21(4), 1978, with the
    order of Bram Cohen's patience diff). The cost is that of sorting.
    """
    matched = [False] * len(before), [False] * len(after)
    ends = (-1, -1), (len(before), len(after))
    anchors = [ends[0], *_in_order(_anchors(before, after)), ends[1]]
    for low, high in pairwise(anchors):
        _extend(before, after, matched, low, high)
    return matched


def _extend(
    before: Sequence[str],
    after: Sequence[str],
    matched: tuple[list[bool], list[bool]],
    low: tuple[int, int],
    high: tuple[int, int],
) -> None:
    """Match what is the same right after one anchor and right before the next one."""
    left, right = low
    if left >= 0:
        matched[0][left] = matched[1][right] = True
    i, j = left + 1, right + 1
    while i < high[0] and j < high[1] and before[i] == after[j]:
        matched[0][i] = matched[1][j] = True
        i, j = i + 1, j + 1
    k, m = high[0] - 1, high[1] - 1
    while k >= i and m >= j and before[k] == after[m]:
        matched[0][k] = matched[1][m] = True
        k, m = k - 1, m - 1


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of the words that occur once in either text."""
    once = [{word for word, n in Counter(words).items() if n == 1} for words in (before, after)]
    places = {word: place for place, word in enumerate(after) if word in once[1]}
    return [
        (place, places[word])
        for place, word in enumerate(before)
        if word in once[0] and word in places
    ]


def _in_order(anchors: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of the anchors that is in order in both texts (patience sorting)."""
    piles: list[int] = []  # the anchor on top of each pile
    below: list[int | None] = []  # the anchor on top of the pile before, when each was put down
    for number, (_, place) in enumerate(anchors):
        pile = _pile(anchors, piles, place)
        below.append(piles[pile - 1] if pile else None)
        piles[pile : pile + 1] = [number]
    chain = []
    number_ = piles[-1] if piles else None
    while number_ is not None:
        chain.append(anchors[number_])
        number_ = below[number_]
    return chain[::-1]


def _pile(anchors: list[tuple[int, int]], piles: list[int], place: int) -> int:
    low, high = 0, len(piles)
    while low < high:
        middle = (low + high) // 2
        if anchors[piles[middle]][1] < place:
            low = middle + 1
        else:
            high = middle
    return low


def _tokens(html: str) -> list[str]:
    """Return tags, formulas, words and the space between them, in their order."""
    tokens: list[str] = []
    for piece in _PIECES.findall(html):
        tokens += [piece] if piece.startswith("<") else _WORDS.findall(piece)
    return tokens


def _is_word(token: str) -> bool:
    return bool(token.strip()) and (not token.startswith("<") or bool(_FORMULA.match(token)))


def _marked(tokens: list[str], matched: list[bool]) -> str:
    """Return HTML with a mark around each run of words that were not matched."""
    return "".join(_with_marks(tokens, iter(matched)))


def _with_marks(tokens: list[str], matched: Iterator[bool]) -> Iterator[str]:
    is_open, space = False, ""
    for token in tokens:
        differs = _is_word(token) and not next(matched)
        if not token.strip():
            space += token
            continue
        if is_open and not differs:
            yield "</mark>"
        yield space
        if differs and not is_open:
            yield "<mark>"
        is_open, space = differs, ""
        yield token
    yield "</mark>" * is_open + space


def marked_pieces(before: str, after: str) -> list[tuple[str, bool]]:
    """Return a plain text in pieces, with whether their words are not those of another text."""
    one, other = _WORDS.findall(before), _WORDS.findall(after)
    matches = matched_words(list(filter(str.strip, one)), list(filter(str.strip, other)))
    matched = iter(matches[1])
    differs = [(token, bool(token.strip()) and not next(matched)) for token in other]
    runs = groupby(differs, key=lambda each: each[1])
    return [("".join(token for token, _ in run), is_new) for is_new, run in runs]
