"""What the requests of a film took counts in ``%chat usage``, like the answers of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chatwidget.client.prices.cost import completion_cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.usage_totals import Tally
    from chatwidget.client.asked import Asked
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["counting_film"]


def counting_film(tally: Tally, asked: Asked) -> Callable[[ChatCompletion], None]:
    """Return what counts each answer that is asked for to film a request."""
    model = msgspec.json.decode(asked.body).get("model") or ""

    def count(completion: ChatCompletion) -> None:
        cost = completion_cost(asked.server, completion, asked_model=model, sent={})
        priced = {} if cost is None else {"cost_usd": cost}
        facts = {"model": completion.model or model, "server": asked.server.name}
        tally.add({**facts, "usage": msgspec.to_builtins(completion.usage), **priced})

    return count
