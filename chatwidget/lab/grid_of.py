"""The grid of a study that is stored, as a widget at the end of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.chat.shell_session import current_session
from chatwidget.lab.grid_actions import GridActions
from chatwidget.lab.grid_output import GridOutput
from chatwidget.tuning.results import Results
from chatwidget.tuning.study import Study

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["grid"]


def grid(of: Study | Results, *, session: ChatSession | None = None) -> GridOutput:
    """Return a study as small multiples, for the end of a cell.

    Parameters
    ----------
    of
        The study, or its results: with these, how they are scored and grouped.
    session
        What takes a setting; by default the one of the running shell.

    Raises
    ------
    ConfigurationError
        If the store cannot be used.
    """
    session = session or current_session()
    if isinstance(of, Results):
        study = Study.of(of.definition, store=of.store)
        passes, group = of.judges
        return GridOutput(GridActions(study, session, passes=passes, group=group))
    return GridOutput(GridActions(of, session))
