"""The walk through all answers along a parameter: a tree that branches where the token changes."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typing_extensions import Self

    from chatwidget.tuning.film.envelope import Stretch

__all__ = ["Branch", "Leaf", "Walker", "leaves"]

Token = TypeVar("Token", bound=Hashable)

_INNERMOST = -3
"""An eighth of the range is written at once."""


class Walker(Protocol[Token]):
    """An answer in the making, as far as it has come."""

    @property
    def is_done(self) -> bool:
        """Whether nothing comes any more."""

    def stretches(self, low: float, high: float) -> Sequence[Stretch[Token]]:
        """Return which token comes next, from value to value; nothing if the walk ends here."""

    def accept(self, token: Token) -> None:
        """Go one token on."""

    def copy(self) -> Self:
        """Return another answer that begins in the same way."""


W = TypeVar("W", bound=Walker)  # type: ignore[type-arg] # of any kind of token


@dataclass(frozen=True, slots=True)
class Branch(Generic[W]):
    """A place where the answer changes.

    Attributes
    ----------
    walker
        The beginning that both answers share.
    before, after
        The tokens that come below and above the value of the change.
    """

    walker: W
    before: Stretch[Hashable]
    after: Stretch[Hashable]


@dataclass(frozen=True, slots=True)
class Leaf(Generic[W]):
    """An answer, for values above `low` and up to `high`.

    Attributes
    ----------
    walker
        The answer.
    branch
        How it differs from the answer below; None for the first.
    """

    walker: W
    low: float
    high: float
    branch: Branch[W] | None = field(default=None, repr=False)


def leaves(
    start: W,
    low: float,
    high: float,
    *,
    nearest: float | None = None,
    told: Callable[[int], object] | None = None,
) -> list[Leaf[W]]:
    """Return all answers from low to high.

    One is written to its end before the next begins, from a value outwards: so a walk that is
    stopped has come far where it matters most, and what comes next mostly shares its beginning
    with what came before, which a server then knows still.

    Parameters
    ----------
    start
        The answer before its first token.
    low, high
        The range of the parameter; the first answer is also that of `low` itself.
    nearest
        The value that the walk begins at; by default the lowest.
    told
        Is told how many answers there are, whenever there are more.
    """
    order = _Order(low if nearest is None else nearest, high - low)
    ended: list[Leaf[W]] = []
    ahead = [(order.place(low, high), Leaf(start, low, high))]
    while ahead:
        leaf = heappop(ahead)[-1]
        found = () if leaf.walker.is_done else leaf.walker.stretches(leaf.low, leaf.high)
        if not found:
            ended.append(leaf)
        # a stretch without length is one value, and a value belongs to the answer below
        has_low = leaf.branch is None
        kept = [each for each in found if each.low < each.high or (has_low and each.high == low)]
        for child in _children(leaf, kept):
            heappush(ahead, (order.place(child.low, child.high), child))
        if told is not None and len(kept) > 1:
            told(len(ended) + len(ahead))
    return sorted(ended, key=lambda leaf: (leaf.low, leaf.high))


@dataclass(frozen=True, slots=True)
class _Order:
    """The order in which answers are written: the nearest first, but few changes of the side.

    Who goes to the other side begins anew what a server has read already. So one side is written
    until it reaches twice as far as the other one.
    """

    nearest: float
    span: float

    def place(self, low: float, high: float) -> tuple[int, bool, float, float, float]:
        """Return the place of an answer in the order."""
        is_below = high < self.nearest
        far = max(0.0, self.nearest - high if is_below else low - self.nearest)
        ring = math.frexp(far / self.span)[1] if far else _INNERMOST
        return max(ring, _INNERMOST), is_below, far, low, high


def _children(leaf: Leaf[W], stretches: Sequence[Stretch[Hashable]]) -> Iterator[Leaf[W]]:
    """Yield the answers that go on from one; the last takes it over, the others are copies."""
    before = leaf.walker.copy() if len(stretches) > 1 else leaf.walker
    for number, stretch in enumerate(stretches):
        is_last = number == len(stretches) - 1
        walker = leaf.walker if is_last else before.copy()
        branch = leaf.branch if number == 0 else Branch(before, stretches[number - 1], stretch)
        walker.accept(stretch.line.token)
        yield Leaf(walker, stretch.low, stretch.high, branch)
