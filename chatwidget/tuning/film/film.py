"""The film of an answer: all that it would have been along one parameter, and where it changes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ParameterError
from chatwidget.client.wire.services import mime_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["Edge", "EdgeToken", "Film", "Frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One answer of a film, for values above `low` and up to `high`.

    Attributes
    ----------
    completion
        The answer; its `finish_reason` is None if the film was stopped before its end.
    doubt
        The probability that a token that the server did not tell would have made another answer;
        0 where all tokens are known.
    """

    low: float
    high: float
    completion: ChatCompletion
    doubt: float = 0.0

    @property
    def text(self) -> str:
        """The text of the answer."""
        return self.completion.text


@dataclass(frozen=True, slots=True)
class EdgeToken:
    """One of the two tokens where an answer changes.

    Attributes
    ----------
    text
        The token.
    level, slope
        Its score is ``level + slope * value``; the token with the highest score comes.
    probability
        How likely it is to be drawn at the value of the edge.
    """

    text: str
    level: float
    slope: float
    probability: float

    def score(self, value: float) -> float:
        """Return the score at a value of the parameter."""
        return self.level + self.slope * value


@dataclass(frozen=True, slots=True)
class Edge:
    """A value at which the answer changes.

    Attributes
    ----------
    value
        The value; the answer below it is also the one at it.
    position
        The number of the token that changes, from 0.
    before, after
        That token below and above the value.
    """

    value: float
    position: int
    before: EdgeToken
    after: EdgeToken


@dataclass(frozen=True)
class Film:
    """All answers along one parameter, for one noise.

    Attributes
    ----------
    parameter
        The parameter that changes.
    frames
        The answers, from the lowest value to the highest.
    edges
        Where one becomes the next: one fewer than there are frames.
    seed
        Which noise it is.
    value
        The value that the answer was asked with, if the film shows it.
    notes
        What is to be said of it, a sentence each.
    """

    parameter: str
    frames: Sequence[Frame]
    edges: Sequence[Edge]
    seed: int
    value: float | None = None
    notes: Sequence[str] = ()
    _again: Callable[[int], Film] | None = field(default=None, repr=False, compare=False)

    @property
    def can_be_dealt_again(self) -> bool:
        """Whether another noise costs nothing: nothing is asked."""
        return self._again is not None and not self.notes

    @property
    def low(self) -> float:
        """The lowest value."""
        return self.frames[0].low

    @property
    def high(self) -> float:
        """The highest value."""
        return self.frames[-1].high

    def __len__(self) -> int:
        """Return how many different answers there are."""
        return len(self.frames)

    def __repr__(self) -> str:
        return (
            f"<Film of {self.parameter} from {self.low:g} to {self.high:g}: "
            f"{len(self)} different answers>"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str] | None:
        """Return what is shown at the end of a cell."""
        return mime_bundle("film output", self)

    def frame(self, value: float) -> Frame:
        """Return the frame at a value of the parameter.

        Raises
        ------
        ParameterError
            If the film does not show that value.
        """
        if not self.low <= value <= self.high:
            raise ParameterError(
                f"This film shows {self.parameter} from {self.low:g} to {self.high:g}, "
                f"and not {value:g}."
            )
        return self.frames[bisect_left([edge.value for edge in self.edges], value)]

    def at(self, value: float) -> ChatCompletion:
        """Return the answer at a value of the parameter."""
        return self.frame(value).completion

    def again(self, seed: int | None = None) -> Film:
        """Return the film of another noise; by default that of the next seed.

        Raises
        ------
        ParameterError
            If this film was read from a file, or its server is not there any more.
        """
        if self._again is None:
            raise ParameterError("This film has nothing that could be asked again.")
        return self._again(self.seed + 1 if seed is None else seed)
