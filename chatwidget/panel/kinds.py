"""Which control fits which parameter: each is an ipywidget that takes a value as it is sent."""

from __future__ import annotations

import json
import random
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import ipywidgets as widgets
import traitlets

from chatwidget.client.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.parameters import Parameter

__all__ = ["Control", "RangeControl", "control_for"]

_LARGEST_INTEGER = 2**31 - 1
_LONGEST_SLIDER = 100
Span: TypeAlias = tuple[float, float, float]
_USUAL = {"max_tokens": 256, "max_completion_tokens": 256, "n": 1, "seed": 0}


class Control(widgets.HBox):
    """Takes the value of one parameter.

    Attributes
    ----------
    choice
        The value as it goes on the wire; a person or a program may set it.
    problem
        Why what was typed cannot be used; empty if it can.
    """

    choice = traitlets.Any()
    problem = traitlets.Unicode()

    def __init__(self, parameter: Parameter, *parts: widgets.Widget, start: Any) -> None:
        self.parameter = parameter
        self._shows = threading.local()
        super().__init__(list(parts), choice=start)
        self.add_class("chatwidget-control")
        self._follow()
        self.observe(self._follow, "choice")

    def show(self, value: Any) -> None:
        """Let the parts of the control show a value."""
        raise NotImplementedError

    def limit(self, span: Span | None) -> None:
        """Take the range that a server has for the parameter; None for the vendor's."""

    def take(self, value: object) -> None:
        """Take what a person chose, if the parameter can have that value."""
        if self._is_showing:
            return
        try:
            self.choice = self.parameter.checked(value)
            self.problem = ""
        except ParameterError as error:
            self.problem = error.message

    def _follow(self, _change: object = None) -> None:
        with self._showing():
            self.show(self.choice)
        self.problem = ""

    @contextmanager
    def _showing(self) -> Iterator[None]:
        """Tell changes that the program makes from those that a person makes meanwhile."""
        self._shows.now = True
        try:
            yield
        finally:
            self._shows.now = False

    @property
    def _is_showing(self) -> bool:
        return getattr(self._shows, "now", False)


class RangeControl(Control):
    """A slider and a number box for the same number; both commit when they are let go.

    Attributes
    ----------
    minimum, maximum
        The ends of the slider. A value beyond them, which the parameter may have, moves them.
    """

    minimum = traitlets.Float()
    maximum = traitlets.Float()

    def __init__(self, parameter: Parameter) -> None:
        whole = "number" not in parameter.kinds
        low, high = parameter.minimum or 0, parameter.maximum or 0
        limits = {"min": low, "max": high, "step": parameter.step}
        slider = widgets.IntSlider if whole else widgets.FloatSlider
        box = widgets.BoundedIntText if whole else widgets.BoundedFloatText
        start = parameter.default if parameter.default is not None else low
        self._slider = slider(start, **limits, readout=False, continuous_update=False)
        self._box = box(start, **limits, continuous_update=False)
        for part in (self._slider, self._box):
            part.tooltip = parameter.help
            part.observe(lambda change: self.take(change["new"]), "value")
        super().__init__(parameter, self._slider, self._box, start=start)
        self.minimum, self.maximum = low, high

    def show(self, value: Any) -> None:
        """Move both."""
        self._reach(min(value, self._slider.min), max(value, self._slider.max))
        self._slider.value = self._box.value = value

    def limit(self, span: Span | None) -> None:
        """Take the range that a server has for the parameter."""
        parameter = self.parameter
        own = (parameter.minimum or 0, parameter.maximum or 0, parameter.step)
        low, high, step = span or own
        with self._showing():
            self._slider.step = self._box.step = step
            self._reach(min(low, self.choice), max(high, self.choice))

    def _reach(self, low: float, high: float) -> None:
        for part in (self._slider, self._box):
            with part.hold_trait_notifications():  # neither end may pass the other on the way
                part.min, part.max = low, high
        self.minimum, self.maximum = low, high


class WholeNumberControl(Control):
    """A box for a whole number; a seed has a die beside it."""

    def __init__(self, parameter: Parameter) -> None:
        low, high = _whole_range(parameter)
        start = _USUAL.get(parameter.name, low)
        self._box = widgets.BoundedIntText(
            start, min=low, max=high, continuous_update=False, tooltip=parameter.help
        )
        self._box.observe(lambda change: self.take(change["new"]), "value")
        parts = [self._box, self._die()] if parameter.name == "seed" else [self._box]
        super().__init__(parameter, *parts, start=start)

    def show(self, value: Any) -> None:
        """Write the number; one that the box cannot hold is written as near as it can."""
        self._box.value = min(max(value, self._box.min), self._box.max)

    def limit(self, span: Span | None) -> None:
        """Take the range that a server has for the parameter."""
        low, high, _ = span or (*_whole_range(self.parameter), 1)
        with self._showing(), self._box.hold_trait_notifications():
            self._box.min, self._box.max = int(low), max(int(high), self.choice)

    def _die(self) -> widgets.Button:
        die = widgets.Button(icon="random", tooltip="Throw the die: another seed.")
        die.add_class("chatwidget-icon")
        die.on_click(lambda _: self.take(random.randrange(_LARGEST_INTEGER)))  # noqa: S311 - no secret
        return die


def _whole_range(parameter: Parameter) -> tuple[int, int]:
    """Return what a box for whole numbers can hold of a parameter's range."""
    low = max(parameter.minimum or 0, -_LARGEST_INTEGER)
    return int(low), int(min(parameter.maximum or _LARGEST_INTEGER, _LARGEST_INTEGER))


class SwitchControl(Control):
    """A choice between on and off."""

    def __init__(self, parameter: Parameter) -> None:
        self._list = widgets.Dropdown(
            options=[("on", True), ("off", False)], tooltip=parameter.help
        )
        self._list.observe(lambda change: self.take(change["new"]), "value")
        super().__init__(parameter, self._list, start=True)

    def show(self, value: Any) -> None:
        """Choose it in the list."""
        self._list.value = value


class TextControl(Control):
    """A line of text, with the values that are known to be understood; servers may know more."""

    def __init__(self, parameter: Parameter) -> None:
        self._line = widgets.Combobox(
            options=parameter.choices,
            ensure_option=False,
            continuous_update=False,
            tooltip=parameter.help,
            placeholder=f"such as {parameter.choices[0]}" if parameter.choices else "",
        )
        self._line.observe(lambda change: self.take(change["new"]), "value")
        super().__init__(parameter, self._line, start=next(iter(parameter.choices), ""))

    def show(self, value: Any) -> None:
        """Write it."""
        self._line.value = value if isinstance(value, str) else json.dumps(value)


class TagsControl(Control):
    """Texts as tags, each of which can be taken away."""

    def __init__(self, parameter: Parameter) -> None:
        self._tags = widgets.TagsInput(allow_duplicates=False, tooltip=parameter.help)
        self._tags.observe(lambda change: self.take(list(change["new"])), "value")
        super().__init__(parameter, self._tags, start=[])

    def show(self, value: Any) -> None:
        """Show each text as a tag."""
        self._tags.value = [value] if isinstance(value, str) else list(value)


class JsonControl(Control):
    """A field for JSON, which is read when it is left."""

    def __init__(self, parameter: Parameter) -> None:
        self._field = widgets.Textarea(
            rows=3, continuous_update=False, tooltip=parameter.help, placeholder="JSON"
        )
        self._field.observe(lambda change: self._read(change["new"]), "value")
        start: Any = {} if "object" in parameter.kinds else []
        super().__init__(parameter, self._field, start=start)

    def show(self, value: Any) -> None:
        """Write it as JSON; a function or a type inside is written by its name."""
        self._field.value = json.dumps(
            value, indent=1, ensure_ascii=False, default=lambda it: getattr(it, "__name__", str(it))
        )

    def _read(self, text: str) -> None:
        if self._is_showing:
            return
        try:
            self.take(json.loads(text))
        except ValueError as error:
            self.problem = f"This is no JSON: {error}."


def control_for(parameter: Parameter) -> Control:
    """Return a new control for a parameter."""
    kinds = parameter.kinds
    if parameter.name == "stop":
        return TagsControl(parameter)
    if "number" in kinds or "integer" in kinds:
        span = (parameter.maximum or _LARGEST_INTEGER) - (parameter.minimum or 0)
        return RangeControl(parameter) if span < _LONGEST_SLIDER else WholeNumberControl(parameter)
    if "boolean" in kinds:
        return SwitchControl(parameter)
    return TextControl(parameter) if "string" in kinds else JsonControl(parameter)
