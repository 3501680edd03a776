"""The records of a study: a result for each answered call, a failure for each call without one."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from chatwidget.client.wire.types import ChatCompletion, ChoiceLogprobs, CompletionUsage

__all__ = ["Failure", "Result", "Setting"]


class Setting(msgspec.Struct, frozen=True):
    """A combination of the varied values, one for each name that varies.

    Attributes
    ----------
    values
        The value of each varied name, as people call it: a number, a text, or the name that the
        study gives it.
    """

    values: dict[str, Any] = {}

    @property
    def label(self) -> str:
        """The setting in words, as ``temperature=0.3 model=small``; empty if nothing varies."""
        return " ".join(f"{name}={_short(value)}" for name, value in self.values.items())

    def __hash__(self) -> int:
        return hash(json.dumps(self.values, sort_keys=True, default=str))


class _Call(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies a call of a study.

    Attributes
    ----------
    setting
        The varied values.
    prompt
        The name of the prompt's variant.
    item
        What was asked about: the name of the row of data or, without data, of the prompt. Settings
        are compared item by item.
    draw
        Which repeat it is, from 1 on.
    server
        The name of the server.
    variables
        The values of the row of data.
    """

    setting: Setting
    prompt: str
    item: str
    draw: int
    server: str
    variables: dict[str, Any] = {}


class Result(_Call, frozen=True, kw_only=True):
    """The result of an answered call.

    Attributes
    ----------
    completion
        The answer; its log probabilities are there if the study kept them.
    seconds
        From the request to the end of the answer, without what was waited for before.
    first_token
        From the request to the first token; None if that is not known.
    stored
        When the answer came, as ``2026-01-31 23:59`` in universal time.
    thumb
        What a person says of it: up, True, or down, False; None for neither.
    note
        What a person wrote of it.
    """

    completion: ChatCompletion
    seconds: float | None = None
    first_token: float | None = None
    stored: str = ""
    thumb: bool | None = None
    note: str = ""

    @property
    def text(self) -> str:
        """The text of the answer."""
        return self.completion.text

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ended."""
        return self.completion.finish_reason

    @property
    def usage(self) -> CompletionUsage | None:
        """How many tokens the prompt and the answer have, if the server says so."""
        return self.completion.usage

    @property
    def model(self) -> str:
        """The model that answered, as the server calls it."""
        return self.completion.model

    @property
    def logprobs(self) -> ChoiceLogprobs | None:
        """The log probabilities of the answer's tokens, if they were asked for and kept."""
        first = next((each for each in self.completion.choices if each.index == 0), None)
        return first.logprobs if first is not None else None


class Failure(_Call, frozen=True, kw_only=True):
    """A call that got no answer: never a result, and asked again the next time.

    Attributes
    ----------
    kind
        The class of the error, as ``APITimeoutError``.
    message
        What went wrong, as one sentence.
    status
        The HTTP status, if there was one.
    stored
        When it failed, as ``2026-01-31 23:59`` in universal time.
    """

    kind: str
    message: str
    status: int | None = None
    stored: str = ""


def _short(value: object, limit: int = 24) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
