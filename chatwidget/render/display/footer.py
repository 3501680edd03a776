"""The footer of an answer: who answered, what was sent, its length, its cost, its pace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.chat.value_text import value_in_words
from chatwidget.client.prices.token_price import dollars_in_words
from chatwidget.client.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["footer_facts", "who_answered"]

_LONGEST_NAME = 200
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
    names = who_answered(facts.get("model"), facts.get("server"))
    cached, cost = facts.get("cached"), facts.get("cost_usd")
    said = [
        *(printable(name)[:_LONGEST_NAME] for name in names),
        *_sent({**(facts.get("parameters") or {}), **(facts.get("extra_body") or {})}),
        counted(tokens, "token") if tokens else "",
        dollars_in_words(cost) if cost else "",
        *([f"cached on {cached} UTC"] if cached else _pace(timing)),
    ]
    return [printable(each) for each in said if each]


def who_answered(model: object, server: object) -> list[str]:
    """Return the model and the server, as far as they are known; once if they have one name."""
    return list(dict.fromkeys(str(name) for name in (model, server) if name))


def _sent(parameters: Mapping[str, Any]) -> Iterator[str]:
    for name, value in parameters.items():
        if name in _COUNTED and isinstance(value, list | dict):
            yield counted(len(value), _COUNTED[name])
        else:
            yield f"{name} {value_in_words(value)}"


def _pace(timing: Mapping[str, Any]) -> list[str]:
    first, total, pace = (timing.get(key) for key in ("first_token_s", "total_s", "tokens_per_s"))
    delay = f"first token {first:.2f} s" if first is not None else ""
    whole = f"{total:.1f} s" if total is not None and first is None else ""
    return [delay or whole, f"{pace:.0f} tokens/s" if pace else ""]
