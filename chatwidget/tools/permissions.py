"""Permissions of functions to run whenever a model asks for them."""

from __future__ import annotations

import functools
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from chatwidget.client.request.tool_schema import function_name

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Permissions"]

_MOST = 1_000
_PLAIN = (str, bytes, int, float, complex, bool, type(None))
_MADE_ANEW = (MethodType, tuple)
"""What is another object whenever it is looked up."""


class Permissions:
    """The functions that the user has allowed for good, that is, for this session.

    A permission is for one function under one name. Whoever defines the function anew, or changes
    its code in place as ``%autoreload`` does, is asked again, as is whoever changes what it
    remembers: its defaults, or the variables of the functions around it.
    """

    def __init__(self) -> None:
        self._allowed: list[tuple[str, object]] = []

    def allow(self, function: Callable[..., Any]) -> None:
        """Let a function run without asking."""
        self.withdraw(function_name(function))
        self._allowed.append((function_name(function), _fingerprint(function)))

    def withdraw(self, name: str | None = None) -> None:
        """Ask again before the function of a name runs; without a name, before any."""
        self._allowed = [each for each in self._allowed if name not in {None, each[0]}]

    def names(self) -> list[str]:
        """Return the names of the functions that may run, the last allowed last."""
        return [name for name, _ in self._allowed]

    def __contains__(self, function: Callable[..., Any]) -> bool:
        return (function_name(function), _fingerprint(function)) in self._allowed


class _This:
    """An object, which equals itself alone; held, so that no other takes its place in memory."""

    def __init__(self, held: object) -> None:
        self._held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other._held is self._held

    __hash__ = None  # type: ignore[assignment] # what is compared is no key


def _fingerprint(value: object, seen: set[int] | None = None) -> object:
    """Return what a function does and remembers, as far as it can be compared later.

    What was seen before, as a function that calls itself, or is very large, stands for itself.
    """
    if type(value) in _PLAIN:
        return type(value), value
    seen = set() if seen is None else seen
    if id(value) in seen or len(seen) > _MOST:
        return _This(value)
    seen.add(id(value))
    return [
        None if isinstance(value, _MADE_ANEW) else _This(value),
        [_fingerprint(each, seen) for each in _inside(value)],
    ]


def _inside(value: Any) -> list[Any]:
    """Return what makes a value what it is."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, dict):
        return [part for item in value.items() for part in item]
    if isinstance(value, MethodType):
        return [value.__self__, value.__func__]
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.items()]
    if isinstance(value, FunctionType):
        return [value.__code__, *_remembered(value)]
    return [type(value).__call__] if callable(value) else []


def _remembered(function: FunctionType) -> list[object]:
    """Return the defaults of a function, and the variables of the functions around it."""
    cells = [_content(cell) for cell in function.__closure__ or ()]
    return [function.__defaults__, function.__kwdefaults__, *cells]


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return None
