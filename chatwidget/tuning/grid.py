"""The grid of a study: a cell for each setting and prompt, whose repeats collapse into kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.grid_axes import Axes, axes_of
from chatwidget.tuning.grid_cell import GridCell
from chatwidget.tuning.grid_html import grid_html, grid_text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from chatwidget.tuning.groups import Compared
    from chatwidget.tuning.result import Failure, Result
    from chatwidget.tuning.scoring import Score

__all__ = ["SORTS", "Grid", "Sort", "filled"]

Sort: TypeAlias = Literal["asked", "same", "different", "score"]
"""As they were asked; most agreement, most kinds or best score first."""
SORTS: tuple[Sort, ...] = get_args(Sort)


class _Place(NamedTuple):
    """What identifies a cell."""

    setting: Hashable
    prompt: str
    item: str


class Grid:
    """The cells of a study, along the axes of what varies; it grows as answers come.

    At the end of a cell of the notebook it is a table.

    Parameters
    ----------
    requests
        What is asked, in the order of the study.

    Attributes
    ----------
    cells
        A cell for each request.
    axes
        Which cells stand beside and below each other.
    """

    def __init__(self, requests: Sequence[Compared]) -> None:
        self.axes: Axes = axes_of(requests)
        self.cells = [
            GridCell(request, label)
            for request, label in zip(requests, self.axes.labels, strict=True)
        ]
        self._numbers = {_place(request): number for number, request in enumerate(requests)}

    def add(self, result: Result, kind: Hashable, score: Score = None) -> int:
        """Take an answer; return the number of its cell."""
        number = self.number(result)
        self.cells[number].add(result, kind, score)
        return number

    def add_failure(self, failure: Failure) -> int:
        """Take a call that failed; return the number of its cell."""
        number = self.number(failure)
        self.cells[number].failed += 1
        return number

    def number(self, request: Compared) -> int:
        """Return the number of the cell for a request, a result or a failure."""
        return self._numbers[_place(request)]

    def arranged(self, sort: Sort = "asked", having: str = "") -> list[int]:
        """Return the numbers of the cells that have a text, in an order.

        Parameters
        ----------
        sort
            As in `SORTS`.
        having
            A text in the label, the answers or the notes of a cell, in any case.

        Raises
        ------
        ConfigurationError
            If there is no such order.
        """
        if sort not in SORTS:
            raise ConfigurationError(f"sort is one of {', '.join(SORTS)}; got {sort!r}.")
        found = [n for n, cell in enumerate(self.cells) if not having or cell.has(having)]
        return sorted(found, key=lambda number: _height(self.cells[number], sort))

    def order_as(self, other: Grid) -> None:
        """Let the kinds of each cell stand in the order of another grid: whoever looks is there."""
        for cell, before in zip(self.cells, other.cells, strict=True):
            kinds = dict.fromkeys([*before.kinds, *cell.kinds])
            cell.kinds = {kind: cell.kinds[kind] for kind in kinds if kind in cell.kinds}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what varies."""
        return self.axes.names

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        answers = sum(cell.answers for cell in self.cells)
        return f"<Grid of {len(self)} cells, {answers} answers>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what is shown at the end of a cell: a table, with a twin of plain text."""
        shown = self.cells, self.axes
        return {"text/html": grid_html(*shown), "text/plain": grid_text(self.cells)}


def filled(
    requests: Sequence[Compared],
    results: Iterable[tuple[Result, Hashable, Score]],
    failures: Iterable[Failure],
) -> Grid:
    """Return the grid of requests with what came of them."""
    grid = Grid(requests)
    for each in results:
        grid.add(*each)
    for failure in failures:
        grid.add_failure(failure)
    return grid


def _place(request: Compared) -> _Place:
    return _Place(request.setting, request.prompt, request.item)


def _height(cell: GridCell, sort: Sort) -> float:
    """Return what cells are sorted by, the least first; the order is kept among equals."""
    if sort == "same":
        return -cell.agreement if cell.answers else 1.0
    if sort == "different":
        return -len(cell.kinds)
    if sort == "score":
        return float("inf") if cell.score is None else -cell.score
    return 0.0
