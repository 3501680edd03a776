"""Whether the front end draws live views, as far as is known."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.notebook.live import LiveView

__all__ = ["FrontEnd"]


class FrontEnd:
    """Learns from its answers whether the front end draws live views.

    A view says ``ready`` when it is drawn, but a kernel that runs a cell hears of it only after
    the cell. So the first view stays open after its answer, out of sight, until it is heard from.
    If that does not happen for as long as a person waits, there are no widgets here.

    Parameters
    ----------
    patience
        How many seconds after its answer the first view may stay silent. "Run All" keeps the
        kernel busy from one answer to the next, which says nothing.
    clock
        Returns the time in seconds; for tests.
    """

    def __init__(self, patience: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._has_answered = False
        self._silent: LiveView | None = None
        self._silent_since = 0.0

    @property
    def draws_views(self) -> bool:
        """False if it had the time to draw a view and did not."""
        if self._has_answered or self._silent is None:
            return True
        return self._clock() - self._silent_since < self._patience

    def hear(self) -> None:
        """Note that a view was drawn."""
        self._has_answered = True
        if self._silent is not None:
            self._silent.close()
            self._silent = None

    def leave(self, view: LiveView) -> None:
        """Close a view that is not needed any more, or keep it to hear of it."""
        if self._has_answered or self._silent is not None:
            view.close()
        else:
            self._silent = view
            self._silent_since = self._clock()
