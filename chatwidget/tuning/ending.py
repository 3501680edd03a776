"""The ending of a run: why it ends before all is asked, and who is to hear of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ChatWidgetError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Ending"]


class Ending:
    """Why a run ends before all is asked; it belongs to one event loop.

    Attributes
    ----------
    why
        The sentence; empty while it goes on.
    error
        What is raised where the run was started, if it is an error.
    """

    def __init__(self) -> None:
        self.why = ""
        self.error: BaseException | None = None
        self._now = asyncio.Event()

    def ask_no_more(self, why: str) -> None:
        """Let what is under way end, and ask nothing more."""
        self.why = self.why or why

    def stop(self, why: str) -> None:
        """Stop what is under way as well."""
        self.ask_no_more(why)
        self._now.set()

    def fail(self, error: BaseException) -> None:
        """Stop because of an error."""
        if self.error is None and not self._now.is_set():
            self.error = error
            self.stop(error.message if isinstance(error, ChatWidgetError) else str(error))

    async def come(self) -> None:
        """Wait until what is under way is to be stopped."""
        await self._now.wait()

    async def wait_for(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Wait for tasks; if one fails, or they are to be stopped, stop all of them."""
        if not tasks:
            return
        working = asyncio.create_task(asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))
        coming = asyncio.create_task(self.come())
        await asyncio.wait({working, coming}, return_when=asyncio.FIRST_COMPLETED)
        for task in (*tasks, working, coming):
            task.cancel()
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(error, Exception):
                raise error
