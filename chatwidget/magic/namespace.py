"""The user's functions, by the names of the variables that hold them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["functions_named"]


def functions_named(
    names: Iterable[str], namespace: Mapping[str, object]
) -> list[Callable[..., Any]]:
    """Return functions of the user's.

    Raises
    ------
    ConfigurationError
        If there is no variable of a name, or it holds no function.
    """
    return [_function(name, namespace) for name in names]


def _function(name: str, namespace: Mapping[str, object]) -> Callable[..., Any]:
    value = namespace.get(name)
    if callable(value):
        return value
    if name in namespace:
        raise ConfigurationError(
            f"{name} is no function; it is {type(value).__name__}.",
            hint="A tool is a function with type hints and a docstring.",
        )
    functions = [each for each, value in namespace.items() if callable(value)]
    near = difflib.get_close_matches(name, functions, n=1)
    raise ConfigurationError(
        f"There is no function {name!r}.",
        hint=f"Did you mean {near[0]}?" if near else "Define it in a cell above.",
    )
