"""Usage totals of a session: tokens, time and money, by model."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.client.forks import fork_safe

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Spent", "Tally"]


@dataclass(slots=True)
class Spent:
    """What some questions took, as far as the server told.

    Attributes
    ----------
    questions
        How many were asked.
    uncounted
        For how many of them the server told no number of tokens.
    prompt_tokens, cached_tokens
        The tokens that were sent, and those of them that the server knew already.
    completion_tokens, reasoning_tokens
        The tokens of the answers, and those of them that the model thought to itself.
    seconds
        How long the answers took.
    dollars, priced
        What the answers cost whose price is known, and how many they are.
    """

    questions: int = 0
    uncounted: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    seconds: float = 0.0
    dollars: float = 0.0
    priced: int = 0

    def add(self, facts: Mapping[str, Any]) -> None:
        """Count one more answer, by the facts of its turn."""
        usage = facts.get("usage") or {}
        self.questions += 1
        self.uncounted += not usage
        self.prompt_tokens += usage.get("prompt_tokens", 0)
        self.cached_tokens += _detail(usage, "prompt_tokens_details", "cached_tokens")
        self.completion_tokens += usage.get("completion_tokens", 0)
        self.reasoning_tokens += _detail(usage, "completion_tokens_details", "reasoning_tokens")
        self.seconds += facts.get("timing", {}).get("total_s") or 0.0
        self.dollars += facts.get("cost_usd") or 0.0
        self.priced += "cost_usd" in facts


class Tally:
    """Adds up what answers took, whether a conversation keeps them or not; threads may share it."""

    def __init__(self) -> None:
        # Threads whose answers have ended, and whoever reads; nobody is called under it.
        self._lock = fork_safe(threading.Lock())
        self._spent: dict[tuple[str, str], Spent] = {}

    def add(self, facts: Mapping[str, Any]) -> None:
        """Count one more answer, by the facts of its turn."""
        key = (facts.get("model") or "", facts.get("server") or "")
        with self._lock:
            self._spent.setdefault(key, Spent()).add(facts)

    def total(self) -> Spent:
        """Return what all of them took."""
        total = Spent()
        for spent in self.by_model().values():
            for name in Spent.__slots__:
                setattr(total, name, getattr(total, name) + getattr(spent, name))
        return total

    def by_model(self) -> dict[tuple[str, str], Spent]:
        """Return what was spent, by model and server; those that were asked first come first."""
        with self._lock:
            return dict(self._spent)


def _detail(usage: Mapping[str, Any], group: str, name: str) -> int:
    """Return one of the numbers that only some servers tell."""
    number = (usage.get(group) or {}).get(name)
    return number if isinstance(number, int) else 0
