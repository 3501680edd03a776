"""Functions and classes, as their source."""

from __future__ import annotations

import ast
import inspect
import linecache
from types import FunctionType
from typing import TYPE_CHECKING, Any

from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["has_source", "source"]


def has_source(value: object) -> bool:
    """Tell whether a value is a function or a class."""
    return inspect.isroutine(value) or isinstance(value, type)


def source(value: Any, limit: int) -> Excerpt:
    """Return the source of a function or a class, or else its signature and its docstring."""
    try:
        text = inspect.getsource(value)
    except (OSError, TypeError):
        text = _class_source(value) or _described(value)
    return excerpt(text.rstrip("\n"), limit)


def _class_source(value: Any) -> str | None:
    """Return the source of a class that a cell has defined.

    Before Python 3.13 a class does not know its line, and ``inspect`` looks for the file of its
    module, which a notebook has not. The source of every cell is kept for tracebacks, though.
    """
    if not isinstance(value, type) or value.__module__ != "__main__":
        return None
    # a method knows its cell; a class without one was defined in the last cell that names it
    methods = [each for each in vars(value).values() if isinstance(each, FunctionType)]
    filenames = [*(each.__code__.co_filename for each in methods), *reversed(linecache.cache)]
    return next(_definitions(value.__qualname__, filenames), None)


def _definitions(name: str, filenames: Iterable[str]) -> Iterator[str]:
    """Yield the sources of the classes of this name in some files, the last one of each first."""
    for filename in filenames:
        text = "".join(linecache.getlines(filename))
        if f"class {name}" not in text:
            continue
        for node in reversed(ast.parse(text).body):
            if isinstance(node, ast.ClassDef) and node.name == name:
                yield ast.get_source_segment(text, node) or ""


def _described(value: Any) -> str:
    try:
        signature = str(inspect.signature(value))
    except (TypeError, ValueError):
        signature = "(...)"
    text = f"{value.__qualname__}{signature}"
    documentation = inspect.getdoc(value)
    return f'{text}\n"""{documentation}"""' if documentation else text
