"""The results of tools: what a function returned or raised, as text for a model."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from chatwidget.prompt.summaries import LIMIT, summarize
from chatwidget.prompt.summaries.excerpt import excerpt

__all__ = ["failure_text", "result_text"]

_LONGEST_FAILURE = 1_000


def result_text(value: object, limit: int = LIMIT) -> str:
    """Return a result as text: a text as it is, data as JSON, the rest as a prompt shows it.

    A long one keeps its beginning and its end, and says what is left out.
    """
    if isinstance(value, str):
        return excerpt(value, limit).text
    try:
        return excerpt(_json(value), limit).text
    except (TypeError, ValueError, RecursionError):
        return summarize(value, limit).text


def failure_text(error: BaseException) -> str:
    """Return what a function raised: its type and its message, and not where it happened."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - a user's class may raise anything
        said = ""
    told = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return excerpt(f"The call failed. {told}", _LONGEST_FAILURE).text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_as_data)


def _as_data(value: Any) -> Any:
    """Return the fields of a dataclass, a date as text, and so on."""
    data = msgspec.to_builtins(value)
    if data is value:
        raise TypeError(f"{type(value).__name__} is no data")
    return data
