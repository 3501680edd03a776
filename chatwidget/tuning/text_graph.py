"""The text graph of samples: shared beginnings once, and paths that meet again where texts do.

Samples meet at a run of words which none of them has twice.
Such meetings are put into one order, by where they stand on average, and each sample keeps as many
as follow each other in this order: so no path ever leads back.
Between meetings samples share what begins alike.
The cost is that of sorting the words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Node", "TextGraph", "text_graph"]

_WORD = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")
_MEETING = 3
"""So many words in a row are no chance meeting."""

Run: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A stretch of text that samples share.

    Attributes
    ----------
    text
        The text.
    samples
        The numbers of the samples that go through it, from 0 on.
    """

    text: str
    samples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TextGraph:
    """A graph without circles, in which each sample is a path.

    Attributes
    ----------
    samples
        The texts.
    nodes
        The stretches of text, each after those that lead to it.
    edges
        How many samples go from one node to another, by their numbers.
    paths
        For each sample the numbers of its nodes.
    """

    samples: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: dict[tuple[int, int], int]
    paths: tuple[tuple[int, ...], ...]


def text_graph(samples: Iterable[str]) -> TextGraph:
    """Return the graph of samples."""
    texts = tuple(samples)
    words = [_WORD.findall(text) for text in texts]
    walks = _walks(words)
    return _compact(texts, words, walks, _heads(walks))


def _walks(words: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return for each sample the number of each word's place in the graph, yet word by word."""
    runs = [_runs(each) for each in words]
    order = _order_of_meetings(runs)
    ways = _Ways()
    return [
        ways.walk(sample, _kept([order.get(run) for run in those]))
        for sample, those in zip(words, runs, strict=True)
    ]


class _Ways:
    """The ways that samples have gone so far.

    A way leads to a later meeting, or to a word of its own behind the same one: so it ends.
    """

    def __init__(self) -> None:
        self._onward: dict[tuple[int, str], int] = {}
        self._meetings: dict[int, int] = {}
        self._latest: dict[int, int] = {-1: -1}

    def walk(self, words: Sequence[str], meetings: Mapping[int, int]) -> list[int]:
        """Return the places of a sample's words; `meetings` says at which words it may meet."""
        walk, place = [], -1
        for number, word in enumerate(words):
            following = self._onward.get((place, word))
            if following is None:
                following = self._place(place, meetings.get(number, -1))
                self._onward[place, word] = following
            walk.append(following)
            place = following
        return walk

    def _place(self, before: int, meeting: int) -> int:
        new = len(self._latest) - 1
        if meeting <= self._latest[before]:
            self._latest[new] = self._latest[before]
            return new
        found = self._meetings.setdefault(meeting, new)
        self._latest[found] = meeting
        return found


def _runs(words: Sequence[str]) -> list[Run]:
    """Return for each word the run that it begins; the end of the text counts as a word."""
    padded = [*words, *[""] * _MEETING]
    return list(
        zip(*(padded[shift : len(words) + shift] for shift in range(_MEETING)), strict=True)
    )


def _order_of_meetings(runs: Sequence[Sequence[Run]]) -> dict[Run, int]:
    """Return the runs at which samples may meet, numbered by where they stand on average."""
    sums: Counter[Run] = Counter()
    counts: Counter[Run] = Counter()
    repeated: set[Run] = set()
    for sample in runs:
        repeated |= {run for run, count in Counter(sample).items() if count > 1}
        counts.update(sample)
        for number, run in enumerate(sample):
            sums[run] += number
    shared = [run for run, count in counts.items() if count > 1 and run not in repeated]
    shared.sort(key=lambda run: sums[run] / counts[run])
    return {run: number for number, run in enumerate(shared)}


def _kept(ranks: Sequence[int | None]) -> dict[int, int]:
    """Return the words at which a sample meets others, with their ranks: the most that ascend.

    References
    ----------
    C. Schensted, "Longest increasing and decreasing subsequences", Canad. J. Math. 13 (1961).
    """
    lowest: list[int] = []  # the rank at which a sequence of each length may end
    last: list[int] = []
    before: dict[int, int] = {}
    for number, rank in enumerate(ranks):
        if rank is None:
            continue
        length = bisect_left(lowest, rank)
        if length:
            before[number] = last[length - 1]
        lowest[length : length + 1] = [rank]
        last[length : length + 1] = [number]
    kept: dict[int, int] = {}
    place = last[-1] if last else None
    while place is not None:
        kept[place] = ranks[place] or 0
        place = before.get(place)
    return kept


def _heads(walks: Sequence[Sequence[int]]) -> set[int]:
    """Return the places where a node begins: more than one way leads there, or one of several."""
    ways_in: dict[int, set[int]] = {}
    ways_out: dict[int, set[int]] = {}
    for walk in walks:
        for one, other in zip([-1, *walk], [*walk, -2], strict=True):
            ways_out.setdefault(one, set()).add(other)
            ways_in.setdefault(other, set()).add(one)
    return {
        place
        for place, ways in ways_in.items()
        if len(ways) > 1 or any(len(ways_out[each]) > 1 for each in ways) or -1 in ways
    }


def _compact(
    texts: tuple[str, ...],
    words: Sequence[Sequence[str]],
    walks: Sequence[Sequence[int]],
    heads: set[int],
) -> TextGraph:
    """Return the graph in which words that always follow each other are one node."""
    numbers: dict[tuple[int, str], int] = {}
    samples: dict[int, list[int]] = {}
    edges: Counter[tuple[int, int]] = Counter()
    paths = []
    for sample, (walk, those) in enumerate(zip(walks, words, strict=True)):
        path = []
        for head, text in _stretches(walk, those, heads):
            number = numbers.setdefault((head, text), len(numbers))
            samples.setdefault(number, []).append(sample)
            path.append(number)
        edges.update(pairwise(path))
        paths.append(path)
    order = _sorted(len(numbers), edges)
    renamed = {old: new for new, old in enumerate(order)}
    told = {number: text for (_, text), number in numbers.items()}
    return TextGraph(
        texts,
        tuple(Node(told[old], tuple(samples[old])) for old in order),
        {(renamed[a], renamed[b]): count for (a, b), count in edges.items()},
        tuple(tuple(renamed[each] for each in path) for path in paths),
    )


def _stretches(
    walk: Sequence[int], words: Sequence[str], heads: set[int]
) -> Iterator[tuple[int, str]]:
    """Yield the head and the text of each node on a sample's way."""
    begins = [number for number, place in enumerate(walk) if place in heads or number == 0]
    for begin, end in pairwise([*begins, len(walk)]):
        yield walk[begin], "".join(words[begin:end])


def _sorted(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """Return the nodes, each after all that lead to it.

    References
    ----------
    A. B. Kahn, "Topological sorting of large networks", Commun. ACM 5 (1962).
    """
    onward: dict[int, list[int]] = {}
    waiting: Counter[int] = Counter()
    for one, other in edges:
        onward.setdefault(one, []).append(other)
        waiting[other] += 1
    ready = [number for number in range(count) if not waiting[number]]
    for number in ready:
        for other in onward.get(number, ()):
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return ready
