"""The events of a streamed answer for its sink: zero or more Data, one Finish or one Error."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionChunk

__all__ = ["Data", "Error", "Finish", "StreamEvent", "Wait"]


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


StreamEvent: TypeAlias = Data | Error | Finish
