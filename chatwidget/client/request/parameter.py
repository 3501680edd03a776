"""One request parameter: which values it takes, and how a value is validated."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from chatwidget.client.errors import ParameterError

__all__ = ["Kind", "Parameter"]

Kind = Literal["number", "integer", "boolean", "string", "array", "object"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One request parameter: what it means, and which values the vendor's document allows.

    Attributes
    ----------
    name
        The name on the wire.
    kinds
        The JSON types that a value may have.
    help
        Its effect, as one sentence.
    group
        Where a person would look for it.
    minimum, maximum
        The inclusive range of a number, of the numbers in an object, or of lengths of an array;
        None is no limit.
    step
        A sensible step of a slider.
    default
        What the vendor uses when the parameter is not sent; None if that depends on the model.
    choices
        The values that a string is known to take; servers may know more.
    words
        The values of ``type`` that are all there is to say of an object; where people type a value,
        such a word is short for the object.
    flag
        The short flag of the magic.
    replaced_by
        What to use instead, if the parameter is deprecated.
    """

    name: str
    kinds: tuple[Kind, ...]
    help: str
    group: Literal["sampling", "length", "output", "tools", "reasoning", "service"]
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    default: Any = None
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    flag: str | None = None
    replaced_by: str | None = None

    def validate(self, value: object) -> object:
        """Validate a value: return it as it goes on the wire.

        Raises
        ------
        ParameterError
            If the value has a wrong type or lies outside the range.
        """
        kind = _kind(value)
        if kind == "integer" and "number" in self.kinds:
            kind = "number"
        if kind not in self.kinds:
            raise self._error(value, f"takes {self.describe()}")
        plain = _plain(kind, value)
        size = len(plain) if kind == "array" else plain
        if kind in ("number", "integer", "array") and not self._in_range(size):
            raise self._error(value, f"takes {self.describe()}")
        if kind == "object" and self.minimum is not None:
            return {name: self._validate_entry(entry) for name, entry in plain.items()}
        return plain

    def describe(self) -> str:
        """Say which values are allowed, as in ``a number from 0 to 2``."""
        kinds = " or ".join(f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" for kind in self.kinds)
        length = " of length" if "array" in self.kinds else ""
        if "object" in self.kinds and self.minimum is not None:
            length = " of numbers"
        if self.minimum is not None and self.maximum is not None:
            return f"{kinds}{length} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{kinds}{length} of at least {self.minimum:g}"
        return kinds

    def _validate_entry(self, entry: object) -> object:
        kind = _kind(entry)
        plain = _plain(kind, entry) if kind in ("number", "integer") else math.nan
        if not self._in_range(plain):
            raise self._error(entry, f"takes {self.describe()}")
        return plain

    def _in_range(self, value: float) -> bool:
        at_least = self.minimum is None or value >= self.minimum
        at_most = self.maximum is None or value <= self.maximum
        return abs(value) < math.inf and at_least and at_most

    def _error(self, value: object, reason: str) -> ParameterError:
        return ParameterError(
            f"{self.name} {reason}; got {_short(value)}.",
            hint="Nothing was sent.",
            parameter=self.name,
        )


def _kind(value: object) -> Kind | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, numbers.Integral):
        return "integer"
    if isinstance(value, (numbers.Real, Decimal)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, (list, tuple)) else None


def _plain(kind: Kind, value: Any) -> Any:
    """Turn numpy's and other libraries' numbers into Python's own, which JSON can hold."""
    if kind == "number" and not isinstance(value, (int, float)):
        return float(value)
    if kind == "integer" and not isinstance(value, int):
        return int(value)
    if kind == "object":
        return dict(value)
    return list(value) if kind == "array" else value


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
