"""Forks: what a process makes anew when it is the child of one that has used it.

A child has the memory of its parent and none of its threads. A lock that one of them holds stays
locked for ever, nobody goes on with what they were at, and a connection would be read by both.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakMethod, WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["call_in_children", "fork_safe"]

_Lock = TypeVar("_Lock")
_locks: WeakSet[Any] = WeakSet()
_calls: set[WeakMethod[Callable[[], object]]] = set()


def fork_safe(lock: _Lock) -> _Lock:
    """Return a ``Lock`` or ``RLock``, which is free in a child whoever held it in the parent."""
    _locks.add(lock)
    return lock


def call_in_children(method: Callable[[], object]) -> None:
    """Let a method be called in each child that is forked, as long as its owner lives."""
    _calls.add(WeakMethod(method, _calls.discard))


def _begin_child() -> None:
    for lock in _locks:
        if not _is_ours(lock):
            lock._at_fork_reinit()  # noqa: SLF001 - so the standard library frees its own
    for call in [*_calls]:
        if (method := call()) is not None:
            method()


def _is_ours(lock: Any) -> bool:
    """Tell whether the thread that forks holds a lock, which the child gives back as it will."""
    return hasattr(lock, "_is_owned") and lock._is_owned()  # noqa: SLF001 - an RLock alone has it


if hasattr(os, "register_at_fork"):  # Windows knows no forks
    os.register_at_fork(after_in_child=_begin_child)
