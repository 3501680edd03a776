"""The kinds of controls: what a parameter is chosen with, and which value comes of an action.

Plain values, no widgets: a kind makes the input that the page draws, and reads what comes back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ParameterError
from chatwidget.panel.control_inputs import (
    ChoiceInput,
    ControlInput,
    JsonInput,
    NumberInput,
    Option,
    SliderInput,
    TextsInput,
)
from chatwidget.panel.control_messages import (
    ControlSet,
    ControlSwitch,
    ControlWrite,
)
from chatwidget.panel.parameter_state import has_slider

if TYPE_CHECKING:
    from chatwidget.client.request.parameters import Parameter
    from chatwidget.panel.control_messages import ControlAction

__all__ = [
    "ControlKind",
    "JsonKind",
    "NumberKind",
    "SwitchKind",
    "TextKind",
    "TextsKind",
    "as_indented_json",
    "read_json",
]

_USUAL_NUMBERS = {"max_tokens": 256, "max_completion_tokens": 256, "seed": 0, "top_logprobs": 5}
_EXAMPLES = {
    "audio": '{"voice": "alloy", "format": "mp3"}',
    "prediction": '{"type": "content", "content": "…"}',
    "metadata": '{"project": "notebook"}',
    "stream_options": '{"include_usage": true}',
    "functions": '[{"name": "…", "parameters": {}}]',
}


class ControlKind:
    """A kind of control, for one parameter.

    Attributes
    ----------
    parameter
        The parameter.
    start
        What is sent when it is switched on; None if a value has to be chosen first.
    """

    start: Any = None

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter

    def input(self, value: Any) -> ControlInput:
        """Return what the page draws for a value; None if nothing is sent."""
        raise NotImplementedError

    def chosen(self, action: ControlAction, value: Any) -> object:
        """Return the value that an action asks for, given the one that is sent now.

        Raises
        ------
        ParameterError, LookupError
            If what was written cannot be read.
        """
        if isinstance(action, ControlSwitch):
            return (self.start if value is None else value) if action.on else None
        if isinstance(action, ControlSet):
            return action.value
        if isinstance(action, ControlWrite):
            return self.read(action.text) if action.text.strip() else None
        return value

    def read(self, text: str) -> object:
        """Return the value that a text stands for."""
        return text


class NumberKind(ControlKind):
    """A slider with a box for exact numbers, or the box alone."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        usual = _USUAL_NUMBERS.get(parameter.name, parameter.minimum)
        self.start = usual if parameter.default is None else parameter.default

    def input(self, value: Any) -> ControlInput:  # noqa: ARG002 - a number is drawn from the state
        """Return the slider or the box."""
        if has_slider(self.parameter):
            return SliderInput()
        return NumberInput(die=self.parameter.name == "seed")

    def read(self, text: str) -> object:
        """Read a number; whoever takes it checks what else it may be."""
        try:
            return json.loads(text)
        except ValueError:
            return text


class SwitchKind(ControlKind):
    """A choice between on and off."""

    start = True

    def input(self, value: Any) -> ControlInput:  # noqa: ARG002 - the page compares the options
        """Return both."""
        return ChoiceInput([Option(value=True, label="on"), Option(value=False, label="off")])


class TextKind(ControlKind):
    """A line of text, with the values that are known to be understood; servers may know more."""

    def input(self, value: Any) -> ControlInput:
        """Return the known values, and the line."""
        choices = self.parameter.choices
        return ChoiceInput(
            options=[Option(choice, choice) for choice in choices],
            free=True,
            text="" if value in (None, *choices) else _as_text(value),
            placeholder="another value" if choices else "not sent",
        )

    def read(self, text: str) -> object:
        """Read an object where the parameter may be one, and else take the text as it is."""
        is_object = "object" in self.parameter.kinds and text.lstrip().startswith("{")
        return read_json(text) if is_object else text


class TextsKind(ControlKind):
    """Several texts, at which an answer stops."""

    def input(self, value: Any) -> ControlInput:
        """Return the texts."""
        texts = [value] if isinstance(value, str) else list(value or ())
        return TextsInput(texts, "Add a stop sequence")

    def chosen(self, action: ControlAction, value: Any) -> object:
        """Return the texts that are left; if none is, nothing is sent."""
        return super().chosen(action, value) or None


class JsonKind(ControlKind):
    """A field for JSON."""

    def input(self, value: Any) -> ControlInput:
        """Return what is sent, indented."""
        text = "" if value is None else as_indented_json(value)
        return JsonInput(text, _EXAMPLES.get(self.parameter.name, "{}"))

    def read(self, text: str) -> object:
        """Read JSON."""
        return read_json(text)


def read_json(text: str) -> Any:
    """Read JSON that a person wrote.

    Raises
    ------
    ParameterError
        If it is none.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        said = f"This is no JSON yet: {error.msg[:1].lower()}{error.msg[1:]} at {place}."
        raise ParameterError(said) from None


def as_indented_json(value: Any) -> str:
    """Return a value as JSON for a person; a function or a type inside is written by its name."""
    return json.dumps(
        value, indent=2, ensure_ascii=False, default=lambda it: getattr(it, "__name__", str(it))
    )


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
