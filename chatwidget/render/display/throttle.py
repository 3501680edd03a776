"""The throttle of drawing: at a steady pace, away from the code that reads the answer."""

from __future__ import annotations

import contextvars
import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ThrottledCaller"]

_log = logging.getLogger(__name__)
_PATIENCE = 2.0


class ThrottledCaller:
    """Throttle of a function, with a trailing call: soon after it was asked for, never too often.

    It calls on a thread of its own: so the last tokens of a burst are drawn although no more come,
    drawing never delays reading, and an interrupt of the main thread never hits half a drawing.

    Parameters
    ----------
    draw
        The function. If it raises, that is logged and it is not called again.
    interval
        The least time between two calls, in seconds.
    """

    def __init__(self, draw: Callable[[], object], interval: float) -> None:
        self._draw = draw
        self._interval = interval
        self._asked = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def call_soon(self) -> None:
        """Call the function soon; calls that are asked for meanwhile count as one."""
        if not self._asked.is_set():  # it takes a lock to set it
            self._asked.set()
        if self._thread is None:
            # ipykernel finds the cell that output belongs to in the context
            run = contextvars.copy_context().run
            self._thread = threading.Thread(target=run, args=(self._run,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Return when the function runs no more, and never will."""
        self._stopped.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while self._asked.wait() and not self._stopped.is_set():
            self._asked.clear()
            try:
                self._draw()
            except Exception:  # noqa: BLE001 - what was drawn stays, and the end is drawn anew
                _log.exception("An answer cannot be drawn while it streams.")
                return
            self._stopped.wait(self._interval)
