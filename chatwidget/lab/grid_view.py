"""The view of a study as a grid: a widget that draws all cells, while they are answered and after.

The kernel sends what changed, at most ten times a second: what is added to the answers that are
being written, and the counts of cells whose answers have changed; a text is sent once. While the
study runs, the widget stands in the output. When it has ended, the output is HTML that stays in the
notebook, and the widget draws itself in its place for as long as the kernel lives.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anywidget
import msgspec
import traitlets

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.forks import fork_safe
from chatwidget.lab.grid_feed import GridFeed
from chatwidget.lab.grid_messages import (
    GridArrange,
    GridArranged,
    GridDone,
    GridFrame,
    GridHead,
    GridNote,
    GridOpen,
    GridPin,
    GridReady,
    GridSample,
    GridSnapshot,
    GridStop,
    GridThumb,
    GridUse,
    from_grid,
)
from chatwidget.lab.grid_opened import kind_at, opened
from chatwidget.render.display.assets import bundle, stylesheet
from chatwidget.render.display.frame_scheduler import ThrottledCaller
from chatwidget.render.display.output_modes import widget_support

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.lab.grid_actions import GridActions
    from chatwidget.lab.grid_messages import FromGrid, GridWidgetMessage, SortName
    from chatwidget.tuning.grid import Grid
    from chatwidget.tuning.outcomes import StudyEvent
    from chatwidget.tuning.progress import Progress

__all__ = ["GridView"]

_INTERVAL = 0.1


class GridView(anywidget.AnyWidget):
    """Widget that shows a study as small multiples.

    Parameters
    ----------
    grid
        The grid, with what is answered already.
    title
        What the study is called, and how large it is.
    actions
        What can be done with the cells; None for nothing but looking.
    on_stop
        What the Stop button calls while the study runs; None if none does.
    """

    _esm = bundle("grid")
    _css = stylesheet("answer", "grid")

    snapshot = traitlets.Dict().tag(sync=True)
    running = traitlets.Bool().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        grid: Grid,
        title: str = "",
        *,
        actions: GridActions | None = None,
        on_stop: Callable[[], object] | None = None,
    ) -> None:
        self._actions = actions
        self._on_stop = on_stop
        self._title = title
        self._feed = GridFeed(grid, actions.kind_and_score if actions else None)
        self._telling = fork_safe(threading.Lock())  # frames are counted, and come in their order
        self._number = 0
        self._next_whole = 1
        self._progress: tuple[str, float] = ("", 0.0)
        self._told_progress = self._progress
        self._sort: SortName = "asked"
        self._having = ""
        self._pinned: tuple[int, int] | None = None
        self._caller = ThrottledCaller(self._draw, _INTERVAL)
        super().__init__(running=on_stop is not None, place=f"chatwidget-grid-{uuid4().hex}")
        self.on_msg(self._handle_message)

    @property
    def grid(self) -> Grid:
        """What is shown."""
        return self._feed.grid

    def hear(self, event: StudyEvent) -> None:
        """Show soon what has become of a call."""
        self._feed.hear(event)
        self._caller.call_soon()

    def show(self, progress: Progress) -> None:
        """Show how far the study has come."""
        done = progress.stored + progress.done + progress.failed
        self._progress = str(progress), done / max(progress.calls, 1)
        self._caller.call_soon()

    def finish(self, grid: Grid | None = None) -> None:
        """Show that the study has ended; a grid with its scores takes the place of this one."""
        self._on_stop = None
        if grid is not None:
            self._feed.renew(grid)
            with self._telling:
                self._number += 1  # all of it is new, for those who have heard all
            self.send_state("snapshot")
        self._caller.stop()
        self._progress = ("", 1.0)
        self._draw()
        self._caller = ThrottledCaller(self._draw, _INTERVAL)
        self.running = False

    def close(self) -> None:
        """Take the grid away, and stop what was asked for in it."""
        self._caller.stop()
        if self._actions is not None:
            self._actions.stop()
        self._actions = None  # a message that is still on its way asks for nothing
        super().close()

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the signature of ipywidgets
        """Return the state as ipywidgets does, with all that a view has to show by now."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "snapshot" in state:
            state["snapshot"] = msgspec.to_builtins(self._snapshot())
        return state

    def _snapshot(self) -> GridSnapshot:
        with self._telling:
            return self._whole()

    def _whole(self) -> GridSnapshot:
        tails, cells = self._feed.whole()
        return GridSnapshot(
            self._number,
            self._head(),
            tails,
            cells,
            *self._progress,
            order=self.grid.arranged(self._sort, self._having),
            sort=self._sort,
            having=self._having,
            pinned=self._pinned[0] if self._pinned else None,
        )

    def _head(self) -> GridHead:
        axes, actions = self.grid.axes, self._actions
        return GridHead(
            self._title,
            list(axes.labels),
            list(axes.columns),
            list(axes.rows),
            list(axes.places),
            acts=actions is not None,
            uses=actions is not None and actions.session is not None,
            scored=any(cell.scores for cell in self.grid.cells),
        )

    def _draw(self) -> None:
        """Send what has changed, if anything has, and anybody is there."""
        if self.comm is None:
            return
        with self._telling:
            self._tell_changes()
        if self._number >= self._next_whole:
            # a view that came late cannot ask for it while the cell runs
            self._next_whole = 2 * self._number
            self.send_state("snapshot")

    def _tell_changes(self) -> None:
        tails, cells = self._feed.changes()
        if tails or cells or self._told_progress != self._progress:
            self._told_progress = self._progress
            self._number += 1
            self._tell(GridFrame(self._number, tails, cells, *self._progress))

    def _tell(self, message: GridWidgetMessage) -> None:
        self.send(msgspec.to_builtins(message))

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Obey a message from the front end, if it is one of the few that there are."""
        message = from_grid(content)
        cell = getattr(message, "cell", None)
        if message is None or (cell is not None and not 0 <= cell < len(self.grid)):
            return
        try:
            self._obey(message)
        except ChatWidgetError as error:
            self._tell(GridDone(str(error)))

    def _obey(self, message: FromGrid) -> None:
        if isinstance(message, GridReady):
            widget_support.on_ready()
            self.send_state("snapshot")
        elif isinstance(message, GridStop):
            self._stop()
        elif isinstance(message, GridOpen):
            self._open(message.cell, message.kind)
        elif isinstance(message, GridArrange):
            self._sort, self._having = message.sort, message.having
            self._tell_order()
        elif isinstance(message, GridPin):
            self._pin(message)
        elif self._actions is not None:
            self._act(message, self._actions)

    def _act(self, message: FromGrid, actions: GridActions) -> None:
        if isinstance(message, GridUse):
            self._tell(GridDone(actions.use(message.cell)))
        elif isinstance(message, GridSample):
            actions.sample(message.cell, self.hear)
            self._tell(GridDone(f"{actions.more.capitalize()} more are asked for."))
        elif isinstance(message, GridThumb):
            self._judge(message, actions, thumb=message.thumb)
        elif isinstance(message, GridNote):
            self._judge(message, actions, note=message.note.strip())

    def _judge(self, message: GridThumb | GridNote, actions: GridActions, **said: Any) -> None:
        """Store what a person says of all answers of a kind, and show it."""
        kind = kind_at(self.grid, (message.cell, message.kind))
        if kind is not None:
            judged = actions.judge(message.cell, [*kind.results], **said)
            self._feed.judged(message.cell, kind, judged)
            self._draw()

    def _stop(self) -> None:
        if self._on_stop is not None:
            self._on_stop()
        if self._actions is not None:
            self._actions.stop()

    def _open(self, cell: int, kind: int) -> None:
        found = opened(self.grid, (cell, kind), self._pinned)
        if found is not None:
            self._tell(found)

    def _pin(self, message: GridPin) -> None:
        kinds = [] if message.cell is None else [*self.grid.cells[message.cell].kinds.values()]
        is_there = 0 <= message.kind < len(kinds)
        self._pinned = (message.cell or 0, message.kind) if is_there else None
        self._feed.pin(kinds[message.kind].text if is_there else None)
        self._draw()
        self._tell_order()

    def _tell_order(self) -> None:
        order = self.grid.arranged(self._sort, self._having)
        self._tell(GridArranged(order, self._pinned[0] if self._pinned else None))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data: Any = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = "…"  # what stands here until the study has ended
        return bundle
