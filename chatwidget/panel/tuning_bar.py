"""The line above the conversation: whether a change asks again, and how often it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.panel.tuning import Tuner

__all__ = ["TuningBar"]


class TuningBar(widgets.HBox):
    """Shows and changes a `Tuner`.

    Parameters
    ----------
    tuner
        What it shows.
    show_settings
        Called with whether the settings beside it are to be seen.
    """

    def __init__(self, tuner: Tuner, show_settings: Callable[[bool], object]) -> None:
        self._tuner = tuner
        toggle = widgets.ToggleButton(
            True,  # noqa: FBT003 - the value of a button
            description="Settings",
            icon="sliders",
            tooltip="Show or hide the settings.",
        )
        toggle.add_class("chatwidget-toggle")
        toggle.observe(lambda change: show_settings(change["new"]), "value")
        reruns = widgets.Checkbox(
            description="Re-run on release",
            indent=False,
            tooltip="Ask the last question again whenever a control is released.",
        )
        limit = widgets.BoundedIntText(
            tuner.per_minute, min=1, max=600, continuous_update=False, tooltip="Requests a minute."
        )
        self._used = widgets.Label()
        super().__init__([toggle, reruns, widgets.Label("at most"), limit, self._used])
        self.add_class("chatwidget-tuning-bar")
        self._link(reruns, "reruns")
        self._link(limit, "per_minute")
        tuner.observe(self._follow, "used")
        self._follow()

    def _link(self, control: widgets.Widget, name: str) -> None:
        control.observe(lambda change: setattr(self._tuner, name, change["new"]), "value")
        self._tuner.observe(lambda change: setattr(control, "value", change["new"]), name)

    def _follow(self, _change: object = None) -> None:
        self._used.value = f"a minute; {self._tuner.used} sent"
