"""Permissions of functions to run whenever a model asks for them."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any

from chatwidget.client.request.tool_schema import function_name, underlying

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Permissions"]


class Permissions:
    """The functions that the user has allowed for good, that is, for this session.

    A permission is for one function under one name. Whoever defines the function anew, or changes
    its code in place as ``%autoreload`` does, is asked again.
    """

    def __init__(self) -> None:
        self._allowed: list[tuple[str, Callable[..., Any], object]] = []

    def allow(self, function: Callable[..., Any]) -> None:
        """Let a function run without asking."""
        self.withdraw(function_name(function))
        self._allowed.append((function_name(function), function, _code(function)))

    def withdraw(self, name: str | None = None) -> None:
        """Ask again before the function of a name runs; without a name, before any."""
        self._allowed = [each for each in self._allowed if name not in {None, each[0]}]

    def names(self) -> list[str]:
        """Return the names of the functions that may run, the last allowed last."""
        return [name for name, _, _ in self._allowed]

    def __contains__(self, function: Callable[..., Any]) -> bool:
        return any(
            name == function_name(function)
            and _is_same(allowed, function)
            and code is _code(function)
            for name, allowed, code in self._allowed
        )


def _is_same(one: object, other: object) -> bool:
    """Tell whether two are one; a method is made anew whenever it is looked up."""
    if isinstance(one, MethodType) and isinstance(other, MethodType):
        return one.__self__ is other.__self__ and one.__func__ is other.__func__
    return one is other


def _code(function: Callable[..., Any]) -> object:
    return getattr(underlying(function), "__code__", None)
