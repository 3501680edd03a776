"""Cutting a film: the answers along a parameter, equal neighbours as one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.tuning.film.film import Edge, EdgeToken, Film, Frame
from chatwidget.tuning.film.walk import Branch, Leaf, Walker, leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chatwidget.tuning.film.axis import Axis
    from chatwidget.tuning.film.envelope import Line

__all__ = ["Spelling", "cut"]


class Spelling(Walker[Any], Protocol):
    """An answer in the making that can be read."""

    @property
    def model(self) -> str:
        """The model that writes."""

    @property
    def position(self) -> int:
        """How many tokens there are."""

    def doubt(self, low: float, high: float) -> float:
        """Return how likely an unknown token would have won anywhere in it, in a range."""

    def spelled(self) -> tuple[str, str | None]:
        """Return the text and the finish reason."""

    def label(self, token: Any) -> str:
        """Return a token as text to show."""

    def probability(self, token: Any, value: float) -> float:
        """Return how likely a token is to come next, at a value of the parameter."""


def cut(
    start: Spelling,
    axis: Axis,
    *,
    seed: int,
    value: float | None = None,
    notes: Sequence[str] = (),
    again: Callable[[int], Film] | None = None,
    told: Callable[[int], object] | None = None,
) -> Film:
    """Return the film of all answers that begin with one.

    Parameters
    ----------
    start
        The answer before its first token.
    axis
        The parameter that changes.
    seed, value, notes, again
        As in `Film`.
    told
        As in `leaves`.
    """
    frames, edges = _cut(leaves(start, axis.low, axis.high, nearest=value, told=told))
    return Film(axis.parameter, frames, edges, seed, value, notes, again)


def _cut(found: Iterable[Leaf[Spelling]]) -> tuple[list[Frame], list[Edge]]:
    frames: list[Frame] = []
    edges: list[Edge] = []
    for leaf in found:
        frame = _frame(leaf)
        if frames and _equal(frames[-1].completion, frame.completion):
            doubt = max(frames[-1].doubt, frame.doubt)
            frames[-1] = replace(frames[-1], high=frame.high, doubt=doubt)
            continue
        if frames and leaf.branch is not None:
            edges.append(_edge(leaf.low, leaf.branch))
        frames.append(frame)
    return frames, edges


def _frame(leaf: Leaf[Spelling]) -> Frame:
    text, reason = leaf.walker.spelled()
    choice = Choice(0, ChatCompletionMessage(content=text), reason)
    completion = ChatCompletion([choice], model=leaf.walker.model)
    return Frame(leaf.low, leaf.high, completion, leaf.walker.doubt(leaf.low, leaf.high))


def _equal(one: ChatCompletion, other: ChatCompletion) -> bool:
    return (one.text, one.finish_reason) == (other.text, other.finish_reason)


def _edge(value: float, branch: Branch[Spelling]) -> Edge:
    # the value itself belongs to the answer below
    above = math.nextafter(value, math.inf)
    return Edge(
        value,
        branch.walker.position,
        _token(branch.walker, branch.before.line, value),
        _token(branch.walker, branch.after.line, above),
    )


def _token(walker: Spelling, line: Line[Any], value: float) -> EdgeToken:
    probability = walker.probability(line.token, value)
    return EdgeToken(walker.label(line.token), line.level, line.slope, probability)
