"""Widget support: whether the front end draws live views, as far as is known."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.render.display.live import LiveView

__all__ = ["WidgetSupport"]


class WidgetSupport:
    """Detects from its answers whether the front end supports widgets.

    A view says ``ready`` when it is drawn, but a kernel that runs a cell hears of it only after
    the cell. So the last view stays open, out of sight, until the next answer has ended: to be
    heard from, and to be drawn again in a page that was loaded anew while the answer streamed,
    which does not get to see its finished form.

    Parameters
    ----------
    patience
        How many seconds after the first answer no view may have been heard from. "Run All" keeps
        the kernel busy from one answer to the next, which says nothing.
    clock
        Returns the time in seconds; for tests.
    equip
        Called once, by `equip_page`; what it returns is kept.
    """

    def __init__(
        self,
        patience: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        equip: Callable[[], object] = lambda: None,
    ) -> None:
        self._patience = patience
        self._clock = clock
        self._equip = equip
        self._is_equipped = False
        self._equipment: object = None
        self._has_answered = False
        self._last: LiveView | None = None
        self._silent_since: float | None = None

    @property
    def draws_views(self) -> bool:
        """False if it had the time to draw a view and did not."""
        if self._has_answered or self._silent_since is None:
            return True
        return self._clock() - self._silent_since < self._patience

    def on_ready(self) -> None:
        """Note that a view was drawn."""
        self._has_answered = True
        self.equip_page()

    def equip_page(self) -> None:
        """Give the page what it needs for finished answers, unless it has it."""
        if not self._is_equipped:
            self._is_equipped = True
            self._equipment = self._equip()

    def keep_open(self, view: LiveView) -> None:
        """Keep a view whose answer has ended, and close the one before it."""
        if self._last is not None:
            self._last.close()
        self._last = view
        if self._silent_since is None:
            self._silent_since = self._clock()
