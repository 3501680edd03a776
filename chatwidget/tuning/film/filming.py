"""Filming a server: who is asked, with which settings, and what is to be said of the film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ParameterError
from chatwidget.practice.sampling import Sampling
from chatwidget.tuning.film.questions import Asking, FilmProgress, check_server
from chatwidget.tuning.film.server import ServerScene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.client.asked import Asked
    from chatwidget.client.wire.types import ChatCompletion
    from chatwidget.tuning.film.axis import Axis
    from chatwidget.tuning.film.film import Film

__all__ = ["notes_of", "server_scene"]

_USUAL_LIMIT = 40
_MOST_DOUBT = 0.05

_checked: set[tuple[str, str]] = set()


def server_scene(
    asked: Asked,
    axis: Axis,
    seed: int,
    most: int,
    *,
    show: Callable[[FilmProgress], object] | None,
    count: Callable[[ChatCompletion], object] | None,
    stopped: Callable[[], bool] | None,
) -> tuple[ServerScene, Asking]:
    """Return what all answers of a server's film share, and who asks for them.

    Raises
    ------
    ParameterError
        If the request has no film.
    ConfigurationError
        If the server has none.
    """
    body = msgspec.json.decode(asked.body)
    others = _sampling(body, axis)
    client, model = ChatClient(asked.server, openai_api_key=asked.key, retries=0), body["model"]
    asking = Asking(client, model, body["messages"], most, show=show, count=count, stopped=stopped)
    place = (asked.server.base_url, model)
    if place not in _checked:
        check_server(asking, client, model)
        _checked.add(place)
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or _USUAL_LIMIT
    given = body.get("stop") or ()
    stops = [each.encode() for each in ([given] if isinstance(given, str) else given)]
    return ServerScene(model, asking, axis, others, seed, limit, stops), asking


def _sampling(body: Mapping[str, Any], axis: Axis) -> Sampling:
    """Return the settings, as far as tokens that are known by their text can have them."""
    if axis.parameter == "top_p" or (body.get("top_p") or 1) < 1:
        raise ParameterError(
            "The film of a server needs top_p = 1: what top_p cuts off is not known for certain.",
            parameter="top_p",
        )
    if body.get("logit_bias"):
        raise ParameterError(
            "The film of a server takes no biases but the one that it is made along: it knows "
            "tokens by their texts.",
            parameter="logit_bias",
        )
    if body.get("continue_final_message"):
        raise ParameterError("There are films of whole answers, and none of one that goes on.")
    if (body.get("response_format") or {}).get("type", "text") != "text" or body.get("tools"):
        raise ParameterError("There are films of text, and none of JSON or calls of tools.")
    given = {name: body[name] for name in _NAMES if body.get(name) is not None}
    return Sampling(**given)


_NAMES = ("temperature", "frequency_penalty", "presence_penalty")


def notes_of(film: Film, scene: ServerScene, asking: Asking) -> list[str]:
    """Return what is to be said of the film of a server, a sentence each."""
    notes = [f"Made of {asking.asked} requests for one token each."]
    left = [frame for frame in film.frames if frame.completion.finish_reason is None]
    lost = sum(frame.text.encode() in scene.lost for frame in left)
    if lost:
        notes.append(
            f"{lost} of {len(film)} answers break off where it is more likely than not that a "
            "token that the server did not tell would have come."
        )
    if len(left) > lost:
        why = asking.end or "they broke off within a character, where no server goes on"
        notes.append(f"{len(left) - lost} of {len(film)} answers are without their end: {why}.")
    doubtful = sum(frame.doubt > _MOST_DOUBT for frame in film.frames)
    if doubtful:
        notes.append(
            f"{doubtful} of {len(film)} answers are uncertain: a token that the server did not "
            f"tell would have come with a probability of up to "
            f"{max(frame.doubt for frame in film.frames):.0%}."
        )
    return notes
