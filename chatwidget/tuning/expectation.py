"""The expectation of what calls take, by what answers of the same study took before. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatwidget.client.request.token_estimate import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatwidget.tuning.prices import Price
    from chatwidget.tuning.requests import Call, StudyRequest
    from chatwidget.tuning.store_rows import StoredAnswer

__all__ = ["Expectation", "expect"]

_ROW = 1000
_TOKEN = 6
_ALTERNATIVE = 20
"""Bytes of an answer beside its text, of a token's text, and of one compressed log probability."""

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Expectation:
    """What calls are expected to take; None is what nobody knows.

    Attributes
    ----------
    calls
        How many they are.
    prompt_tokens, answer_tokens
        How many tokens their prompts and their answers have.
    is_bound
        Whether the answers may have fewer tokens: all that is known is their limit.
    seconds
        How long they take one after another.
    dollars
        What they cost.
    size
        How many bytes the store grows by.
    """

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: float | None = 0
    is_bound: bool = False
    seconds: float | None = 0
    dollars: float | None = 0
    size: float | None = 0

    def __add__(self, other: Expectation) -> Expectation:
        return Expectation(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            _sum(self.answer_tokens, other.answer_tokens),
            self.is_bound or other.is_bound,
            _sum(self.seconds, other.seconds),
            _sum(self.dollars, other.dollars),
            _sum(self.size, other.size),
        )


def expect(
    calls: Iterable[Call],
    before: Sequence[StoredAnswer],
    price: Price | None,
    *,
    keep_logprobs: bool,
) -> Expectation:
    """Return what calls of one server and model take together.

    Parameters
    ----------
    calls
        The calls.
    before
        Answers of the same server and model.
    price
        What the model costs; None if that is not known.
    keep_logprobs
        Whether log probabilities are stored.
    """
    seconds = [each.seconds for each in before if each.seconds is not None]
    usages = [each.completion.usage for each in before]
    tokens = [usage.completion_tokens for usage in usages if usage is not None]
    usual = statistics.fmean(tokens) if tokens else None
    total = Expectation()
    by_request: dict[bytes, Expectation] = {}
    for request, _ in calls:
        if request.key not in by_request:
            one = _expected(request, usual, price, keep_logprobs=keep_logprobs)
            took = statistics.fmean(seconds) if seconds else None
            by_request[request.key] = replace(one, seconds=took)
        total += by_request[request.key]
    return total


def _expected(
    request: StudyRequest, usual: float | None, price: Price | None, *, keep_logprobs: bool
) -> Expectation:
    limits = [request.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
    limit = next((each for each in limits if each is not None), None)
    choices = request.parameters.get("n") or 1
    answer = usual if usual is not None or limit is None else limit * choices
    prompt = estimate_tokens(request.body)
    dollars = None
    if price is not None and (answer is not None or not price[1]):
        dollars = (prompt * price[0] + (answer or 0) * price[1]) / _MILLION
    size = (
        None
        if answer is None
        else _ROW + answer * _bytes_of_token(request, keep_logprobs=keep_logprobs)
    )
    return Expectation(1, prompt, answer, usual is None, None, dollars, size)


def _bytes_of_token(request: StudyRequest, *, keep_logprobs: bool) -> int:
    if not keep_logprobs or not request.parameters.get("logprobs"):
        return _TOKEN
    return _TOKEN + _ALTERNATIVE * (1 + (request.parameters.get("top_logprobs") or 0))


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
