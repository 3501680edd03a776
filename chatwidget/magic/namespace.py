"""The user's functions and types, by what is written of them in a magic's line."""

from __future__ import annotations

import ast
import builtins
import typing
from collections import ChainMap
from typing import TYPE_CHECKING, Any

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["functions_named", "type_named", "variable_named"]


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


def variable_named(name: str, namespace: Mapping[str, object], what: str) -> Any:
    """Return a variable of the user's.

    Parameters
    ----------
    name
        Its name.
    namespace
        The user's variables.
    what
        What it should hold, for the error.

    Raises
    ------
    ConfigurationError
        If there is no such variable.
    """
    if name in namespace:
        return namespace[name]
    raise ConfigurationError(
        f"There is no variable {name!r}.",
        hint=did_you_mean(name, namespace, f"Define it in a cell above: {what}."),
    )


def type_named(text: str, namespace: Mapping[str, object]) -> Any:
    """Return a type: a variable, or one that is made of some, such as ``list[City]``.

    Raises
    ------
    ConfigurationError
        If the text names no type, or a variable that there is not.
    """
    try:
        return _type(ast.parse(text, mode="eval").body, namespace)
    except (SyntaxError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"{text!r} is no type: {error}.", hint="As in --schema City or --schema 'list[City]'."
        ) from None


_KNOWN = (vars(builtins), vars(typing))
"""Where names are looked for that are no variables."""


def _type(node: ast.expr, namespace: Mapping[str, object]) -> Any:
    """Return what an expression of names, brackets and bars stands for; nothing is called."""
    match node:
        case ast.Name(name):
            return variable_named(name, ChainMap(dict(namespace), *_KNOWN), "a type")
        case ast.Attribute(value, name):
            return getattr(_type(value, namespace), name)
        case ast.Subscript(value, inside):
            return _type(value, namespace)[_type(inside, namespace)]
        case ast.Tuple(parts):
            return tuple(_type(each, namespace) for each in parts)
        case ast.BinOp(left, ast.BitOr(), right):
            return _type(left, namespace) | _type(right, namespace)
        case ast.Constant(value):
            return value
    raise TypeError("it is made of names, brackets and bars")


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
    raise ConfigurationError(
        f"There is no function {name!r}.",
        hint=did_you_mean(name, functions, "Define it in a cell above."),
    )
