"""Signatures that name every request parameter, for help and completion at run time."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from chatwidget.client.request.prepared import CallOptions

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["names_options"]

_Function = TypeVar("_Function", bound="Callable[..., Any]")


def names_options(function: _Function) -> _Function:
    """Let ``inspect.signature`` list every keyword of `CallOptions` in place of ``**options``.

    Type checkers and editors read `CallOptions` itself; IPython's help and completion read this.
    """
    signature = inspect.signature(function)
    kept = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    named = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint.__forward_arg__
        )
        for name, hint in CallOptions.__annotations__.items()
    ]
    function.__signature__ = signature.replace(parameters=kept + named)  # type: ignore[attr-defined] # functions take any attribute
    return function
