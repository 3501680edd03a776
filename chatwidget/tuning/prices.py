"""What answers cost: by the tables of the package genai-prices, if it is installed, or as given."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server

__all__ = ["Price", "price_of"]

Price: TypeAlias = tuple[float, float]
"""Dollars for a million tokens: of the prompt, and of the answer."""

_MILLION = 1_000_000


def price_of(server: Server, model: str) -> Price | None:
    """Return what a model costs; what answers on this machine costs nothing, None is not known."""
    return (0.0, 0.0) if server.transport is not None else _listed(server.base_url, model)


@lru_cache(maxsize=64)
def _listed(base_url: str, model: str) -> Price | None:
    if find_spec("genai_prices") is None:
        return None
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - optional, and its tables are large

    usages = Usage(input_tokens=_MILLION), Usage(output_tokens=_MILLION)
    try:
        costs = [calc_price(each, model, provider_api_url=base_url) for each in usages]
    except (LookupError, ValueError):
        return None
    prompt, answer = (float(each.total_price) for each in costs)
    return prompt, answer
