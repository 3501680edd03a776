"""Pacing, how fast the practice model seems to write: a short pause after each token."""

from __future__ import annotations

import asyncio
import math
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from chatwidget.practice.service import Reply

__all__ = ["PACE_VARIABLE", "apaced", "paced", "seconds", "seconds_per_token"]

PACE_VARIABLE = "CHATWIDGET_PRACTICE_PACE"
_DEFAULT = 0.02


def seconds_per_token(pace: float | None = None) -> float:
    """Return the pause after each token: the environment's, else the given, else the default."""
    return seconds(os.environ.get(PACE_VARIABLE) or (_DEFAULT if pace is None else pace))


def seconds(value: str | float) -> float:
    """Return a number of seconds.

    Raises
    ------
    ValueError
        If it is not a number, or negative, or infinite.
    """
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError(f"The pace is a number of seconds per token, 0 or more; got {value!r}.")
    return number


def paced(reply: Reply, pace: float) -> Iterator[bytes]:
    """Yield the body, with pauses if it streams; an answer that nobody sees grow comes at once."""
    for part in reply.parts:
        yield part
        if reply.streams and pace:
            time.sleep(pace)


async def apaced(reply: Reply, pace: float) -> AsyncGenerator[bytes, None]:
    """Yield the body as `paced` does, and let other tasks run after each token."""
    for part in reply.parts:
        yield part
        await asyncio.sleep(pace if reply.streams else 0)
