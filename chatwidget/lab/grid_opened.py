"""An answer of a grid that is opened: whole, and beside the pinned one, with its words marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.text import counted
from chatwidget.lab.grid_messages import GridOpened
from chatwidget.render.markup.rendering import render
from chatwidget.render.markup.word_marks import marked_pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.tuning.grid import Grid
    from chatwidget.tuning.grid_cell import Kind
    from chatwidget.tuning.result import Result

__all__ = ["kind_at", "opened"]

_LONGEST = 200_000
_CUT = "\n\n*The rest is not shown.*"


def opened(
    grid: Grid, chosen: tuple[int, int], pinned: tuple[int, int] | None
) -> GridOpened | None:
    """Return a kind of answer, whole; None if there is no such kind.

    Parameters
    ----------
    grid
        The grid.
    chosen, pinned
        The cell and the kind of the answer, and of the one that it is compared with.
    """
    kind = kind_at(grid, chosen)
    if kind is None:
        return None
    other = kind_at(grid, pinned) if pinned is not None and pinned != chosen else None
    html, beside = render(_text(kind)), ""
    if other is not None:
        beside, html, *_ = marked_pair(render(_text(other)), html)
    return GridOpened(
        *chosen,
        html,
        beside,
        grid.cells[pinned[0]].label if other is not None and pinned is not None else "",
        " · ".join(_facts(kind.results[0], kind.count)),
        kind.note,
    )


def kind_at(grid: Grid, place: tuple[int, int]) -> Kind | None:
    """Return a kind of answer by the numbers of its cell and of itself; None if it is not there."""
    cell, number = place
    kinds = [*grid.cells[cell].kinds.values()]
    return kinds[number] if 0 <= number < len(kinds) else None


def _text(kind: Kind) -> str:
    text = kind.text
    return text if len(text) <= _LONGEST else text[:_LONGEST] + _CUT


def _facts(result: Result, count: int) -> Iterator[str]:
    if count > 1:
        yield f"{count} times"
    if result.usage is not None:
        yield counted(result.usage.completion_tokens, "token")
    if result.seconds is not None:
        yield f"{result.seconds:.1f} s"
    if result.finish_reason not in (None, "stop"):
        yield f"ended by {result.finish_reason}"
    yield result.model
