"""Making films: of an answer that came, or of one that was never asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.asked import Asked, require_asked
from chatwidget.client.client import ChatClient
from chatwidget.client.wire.types import ChatCompletion
from chatwidget.tuning.film.axis import Axis
from chatwidget.tuning.film.cutting import cut
from chatwidget.tuning.film.filming import notes_of, server_scene
from chatwidget.tuning.film.practice import PracticeWalker, Scene, token_number
from chatwidget.tuning.film.questions import MOST_REQUESTS
from chatwidget.tuning.film.server import ServerWalker

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import Messages
    from chatwidget.tuning.film.film import Film
    from chatwidget.tuning.film.questions import FilmProgress

__all__ = ["FilmRequest", "film", "film_of_request"]

_RANGES = {
    "temperature": (0.0, 1.5),
    "top_p": (0.0, 1.0),
    "frequency_penalty": (0.0, 2.0),
    "presence_penalty": (0.0, 2.0),
    "logit_bias": (-10.0, 10.0),
}


_FORGOTTEN = "Ask again in this session, or give the messages: chatwidget.film(messages)."


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
    most: int = MOST_REQUESTS,
    show: Callable[[FilmProgress], object] | None = None,
    count: Callable[[ChatCompletion], object] | None = None,
    stopped: Callable[[], bool] | None = None,
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
    most
        How many requests of one token there are at most, where a server has to be asked; the
        practice model is not.
    show
        Hears how far it has come. An interrupt stops it, and what is there is a film.
    count
        Is given each answer of the server, to count what they took.
    stopped
        Tells before each request whether to ask no more, as an interrupt does.

    Raises
    ------
    ParameterError
        If there is no such film.
    ConfigurationError
        If the server has no films, or the answer does not know its request any more.
    """
    if isinstance(answer, ChatCompletion):
        asked = require_asked(answer, _FORGOTTEN)
    else:
        asked = _drafted(ChatClient(server), answer, model, options)
    return film_of_request(
        asked,
        parameter,
        low,
        high,
        token=token,
        seed=seed,
        most=most,
        show=show,
        count=count,
        stopped=stopped,
    )


def film_of_request(
    asked: Asked,
    parameter: str = "temperature",
    low: float | None = None,
    high: float | None = None,
    *,
    token: int | str | None = None,
    seed: int | None = None,
    most: int = MOST_REQUESTS,
    show: Callable[[FilmProgress], object] | None = None,
    count: Callable[[ChatCompletion], object] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Film:
    """Return the film of a request; see `film`."""
    usual = _RANGES.get(parameter, (0.0, 1.0))
    low, high = (usual[0] if low is None else low), (usual[1] if high is None else high)
    if seed is None:
        seed = msgspec.json.decode(asked.body).get("seed") or 0
    return FilmRequest(asked, parameter, low, high, token, seed, most, show, count, stopped).make()


@dataclass(frozen=True, slots=True)
class FilmRequest:
    """The request of a film.

    Attributes
    ----------
    asked
        The request of the answer.
    parameter, low, high, token, seed, most, show, count, stopped
        As in `film`.
    """

    asked: Asked
    parameter: str
    low: float
    high: float
    token: int | str | None
    seed: int
    most: int
    show: Callable[[FilmProgress], object] | None = None
    count: Callable[[ChatCompletion], object] | None = None
    stopped: Callable[[], bool] | None = None

    def make(self) -> Film:
        """Return the film."""
        return self._of_practice() if self.asked.server.is_practice else self._of_server()

    def again(self, seed: int) -> Film:
        """Return the film of another noise."""
        return replace(self, seed=seed).make()

    def _of_practice(self) -> Film:
        axis = self._axis(None if self.token is None else token_number(self.token))
        start = PracticeWalker(Scene.of(self.asked.body, axis, self.seed))
        return cut(start, axis, seed=self.seed, value=self._value(axis), again=self.again)

    def _of_server(self) -> Film:
        axis = self._axis(None if self.token is None else str(self.token).encode())
        scene, asking = server_scene(
            self.asked,
            axis,
            self.seed,
            self.most,
            show=self.show,
            count=self.count,
            stopped=self.stopped,
        )
        with asking.stopped_by_interrupts():
            film = cut(
                ServerWalker(scene),
                axis,
                seed=self.seed,
                value=self._value(axis),
                again=self.again,
                told=asking.found,
            )
        return replace(film, notes=notes_of(film, scene, asking))

    def _axis(self, token: Hashable) -> Axis:
        return Axis(self.parameter, float(self.low), float(self.high), token)

    def _value(self, axis: Axis) -> float | None:
        """Return the value that was asked with, if the film shows it."""
        given = msgspec.json.decode(self.asked.body).get(self.parameter)
        if axis.token is not None:
            given = (given or {}).get(str(axis.token), 0.0)
        if given is None:
            given = 1.0 if self.parameter in ("temperature", "top_p") else 0.0
        return float(given) if axis.low <= given <= axis.high else None


def _drafted(
    client: ChatClient, messages: Messages, model: str | None, options: dict[str, Any]
) -> Asked:
    preview = client.draft(messages, model, **options)
    return Asked(client.server, preview.key, preview.body)
