"""Errors as a person at a notebook wants them: one short message, and still a true error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chatwidget.client.errors import (
    APIConnectionError,
    AuthenticationError,
    ChatWidgetError,
    NotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["in_short", "short_tracebacks"]

_NEXT_STEPS: dict[type[ChatWidgetError], str] = {
    AuthenticationError: "Enter another key with %chat key.",
    NotFoundError: "See which models there are with %chat models.",
    APIConnectionError: "%chat use chooses another server.",
}


@contextmanager
def short_tracebacks() -> Iterator[None]:
    """Let IPython show our errors and interrupts as one message.

    They are raised all the same, so that the cell is marked as failed and Run All stops.
    ``%chat traceback`` shows the rest.
    """
    try:
        yield
    except ChatWidgetError as error:
        _shorten(error, _headline(error), _next_step(error))
        raise
    except KeyboardInterrupt as error:
        _shorten(error, "KeyboardInterrupt", "")
        raise


def in_short(error: ChatWidgetError) -> str:
    """Return what is told of an error that nobody can catch: a name, and what to do next."""
    return f"{_headline(error)} {_next_step(error)}".strip()


def _headline(error: ChatWidgetError) -> str:
    return f"{type(error).__name__}: {error.message}"


def _next_step(error: ChatWidgetError) -> str:
    known = next((step for kind, step in _NEXT_STEPS.items() if isinstance(error, kind)), "")
    return f"{error.hint} {known}".strip()


def _shorten(error: BaseException, message: str, next_step: str) -> None:
    """Give an error the method by which IPython asks how it is to be shown."""
    lines = [f"\x1b[31m{message}\x1b[0m", *([next_step] if next_step else [])]
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
