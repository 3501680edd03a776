"""Log probabilities as servers tell them: what one means, and those of the likeliest tokens."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatwidget.client.wire.types import TopLogprob

__all__ = ["is_told", "told_logprob", "told_logprobs"]

Name = TypeVar("Name", bound=Hashable)

_LEAST = -700.0
"""No float holds a probability far below this one: who says less means minus infinity, too."""


def is_told(logprob: float) -> bool:
    """Tell whether a log probability says anything."""
    return _LEAST < logprob < math.inf


def told_logprob(logprob: float) -> float | None:
    """Return a log probability, which is not above zero however it was rounded; None without."""
    return min(logprob, 0.0) if is_told(logprob) else None


def told_logprobs(
    listed: Iterable[TopLogprob], name: Callable[[TopLogprob], Name]
) -> dict[Name, float]:
    """Return the log probabilities of listed tokens by their names, of those that have one."""
    return {name(each): min(each.logprob, 0.0) for each in listed if is_told(each.logprob)}
