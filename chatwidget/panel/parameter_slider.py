"""The slider of a parameter: an ipywidget that follows the parameter's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from chatwidget.panel.parameter_state import has_slider

if TYPE_CHECKING:
    from chatwidget.client.request.parameters import Parameter
    from chatwidget.panel.state import ParameterState

__all__ = ["make_slider", "move_slider", "slider_position"]

_DECIMALS = 10


class _FloatSlider(widgets.FloatSlider):
    """A slider whose value is free of the noise of binary fractions: 0.1 + 0.2 is 0.3.

    It is rounded before anybody hears of it: a link breaks if a value changes while it is told.
    """

    @traitlets.validate("value")
    def _validate_value(self, proposal: Any) -> Any:
        """Round a value, and keep it between the ends."""
        proposal["value"] = round(proposal["value"], _DECIMALS)
        return super()._validate_value(proposal)


def make_slider(parameter: Parameter, state: ParameterState, start: Any) -> widgets.Widget | None:
    """Return a slider that stands where the state says; None for a parameter that has none."""
    if not has_slider(parameter):
        return None
    make = _FloatSlider if "number" in parameter.kinds else widgets.IntSlider
    return make(
        min=state.minimum,
        max=state.maximum,
        step=state.step,
        value=slider_position(state, start),
        continuous_update=False,
        readout=False,
    )


def move_slider(slider: widgets.Widget, state: ParameterState, start: Any) -> None:
    """Let a slider have the range and the place of a state."""
    with slider.hold_trait_notifications():  # neither end may pass the other on the way
        slider.min, slider.max, slider.step = state.minimum, state.maximum, state.step
        slider.value = slider_position(state, start)


def slider_position(state: ParameterState, start: Any) -> float:
    """Return where a slider stands: at what is sent, or at what would be if it were switched on."""
    place = start if state.value is None else state.value
    low, high = state.minimum or 0, state.maximum or 0
    position: float = round(min(max(place, low), high), _DECIMALS)
    return position
