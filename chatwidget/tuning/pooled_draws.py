"""The draws of a study that can be pooled, or a sentence that says why they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.logprobs_probe import logprobs_meaning
from chatwidget.client.wire.logprobs import is_told
from chatwidget.tuning.answer_density import Drawing, first_distribution
from chatwidget.tuning.requests import expand
from chatwidget.tuning.result import Setting
from chatwidget.tuning.sweep import Draw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chatwidget.client.wire.types import TokenLogprob
    from chatwidget.tuning.definition import Definition
    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.result import Result

__all__ = ["Pools", "can_pool_soon", "draws_of"]

Pools = dict[Setting, dict[str, list[Draw]]]
"""For the values of what cannot be pooled over: the draws of each item."""

_FEWEST_ALTERNATIVES = 5
_APART = 1.25
_SOON = 4_000
"""Tokens."""
_ASK = "Ask with fixed={'logprobs': True, 'top_logprobs': 20} and keep_logprobs=True."
_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "top_p": (1,),
    "top_k": (0, -1),
    "min_p": (0,),
    "typical_p": (1, 0),
    "top_n_sigma": (-1, 0),
    "xtc_probability": (0,),
    "dry_multiplier": (0,),
    "dynatemp_range": (0,),
    "mirostat": (0,),
    "repeat_penalty": (1, 0),
    "repetition_penalty": (1,),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "grammar": ("",),
    "tools": ([],),
    "functions": ([],),
    "seed": (),
}
"""What else decides which tokens are drawn, with the values that change nothing."""

_WHY = {
    "top_p": "top_p below 1 makes most answers impossible at other settings",
    "seed": "with a fixed seed the draws are not independent",
}


def can_pool_soon(results: Sequence[Result], x: str) -> bool:
    """Whether answers that have log probabilities are few enough to be pooled while one waits."""
    if x not in Drawing._fields or not results or results[0].logprobs is None:
        return False
    return sum(len(r.logprobs.content or ()) for r in results if r.logprobs) <= _SOON


def draws_of(
    definition: Definition,
    groups: Mapping[Setting, Group],
    numbers: Mapping[Setting, Sequence[float | None]],
) -> Pools:
    """Return the draws that can be pooled.

    Parameters
    ----------
    definition, groups
        The study and its answers.
    numbers
        The number of each answer; those without one are left out.

    Raises
    ------
    ConfigurationError
        If the probability of an answer at other settings cannot be computed.
    """
    bodies = {(each.setting, each.prompt, each.item): each.body for each in expand(definition)}
    pools: Pools = {}
    for setting, group in groups.items():
        others = {name: v for name, v in setting.values.items() if name not in Drawing._fields}
        items = pools.setdefault(Setting(others), {})
        for result, number in zip(group.results, numbers[setting], strict=True):
            body = bodies[result.setting, result.prompt, result.item]
            _check_body(body)
            tokens, drawing = _tokens(result), _drawing(body, result)
            if number is not None:
                draw = Draw(number, tokens, drawing, _has_untold_end(result, tokens))
                items.setdefault(result.item, []).append(draw)
    found = {others: items for others, items in pools.items() if items}
    if not found:
        raise ConfigurationError("There are no answers yet that could be pooled.")
    for items in found.values():
        _check_raw(items.values())
    return found


def _check_body(body: Mapping[str, Any]) -> None:
    for name, neutral in _NEUTRAL.items():
        value = body.get(name)
        if value is not None and value not in neutral:
            why = _WHY.get(name, f"{name} changes probabilities in a way that is not told")
            raise _refusal(f"{why}.", f"Leave {name} out of the study.")


def _drawing(body: Mapping[str, Any], result: Result) -> Drawing:
    """Return the settings under which an answer was drawn, as far as the server took them."""
    given = {name: body[name] for name in Drawing._fields if body.get(name) is not None}
    ledger = result.completion.ledger
    for name in given:
        if ledger is not None and name in ledger.refused:
            raise _refusal(f"the server does not take {name}.", "Ask another server.")
    return Drawing(**given)


def _tokens(result: Result) -> Sequence[TokenLogprob]:
    """Return the tokens of an answer, all of which must be told with enough alternatives."""
    tokens = (result.logprobs and result.logprobs.content) or []
    if not tokens:
        raise _refusal("the answers have no log probabilities.", _ASK)
    if not all(is_told(token.logprob) for token in tokens):
        raise _refusal("the server does not tell the log probability of each token.", _ASK)
    if min(len(token.top_logprobs) for token in tokens) < _FEWEST_ALTERNATIVES:
        raise _refusal("the answers have too few alternatives for each token.", _ASK)
    return tokens


def _has_untold_end(result: Result, tokens: Sequence[TokenLogprob]) -> bool:
    """Whether an answer ended by itself, and its last token is one of its text."""
    last = tokens[-1].token
    return result.finish_reason == "stop" and bool(last) and result.text.endswith(last)


def _check_raw(items: Iterable[Sequence[Draw]]) -> None:
    """Refuse log probabilities that are not raw, as the first token at two temperatures shows."""
    found = [_meaning(draws) for draws in items]
    if "processed" in found:
        raise _refusal(
            "the log probabilities of this server are those after the temperature.",
            "A server that tells raw ones is needed, such as the local or the practice model.",
        )
    if "raw" not in found:
        raise _refusal(
            "nothing shows whether the log probabilities are those before the temperature.",
            "Let the temperature vary: two of its values that are a quarter apart tell.",
        )


def _meaning(draws: Sequence[Draw]) -> str:
    """Return what the log probabilities of an item mean, by its lowest and highest temperature."""
    by_temperature = {d.drawing.temperature: d.tokens for d in draws if d.drawing.temperature > 0}
    low, high = min(by_temperature, default=1.0), max(by_temperature, default=1.0)
    if high < low * _APART:
        return "unclear"
    cool, warm = (first_distribution(by_temperature[each]) for each in (low, high))
    return logprobs_meaning(cool, warm, high / low)


def _refusal(why: str, hint: str) -> ConfigurationError:
    return ConfigurationError(f"These answers cannot be pooled: {why}", hint=hint)
