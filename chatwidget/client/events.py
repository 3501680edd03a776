"""The events that a sink can hear: of the answer, and of what is done to get it.

An answer is zero or more Data, then one Finish or one Error. Who has a method for them also hears
that a request waits to be sent again, and how far the calls of tools have come.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionChunk

__all__ = ["Data", "Error", "Finish", "ProgressEvent", "StreamEvent", "ToolProgress", "Wait"]


class Data(msgspec.Struct, frozen=True):
    """A chunk of the answer arrived."""

    chunk: ChatCompletionChunk


class Error(msgspec.Struct, frozen=True):
    """The answer failed or was stopped; `completion` is what had arrived by then."""

    error: ChatWidgetError
    completion: ChatCompletion


class Finish(msgspec.Struct, frozen=True):
    """The answer is complete."""

    completion: ChatCompletion


class Wait(msgspec.Struct, frozen=True):
    """A request failed and is sent again after some seconds; told to whoever has ``handle_wait``.

    It is no event of the answer, which has not begun.
    """

    seconds: float
    error: ChatWidgetError
    retry: int

    @property
    def sentence(self) -> str:
        """What failed and when it is tried again, for people."""
        when = f"in {self.seconds:.0f} s" if self.seconds >= 1 else "now"
        return f"{self.error.message} Trying again {when}."


class ToolProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the calls of tools have come; told to whoever has ``handle_tools``.

    It is no event of the answer, which goes on.

    Attributes
    ----------
    steps
        All steps so far. The last calls among them may lack their results.
    pending
        The identifier of the call that is asked about or runs; None while the model writes.
    is_asked
        Whether somebody is asked if that call may run.
    sentence
        What is going on, as a sentence; empty while the model writes.
    note
        Why the last calls of the model will not run, as a sentence; empty if that is no matter.
    """

    steps: list[dict[str, Any]]
    pending: str | None = None
    is_asked: bool = False
    sentence: str = ""
    note: str = ""


StreamEvent: TypeAlias = Data | Error | Finish
ProgressEvent: TypeAlias = Wait | ToolProgress
