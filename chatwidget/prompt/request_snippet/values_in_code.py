"""The values that Python code writes out, of which none is computed."""

from __future__ import annotations

import ast
from collections import Counter
from typing import Any

__all__ = ["COMPUTED", "Values", "holds_computed"]


class _Computed:
    """What stands for a value that only running the code would tell."""

    def __repr__(self) -> str:
        return "…"


COMPUTED = _Computed()


class Values:
    """The values of expressions within a piece of code.

    A name stands for what is written out where it is assigned, if that is the only place that
    gives it a value.

    Parameters
    ----------
    tree
        The code.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._named = _named(tree)

    def of(self, node: ast.expr) -> Any:
        """Return the value of an expression, with COMPUTED for what is not written out."""
        return self._value(self._resolved(node))

    def _resolved(self, node: ast.expr) -> ast.expr:
        return self._named.get(node.id, node) if isinstance(node, ast.Name) else node

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.List | ast.Tuple):
            return [self._part(each) for each in node.elts]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return {self._key(key): self._part(value) for key, value in pairs}
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, MemoryError, RecursionError):
            return COMPUTED

    def _part(self, node: ast.expr) -> Any:
        """Return the value of a part; a name is that of a text or a number, lest it all grow."""
        named = self._resolved(node)
        return self._value(named if isinstance(named, ast.Constant) else node)

    def _key(self, node: ast.expr | None) -> Any:
        return node.value if isinstance(node, ast.Constant) else COMPUTED


def holds_computed(value: object) -> bool:
    """Tell whether a value, or a part of it, is not written out."""
    if isinstance(value, dict):
        return any(map(holds_computed, [*value, *value.values()]))
    if isinstance(value, list):
        return any(map(holds_computed, value))
    return value is COMPUTED


def _named(tree: ast.Module) -> dict[str, ast.expr]:
    """Return what is assigned to each name that is given a value once."""
    given: Counter[str] = Counter()
    assigned: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            given[node.id] += 1
        elif isinstance(node, ast.arg):
            given[node.arg] += 2
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned[node.targets[0].id] = node.value
    return {name: value for name, value in assigned.items() if given[name] == 1}
