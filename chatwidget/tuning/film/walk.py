"""The walk through all answers along a parameter: a tree that branches where the token changes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typing_extensions import Self

    from chatwidget.tuning.film.envelope import Stretch

__all__ = ["Branch", "Leaf", "Walker", "leaves"]

Token = TypeVar("Token", bound=Hashable)


class Walker(Protocol[Token]):
    """An answer in the making, as far as it has come."""

    @property
    def is_done(self) -> bool:
        """Whether nothing comes any more."""

    def stretches(self, low: float, high: float) -> Sequence[Stretch[Token]]:
        """Return which token comes next, from value to value of the parameter."""

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


def leaves(start: W, low: float, high: float) -> Iterator[Leaf[W]]:
    """Yield all answers from low to high, in this order.

    Parameters
    ----------
    start
        The answer before its first token.
    low, high
        The range of the parameter; the first answer is also that of `low` itself.
    """
    open_ = [Leaf(start, low, high)]
    while open_:
        leaf = open_.pop()
        if leaf.walker.is_done:
            yield leaf
            continue
        found = leaf.walker.stretches(leaf.low, leaf.high)
        # a stretch without length is one value, and a value belongs to the answer below
        kept = [each for each in found if each.low < each.high or each.high == low]
        open_ += reversed(list(_children(leaf, kept)))


def _children(leaf: Leaf[W], stretches: Sequence[Stretch[Hashable]]) -> Iterator[Leaf[W]]:
    """Yield the answers that go on from one; the last takes it over, the others are copies."""
    before = leaf.walker.copy() if len(stretches) > 1 else leaf.walker
    for number, stretch in enumerate(stretches):
        is_last = number == len(stretches) - 1
        walker = leaf.walker if is_last else before.copy()
        branch = leaf.branch if number == 0 else Branch(before, stretches[number - 1], stretch)
        walker.accept(stretch.line.token)
        yield Leaf(walker, stretch.low, stretch.high, branch)
