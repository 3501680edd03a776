"""The messages between a film and its view in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.tuning.film.film import Edge, EdgeToken, Film

__all__ = [
    "FilmAsk",
    "FilmEdgeState",
    "FilmFrameState",
    "FilmState",
    "FilmStripState",
    "FilmTokenState",
    "film_state",
]


class FilmFrameState(msgspec.Struct, frozen=True):
    """An answer of a film, up to a value; `end` is empty for one that was stopped."""

    high: float
    text: str
    end: str
    doubt: float


class FilmTokenState(msgspec.Struct, frozen=True):
    """One of two tokens at an edge: its line, and how likely it is there."""

    text: str
    level: float
    slope: float
    probability: float


class FilmEdgeState(msgspec.Struct, frozen=True):
    """A value at which the answer changes, and the tokens that change places."""

    value: float
    position: int
    before: FilmTokenState
    after: FilmTokenState


class FilmStripState(msgspec.Struct, frozen=True):
    """The edges of a film of another noise, for the stack."""

    seed: int
    edges: list[float]


class FilmState(msgspec.Struct, frozen=True, tag_field="type", tag="film"):
    """A film.

    Attributes
    ----------
    parameter, low, high, seed, notes
        As in `Film`.
    value
        Where the slider stands at first.
    frames, edges
        The answers, and where one becomes the next.
    stack
        Films of other noises, if they were asked for.
    can_deal
        Whether the kernel can make films of other noises at once.
    """

    parameter: str
    low: float
    high: float
    seed: int
    value: float
    frames: list[FilmFrameState]
    edges: list[FilmEdgeState]
    notes: list[str]
    stack: list[FilmStripState] = []
    can_deal: bool = False


class FilmAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="ask"):
    """What a page asks for: the film, the one of another noise, or a stack of them."""

    what: str


def film_state(film: Film, stack: Sequence[Film] = ()) -> FilmState:
    """Return a film for a page."""
    return FilmState(
        parameter=film.parameter,
        low=film.low,
        high=film.high,
        seed=film.seed,
        value=film.low if film.value is None else film.value,
        frames=[
            FilmFrameState(
                frame.high, frame.text, frame.completion.finish_reason or "", round(frame.doubt, 4)
            )
            for frame in film.frames
        ],
        edges=[_edge(edge) for edge in film.edges],
        notes=[*film.notes],
        stack=[FilmStripState(each.seed, [edge.value for edge in each.edges]) for each in stack],
        can_deal=film.can_be_dealt_again,
    )


def _edge(edge: Edge) -> FilmEdgeState:
    return FilmEdgeState(edge.value, edge.position, _token(edge.before), _token(edge.after))


def _token(token: EdgeToken) -> FilmTokenState:
    return FilmTokenState(token.text, token.level, token.slope, token.probability)
