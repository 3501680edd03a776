"""The state of the film below the Tokens tab: what may be filmed, how far it has come, the film."""

from __future__ import annotations

import msgspec

from chatwidget.lab.film_messages import FilmState

__all__ = ["FilmPageState"]


class FilmPageState(msgspec.Struct, frozen=True):
    """The film of an answer.

    Attributes
    ----------
    turn
        The turn of the answer; empty if there is none.
    parameters
        Along which parameters there are films.
    plan
        What making one takes, or why there is none, in a sentence.
    can_start
        Whether one can be made.
    most
        How many requests there are at most, by default; 0 where nothing is asked.
    running, asked, progress
        Whether one is being made, how many requests it has taken, and how far it is in a sentence.
    budget
        How many requests it may take.
    film
        The film; None before there is one.
    """

    turn: str = ""
    parameters: list[str] = []
    plan: str = ""
    can_start: bool = False
    most: int = 0
    running: bool = False
    asked: int = 0
    budget: int = 0
    progress: str = ""
    film: FilmState | None = None
