"""The request parameters that hold until they are changed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits, TraitType

from chatwidget.client.errors import ParameterError
from chatwidget.client.parameters import PARAMETERS, checked
from chatwidget.prompt.arguments import parse_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.client.parameters import Parameter

__all__ = ["Settings", "SettingsBase"]


class ParameterTrait(TraitType[Any, Any]):
    """A request parameter: None means *not sent*, anything else is checked against the table."""

    allow_none = True
    default_value = None

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(help=f"{parameter.help} Takes {parameter.describe()}.")
        self.parameter = parameter

    def validate(self, obj: Any, value: object) -> object:  # noqa: ARG002 - traitlets' signature
        """Return the value as it goes on the wire, or raise a ParameterError."""
        return self.parameter.checked(value)

    def from_string(self, s: str) -> object:
        """Read a value from a command line."""
        return parse_value(self.parameter, s)


_SLIDERS = {name for name, parameter in PARAMETERS.items() if "number" in parameter.kinds}


class SettingsBase(HasTraits):
    """The request parameters that hold until they are changed: one trait for each.

    Attributes
    ----------
    is_following
        Whether the changes follow a question or an answer, so that they ask for no other one.
    """

    is_following = False

    def sent(self) -> dict[str, Any]:
        """Return the parameters that are sent, by name."""
        return {name: getattr(self, name) for name in PARAMETERS if getattr(self, name) is not None}

    def clear(self) -> None:
        """Send none of them."""
        for name in self.sent():
            setattr(self, name, None)

    def replace(self, parameters: Mapping[str, Any]) -> list[str]:
        """Send these parameters and no others; return those that cannot be used as they are."""
        self.clear()
        return [name for name, value in parameters.items() if not self._take(name, value)]

    @contextmanager
    def following(self) -> Iterator[None]:
        """Let changes within ask for no other answer."""
        self.is_following = True
        try:
            yield
        finally:
            self.is_following = False

    def move_sliders(self, parameters: Mapping[str, Any]) -> None:
        """Send from now on those of a question's parameters that a panel shows as sliders."""
        with self.following():
            for name in parameters.keys() & _SLIDERS:
                setattr(self, name, parameters[name])

    def _take(self, name: str, value: object) -> bool:
        try:
            setattr(self, name, checked({name: value})[name])
        except ParameterError:
            return False
        return True


Settings = type(
    "Settings",
    (SettingsBase,),
    {name: ParameterTrait(parameter) for name, parameter in PARAMETERS.items()},
)
