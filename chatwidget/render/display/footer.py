"""The footer of an answer: who answered, what was sent, how long it is, how fast it came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.chat.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["footer_facts", "value_in_words"]

_LONGEST_NAME = 200
_LONGEST_VALUE = 30
_COUNTED = {"tools": "tool", "functions": "function", "logit_bias": "biased token"}


def footer_facts(facts: Mapping[str, Any]) -> list[str]:
    """Return the facts of an answer in words, one each.

    Parameters
    ----------
    facts
        The metadata of the answer, as `answer_metadata` makes it.
    """
    usage, timing = facts.get("usage") or {}, facts.get("timing") or {}
    tokens = usage.get("completion_tokens") or 0
    names = dict.fromkeys(str(facts.get(key) or "") for key in ("model", "server"))
    cached = facts.get("cached")
    said = [
        *(printable(name)[:_LONGEST_NAME] for name in names),
        *_sent({**(facts.get("parameters") or {}), **(facts.get("extra_body") or {})}),
        f"{tokens:,} token{'' if tokens == 1 else 's'}" if tokens else "",
        *([f"cached on {cached} UTC"] if cached else _pace(timing)),
    ]
    return [printable(each) for each in said if each]


def value_in_words(name: str, value: object) -> str:
    """Return the value of a parameter in a few words: long ones are counted or cut."""
    if name in _COUNTED and isinstance(value, list | dict):
        count = len(value)
        return f"{count} {_COUNTED[name]}{'' if count == 1 else 's'}"
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return str(value["type"])
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str | int | float):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=_name)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _sent(parameters: Mapping[str, Any]) -> Iterator[str]:
    for name, value in parameters.items():
        words = value_in_words(name, value)
        yield words if name in _COUNTED else f"{name} {words}"


def _pace(timing: Mapping[str, Any]) -> list[str]:
    first, total, pace = (timing.get(key) for key in ("first_token_s", "total_s", "tokens_per_s"))
    delay = f"first token {first:.2f} s" if first is not None else ""
    whole = f"{total:.1f} s" if total is not None and first is None else ""
    return [delay or whole, f"{pace:.0f} tokens/s" if pace else ""]


def _name(value: object) -> str:
    return getattr(value, "__name__", type(value).__name__)
