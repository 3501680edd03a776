"""What code costs, apart from what else its machine and its interpreter have to do."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cpu_seconds"]


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the time that this thread works for a call, without the collection of garbage.

    What the collector takes grows with all that the process holds, not with the call.
    """
    gc.disable()
    began = time.thread_time()
    try:
        work()
    finally:
        spent = time.thread_time() - began
        gc.enable()
    return spent
