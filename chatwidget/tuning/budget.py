"""The budget of a study: how many calls, tokens, dollars and seconds it may take."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from chatwidget.client.errors import ConfigurationError

__all__ = ["Budget", "Spending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that one run may take; None is no limit.

    Attributes
    ----------
    calls
        How many calls are asked.
    tokens
        How many tokens they have, prompts and answers.
    dollars
        What they cost.
    seconds
        How long the run takes; what is under way then is stopped.

    Raises
    ------
    ConfigurationError
        If one of them is not above 0.
    """

    calls: int | None = None
    tokens: int | None = None
    dollars: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            is_number = isinstance(given, int | float) and not isinstance(given, bool)
            if given is not None and not (is_number and given > 0):
                raise ConfigurationError(
                    f"The budget of {field.name} is a number above 0; got {given!r}."
                )


class Spending:
    """What a run has spent of its budget, and has promised to calls that are under way.

    Parameters
    ----------
    budget
        The most it may spend.

    Attributes
    ----------
    calls, tokens, dollars
        What was spent.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.calls = 0
        self.tokens = 0
        self.dollars = 0.0
        self._under_way = 0
        self._answered = 0

    def begin(self, tokens: float, dollars: float) -> str:
        """Let a call begin and return nothing, or return the name of the budget that is used up.

        Parameters
        ----------
        tokens, dollars
            What it is expected to take; what the calls before took on average, if that is more.
        """
        ahead = self._under_way + 1
        expected = {
            "calls": self.calls + 1,
            "tokens": self.tokens + ahead * max(tokens, self._mean(self.tokens)),
            "dollars": self.dollars + ahead * max(dollars, self._mean(self.dollars)),
        }
        for name, amount in expected.items():
            if amount > (getattr(self._budget, name) or math.inf):
                return name
        self.calls += 1
        self._under_way += 1
        return ""

    def end(self, tokens: int | None, dollars: float | None) -> None:
        """Let a call end, which has taken so much; None if nobody knows."""
        self._under_way -= 1
        self._answered += 1
        self.tokens += tokens or 0
        self.dollars += dollars or 0.0

    def _mean(self, spent: float) -> float:
        return spent / self._answered if self._answered else 0.0
