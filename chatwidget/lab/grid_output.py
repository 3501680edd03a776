"""The output of a grid: HTML that stays, and a widget that draws itself in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.lab.study_output import answers_html
from chatwidget.render.display.final_output import answer_html

if TYPE_CHECKING:
    from chatwidget.lab.grid_actions import GridActions
    from chatwidget.lab.grid_view import GridView
    from chatwidget.tuning.results import Results

__all__ = ["GridOutput"]


class GridOutput:
    """A stored study as a grid; shown at the end of a cell.

    Parameters
    ----------
    actions
        What can be done with its cells.
    """

    def __init__(self, actions: GridActions) -> None:
        self._actions = actions
        self._view: GridView | None = None

    @property
    def results(self) -> Results:
        """All results by now, with those that were asked for in the grid."""
        return self._actions.results

    @property
    def view(self) -> GridView:
        """The widget."""
        if self._view is None:
            from chatwidget.lab.grid_view import GridView  # noqa: PLC0415 - loads ipywidgets

            study = self._actions.study
            title = f"{study.name}: {study.sentence}"
            self._view = GridView(self.results.grid(), title, actions=self._actions)
        return self._view

    def __repr__(self) -> str:
        return f"<GridOutput of {self._actions.study.name!r}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what is shown at the end of a cell."""
        results = self.results
        place = f'<div class="{self.view.place}"></div>\n'
        plain = results.grid()._repr_mimebundle_()["text/plain"]
        return {"text/html": answer_html(place + answers_html(results)), "text/plain": plain}
