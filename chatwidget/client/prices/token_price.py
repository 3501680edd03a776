"""The token price: dollars per million tokens, and amounts of money in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from chatwidget.client.wire.types import CompletionUsage

__all__ = ["MOST_DOLLARS", "Dollars", "TokenPrice", "dollars_in_words"]

MOST_DOLLARS = 1_000_000.0
"""No million tokens and no answer costs more."""

Dollars = Annotated[float, msgspec.Meta(ge=0, le=MOST_DOLLARS)]

_MILLION = 1_000_000
_LEAST = 0.000_001


class TokenPrice(msgspec.Struct, frozen=True):
    """A price in dollars per million tokens.

    Attributes
    ----------
    prompt
        Of the tokens that are sent, cached ones included.
    completion
        Of the tokens that the model writes, its reasoning included.
    """

    prompt: Dollars
    completion: Dollars

    def cost(self, usage: CompletionUsage) -> float:
        """Return what some tokens cost, in dollars.

        Some servers leave the reasoning out of the completion and count it in the total alone.
        """
        written = max(usage.completion_tokens, usage.total_tokens - usage.prompt_tokens)
        return (usage.prompt_tokens * self.prompt + written * self.completion) / _MILLION

    def __str__(self) -> str:
        prompt, completion = map(_rate, (self.prompt, self.completion))
        return f"{prompt} for a million tokens of a prompt, {completion} of an answer"


def dollars_in_words(dollars: float) -> str:
    """Return an amount, with two digits that say something, as ``$0.0042`` and ``$1,234.50``."""
    if dollars < _LEAST:
        return "under $0.000001"
    places = max(2, 1 - math.floor(math.log10(dollars)))
    return f"${dollars:,.{places}f}"


def _rate(dollars: float) -> str:
    return dollars_in_words(dollars) if dollars else "$0"
