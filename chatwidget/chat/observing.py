"""Observers: subscriptions that can be ended, and guards for what an observer raises."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeAlias

from traitlets import All, HasTraits
from traitlets.traitlets import EventHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Disposer", "Disposers", "GuardedObserver", "GuardedTraits", "observe"]

Disposer: TypeAlias = "Callable[[], object]"
"""What ends a subscription."""

_log = logging.getLogger("chatwidget")


class GuardedObserver:
    """An observer whose errors are logged: they stop no others, nor whoever made the change.

    An error that it raises again and again is logged once.
    """

    def __init__(self, handler: Callable[[Any], object]) -> None:
        self._handler = handler
        self._failure = ""

    def __call__(self, event: Any) -> None:
        """Call the observer."""
        try:
            self._handler(event)
        except Exception as error:  # noqa: BLE001 - an observer may be anybody's
            if repr(error) != self._failure:
                self._failure = repr(error)
                name = getattr(self._handler, "__qualname__", type(self._handler).__name__)
                _log.exception("The observer %s failed; what it observes goes on.", name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GuardedObserver) and bool(self._handler == other._handler)

    def __hash__(self) -> int:
        return hash(self._handler)


class GuardedTraits(HasTraits):
    """Traits whose observers are guarded."""

    def observe(self, handler: Any, names: Any = All, type: Any = "change") -> None:  # noqa: A002 - as in traitlets
        """Call a handler with each change of some traits."""
        super().observe(_guarded(handler), names, type)

    def unobserve(self, handler: Any, names: Any = All, type: Any = "change") -> None:  # noqa: A002 - as in traitlets
        """Call a handler no longer."""
        super().unobserve(_guarded(handler), names, type)


def _guarded(handler: Any) -> Any:
    """Return a handler with a guard; the methods of a class that observes itself need none."""
    return handler if isinstance(handler, EventHandler) else GuardedObserver(handler)


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
