"""Subscriptions that can be ended: whoever observes owns a list of disposers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from traitlets import HasTraits

__all__ = ["Disposer", "Disposers", "observe"]

Disposer: TypeAlias = "Callable[[], object]"
"""What ends a subscription."""


def observe(subject: HasTraits, handler: Callable[[Any], object], names: Sequence[str]) -> Disposer:
    """Call a handler with each change of some traits, and return what ends that."""
    subject.observe(handler, names)
    return lambda: subject.unobserve(handler, names)


class Disposers:
    """The subscriptions of one owner, which end together, and once."""

    def __init__(self, *disposers: Disposer) -> None:
        self._disposers = list(disposers)

    def add(self, disposer: Disposer) -> None:
        """Own one more."""
        self._disposers.append(disposer)

    def dispose(self) -> None:
        """End all of them, the last one first."""
        while self._disposers:
            self._disposers.pop()()
