"""Waiting for a turn, in a thread or in an event loop; whoever wakes may be in another one."""

from __future__ import annotations

import asyncio
import threading
from typing import Protocol

__all__ = ["AsyncWaiter", "ThreadWaiter"]

_A_DAY = 86_400.0


class Waiter(Protocol):
    """Who waits for a turn."""

    def wake(self) -> bool:
        """Wake it, now or when it waits next; False if it is gone for good."""


class ThreadWaiter:
    """A thread that waits."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def wake(self) -> bool:
        """Wake it."""
        self._event.set()
        return True

    def wait(self, seconds: float) -> None:
        """Wait until it is woken, so many seconds at most."""
        self._event.wait(min(seconds, _A_DAY))
        self._event.clear()


class AsyncWaiter:
    """A task of the running event loop that waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def wake(self) -> bool:
        """Wake it; False if its event loop is closed."""
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:
            return False
        return True

    async def wait(self, seconds: float) -> None:
        """Wait until it is woken, so many seconds at most."""
        timer = self._loop.call_later(min(seconds, _A_DAY), self._event.set)
        try:
            await self._event.wait()
        finally:
            timer.cancel()
        self._event.clear()
