"""Signatures that name every request parameter, for help and completion at run time."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from chatwidget.client.request.prepared import CallOptions

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["names_keywords", "names_options"]

_Function = TypeVar("_Function", bound="Callable[..., Any]")


def names_keywords(keywords: type) -> Callable[[_Function], _Function]:
    """Let ``inspect.signature`` list every keyword of a TypedDict in place of ``**options``.

    Type checkers and editors read the TypedDict itself; IPython's help and completion read this.
    """

    def named(function: _Function) -> _Function:
        signature = inspect.signature(function)
        kept = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        listed = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint.__forward_arg__
            )
            for name, hint in keywords.__annotations__.items()
        ]
        function.__signature__ = signature.replace(parameters=kept + listed)  # type: ignore[attr-defined] # functions take any attribute
        return function

    return named


names_options = names_keywords(CallOptions)
"""Lists every keyword of `CallOptions`."""
