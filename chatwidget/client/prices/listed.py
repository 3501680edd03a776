"""Prices that vendors list, from the data that the package genai-prices carries.

Nothing is fetched: the package does that only when it is told to.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from chatwidget.client.auth.consent import is_loopback, is_private
from chatwidget.client.prices.token_price import TokenPrice
from chatwidget.client.prices.vendor_address import is_vendor_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from genai_prices.types import ModelInfo, ModelPrice, Provider, Usage

    from chatwidget.client.wire.types import CompletionUsage

__all__ = ["is_installed", "listed_cost", "listed_price", "listed_rates", "may_be_listed"]

_USUAL_TIERS = frozenset({"", "auto", "default", "on_demand", "standard"})


def is_installed() -> bool:
    """Tell whether there are any listed prices."""
    return find_spec("genai_prices") is not None


def may_be_listed(base_url: str) -> bool:
    """Tell whether a server may have listed prices; nothing is loaded to find out."""
    host = urlsplit(base_url).hostname or ""
    return not is_loopback(host) and not is_private(host) and is_installed()


def listed_price(base_url: str, model: str) -> str:
    """Return the price of a model as the package words it; empty if it lists none."""
    with suppress(Exception):
        if may_be_listed(base_url):
            return str(_found(base_url, model)[1].get_prices(datetime.now(timezone.utc)))
    return ""


def listed_rates(base_url: str, model: str) -> TokenPrice | None:
    """Return what a model's usual tokens cost in a prompt that is not long; None if unknown."""
    with suppress(Exception):
        if may_be_listed(base_url):
            prices = _found(base_url, model)[1].get_prices(datetime.now(timezone.utc))
            return TokenPrice(_rate(prices.input_mtok), _rate(prices.output_mtok))
    return None


def listed_cost(
    base_url: str,
    model: str,
    usage: CompletionUsage,
    sent: Mapping[str, object],
    *,
    is_sum: bool = False,
) -> float | None:
    """Return what an answer costs in dollars by its vendor's list; None if that is not known.

    Parameters
    ----------
    base_url, model
        Who answered.
    usage
        The tokens; cached ones and those of reasoning are priced as the package says.
    sent
        The fields of the request; the prices of some vendors depend on its service tier or speed.
    is_sum
        Whether the tokens are those of several requests.

    Raises
    ------
    Exception
        What the package raises where it does not know the server or the model, or does not
        understand the usage.
    """
    if not may_be_listed(base_url):
        return None
    provider, info = _found(base_url, model)
    context = {name: value for name, value in sent.items() if isinstance(value, str)}
    if not _knows_tier(info, context.get("service_tier", "")):
        return None
    more: dict[str, Any] = {"price_context": context} if _variants(info) else {}
    price = info.calc_price(_counted(provider, model, usage), provider, **more)
    is_known = _covers(price.model_price, usage)
    if is_sum and _depends_on_request(price.model_price, usage):
        is_known = False
    return float(price.total_price) if is_known else None


def _rate(price: Any) -> float:
    """Return a price, or the one of prompts that are not long."""
    return float(getattr(price, "base", price))


def _found(base_url: str, model: str) -> tuple[Provider, ModelInfo]:
    """Return who offers a model, and what is known of it.

    Raises
    ------
    LookupError
        If the package does not know the server by its address, or its model.
    """
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - optional, and slow to load

    provider, info = get_snapshot().find_provider_model(model, None, None, base_url.lower())
    if not is_vendor_address(provider.api_pattern, base_url.lower()):
        raise LookupError(base_url)
    return provider, info


def _counted(provider: Provider, model: str, usage: CompletionUsage) -> Usage:
    """Return the tokens as the package counts them for a vendor, else as the protocol says."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - as above

    response = {"model": model, "usage": msgspec.to_builtins(usage)}
    usual = get_snapshot().find_provider(None, "openai", None)
    for each, flavor in ((provider, "chat"), (provider, "default")):
        with suppress(ValueError):
            return each.extract_usage(response, api_flavor=flavor)[1]
    return usual.extract_usage(response, api_flavor="chat")[1]


def _knows_tier(info: ModelInfo, tier: str) -> bool:
    return tier in _USUAL_TIERS or any(
        variant.when.get("service_tier") == tier for variant in _variants(info)
    )


def _variants(info: ModelInfo) -> Any:
    return getattr(info, "price_variants", None) or ()  # early versions of the package have none


def _covers(price: ModelPrice, usage: CompletionUsage) -> bool:
    """Tell whether there is a price for all that was read and written."""
    return (price.input_mtok is not None or not usage.prompt_tokens) and (
        price.output_mtok is not None or not usage.completion_tokens
    )


def _depends_on_request(price: ModelPrice, usage: CompletionUsage) -> bool:
    """Tell whether several requests may cost otherwise than one with all of their tokens."""
    return price.requests_kcount is not None or any(
        usage.prompt_tokens > start for start in _thresholds(price)
    )


def _thresholds(price: ModelPrice) -> Iterator[int]:
    """Yield from how many tokens on the parts of a price change."""
    for part in vars(price).values():
        yield from (tier.start for tier in getattr(part, "tiers", ()))
