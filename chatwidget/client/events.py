"""What a sink hears of a streamed answer: zero or more Data, then one Finish or one Error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.types import ChatCompletion, ChatCompletionChunk

__all__ = ["Data", "Error", "Finish", "StreamEvent"]


@dataclass(frozen=True, slots=True)
class Data:
    """A chunk of the answer arrived."""

    chunk: ChatCompletionChunk


@dataclass(frozen=True, slots=True)
class Error:
    """The answer failed or was stopped; `completion` is what had arrived by then."""

    error: ChatWidgetError
    completion: ChatCompletion


@dataclass(frozen=True, slots=True)
class Finish:
    """The answer is complete."""

    completion: ChatCompletion


StreamEvent: TypeAlias = Data | Error | Finish
