"""The cost of an answer: by the user's own price, else by the vendor's list, else unknown."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chatwidget.client.prices.listed import listed_cost, listed_rates, may_be_listed
from chatwidget.client.prices.own_prices import OwnPrices
from chatwidget.client.prices.token_price import MOST_DOLLARS, TokenPrice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import ChatCompletion, CompletionUsage

__all__ = ["completion_cost", "cost_of", "needs_listed_prices", "rates_of"]


def cost_of(
    server: Server,
    model: str,
    usage: CompletionUsage | None,
    *,
    asked_model: str = "",
    sent: Mapping[str, object] | None = None,
    is_sum: bool = False,
) -> float | None:
    """Return what an answer costs in dollars; None if it costs nothing or that is not known.

    It never fails. The first call for a vendor's server loads the prices, if the package
    genai-prices is installed.

    Parameters
    ----------
    server
        Who answered. A model in this process or on this machine costs nothing.
    model
        Which model answered, as the server says.
    usage
        The tokens, as the server counts them or, before anything is asked, as they are expected.
    asked_model
        How the user called the model; a price that the user set may stand under either name.
    sent
        The fields of the request; the service tier is that which the server tells, if it does.
    is_sum
        Whether the tokens are those of several requests.
    """
    if server.transport is not None or usage is None:
        return None
    address, names = server.base_url, (asked_model or model, model)
    with suppress(Exception):  # whatever is odd about a usage or a price, the answer is not
        own = OwnPrices().find(address, *names)
        if own is not None:
            return _positive(own.cost(usage))
        return _positive(
            listed_cost(address, model or asked_model, usage, sent or {}, is_sum=is_sum)
        )
    return None


def completion_cost(
    server: Server,
    completion: ChatCompletion,
    *,
    asked_model: str,
    sent: Mapping[str, object],
    is_sum: bool = False,
) -> float | None:
    """Return what a completion costs, as `cost_of` does; it says who answered, and how."""
    tier = {"service_tier": completion.service_tier} if completion.service_tier else {}
    return cost_of(
        server,
        completion.model,
        completion.usage,
        asked_model=asked_model,
        sent={**sent, **tier},
        is_sum=is_sum,
    )


def rates_of(server: Server, model: str) -> TokenPrice | None:
    """Return what a model's usual tokens cost, to reckon with before it answers; None if unknown.

    What is cached, long or of another tier may cost otherwise, which `cost_of` tells afterwards.
    """
    if server.transport is not None:
        return TokenPrice(0, 0)
    own = OwnPrices().find(server.base_url, model)
    return own or listed_rates(server.base_url, model)


def _positive(cost: float | None) -> float | None:
    return cost if cost is not None and 0 < cost <= MOST_DOLLARS else None


def needs_listed_prices(server: Server) -> bool:
    """Tell whether the prices are to be loaded before a server answers."""
    return server.transport is None and may_be_listed(server.base_url)
