"""The inputs that the row of a parameter can have: a slider, a box, a list and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import ipywidgets as widgets
import msgspec
import traitlets

from chatwidget.chat.observing import GuardedTraits
from chatwidget.panel.parameter_state import has_slider

if TYPE_CHECKING:
    from chatwidget.client.request.parameters import Parameter
    from chatwidget.panel.state import ParameterState

__all__ = [
    "BiasInput",
    "Check",
    "ChecksInput",
    "ChoiceInput",
    "ControlInput",
    "FormatInput",
    "FormatName",
    "JsonInput",
    "NumberInput",
    "Option",
    "SliderInput",
    "TextsInput",
    "TokenBias",
    "make_slider",
    "move_slider",
    "slider_position",
]


FormatName: TypeAlias = Literal["text", "json_object", "json_schema", "type"]
"""The formats of an answer; ``type`` is a Python type, which only code can choose."""


class _Input(msgspec.Struct, frozen=True, tag_field="kind"):
    """Base of the inputs; the tag is what is drawn."""


class SliderInput(_Input, frozen=True, tag="slider"):
    """A slider, which is a widget of its own, and a box for exact numbers."""


class NumberInput(_Input, frozen=True, tag="number"):
    """A box for a number.

    Attributes
    ----------
    die
        Whether there is a button that throws a new number.
    """

    die: bool = False


class Option(msgspec.Struct, frozen=True):
    """One of a few values."""

    value: Any
    label: str


class ChoiceInput(_Input, frozen=True, tag="choice"):
    """A few values, of which one is chosen.

    Attributes
    ----------
    options
        The values.
    free
        Whether any other text may be written.
    text
        What is sent, if it is none of the options.
    placeholder
        What the line for another text says while it is empty.
    """

    options: list[Option] = []
    free: bool = False
    text: str = ""
    placeholder: str = ""


class TextsInput(_Input, frozen=True, tag="texts"):
    """Several texts, each of which can be taken away.

    Attributes
    ----------
    texts
        What is sent.
    placeholder
        What the line for one more says.
    """

    texts: list[str] = []
    placeholder: str = ""


class Check(msgspec.Struct, frozen=True):
    """One of several things that can be chosen together."""

    name: str
    title: str = ""
    checked: bool = False


class ChecksInput(_Input, frozen=True, tag="checks"):
    """Several things to choose from, of which any number is chosen.

    Attributes
    ----------
    checks
        All of them.
    others
        What is chosen and cannot be changed here.
    empty
        What is said if there are none.
    look
        Whether there is a button that looks for more.
    """

    checks: list[Check] = []
    others: list[str] = []
    empty: str = ""
    look: bool = False


class FormatInput(_Input, frozen=True, tag="format"):
    """The format of the answer, and a schema where there is one.

    Attributes
    ----------
    format
        The format that is sent; None if none is.
    schema
        The schema with its name, as JSON, indented.
    type
        The name of the Python type that stands for a schema.
    """

    format: FormatName | None = None
    schema: str = ""
    type: str = ""


class TokenBias(msgspec.Struct, frozen=True):
    """What is added to the logit of a token.

    Attributes
    ----------
    token
        Its number.
    text
        Its text; empty if the tokenizer is not known here.
    amount
        What is added.
    """

    token: str
    text: str
    amount: float


class BiasInput(_Input, frozen=True, tag="biases"):
    """Tokens, and what is added to the logit of each.

    Attributes
    ----------
    biases
        What is sent.
    placeholder
        What the field for another token says.
    """

    biases: list[TokenBias] = []
    placeholder: str = ""


class JsonInput(_Input, frozen=True, tag="json"):
    """A field for JSON, which is there once somebody wants to write some.

    Attributes
    ----------
    text
        What is sent, indented; empty if nothing is.
    placeholder
        An example.
    """

    text: str = ""
    placeholder: str = ""


ControlInput: TypeAlias = (
    SliderInput
    | NumberInput
    | ChoiceInput
    | TextsInput
    | ChecksInput
    | FormatInput
    | BiasInput
    | JsonInput
)
"""What a value is chosen with."""


_DECIMALS = 10


class _IntSlider(GuardedTraits, widgets.IntSlider):
    """A slider of whole numbers."""


class _FloatSlider(GuardedTraits, widgets.FloatSlider):
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
    make = _FloatSlider if "number" in parameter.kinds else _IntSlider
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
