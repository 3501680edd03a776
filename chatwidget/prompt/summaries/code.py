"""Functions and classes as their source, and exceptions as the traceback that one would quote."""

from __future__ import annotations

import ast
import inspect
import linecache
import traceback
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import IPython
from IPython.core.getipython import get_ipython

from chatwidget.client.auth.keys import redact
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from traceback import FrameSummary, TracebackException

__all__ = ["has_source", "short_traceback", "source"]


_FIRST = 4
_LAST = 8
_IPYTHON = str(Path(IPython.__file__).parent)


def short_traceback(error: BaseException, limit: int) -> Excerpt:
    """Return the traceback of an error, without IPython's own frames and without keys."""
    report = traceback.TracebackException.from_exception(error)
    for link in _chain(report):
        link.stack = _ShortStack(frame for frame in link.stack if not _is_machinery(frame))
        for frame in (link, *link.stack):
            frame.filename = _cell_name(getattr(frame, "filename", None))
    text = redact("".join(report.format()).rstrip("\n"))
    return excerpt(text, limit, is_cut=_ShortStack.NOTE in text)


class _ShortStack(traceback.StackSummary):
    """A stack that shows where it begins and where it ends."""

    NOTE = f"more frames; the first {_FIRST} and the last {_LAST} are here …"

    def format(self, **options: Any) -> list[str]:
        frames = super().format(**options)
        more = len(frames) - _FIRST - _LAST
        if more <= 0:
            return frames
        return [*frames[:_FIRST], f"  … {more:,} {self.NOTE}\n", *frames[-_LAST:]]


def _chain(report: TracebackException) -> list[TracebackException]:
    """Return a report, and those of the errors that it came from or is a group of."""
    chain, found = [], [report]
    while found:
        link = found.pop()
        chain.append(link)
        group = getattr(link, "exceptions", None) or ()
        found += filter(None, (link.__cause__, link.__context__, *group))
    return chain


def _is_machinery(frame: FrameSummary) -> bool:
    return frame.filename.startswith(_IPYTHON)


def _cell_name(filename: str | None) -> str | None:
    """Return what the notebook calls a cell, in place of a file that does not exist."""
    shell = get_ipython()
    name = shell.compile.format_code_name(filename) if shell and filename else None
    return " ".join(name) if name else filename


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
