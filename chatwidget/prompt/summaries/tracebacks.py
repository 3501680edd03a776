"""Exceptions, as the traceback that a person would quote."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import IPython
from IPython.core.getipython import get_ipython

from chatwidget.client.auth.keys import redact
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt

if TYPE_CHECKING:
    from traceback import FrameSummary, TracebackException

__all__ = ["short_traceback"]

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
