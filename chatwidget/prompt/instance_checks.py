"""What a value is, told without importing the library that it comes from."""

from __future__ import annotations

__all__ = ["is_a"]


def is_a(value: object, *kinds: str) -> bool:
    """Tell whether a value is of one of the kinds, each as ``library.Class``.

    The class may be defined anywhere in the library, and the value may be of a subclass. Only the
    type is looked at: nothing of the value itself runs.
    """
    return any(
        f"{ancestor.__module__.partition('.')[0]}.{ancestor.__name__}" in kinds
        for ancestor in type(value).__mro__
    )
