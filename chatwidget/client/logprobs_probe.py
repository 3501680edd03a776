"""The logprobs probe: what the log probabilities of a server mean, found out by asking twice."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.wire.logprobs import is_told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.client.auth.servers import Server
    from chatwidget.client.client import ChatClient
    from chatwidget.client.wire.types import ChatCompletion

__all__ = [
    "LogprobsMeaning",
    "known_logprobs_meaning",
    "learn_logprobs_meaning",
    "logprobs_meaning",
    "logprobs_wanted",
    "probe_logprobs",
]

LogprobsMeaning: TypeAlias = Literal["raw", "processed", "absent", "unclear"]

_COOL, _WARM = 0.5, 1.0
_MOST_ALTERNATIVES = 20
"""More than these no server of the vendor's kind gives."""

_found: dict[tuple[str, str], LogprobsMeaning] = {}
"""What was found out in this process, by the server's address and the model."""


def known_logprobs_meaning(server: Server, model: str | None = None) -> LogprobsMeaning | None:
    """Return what was found out before about a model of a server; None if nothing was."""
    return _found.get((server.base_url, model or server.default_model or ""))


def learn_logprobs_meaning(client: ChatClient, model: str) -> bool:
    """Find out what log probabilities mean, if nobody has; tell whether that is news.

    What goes wrong is not told: it is asked for beside an answer that is there.
    """
    if known_logprobs_meaning(client.server, model) is not None:
        return False
    with suppress(ChatWidgetError):
        probe_logprobs(client, model)
    return known_logprobs_meaning(client.server, model) is not None


def logprobs_wanted(server: Server) -> dict[str, Any]:
    """Return the parameters that ask for log probabilities, with as many alternatives as may be."""
    _, most, _ = server.range_of("top_logprobs") or (0, _MOST_ALTERNATIVES, 1)
    return {"logprobs": True, "top_logprobs": min(int(most), _MOST_ALTERNATIVES)}


def probe_logprobs(client: ChatClient, model: str | None = None) -> LogprobsMeaning:
    """Ask for the same token at two temperatures, and tell what the log probabilities mean.

    What is clear is remembered for `known_logprobs_meaning`.

    Returns
    -------
    LogprobsMeaning
        As `logprobs_meaning`; also ``absent`` if the server refuses log probabilities, and
        ``unclear`` if it refuses the temperature.

    Raises
    ------
    APIError
        If the exchange with the server fails.
    """
    cool, warm = (_first_token(client, model, temperature) for temperature in (_COOL, _WARM))
    if not all("temperature" in each.ledger.sent for each in (cool, warm) if each.ledger):
        return "unclear"
    meaning = logprobs_meaning(_distribution(cool), _distribution(warm), _WARM / _COOL)
    if meaning in ("raw", "processed"):  # the others may be chance, or another model's
        server = client.server
        _found[server.base_url, model or server.default_model or ""] = meaning
    return meaning


def logprobs_meaning(
    cool: Mapping[str, float], warm: Mapping[str, float], ratio: float
) -> LogprobsMeaning:
    """Tell what log probabilities mean from those of one token at two temperatures.

    Parameters
    ----------
    cool, warm
        The log probability of each alternative, at the lower and at the higher temperature.
    ratio
        The higher temperature, divided by the lower one.

    Returns
    -------
    LogprobsMeaning
        ``raw`` if they are what the model thinks, the same at any temperature; ``processed`` if
        they are what the token is drawn from, which a temperature divides; ``absent`` if there
        are none; ``unclear`` if the alternatives are too few or fit neither.
    """
    if not cool or not warm:
        return "absent"
    shared = [token for token in cool if is_told(min(cool[token], warm.get(token, -math.inf)))]
    narrow, wide = (_spread([each[token] for token in shared]) for each in (warm, cool))
    if math.isclose(wide, narrow, rel_tol=_TOLERANCE) and wide > 0:
        return "raw"
    if math.isclose(wide, narrow * ratio, rel_tol=_TOLERANCE) and narrow > 0:
        return "processed"
    return "unclear"


_TOLERANCE = 0.1
"""Servers that answer several requests at once do not calculate the same twice."""


def _first_token(client: ChatClient, model: str | None, temperature: float) -> ChatCompletion:
    return client.create_chat_completion(
        "Name any colour.",
        model,
        temperature=temperature,
        max_tokens=1,
        logprobs=True,
        top_logprobs=5,
    )


def _distribution(completion: ChatCompletion) -> dict[str, float]:
    """Return the log probability of each alternative for the first token."""
    logprobs = completion.choices[0].logprobs if completion.choices else None
    if logprobs is None or not logprobs.content:
        return {}
    first = logprobs.content[0]
    others = {each.token: each.logprob for each in first.top_logprobs}
    return others | {first.token: first.logprob}


def _spread(values: list[float]) -> float:
    """Return how far values lie apart; what is added to all of them makes no difference."""
    return max(values, default=0.0) - min(values, default=0.0)
