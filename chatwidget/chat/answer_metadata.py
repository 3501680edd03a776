"""The metadata of an answer: how it was asked for and how it came, without any key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.chat.value_text import name_of
from chatwidget.client.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.client.timing import Timing
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["answer_metadata", "as_json", "wire_json"]

_SECRET = frozenset({"openai_api_key", "openai_organization_key", "api_key", "extra_headers"})


def answer_metadata(
    completion: ChatCompletion,
    timing: Timing,
    *,
    server: str,
    parameters: Mapping[str, object],
    status: str,
    cached: str = "",
    cost: float | None = None,
) -> dict[str, Any]:
    """Return the metadata of an answer as JSON can hold them.

    One that was stored before came at no pace and at no cost; `cached` says when it was stored.
    What the answer costs is held in dollars, where that is known.
    """
    usage = completion.usage
    pace = timing.tokens_per_second(usage.completion_tokens if usage else 0)
    facts = {
        "model": completion.model,
        "server": server,
        "parameters": {k: v for k, v in parameters.items() if k not in _SECRET},
        "usage": msgspec.to_builtins(usage),
        "finish_reason": completion.finish_reason,
        "timing": {
            "first_token_s": _rounded(timing.first_token),
            "total_s": _rounded(timing.total),
            "tokens_per_s": _rounded(pace),
        },
        "status": status,
    }
    more = {"cached": cached or None, "cost_usd": cost}
    return as_json(facts | {name: fact for name, fact in more.items() if fact is not None})


def wire_json(completion: ChatCompletion) -> str:
    """Return a completion as JSON: all of it that came from the server."""
    came = msgspec.structs.replace(completion, parsed=None, ledger=None)
    fields = msgspec.to_builtins(came)
    del fields["parsed"], fields["ledger"]
    return json.dumps(fields, indent=2, ensure_ascii=False)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def as_json(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts as JSON can hold them; a value that it cannot hold is named by its type."""
    text = json.dumps(facts, skipkeys=True, ensure_ascii=False, default=name_of)
    held: dict[str, Any] = json.loads(clean(text), parse_constant=str)
    return held
