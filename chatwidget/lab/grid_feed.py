"""The feed of a grid: what its views have to be told of a study that runs, and no more."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from chatwidget.client.forks import fork_safe
from chatwidget.client.text import clean
from chatwidget.lab.grid_messages import GridCellState, GridKindState
from chatwidget.render.markup.word_marks import marked_pieces
from chatwidget.tuning.outcomes import Begun, Part
from chatwidget.tuning.result import Failure, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from typing import TypeAlias

    from chatwidget.lab.grid_messages import GridTail
    from chatwidget.tuning.grid import Grid
    from chatwidget.tuning.grid_cell import GridCell, Kind
    from chatwidget.tuning.outcomes import StudyEvent
    from chatwidget.tuning.scoring import Score

    Judge: TypeAlias = Callable[[Result], tuple[Hashable, Score]]

__all__ = ["GridFeed"]

_SEEN = 280
"""How many characters of an answer a cell shows."""
_COMPARED = 4_000
_MOST_KINDS = 20


class GridFeed:
    """Takes what becomes of calls on one thread, and gives out what has changed on another.

    Parameters
    ----------
    grid
        The grid, with what is known already.
    judge
        Tells of which kind an answer is, and its score.
    """

    def __init__(self, grid: Grid, judge: Judge | None = None) -> None:
        self.grid = grid
        self._judge = judge or (lambda result: (result.text, None))
        self._lock = fork_safe(threading.Lock())  # the run tells; the page's thread takes out
        self._pinned: str | None = None
        self._begin()

    def _begin(self) -> None:
        self._writing = [_Writing() for _ in self.grid.cells]
        self._told = [0] * len(self.grid)
        self._changed: dict[int, None] = {}

    def hear(self, event: StudyEvent) -> None:
        """Take what has become of a call."""
        with self._lock:
            if isinstance(event, Part | Begun):
                writing = self._writing[self.grid.number(event.call.request)]
                if isinstance(event, Part):
                    writing.write(event.call.draw, _text(event))
                else:
                    writing.begin(event.call.draw)
            else:
                self._end(event)

    def renew(self, grid: Grid) -> None:
        """Take a grid in the place of this one, with the same cells."""
        with self._lock:
            grid.order_as(self.grid)
            self.grid = grid
            self._begin()
            self._changed = dict.fromkeys(range(len(grid)))

    def pin(self, text: str | None) -> None:
        """Mark from now on what differs from a text; nothing, if there is none."""
        with self._lock:
            self._pinned = text
            self._told = [0] * len(self.grid)
            self._changed = dict.fromkeys(range(len(self.grid)))

    def judged(self, cell: int, kind: Kind, results: Sequence[Result]) -> None:
        """Take the first answers of a kind anew, as a person has judged them."""
        with self._lock:
            kind.results[: len(results)] = results
            self._changed[cell] = None

    def changes(self) -> tuple[list[GridTail], list[GridCellState]]:
        """Return what has changed since it was last asked for."""
        with self._lock:
            tails = [
                (number, *news)
                for number, writing in enumerate(self._writing)
                if (news := writing.news()) is not None
            ]
            changed, self._changed = self._changed, {}
            return tails, [self._state(number) for number in changed]

    def whole(self) -> tuple[list[GridTail], list[GridCellState]]:
        """Return all that there is to show by now; what has changed is still to be told."""
        with self._lock:
            tails: list[GridTail] = [
                (number, True, writing.told)
                for number, writing in enumerate(self._writing)
                if writing.told
            ]
            told = self._told
            self._told = [0] * len(told)
            states = [
                self._state(number)
                for number, cell in enumerate(self.grid.cells)
                if cell.answers or cell.failed
            ]
            self._told = told
            return tails, states

    def _end(self, event: Result | Failure) -> None:
        if isinstance(event, Failure):
            number = self.grid.add_failure(event)
        else:
            number = self.grid.add(event, *self._judge(event))
        self._writing[number].end(event.draw)
        self._changed[number] = None

    def _state(self, number: int) -> GridCellState:
        cell = self.grid.cells[number]
        known, self._told[number] = self._told[number], len(cell.kinds)
        return GridCellState(
            number,
            cell.sentence,
            str(cell.unseen).partition("; ")[2] if cell.answers > 1 else "",
            list(self._kinds(cell, known)),
            [place for place, _ in cell.ranked if place < _MOST_KINDS],
            max(len(cell.kinds) - _MOST_KINDS, 0),
            cell.failed,
        )

    def _kinds(self, cell: GridCell, known: int) -> Iterator[GridKindState]:
        """Yield the kinds that are shown, with the text of those that the page has not."""
        for place, kind in enumerate(islice(cell.kinds.values(), _MOST_KINDS)):
            pieces = msgspec.UNSET if place < known else self._pieces(kind)
            said = kind.thumb, kind.is_partly_judged, bool(kind.note)
            yield GridKindState(kind.count, pieces, *said)

    def _pieces(self, kind: Kind) -> list[tuple[str, bool]]:
        text = clean(kind.text)
        if self._pinned is None:
            return [(text[:_SEEN] + "…" * (len(text) > _SEEN), False)]
        return _cut(marked_pieces(self._pinned[:_COMPARED], text[:_COMPARED]))


class _Writing:
    """The answers that are being written in a cell, of which one is seen: the end of it."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._shown: int | None = None
        self._is_new = False
        self._added = ""

    @property
    def seen(self) -> str:
        """What is seen of it."""
        return "" if self._shown is None else self._texts[self._shown]

    @property
    def told(self) -> str:
        """What of it a page has that has heard all news: of another answer nothing yet."""
        return "" if self._is_new else self.seen[: len(self.seen) - len(self._added)]

    def begin(self, draw: int) -> None:
        """Begin an answer, perhaps anew."""
        if draw in self._texts:
            self._texts[draw] = ""
            self._show(self._shown if self._shown != draw else draw)

    def write(self, draw: int, text: str) -> None:
        """Go on with an answer."""
        self._texts[draw] = (self._texts.get(draw, "") + text)[-_SEEN:]
        if self._shown is None:
            self._show(draw)
        elif draw == self._shown:
            self._added = (self._added + text)[-_SEEN:]

    def end(self, draw: int) -> None:
        """End an answer; another one is seen in its place, if there is one."""
        self._texts.pop(draw, None)
        if draw == self._shown:
            self._show(next(iter(self._texts), None))

    def news(self) -> tuple[bool, str] | None:
        """Return what is new: whether another answer is seen, and what was added to it."""
        if not self._is_new and not self._added:
            return None
        news = self._is_new, self._added
        self._is_new, self._added = False, ""
        return news

    def _show(self, draw: int | None) -> None:
        self._shown, self._is_new = draw, True
        self._added = self.seen


def _text(part: Part) -> str:
    """Return what a chunk adds to the text of an answer."""
    choices = part.chunk.choices
    deltas = [each.delta for each in choices if each.index == 0 and each.delta]
    return "".join(delta.content or "" for delta in deltas)


def _cut(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return as many pieces as are seen."""
    short: list[tuple[str, bool]] = []
    left = _SEEN
    for text, differs in pieces:
        if left <= 0:
            return [*short, ("…", False)]
        short.append((text[:left], differs))
        left -= len(text)
    return short
