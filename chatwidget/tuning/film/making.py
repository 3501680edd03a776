"""Making films: of an answer that came, or of one that was never asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.asked import Asked, asked_with
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChatCompletion
from chatwidget.tuning.film.axis import Axis
from chatwidget.tuning.film.cutting import cut
from chatwidget.tuning.film.practice import PracticeWalker, Scene, token_number

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import Messages
    from chatwidget.tuning.film.film import Film

__all__ = ["film", "film_of_request"]

_RANGES = {
    "temperature": (0.0, 1.5),
    "top_p": (0.0, 1.0),
    "frequency_penalty": (0.0, 2.0),
    "presence_penalty": (0.0, 2.0),
    "logit_bias": (-10.0, 10.0),
}


def film(
    answer: ChatCompletion | Messages,
    parameter: str = "temperature",
    low: float | None = None,
    high: float | None = None,
    *,
    token: int | str | None = None,
    seed: int | None = None,
    server: str | Server | None = None,
    model: str | None = None,
    **options: Any,
) -> Film:
    """Return every answer along one parameter, exactly.

    Chance is held still: only the parameter changes.
    So the film shows what this parameter does, and nothing else.

    Parameters
    ----------
    answer
        An answer, whose request is taken; or messages, as in `create_chat_completion`.
    parameter
        ``temperature``, ``top_p``, ``frequency_penalty``, ``presence_penalty`` or ``logit_bias``.
    low, high
        Its range; by default the usual one.
    token
        The token whose bias changes, with ``logit_bias``: its number, or its text.
    seed
        Which noise; by default that of the request, if it has one, else 0.
    server, model, **options
        With messages: whom to ask, and the other request parameters.

    Raises
    ------
    ParameterError
        If there is no such film.
    ConfigurationError
        If the server has no films, or the answer does not know its request any more.
    """
    if isinstance(answer, ChatCompletion):
        asked = asked_with(answer)
        if asked is None:
            raise ConfigurationError(
                "This answer does not know any more what it was asked with.",
                hint="Ask again in this session, or give the messages: chatwidget.film(messages).",
            )
    else:
        asked = _drafted(ChatClient(server), answer, model, options)
    return film_of_request(asked, parameter, low, high, token=token, seed=seed)


def film_of_request(
    asked: Asked,
    parameter: str = "temperature",
    low: float | None = None,
    high: float | None = None,
    *,
    token: int | str | None = None,
    seed: int | None = None,
) -> Film:
    """Return the film of a request; see `film`."""
    usual = _RANGES.get(parameter, (0.0, 1.0))
    ends = (usual[0] if low is None else float(low), usual[1] if high is None else float(high))
    body = msgspec.json.decode(asked.body)
    if seed is None:
        seed = body["seed"] if body.get("seed") is not None else 0
    if not _is_practice(asked.server):
        raise ConfigurationError(
            f"{asked.server.name} has no films.",
            hint="The practice model has: %chat use practice.",
        )
    axis = Axis(parameter, *ends, None if token is None else token_number(token))
    start = PracticeWalker(Scene.of(asked.body, axis, seed))
    return cut(
        start,
        axis,
        seed=seed,
        value=_value(body, axis),
        again=lambda other: film_of_request(asked, parameter, low, high, token=token, seed=other),
    )


def _is_practice(server: Server) -> bool:
    return (server.transport or "").startswith("chatwidget.practice.")


def _value(body: dict[str, Any], axis: Axis) -> float | None:
    """Return the value that was asked with, if the film shows it."""
    given = body.get(axis.parameter)
    if axis.token is not None:
        given = (given or {}).get(str(axis.token), 0.0)
    if given is None:
        given = 1.0 if axis.parameter in ("temperature", "top_p") else 0.0
    return float(given) if axis.low <= given <= axis.high else None


def _drafted(
    client: ChatClient, messages: Messages, model: str | None, options: dict[str, Any]
) -> Asked:
    preview = client.draft(messages, model, **options)
    return Asked(client.server, preview.key, preview.body)
