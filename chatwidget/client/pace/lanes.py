"""The queue of a pace: one lane for each that asks, served in turn, so that none waits for all."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["Lanes"]

_Item = TypeVar("_Item")


class Lanes(Generic[_Item]):
    """A round-robin queue; within a lane who came first goes first. Each step costs the same."""

    def __init__(self) -> None:
        self._lanes: OrderedDict[object, OrderedDict[_Item, None]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def first(self) -> _Item | None:
        """Whose turn it is, if anyone waits."""
        for lane in self._lanes.values():
            return next(iter(lane))
        return None

    def add(self, lane: object, item: _Item, *, ahead: bool = False) -> None:
        """Let an item wait in its lane, or ahead of all of them."""
        self._lanes.setdefault(lane, OrderedDict())[item] = None
        self._size += 1
        if ahead:
            self._lanes.move_to_end(lane, last=False)
            self._lanes[lane].move_to_end(item, last=False)

    def remove(self, lane: object, item: _Item, *, served: bool = True) -> None:
        """Let an item go; after one that was served it is the next lane's turn."""
        waiting = self._lanes[lane]
        del waiting[item]
        self._size -= 1
        if not waiting:
            del self._lanes[lane]
        elif served:
            self._lanes.move_to_end(lane)
