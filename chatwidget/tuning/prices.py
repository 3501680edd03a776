"""What the answers of a study cost: as it was given, or as cells know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.prices.cost import completion_cost, rates_of
from chatwidget.client.prices.token_price import TokenPrice

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import ChatCompletion
    from chatwidget.tuning.requests import StudyRequest

__all__ = ["Price", "cost_of_answer", "price_of", "read_price"]

Price: TypeAlias = tuple[float, float]
"""Dollars for a million tokens: of the prompt, and of the answer."""


def read_price(given: Any) -> Price | None:
    """Return a price that was given, or None.

    Raises
    ------
    ConfigurationError
        If it is no pair of amounts.
    """
    if given is None:
        return None
    try:
        prompt, completion = given
        price = msgspec.convert({"prompt": prompt, "completion": completion}, TokenPrice)
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"price is a pair of dollars for a million tokens; got {given!r}.",
            hint="As in price=(2.5, 10), for those of prompts and of answers.",
        ) from None
    return price.prompt, price.completion


def price_of(server: Server, model: str) -> Price | None:
    """Return what a model costs; what answers on this machine costs nothing, None is not known."""
    rates = rates_of(server, model)
    return None if rates is None else (rates.prompt, rates.completion)


def cost_of_answer(
    request: StudyRequest, completion: ChatCompletion, price: Price | None
) -> float | None:
    """Return what an answer cost in dollars: by a price that was given, else as far as known."""
    if price is not None:
        return None if completion.usage is None else TokenPrice(*price).cost(completion.usage)
    sent = {**request.parameters, **request.extra_body}
    return completion_cost(request.server, completion, asked_model=request.model, sent=sent)
