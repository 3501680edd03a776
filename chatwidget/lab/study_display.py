"""The display of a study in the output of its cell: its answers as they come, then its results."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import msgspec

from chatwidget.lab.study_output import no_answer, study_bundle
from chatwidget.render.display.final_output import answer_html
from chatwidget.render.display.output_modes import LiveOutputMode
from chatwidget.tuning.outcomes import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.lab.grid_actions import GridActions
    from chatwidget.tuning.outcomes import StudyEvent
    from chatwidget.tuning.progress import Progress
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.study import Study

__all__ = ["StudyDisplay", "study_display"]

_INTERVAL = 0.5
_MOST_COLUMNS = 6
_MOST_CELLS = 400


class StudyDisplay(Protocol):
    """A display of a study that runs."""

    def hear(self, event: StudyEvent) -> None:
        """Hear what becomes of a call."""

    def show(self, progress: Progress) -> None:
        """Show how far the study has come."""

    def close(self, results: Results, remarks: Sequence[str]) -> None:
        """Show the results in its place, and what is to be said of them, a sentence each."""

    def abandon(self) -> None:
        """Show that there are none."""


def study_display(
    study: Study,
    *,
    mode: str,
    on_stop: Callable[[], object],
    actions: GridActions | None = None,
) -> StudyDisplay:
    """Return the display for a study: columns of a few settings, a grid of many, or its progress.

    Parameters
    ----------
    study
        The study.
    mode
        How an answer is shown while it streams: ``live``, ``updates`` or ``text``.
    on_stop
        What the Stop button calls.
    actions
        What can be done with the cells of a grid.
    """
    if mode == "live" and shows_columns(study):
        return _Columns(study, on_stop)
    if mode == "live" and len(study.requests) <= _MOST_CELLS:
        return _Cells(study, on_stop, actions)
    return _Counts(in_columns=shows_columns(study), is_silent=mode == "text")


def show_picture(results: Results) -> None:
    """Show the picture of a study as an output of its own, which any page can show."""
    from IPython.display import display  # noqa: PLC0415 - heavy, and not for every program

    found = results.picture()
    if found is not None:
        display(found)


def shows_columns(study: Study) -> bool:
    """Whether a study is a few single answers, which stand side by side."""
    return study.repeats == 1 and 1 < len(study) <= _MOST_COLUMNS and len(study.items) == 1


class _Display:
    """An output of the cell that runs, which may be replaced."""

    def __init__(self) -> None:
        self._id = uuid4().hex
        self._is_open = False

    def put(self, bundle: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        from IPython.display import display  # noqa: PLC0415 - heavy, and not for every program

        display(
            bundle,
            raw=True,
            metadata=metadata or {},
            display_id=self._id,
            update=self._is_open,
        )
        self._is_open = True


class _Counts:
    """How many calls are answered, as a line beside a bar; where all is printed, not at all."""

    def __init__(self, *, in_columns: bool, is_silent: bool) -> None:
        self._in_columns = in_columns
        self._is_silent = is_silent
        self._display = _Display()
        self._next = 0.0

    def hear(self, event: StudyEvent) -> None:
        """Hear nothing: the progress tells enough."""

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now >= self._next and not self._is_silent:
            self._next = now + _INTERVAL
            self._display.put({"text/html": _progress_html(progress), "text/plain": str(progress)})

    def close(self, results: Results, remarks: Sequence[str]) -> None:
        self._display.put(*study_bundle(results, remarks, in_columns=self._in_columns))
        if not self._is_silent:
            show_picture(results)

    def abandon(self) -> None:
        self._display.put(*no_answer())


class _Columns:
    """Answers that stream side by side, each under its setting."""

    def __init__(self, study: Study, on_stop: Callable[[], object]) -> None:
        labels = [request.setting.label for request in study.requests]
        self._places = {request.setting: n for n, request in enumerate(study.requests)}
        self._mode = LiveOutputMode(len(labels), study.name, on_stop, labels=labels)
        self._mode.open()

    def hear(self, event: StudyEvent) -> None:
        if isinstance(event, Part):
            place = self._places[event.call.request.setting]
            first = [choice for choice in event.chunk.choices if choice.index == 0]
            choices = [msgspec.structs.replace(choice, index=place) for choice in first]
            self._mode.feed(msgspec.structs.replace(event.chunk, choices=choices))

    def show(self, progress: Progress) -> None:
        self._mode.show_notice(str(progress))

    def close(self, results: Results, remarks: Sequence[str]) -> None:
        self._mode.close(_Final(*study_bundle(results, remarks, in_columns=True)))
        show_picture(results)

    def abandon(self) -> None:
        self._mode.close(_Final(*no_answer()))


class _Cells:
    """A grid whose cells fill as answers come, and which stays for as long as the kernel lives."""

    def __init__(
        self, study: Study, on_stop: Callable[[], object], actions: GridActions | None
    ) -> None:
        from chatwidget.lab.grid_view import GridView  # noqa: PLC0415 - loads ipywidgets

        title = f"{study.name}: {study.sentence}"
        grid = study.results().grid()
        self._view = GridView(grid, title, actions=actions, on_stop=on_stop)
        self._display = _Display()
        self._display.put(*as_output(self._view))

    def hear(self, event: StudyEvent) -> None:
        self._view.hear(event)

    def show(self, progress: Progress) -> None:
        self._view.show(progress)

    def close(self, results: Results, remarks: Sequence[str]) -> None:
        self._view.finish(results.grid())
        bundle = study_bundle(results, remarks, in_columns=False, place=self._view.place)
        self._display.put(*bundle)
        show_picture(results)

    def abandon(self) -> None:
        self._view.finish()
        self._view.close()
        self._display.put(*no_answer())


class _Final:
    """What stays in the notebook, as an output mode takes it."""

    def __init__(self, bundle: dict[str, Any], metadata: dict[str, Any]) -> None:
        self._bundle = bundle
        self._metadata = metadata

    def bundle(self) -> dict[str, str]:
        return self._bundle

    def metadata(self) -> dict[str, Any]:
        return self._metadata


def as_output(widget: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the data and the metadata of a widget's output, which come as one or as two."""
    bundle = widget._repr_mimebundle_()
    return bundle if isinstance(bundle, tuple) else (bundle, {})


def _progress_html(progress: Progress) -> str:
    done = progress.stored + progress.done
    bar = f'<progress value="{done}" max="{max(progress.calls, 1)}"></progress>'
    return answer_html(f'<div class="chatwidget-study">{bar} {escape(str(progress))}</div>')
